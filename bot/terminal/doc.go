// Package terminal is the chat in a terminal, for whoever writes scripts: it
// reads lines and prints messages, so its test is a conversation as plain text.
//
// What people read comes from the script; this package adds only the numbers in
// front of the choices. It stores nothing by itself.
package terminal
