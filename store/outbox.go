package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// maxAhead is how many messages of one outbox are read at once: the first, and those
// behind it that may be more urgent.
const maxAhead = 32

// The score of somebody with messages to send is a time in microseconds. Its last
// digit says what it is the time of.
const (
	anybody  = 0 // anybody may send from then on
	leased   = 1 // somebody sends, and has the right to it until then
	demanded = 2 // the platform wants nothing before then
	kinds    = 10
)

// sendAt is such a score.
func sendAt(at time.Time, kind int64) int64 { return micros(at)/kinds*kinds + kind }

// Lease is the right to send a person's messages, one after the other, until it
// ends. It is named by its end: whoever holds an older one changes nothing.
type Lease struct {
	Person Person
	until  int64
	// maybe is what it may have been renewed to: the answer did not arrive. 0 when it did.
	maybe int64
	// from is the score that it replaced whoever held it.
	from int64
	// seal tells the first message of the outbox from all others.
	seal string
	// messages is how many waited when it was last renewed.
	messages int
	key      *dataKey
}

// Held says whether there is a lease at all.
func (l Lease) Held() bool { return l.Person != "" }

// newLease is a lease that ends about then.
func newLease(p Person, until time.Time, key *dataKey) Lease {
	return Lease{Person: p, until: leaseEnd(until), key: key}
}

// leaseEnd is the score of a lease that ends about then.
func leaseEnd(until time.Time) int64 {
	return sendAt(until.Add(time.Duration(jitter())*time.Microsecond), leased)
}

// Until is when the lease ends.
func (l Lease) Until() time.Time { return time.UnixMicro(l.until) }

// Messages is how many messages waited when the lease was last renewed, 0 before that.
func (l Lease) Messages() int { return l.messages }

// TakenOver says whether somebody else had the lease at that time, who may be sending
// still.
func (l Lease) TakenOver(now time.Time) bool {
	return l.from%kinds == leased && l.from > micros(now)
}

// replacing is a lease that stands in place of a score as ZSCORE has it, nil for none.
func (l Lease) replacing(reply any) Lease {
	text, _ := reply.(string)
	if score, err := strconv.ParseFloat(text, 64); err == nil {
		l.from = int64(score)
	}
	return l
}

// of is a lease for sending the message with that seal first.
func (l Lease) of(seal string) Lease {
	l.seal = seal
	return l
}

// sealOf is what tells a sealed message from all others: the tag at its end.
func sealOf(sealed []byte) string {
	const tag = 16 // as in sent.lua
	return string(sealed[max(0, len(sealed)-tag):])
}

// sealOut seals a message, and keeps the seal of the first one.
func (c *commit) sealOut(out Outgoing) ([]byte, error) {
	sealed, err := c.key.seal(kindOutgoing, c.turn.From.Person, out.Body)
	c.first = cmp.Or(c.first, sealOf(sealed))
	return sealed, err
}

// Pending is a message that waits to be sent, with the lease to do so.
type Pending struct {
	Lease
	Body []byte
	// Behind are the messages after it, as far as they were read.
	Behind [][]byte
	// Err is why the message cannot be read, now or ever; Done takes it away.
	Err error
}

