package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// keptUntil are the closed referrals of a person that are not purged yet: when each
// may go, in microseconds, by its reference.
type keptUntil map[string]string

// loadKept reads what LoadPerson and Load read, with the closed referrals, in one
// round trip.
func (s *Store) loadKept(ctx context.Context, p Person, names ...string) ([]any, keptUntil, error) {
	pipe := s.client.Pipeline()
	values := pipe.MGet(ctx, names...)
	kept := pipe.HGetAll(ctx, s.keys.kept(p))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, nil, fmt.Errorf("load p_%s: %w", p.Short(), err)
	}
	return values.Val(), kept.Val(), nil
}

// Kept reads the closed referrals of a person that are not purged yet, the one that
// stays longest last. It costs a round trip only for somebody who has one.
func (s *Store) Kept(ctx context.Context, sn *Snapshot) ([]flows.Kept, error) {
	if len(sn.kept) == 0 {
		return nil, nil
	}
	var references, names []string
	for reference := range sn.kept {
		references = append(references, reference)
		names = append(names, s.keys.closed(reference))
	}
	values, err := s.client.MGet(ctx, names...).Result()
	if err != nil {
		return nil, fmt.Errorf("closed referrals of p_%s: %w", sn.Person.Short(), err)
	}
	var out []flows.Kept
	for i, value := range values {
		sealed, ok := value.(string)
		if !ok {
			continue // purged meanwhile
		}
		r, _, err := sn.openReferral(sealed)
		if errors.Is(err, ErrSealed) {
			continue // nobody can read it any more
		}
		if err != nil {
			return nil, err
		}
		until, err := strconv.ParseInt(sn.kept[references[i]], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("closed referrals of p_%s: %w", sn.Person.Short(), err)
		}
		out = append(out, flows.Kept{Referral: *r, Until: time.UnixMicro(until)})
	}
	slices.SortFunc(out, func(a, b flows.Kept) int { return a.Until.Compare(b.Until) })
	return out, nil
}

// References are those of the closed referrals that go when the person is erased.
func (sn *Snapshot) References() []string {
	var out []string
	for reference := range sn.kept {
		out = append(out, reference)
	}
	slices.Sort(out)
	return out
}

// renews says whether a turn draws a new data key, so that what the old one sealed
// can never be read again. Forgetting what was not sent leaves the key to what was:
// an open referral, or a closed one that is not purged yet.
func (t *Turn) renews() bool {
	return t.Erase || t.Forget && t.From.Referral == nil && len(t.From.kept) == 0
}

// clears says whether a turn removes the conversation's messages and its page.
func (t *Turn) clears() bool { return t.Erase || t.Forget }

// keep notes a referral that was closed and until when it stays.
func (c *commit) keep(reference string, until time.Time) {
	c.tx.do("HSET", c.s.keys.kept(c.turn.From.Person), reference, micros(until))
}

// eraseKept removes every closed referral of the person.
func (c *commit) eraseKept() {
	for _, reference := range c.turn.From.References() {
		c.forget(reference)
		c.tx.do("ZREM", c.s.keys.purging(), reference)
	}
	c.tx.do("DEL", c.s.keys.kept(c.turn.From.Person))
}

// erase removes what the old data key sealed; with the key gone none of it could
// be read, but it takes room and says that somebody was there. Of somebody who is
// only forgotten, what was sent stays.
func (c *commit) erase() {
	k, p := c.s.keys, c.turn.From.Person
	c.tx.do("DEL", k.outbox(p))
	c.tx.do("DEL", k.page(p))
	c.tx.do("DEL", k.sent(p))
	if !c.turn.Erase {
		return
	}
	c.eraseKept()
	if r := c.turn.From.Referral; r != nil {
		c.tx.do("DEL", k.referral(p))
		c.forget(r.Reference)
		c.leaveLanes(r.Reference, "")
		c.tx.do("ZREM", k.alerts(), r.Reference)
	}
}

// forget removes what hangs on a reference.
func (c *commit) forget(reference string) {
	k := c.s.keys
	for _, name := range []string{k.reference(reference), k.said(reference), k.delivery(reference), k.closed(reference), k.alert(reference)} {
		c.tx.do("DEL", name)
	}
}
