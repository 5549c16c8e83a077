package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// renews says whether a turn draws a new data key, so that what the old one sealed
// can never be read again. Forgetting what was not sent leaves the key to what was:
// an open referral, or one that is over and not purged yet.
func (t *Turn) renews() bool {
	return t.Erase || t.Forget && t.From.Referral == nil && len(t.From.over) == 0
}

// clears says whether a turn removes the conversation's messages and its page.
func (t *Turn) clears() bool { return t.Erase || t.Forget }

// clear draws a new data key, where the old one is not needed any more, and removes
// what that sealed: none of it could be read, but it takes room and says that
// somebody was there. Of somebody who is only forgotten, what was sent stays.
func (c *commit) clear() (err error) {
	k, from := c.s.keys, c.turn.From
	p := from.Person
	if c.turn.renews() {
		if c.key, err = c.s.vault.newDataKey(p); err != nil {
			return err
		}
	}
	c.tx.do("DEL", k.outbox(p))
	c.tx.do("DEL", k.page(p))
	c.tx.do("DEL", k.sent(p))
	c.tx.do("DEL", k.lost(p))
	if !c.turn.Erase {
		return nil
	}
	if r := from.Referral; r != nil {
		c.tx.do("DEL", k.referral(p))
		c.forget(r.Reference)
		c.leaveLanes(r.Reference, "")
		c.tx.do("ZREM", k.alerts(), r.Reference)
	}
	for _, o := range from.over {
		c.forget(o.Reference)
		c.tx.do("ZREM", k.purging(), o.Reference)
	}
	due := c.turn.At.Truncate(eraseSpan).Add(eraseSpan + eraseGrace)
	c.tx.do("ZADD", k.erased(), micros(due), micros(due))
	return c.tx.setOver(k.over(p), nil, from.overRead)
}

// forget removes what hangs on a reference.
func (c *commit) forget(reference string) {
	k := c.s.keys
	for _, name := range []string{k.reference(reference), k.said(reference), k.delivery(reference), k.closed(reference), k.alert(reference)} {
		c.tx.do("DEL", name)
	}
}

// Purge removes a closed referral for good. Its person's data key goes by itself when
// nothing is left that it seals.
func (s *Store) Purge(ctx context.Context, reference string, at time.Time) error {
	c := &commit{s: s, tx: newTxn()}
	c.turn.Audit = []Line{{At: at, What: "purged", Reference: reference, By: "frontdoor"}}
	c.forget(reference)
	c.tx.do("ZREM", s.keys.purging(), reference)
	err := c.dropOver(ctx, reference)
	if err == nil {
		err = c.writeAudit()
	}
	if err == nil {
		_, err = c.tx.run(ctx, s.client, s.scripts.commit)
	}
	if err != nil {
		return fmt.Errorf("purge %s: %w", reference, err)
	}
	return nil
}

// dropOver takes a reference off the list of its person's referrals that are over.
func (c *commit) dropOver(ctx context.Context, reference string) error {
	p, err := c.s.PersonOf(ctx, reference)
	if errors.Is(err, ErrUnknown) {
		return nil // it was purged before
	}
	if err != nil {
		return err
	}
	name := c.s.keys.over(p)
	value, err := c.s.client.Get(ctx, name).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	list, read, err := readOver(value)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(o over) bool { return o.Reference == reference })
	return c.tx.setOver(name, list, read)
}
