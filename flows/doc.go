// Package flows is the conversation engine: it decides what is said next and
// does nothing.
//
// Start with [Parse], which turns the files of a script into a [Bundle], and
// with [Advance], which takes a bundle, a [Conversation] and what just
// happened ([Input]) and answers with an [Outcome]: the conversation as it is
// now, the replies to send and what else has to happen. The same input gives
// the same outcome, always.
//
// # Purity
//
// Nothing in this package asks the time, starts a goroutine, logs, or touches a
// file, a network or a store. The time comes in Input.At, random names come in
// Input.Fresh, and every act on the world goes out as a value. The one context
// is the one that looplab/fsm asks for, in machine.go.
//
// # Words
//
// Sentences are not here: a bundle carries the catalogues of every language and
// the engine looks texts up by keys derived from the names of flow, state and
// option. A sentence in this package is a defect.
//
// # Help first
//
// Every text that a person sends is screened for crisis language before anything
// else looks at it, in every state, also when a flow has ended, when there is
// no conversation yet and while a link worker owns the chat.
package flows
