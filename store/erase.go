package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// erase removes what the old data key sealed; with the key gone none of it could
// be read, but it takes room and says that somebody was there.
func (c *commit) erase() {
	k, p := c.s.keys, c.turn.From.Person
	c.tx.do("DEL", k.outbox(p))
	c.tx.do("DEL", k.page(p))
	c.tx.do("DEL", k.sent(p))
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

// Purge removes a closed referral for good; its person's data key goes soon
// after, unless it still seals something.
func (s *Store) Purge(ctx context.Context, reference string, at time.Time) error {
	p, err := s.PersonOf(ctx, reference)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return err
	}
	c := &commit{s: s, tx: newTxn()}
	c.forget(reference)
	c.tx.do("ZREM", s.keys.purging(), reference)
	if p != "" {
		sn, err := s.LoadPerson(ctx, p)
		if err != nil {
			return err
		}
		c.tx.expect(s.keys.referral(p), sn.referral)
		if sn.Referral == nil {
			c.tx.do("PEXPIRE", s.keys.dataKey(p), keyLife.Milliseconds())
		}
	}
	c.turn.Audit = []Line{{At: at, What: "purged", Reference: reference, By: "frontdoor"}}
	if err := c.writeAudit(); err != nil {
		return err
	}
	if _, err := c.tx.run(ctx, s.client, s.scripts.commit); err != nil {
		return fmt.Errorf("purge %s: %w", reference, err)
	}
	return nil
}
