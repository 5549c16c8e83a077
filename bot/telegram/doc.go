// Package telegram is the chat on Telegram: it decodes updates, encodes messages,
// and does nothing else.
//
// The client library's own loops lose and reorder updates (they acknowledge before
// anything is handled), so this package has its own: [Telegram.Receive] polls and
// moves its offset only past updates that were accepted, and [Telegram.Handler]
// answers a webhook only after its update was. The library is used for its types
// and its calls.
//
// Private chats only: a group that the bot is added to is left, but for the one in
// which staff are alerted, where nothing is read. What is not text is never fetched.
package telegram
