package store

import (
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// Person names somebody in the store: 32 hex digits of an HMAC over the first
// address they wrote from. It says nothing to whoever lacks the key file.
type Person string

// Short is the form for logs, 8 hex digits.
func (p Person) Short() string { return string(p[:min(8, len(p))]) }

// Lifetimes that belong to keys. What a hub decides (how long a conversation is
// kept) comes with each turn.
const (
	// slack is how much longer than its timer a conversation's key lives, so that
	// the timer, which can say a word, comes first.
	slack = 2 * time.Hour
	// keyLife is how long a data key lives without a referral or a longer wish.
	keyLife = 48 * time.Hour
	// pageLife is how long a page can be read again.
	pageLife = 24 * time.Hour
	// maxSent is how many ids of our own messages are kept, for sentLife: what a
	// platform lets us take back (Telegram: 48 h).
	maxSent  = 100
	sentLife = 48 * time.Hour
	// maxPage is how many messages of a page are kept.
	maxPage = 60
	// aliasLife is how long an alias leads to its person; longer than any referral
	// is kept.
	aliasLife = 120 * 24 * time.Hour
	// ticketLife is how long a one-time link to the private page can be opened.
	ticketLife = 15 * time.Minute
	// maxPoison is how many updates that could not be handled are kept, for
	// poisonLife after the last one.
	maxPoison  = 200
	poisonLife = 7 * 24 * time.Hour
)

// keys makes the names of all keys of one hub. The hub stands in braces: Redis
// Cluster then keeps all of them in one slot.
type keys struct{ hub string }

// named is a key of the hub.
func (k keys) named(parts ...string) string {
	return "fd:{" + k.hub + "}:" + strings.Join(parts, ":")
}

// conversation is a string: revision and sealed conversation. Lives 24 h after
// the last turn (hub.yaml), for ever while a referral is open.
func (k keys) conversation(p Person) string { return k.named("c", string(p)) }

// dataKey is a string: the person's data key, wrapped by the master key. Lives as
// long as the longest thing that is sealed with it: for ever while a referral is
// open, and slack longer than the last one that is over.
func (k keys) dataKey(p Person) string { return k.named("k", string(p)) }

// proof is a string: something sealed with the hub's key file, by which a start with
// another file is refused. Kept.
func (k keys) proof() string { return k.named("proof") }

// alias is a string: the person that an address leads to, when it is not the
// address's own, and a seal of their data key, without which it leads nowhere. Lives
// 120 days after it was last given out.
func (k keys) alias(p Person) string { return k.named("a", string(p)) }

// ticket is a string: the person whom a one-time link to the private page is for, and
// a seal as an alias has. Lives 15 minutes, and goes when it is opened.
func (k keys) ticket(p Person) string { return k.named("ticket", string(p)) }

// referral is a string: revision and the person's open, sealed referral. Moves
// to closed when it is over.
func (k keys) referral(p Person) string { return k.named("r", string(p)) }

// closed is a string: revision and a sealed referral that is over. Removed by
// its purge timer.
func (k keys) closed(reference string) string { return k.named("closed", reference) }

// over is a string: revision and the person's referrals that are over, with when each
// may be purged. Changed by each purge, and goes with the last one.
func (k keys) over(p Person) string { return k.named("over", string(p)) }

// reference is a string: the person of a referral. Removed with the referral.
func (k keys) reference(reference string) string { return k.named("ref", reference) }

// said is a list of sealed messages about a referral, oldest first. Removed with
// the referral.
func (k keys) said(reference string) string { return k.named("said", reference) }

// delivery is a hash: message id to how it fared. Removed with the referral.
func (k keys) delivery(reference string) string { return k.named("delivery", reference) }

// outbox is a list of sealed messages to a person, oldest first. Empty most of
// the time.
func (k keys) outbox(p Person) string { return k.named("out", string(p)) }

// sent is a list of the platform's ids of the last messages to a person. Lives
// 48 h.
func (k keys) sent(p Person) string { return k.named("sent", string(p)) }

// poison is a list of sealed updates that could not be handled, newest last, at
// most maxPoison. Lives 7 days after the last one.
func (k keys) poison() string { return k.named("poison") }

// lost is a list of what was stored about a person and could not be read, sealed as it
// was. Lives 30 days, and goes when the person is erased.
func (k keys) lost(p Person) string { return k.named("lost", string(p)) }

// leader is a string: which process receives for a platform that allows one.
// Lives as long as that process renews it.
func (k keys) leader(name string) string { return k.named("leader", name) }

// known is a sorted set of the people of a platform; the score is when they were
// last heard of, in microseconds. People go when their conversation does.
func (k keys) known(channel string) string { return k.named("known", channel) }

// sending is a sorted set of people with messages in their outbox; the score is
// when the next attempt is due, in microseconds, and names the lease; its last digit
// says what it is the time of (outbox.go).
func (k keys) sending() string { return k.named("sending") }

// timers is a sorted set of PERSON|NAME; the score is when it is due, in
// microseconds.
func (k keys) timers() string { return k.named("timers") }

// lane is a sorted set of references that wait; the score is priority, then
// waiting time.
func (k keys) lane(l flows.Lane) string { return k.named("lane", string(l)) }

// working is a sorted set of references that somebody holds; the score is since
// when the person waits.
func (k keys) working() string { return k.named("working") }

// lapsing is a sorted set of references whose claim lapses; the score is when,
// in microseconds.
func (k keys) lapsing() string { return k.named("lapsing") }

// alerts is a sorted set of open references; the score is when staff may have to be
// alerted to it, in microseconds, and names the lease of who does so.
func (k keys) alerts() string { return k.named("alerts") }

// alert is a hash: what is known about alerting staff to a referral. Removed with
// the referral, or when it is over.
func (k keys) alert(reference string) string { return k.named("alert", reference) }

// purging is a sorted set of closed references; the score is when they may go,
// in microseconds.
func (k keys) purging() string { return k.named("purging") }

// erased is a sorted set of spans of time in which somebody was erased; the score is
// when Redis should rewrite its append-only file for it, in microseconds. A span goes
// when that was asked for.
func (k keys) erased() string { return k.named("erased") }

// audit is a list of content-free lines, oldest first. Kept.
func (k keys) audit() string { return k.named("audit") }

// counts is a hash of anonymous counts of one month.
func (k keys) counts(at time.Time) string { return k.named("counts", at.UTC().Format("2006-01")) }

// staff is a hash: id to who may work. Kept.
func (k keys) staff() string { return k.named("staff") }

// bundle is a string: the compressed files of a bundle. Kept while it may be
// needed.
func (k keys) bundle(hash string) string { return k.named("bundle", hash) }

// page is a stream of sealed messages that a web page shows. Lives 24 h.
func (k keys) page(p Person) string { return k.named("page", string(p)) }