// Waiting takes people whose messages should be sent now and nobody is sending,
// with the first messages of each. It leaves those alone whose data key it cannot
// open: then its error is ErrSealed, and the others are there all the same.
func (s *Store) Waiting(ctx context.Context, now time.Time, lease time.Duration, most int) ([]Pending, error) {
	until := leaseEnd(now.Add(lease))
	people, err := s.take(ctx, s.keys.sending(), micros(now), until, most)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	pipe := s.client.Pipeline()
	messages, wrapped := make([]*redis.StringSliceCmd, len(people)), make([]*redis.StringCmd, len(people))
	for i, p := range people {
		messages[i] = pipe.LRange(ctx, s.keys.outbox(Person(p)), 0, maxAhead-1)
		wrapped[i] = pipe.Get(ctx, s.keys.dataKey(Person(p)))
	}
	refused := redis.Error(nil) // what is refused about one person is looked at with them
	if _, err := pipe.Exec(ctx); err != nil && !errors.As(err, &refused) {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	var out []Pending
	var failed error
	for i, name := range people {
		l := Lease{Person: Person(name), until: until}
		pending, err := s.waiting(ctx, l, now, wrapped[i], messages[i])
		failed = errors.Join(failed, err)
		if pending.Held() {
			out = append(out, pending)
		}
	}
	return out, failed
}

// waiting opens what Waiting read about one person. What can never be read goes; what
// another process may read, or this one later, stays.
func (s *Store) waiting(ctx context.Context, l Lease, now time.Time, wrapped *redis.StringCmd, messages *redis.StringSliceCmd) (Pending, error) {
	key, err := wrapped.Bytes()
	gone := errors.Is(err, redis.Nil) // with its person
	if gone {
		err = nil
	}
	if err = errors.Join(err, messages.Err()); err != nil {
		return Pending{}, fmt.Errorf("read the outbox of p_%s: %w", l.Person.Short(), err)
	}
	if gone || len(messages.Val()) == 0 {
		_, err := s.Drop(ctx, l)
		return Pending{}, err
	}
	pending, err := s.pending(l, key, messages.Val())
	if err != nil {
		return Pending{}, errors.Join(err, s.Later(ctx, l, now))
	}
	return pending, nil
}

// pending opens the first messages of an outbox. Its error is that of the data key.
func (s *Store) pending(l Lease, wrapped []byte, messages []string) (Pending, error) {
	key, err := s.vault.openDataKey(l.Person, wrapped)
	if err != nil {
		return Pending{}, fmt.Errorf("outbox of p_%s: %w", l.Person.Short(), err)
	}
	l.key = key
	return l.open(messages), nil
}

// open opens the first messages of an outbox under a lease.
func (l Lease) open(messages []string) Pending {
	p := Pending{Lease: l.of(sealOf([]byte(messages[0])))}
	p.Body, p.Err = l.key.open(kindOutgoing, l.Person, []byte(messages[0]))
	for _, sealed := range messages[1:] {
		if body, err := l.key.open(kindOutgoing, l.Person, []byte(sealed)); err == nil {
			p.Behind = append(p.Behind, body)
		}
	}
	return p
}

// Hasten takes the messages of a person before their time, for one among them that
// is urgent. The Pending is the zero one when somebody sends them already, or when
// the platform asked to wait.
func (s *Store) Hasten(ctx context.Context, p Person, now time.Time, lease time.Duration) (Pending, error) {
	l := newLease(p, now.Add(lease), nil)
	names := []string{s.keys.sending(), s.keys.outbox(p), s.keys.dataKey(p)}
	reply, err := s.scripts.hasten.Run(ctx, s.client, names, string(p), micros(now), l.until, maxAhead).StringSlice()
	if err != nil {
		return Pending{}, fmt.Errorf("hasten a sending to p_%s: %w", p.Short(), err)
	}
	if len(reply) == 0 {
		return Pending{}, nil
	}
	return s.pending(l, []byte(reply[0]), reply[1:])
}

// Look reads the first messages of an outbox under a lease, and changes nothing.
func (s *Store) Look(ctx context.Context, l Lease) (Pending, error) {
	messages, err := s.client.LRange(ctx, s.keys.outbox(l.Person), 0, maxAhead-1).Result()
	if err != nil {
		return Pending{}, fmt.Errorf("look at the outbox of p_%s: %w", l.Person.Short(), err)
	}
	if len(messages) == 0 {
		return Pending{}, nil
	}
	return l.open(messages), nil
}

// Done ends the sending of the first message, whether it arrived or was given
// up, and hands out the next one under a new lease. sent is the platform's id of
// it, kept for TakeSent; "" when there is none. The Pending has no Body when there
// is no next one, or when the lease was lost.
func (s *Store) Done(ctx context.Context, l Lease, now time.Time, lease time.Duration, sent string) (Pending, error) {
	return s.end(ctx, l, newLease(l.Person, now.Add(lease), l.key), l.seal, sent)
}

// TakeSent are the platform's ids of the last messages to a person, oldest first;
// they are forgotten by it.
func (s *Store) TakeSent(ctx context.Context, p Person) ([]string, error) {
	ids, err := s.client.LPopCount(ctx, s.keys.sent(p), maxSent).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("messages sent to p_%s: %w", p.Short(), err)
	}
	return ids, nil
}

