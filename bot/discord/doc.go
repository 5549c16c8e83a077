// Package discord is the chat on Discord: it decodes what the gateway and the
// interactions endpoint bring, encodes messages, and does nothing else.
//
// The chat is the direct-message channel with the bot. In a server the bot only
// ever answers so that nobody but the asker sees it, and asks to talk in private.
//
// The client library deadlocks for ever when the gateway answers RESUME with a
// reconnect, and never notices a socket that fell silent. So a session is never
// resumed here: gateway.go watches the bytes on the socket, throws a session away
// when it ends or falls silent, builds a new one, and fetches what was written
// meanwhile from each chat that is known. Handlers of the library only put events
// into a queue.
package discord
