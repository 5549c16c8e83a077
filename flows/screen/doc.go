// Package screen reads what a person typed and decides one thing: whether to
// offer help now. It never judges how at risk somebody is.
//
// Start with [New], which compiles the word lists of every language, and with
// [Screener.Screen], which is called first on every text that comes in;
// [Screener.Opening] is for sentences that go on in the next message. Words
// are data in locales/LANG/crisis, with an owner and a review date; a core list
// is compiled into the program, so that a missing or broken file still leaves
// the plainest words understood.
package screen
