// Package discord is the chat on Discord: it decodes what the gateway and the
// interactions endpoint bring, encodes messages, and does nothing else.
//
// The chat is the direct-message channel with the bot. In a server the bot only
// ever answers so that nobody but the asker sees it, and asks to talk in private.
//
// The client library deadlocks for ever when the gateway answers RESUME with a
// reconnect, and never notices a socket that fell silent. So gateway.go watches the
// bytes on the socket. A session that ends or falls silent is resumed; an answer that
// the library could not bear is kept from it, and then, or when it takes too long, the
// session is thrown away, a new one is built, and what was written meanwhile is fetched
// from each chat that is known. What somebody wrote for the first time while no session
// could be resumed, as while no program ran, is not brought by Discord: they have to
// write again. Handlers of the library only put events into a queue.
package discord
