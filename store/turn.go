package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
)

// Kinds of sealed values; part of what each is bound to.
const (
	kindConversation = "conversation"
	kindReferral     = "referral"
	kindSaid         = "said"
	kindOutgoing     = "outgoing"
	kindPage         = "page"
	kindPoison       = "poison"
)

// Snapshot is what was read about a person: a turn decides on it, and commits
// only if it still stands.
type Snapshot struct {
	Person       Person
	Conversation flows.Conversation
	// Referral is the person's open one, nil without one.
	Referral *flows.Referral
	key      *dataKey
	fresh    bool // the data key is not in the store yet
	// revisions as read, "" for what was not there
	conversation, referral string
	kept                   keptUntil
}

// Said is one message about a referral, for the desk.
type Said struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// From is "person" or a staff id.
	From string `json:"from"`
	Text string `json:"text"`
	// Fate is how it begins its way to the person, for staff's messages.
	Fate Delivery `json:"-"`
}

// Outgoing is a message for the outbox; what it looks like is the sender's
// business.
type Outgoing struct{ Body []byte }

// Turn is everything that one turn, or one staff action, changes.
type Turn struct {
	At   time.Time
	From *Snapshot
	// Conversation is as it shall be stored, for Keep after this turn; 0 keeps it
	// until a later turn says otherwise.
	Conversation flows.Conversation
	Keep         time.Duration
	// Referral is nil when it did not change. PurgeAfter is how long it stays once
	// it is over.
	Referral   *flows.Referral
	PurgeAfter time.Duration
	Said       []Said
	Out        []Outgoing
	Timers     []flows.Timer
	Counts     []string
	Audit      []Line
	// Aliases are addresses that lead to this person from now on.
	Aliases []Person
	// Tickets are one-time links that were given out: see TakeTicket.
	Tickets []Person
	// Erase destroys the data key and everything sealed with it, closed referrals
	// too; what this turn itself writes is sealed with a new one.
	Erase bool
	// Forget removes the messages on their way and the page; the data key goes too,
	// unless it seals a referral that is still kept.
	Forget bool
	// Call says that staff should look at the referral at once, Seen that a member
	// of staff worked on it.
	Call, Seen bool
	// Recall keeps the person on the list that Known reads.
	Recall bool
	// Lease, when it is not 0, is taken on the outbox so that the caller sends at
	// once. Without it any sender may.
	Lease time.Duration
}

// aliasLife is how long an alias leads to its person; longer than any referral
// is kept.
const aliasLife = 120 * 24 * time.Hour

// Load reads everything that a turn of a person needs, in one round trip; a
// person who moved from another channel takes a second one.
func (s *Store) Load(ctx context.Context, address Person) (*Snapshot, error) {
	values, kept, err := s.loadKept(ctx, address, s.keys.alias(address), s.keys.conversation(address), s.keys.dataKey(address),
		s.keys.referral(address))
	if err != nil {
		return nil, err
	}
	if target, ok := values[0].(string); ok {
		return s.LoadPerson(ctx, Person(target))
	}
	sn, err := s.snapshot(address, values[1:])
	if err != nil {
		return nil, err
	}
	sn.kept = kept
	return sn, nil
}

// LoadPerson is Load for somebody whose address is known to be their own.
func (s *Store) LoadPerson(ctx context.Context, p Person) (*Snapshot, error) {
	values, kept, err := s.loadKept(ctx, p, s.keys.conversation(p), s.keys.dataKey(p), s.keys.referral(p))
	if err != nil {
		return nil, err
	}
	sn, err := s.snapshot(p, values)
	if err != nil {
		return nil, err
	}
	sn.kept = kept
	return sn, nil
}

