// Package store keeps everything that outlives the process, in Redis: the
// conversations, the referrals and their lanes, the messages that wait to be
// sent, the timers, the staff and the audit lines.
//
// Start with [Open], [Store.Load] and [Store.Commit]: a turn reads once and
// writes once, and the write is one Lua script that applies all of it or none.
//
// # What is where
//
// keys.go is the one list of keys, their types and lifetimes. Every key carries
// the hub's hash tag, so that one script may touch all that belongs to a turn
// and one Redis Cluster carries many hubs. Nothing personal stands in a key, a
// score or a lifetime.
//
// # Sealing
//
// What a person said is sealed with a data key of their own, which is wrapped by
// a master key that Redis never sees. Destroying the data key erases the person:
// links that were given out before lead nowhere then, and Redis is asked to
// rewrite its append-only file, in which the key still stands.
//
// Each value is bound to its kind, its person, the referral that it belongs to and
// its revision, so that Redis cannot pass one off as another. What cannot be seen is
// that a value was put back to an earlier day with its revision.
//
// # Embedded
//
// [Embed] starts a Redis-protocol server inside the process, for trying things
// out and for tests. It keeps nothing when the process ends.
package store
