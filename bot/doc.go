// Package bot is the conversation service: it stands between the platforms on
// which people write and the engine that decides, and knows neither a platform's
// payloads nor a script's words.
//
// A turn goes like this. A [Platform] decodes an update into an [Inbound] and
// hands it to [Service.Accept]. That loads the person, asks flows.Advance what it
// means, and commits the conversation, its messages, its timers and a referral in
// one script. Only then does Accept return, and only then may the adapter
// acknowledge the update. The committed messages are sent by the process that
// committed them; what it could not finish, any process picks up when the lease
// is over.
//
// Start with [New] and [Service.Run]; the staff's side is [Desk].
package bot