// snapshot opens a conversation, its data key and a referral, each of which may
// be absent.
func (s *Store) snapshot(p Person, values []any) (*Snapshot, error) {
	sn := &Snapshot{Person: p}
	wrapped, ok := values[1].(string)
	var err error
	if !ok {
		if values[0] != nil || values[2] != nil {
			return nil, fmt.Errorf("load p_%s: the data key is gone: %w", p.Short(), ErrSealed)
		}
		sn.fresh = true
		sn.key, err = s.vault.newDataKey(p)
		return sn, err
	}
	if sn.key, err = s.vault.openDataKey(p, []byte(wrapped)); err != nil {
		return nil, err
	}
	if value, ok := values[0].(string); ok {
		plain, revision, err := sn.unseal(kindConversation, value)
		if err != nil {
			return nil, err
		}
		sn.conversation = revision
		if sn.Conversation, err = flows.DecodeConversation(plain); err != nil {
			return nil, fmt.Errorf("load p_%s: %w", p.Short(), err)
		}
	}
	if value, ok := values[2].(string); ok {
		r, revision, err := sn.openReferral(value)
		if err != nil {
			return nil, err
		}
		sn.Referral, sn.referral = r, revision
	}
	return sn, nil
}

// unseal opens a value that has a revision.
func (sn *Snapshot) unseal(kind, value string) (plain []byte, revision string, err error) {
	revision, sealed, err := split(value)
	if err != nil {
		return nil, "", err
	}
	plain, err = sn.key.open(kind, sn.Person, sealed)
	return plain, revision, err
}

// openReferral opens a stored referral.
func (sn *Snapshot) openReferral(value string) (*flows.Referral, string, error) {
	plain, revision, err := sn.unseal(kindReferral, value)
	if err != nil {
		return nil, "", err
	}
	r, err := flows.DecodeReferral(plain)
	if err != nil {
		return nil, "", fmt.Errorf("load p_%s: %w", sn.Person.Short(), err)
	}
	return &r, revision, nil
}

// Commit writes a turn, all of it or none. It returns the lease on the person's
// outbox when there is something to send and the caller got it, the zero Lease
// otherwise, and ErrConflict when what the turn was decided on has changed.
func (s *Store) Commit(ctx context.Context, turn Turn) (Lease, error) {
	c := &commit{s: s, turn: turn, tx: newTxn(), key: turn.From.key}
	if err := c.write(); err != nil {
		return Lease{}, err
	}
	replies, err := c.tx.run(ctx, s.client, s.scripts.commit)
	if err != nil {
		if errors.Is(err, ErrConflict) {
			return Lease{}, fmt.Errorf("turn of p_%s: %w", turn.From.Person.Short(), err)
		}
		return Lease{}, fmt.Errorf("turn of p_%s: %w", turn.From.Person.Short(), scrub(err))
	}
	if c.leased > 0 && replies[c.leased] == int64(1) || c.forced {
		return c.lease, nil
	}
	return Lease{}, nil
}

// scrub drops the text of a Redis error that could repeat an argument; the kind
// of error stays.
func scrub(err error) error {
	var reply redis.Error
	if errors.As(err, &reply) {
		return fmt.Errorf("refused by Redis: %.40s", reply.Error())
	}
	return err
}

// commit is one transaction in the making.
type commit struct {
	s      *Store
	turn   Turn
	tx     *txn
	key    *dataKey
	lease  Lease
	leased int  // the write whose reply says whether the lease was got
	forced bool // the lease was taken whoever had it
}

// write lists the checks and writes of a turn.
func (c *commit) write() error {
	k, p, from := c.s.keys, c.turn.From.Person, c.turn.From
	c.tx.expect(k.conversation(p), from.conversation)
	c.tx.expect(k.referral(p), from.referral)
	if err := c.writeKey(); err != nil {
		return err
	}
	if err := c.writeConversation(); err != nil {
		return err
	}
	for _, part := range []func() error{c.writeReferral, c.writeSaid, c.writeOut, c.writeAudit} {
		if err := part(); err != nil {
			return err
		}
	}
	c.writeTimers()
	c.writeKnown()
	for _, label := range c.turn.Counts {
		c.tx.do("HINCRBY", k.counts(c.turn.At), label, 1)
	}
	for _, ticket := range c.turn.Tickets {
		c.tx.do("SET", k.ticket(ticket), string(p), "PX", ticketLife.Milliseconds())
	}
	for _, address := range c.turn.Aliases {
		c.tx.do("SET", k.alias(address), string(p), "PX", aliasLife.Milliseconds())
	}
	return nil
}

