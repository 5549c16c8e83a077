package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Lease is the right to send a person's messages, one after the other, until it
// ends. It is named by its end: whoever holds an older one changes nothing.
type Lease struct {
	Person Person
	until  int64
	key    *dataKey
}

// Held says whether there is a lease at all.
func (l Lease) Held() bool { return l.Person != "" }

// newLease is a lease that ends about then.
func newLease(p Person, until time.Time, key *dataKey) Lease {
	return Lease{Person: p, until: micros(until) + jitter(), key: key}
}

// Until is when the lease ends.
func (l Lease) Until() time.Time { return time.UnixMicro(l.until) }

// Pending is a message that waits to be sent, with the lease to do so.
type Pending struct {
	Lease
	Body []byte
}

// Waiting takes people whose messages should be sent now and nobody is sending,
// with the first message of each.
func (s *Store) Waiting(ctx context.Context, now time.Time, lease time.Duration, most int) ([]Pending, error) {
	until := micros(now.Add(lease)) + jitter()
	people, err := s.take(ctx, s.keys.sending(), micros(now), until, most)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	pipe := s.client.Pipeline()
	for _, p := range people {
		pipe.LIndex(ctx, s.keys.outbox(Person(p)), 0)
		pipe.Get(ctx, s.keys.dataKey(Person(p)))
	}
	replies, err := pipe.Exec(ctx)
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	var out []Pending
	for i, name := range people {
		p := Person(name)
		lease := Lease{Person: p, until: until}
		pending, err := s.pending(lease, replies[2*i], replies[2*i+1])
		if err != nil {
			// Nobody can ever open these: the key is gone with its person.
			if _, err := s.Drop(ctx, lease); err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, pending)
	}
	return out, nil
}

// pending opens the first message of an outbox.
func (s *Store) pending(lease Lease, message, key redis.Cmder) (Pending, error) {
	sealed, err := message.(*redis.StringCmd).Bytes()
	if err != nil {
		return Pending{}, fmt.Errorf("outbox of p_%s: %w", lease.Person.Short(), err)
	}
	wrapped, err := key.(*redis.StringCmd).Bytes()
	if err != nil {
		return Pending{}, fmt.Errorf("outbox of p_%s: %w", lease.Person.Short(), err)
	}
	if lease.key, err = s.vault.openDataKey(lease.Person, wrapped); err != nil {
		return Pending{}, err
	}
	body, err := lease.key.open(kindOutgoing, lease.Person, sealed)
	return Pending{Lease: lease, Body: body}, err
}

// Done ends the sending of the first message, whether it arrived or was given
// up, and hands out the next one under a new lease. sent is the platform's id of
// it, kept for TakeSent; "" when there is none. The Pending has no Body when there
// is no next one, or when the lease was lost.
func (s *Store) Done(ctx context.Context, l Lease, now time.Time, lease time.Duration, sent string) (Pending, error) {
	return s.end(ctx, l, newLease(l.Person, now.Add(lease), l.key), 1, sent)
}

// TakeSent are the platform's ids of the last messages to a person, oldest first;
// they are forgotten by it.
func (s *Store) TakeSent(ctx context.Context, p Person) ([]string, error) {
	pipe := s.client.TxPipeline()
	ids := pipe.LRange(ctx, s.keys.sent(p), 0, -1)
	pipe.Del(ctx, s.keys.sent(p))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("messages sent to p_%s: %w", p.Short(), err)
	}
	return ids.Val(), nil
}

// Drop throws all messages of a person away, for somebody whom the platform will
// never reach again. It reports whether the lease still held.
func (s *Store) Drop(ctx context.Context, l Lease) (bool, error) {
	p, err := s.end(ctx, l, l, 0, "")
	return p.Held(), err
}

// end runs sent.lua.
func (s *Store) end(ctx context.Context, held, next Lease, messages int, sent string) (Pending, error) {
	names := []string{s.keys.outbox(held.Person), s.keys.sending(), s.keys.sent(held.Person)}
	reply, err := s.scripts.sent.Run(ctx, s.client, names, string(held.Person), held.until, next.until, messages, sent,
		maxSent, sentLife.Milliseconds()).Slice()
	if err != nil {
		return Pending{}, fmt.Errorf("end a sending to p_%s: %w", held.Person.Short(), err)
	}
	switch reply[0] {
	case "lost":
		return Pending{}, nil
	case "idle":
		return Pending{Lease: held}, nil
	}
	sealed, _ := reply[1].(string)
	body, err := next.key.open(kindOutgoing, next.Person, []byte(sealed))
	return Pending{Lease: next, Body: body}, err
}

// Later puts the next attempt off; the person's later messages wait behind it.
func (s *Store) Later(ctx context.Context, l Lease, at time.Time) error {
	err := s.scripts.later.Run(ctx, s.client, []string{s.keys.sending()}, string(l.Person), l.until, micros(at)).Err()
	if err != nil {
		return fmt.Errorf("put off a sending to p_%s: %w", l.Person.Short(), err)
	}
	return nil
}

// Renew makes leases that still hold end later. It returns them in the same order,
// the zero Lease for one that was lost.
func (s *Store) Renew(ctx context.Context, held []Lease, now time.Time, lease time.Duration) ([]Lease, error) {
	out := make([]Lease, len(held))
	replies := make([]*redis.Cmd, len(held))
	pipe := s.client.Pipeline()
	for i, l := range held {
		out[i] = newLease(l.Person, now.Add(lease), l.key)
		replies[i] = s.scripts.later.Eval(ctx, pipe, []string{s.keys.sending()}, string(l.Person), l.until, out[i].until)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("renew %d leases: %w", len(held), err)
	}
	for i, reply := range replies {
		if kept, err := reply.Int(); err != nil || kept == 0 {
			out[i] = Lease{}
		}
	}
	return out, nil
}

// take runs take.lua.
func (s *Store) take(ctx context.Context, set string, now, until int64, most int) ([]string, error) {
	members, err := s.scripts.take.Run(ctx, s.client, []string{set}, now, until, most).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("take what is due: %w", err)
	}
	return members, nil
}
