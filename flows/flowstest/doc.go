// Package flowstest holds what the tests of the engine and of the service have in
// common: a Chat plays a conversation against the engine alone, Places finds every
// place where somebody may write, and Labelled, CardOf and CrisisLines are the words
// to write there.
package flowstest