// writeKey stores a new data key, or keeps the old one alive.
func (c *commit) writeKey() error {
	p := c.turn.From.Person
	name := c.s.keys.dataKey(p)
	renews := c.turn.renews()
	if renews {
		key, err := c.s.vault.newDataKey(p)
		if err != nil {
			return err
		}
		c.key = key
	}
	if c.turn.clears() {
		c.erase()
	}
	if renews || c.turn.From.fresh {
		c.tx.do("SET", name, c.key.wrapped)
	}
	switch {
	case c.turn.Keep == 0:
		c.tx.do("PERSIST", name)
	case renews || c.turn.From.fresh:
		c.tx.do("PEXPIRE", name, max(c.turn.Keep+slack, keyLife).Milliseconds())
	default:
		c.tx.do("PEXPIRE", name, max(c.turn.Keep+slack, keyLife).Milliseconds(), "GT")
	}
	return nil
}

// writeConversation stores the conversation under its next revision.
func (c *commit) writeConversation() error {
	plain, err := c.turn.Conversation.Encode()
	if err != nil {
		return err
	}
	value, err := c.sealed(kindConversation, nextRevision(c.turn.From.conversation), plain)
	if err != nil {
		return err
	}
	args := []any{value}
	if c.turn.Keep > 0 {
		args = append(args, "PX", (c.turn.Keep + slack).Milliseconds())
	}
	c.tx.do("SET", c.s.keys.conversation(c.turn.From.Person), args...)
	return nil
}

// sealed is a value with its revision in front.
func (c *commit) sealed(kind, revision string, plain []byte) ([]byte, error) {
	out, err := c.key.seal(kind, c.turn.From.Person, plain)
	if err != nil {
		return nil, err
	}
	return append([]byte(revision), out...), nil
}

// writeOut adds messages to the outbox and takes or leaves its lease.
func (c *commit) writeOut() error {
	k, p := c.s.keys, c.turn.From.Person
	for _, out := range c.turn.Out {
		sealed, err := c.key.seal(kindOutgoing, p, out.Body)
		if err != nil {
			return err
		}
		c.tx.do("RPUSH", k.outbox(p), sealed)
	}
	if len(c.turn.Out) == 0 {
		if c.turn.clears() {
			c.tx.do("ZREM", k.sending(), string(p))
		}
		return nil
	}
	due := micros(c.turn.At)
	if c.turn.Lease > 0 {
		c.lease = newLease(p, c.turn.At.Add(c.turn.Lease), c.key)
		due = c.lease.until
	}
	if c.turn.clears() {
		// An older sender must not take the last message for its own.
		c.tx.do("ZADD", k.sending(), due, string(p))
		c.forced = c.turn.Lease > 0
		return nil
	}
	n := c.tx.do("ZADD", k.sending(), "NX", due, string(p))
	if c.turn.Lease > 0 {
		c.leased = n
	}
	return nil
}

// writeTimers sets the timers that the conversation wants and clears the others.
func (c *commit) writeTimers() {
	name := c.s.keys.timers()
	for _, timer := range flows.TimerNames() {
		member := timerMember(c.turn.From.Person, timer)
		set := false
		for _, want := range c.turn.Timers {
			if want.Name == timer {
				c.tx.do("ZADD", name, micros(want.At), member)
				set = true
			}
		}
		if !set {
			c.tx.do("ZREM", name, member)
		}
	}
}

// writeKnown keeps the list of people of each platform.
func (c *commit) writeKnown() {
	p, channel := string(c.turn.From.Person), c.turn.Conversation.Channel
	switch {
	case channel == "" || !c.turn.Recall:
	case c.turn.clears():
		c.tx.do("ZREM", c.s.keys.known(channel), p)
	default:
		c.tx.do("ZADD", c.s.keys.known(channel), micros(c.turn.Conversation.Touched), p)
	}
}

// writeAudit adds the audit lines.
func (c *commit) writeAudit() error {
	for _, line := range c.turn.Audit {
		data, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("write an audit line: %w", err)
		}
		c.tx.do("RPUSH", c.s.keys.audit(), data)
	}
	return nil
}