// Drop throws all messages of a person away, when nobody can ever read them. It
// reports whether the lease still held.
func (s *Store) Drop(ctx context.Context, l Lease) (bool, error) {
	p, err := s.end(ctx, l, l, "all", "")
	return p.Held(), err
}

// end runs sent.lua.
func (s *Store) end(ctx context.Context, held, next Lease, seal, sent string) (Pending, error) {
	names := []string{s.keys.outbox(held.Person), s.keys.sending(), s.keys.sent(held.Person)}
	reply, err := s.scripts.sent.Run(ctx, s.client, names, string(held.Person), held.until, held.maybe, next.until, seal,
		maxAhead, sent, maxSent, sentLife.Milliseconds()).StringSlice()
	if err != nil {
		return Pending{}, fmt.Errorf("end a sending to p_%s: %w", held.Person.Short(), err)
	}
	switch reply[0] {
	case "lost":
		return Pending{}, nil
	case "idle":
		return Pending{Lease: held}, nil
	}
	return next.open(reply[1:]), nil
}

// Later puts the next attempt off; the person's later messages wait behind it,
// unless one of them is urgent: see Hasten.
func (s *Store) Later(ctx context.Context, l Lease, at time.Time) error {
	return s.putOff(ctx, l, sendAt(at, anybody))
}

// NotBefore is Later for a time before which nothing may be sent, however urgent.
func (s *Store) NotBefore(ctx context.Context, l Lease, at time.Time) error {
	return s.putOff(ctx, l, sendAt(at.Add(kinds*time.Microsecond), demanded))
}

// putOff runs later.lua.
func (s *Store) putOff(ctx context.Context, l Lease, score int64) error {
	names := []string{s.keys.sending(), s.keys.outbox(l.Person)}
	err := s.scripts.later.Run(ctx, s.client, names, string(l.Person), l.until, l.maybe, score).Err()
	if err != nil {
		return fmt.Errorf("put off a sending to p_%s: %w", l.Person.Short(), err)
	}
	return nil
}

// Renew makes leases that still hold end later. It returns them in the same order,
// the zero Lease for one that was lost. With an error, those whose answer did not
// arrive are as they were, whether they were renewed or not: they can be used.
func (s *Store) Renew(ctx context.Context, held []Lease, now time.Time, lease time.Duration) ([]Lease, error) {
	out, err := s.renew(ctx, held, now, lease)
	if s.scripts.later.refused(err) {
		out, err = s.renew(ctx, held, now, lease)
	}
	if err != nil {
		return out, fmt.Errorf("renew %d leases: %w", len(held), err)
	}
	return out, nil
}

// renew sends all of them at once.
func (s *Store) renew(ctx context.Context, held []Lease, now time.Time, lease time.Duration) ([]Lease, error) {
	out := make([]Lease, len(held))
	replies := make([]*redis.Cmd, len(held))
	pipe := s.client.Pipeline()
	for i, l := range held {
		out[i] = l
		if out[i].until = l.maybe; l.maybe <= micros(now) {
			out[i].until = leaseEnd(now.Add(lease))
		}
		replies[i] = s.scripts.later.script().Eval(ctx, pipe, []string{s.keys.sending(), s.keys.outbox(l.Person)},
			string(l.Person), l.until, l.maybe, out[i].until)
	}
	_, err := pipe.Exec(ctx)
	for i, reply := range replies {
		answer, answered := reply.Val().(int64) // its error is that of the connection, even if it was
		switch {
		case !answered:
			out[i].until, out[i].maybe = held[i].until, out[i].until
		case answer == 0:
			out[i] = Lease{}
		default:
			out[i].maybe, out[i].messages = 0, int(answer)-1
		}
	}
	return out, err
}

// take runs take.lua.
func (s *Store) take(ctx context.Context, set string, now, until int64, most int) ([]string, error) {
	members, err := s.scripts.take.Run(ctx, s.client, []string{set}, now, until, most).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("take what is due: %w", err)
	}
	return members, nil
}
