package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
)

// ErrUnknown says that there is nothing of that name.
var ErrUnknown = errors.New("there is none of that name")

// priorityStep is more than any waiting time in milliseconds, so that priority
// decides first.
const priorityStep = 10_000_000_000_000

// score is a referral's place in its lane: priority, then longest waiting.
func score(r *flows.Referral) int64 {
	return int64(r.Priority.Rank())*priorityStep + r.Since.UnixMilli()
}

// writeReferral stores a changed referral and puts it where it belongs.
func (c *commit) writeReferral() error {
	r := c.turn.Referral
	if r == nil || c.turn.Erase {
		return nil
	}
	k, p := c.s.keys, c.turn.From.Person
	if c.turn.From.Referral == nil {
		c.tx.expect(k.reference(r.Reference), "")
		c.tx.do("SET", k.reference(r.Reference), string(p))
	}
	plain, err := r.Encode()
	if err != nil {
		return err
	}
	kind, of := kindReferral, []string(nil)
	if r.Status.Over() {
		kind, of = kindClosed, []string{r.Reference}
	}
	value, err := c.sealed(kind, nextRevision(c.turn.From.referral), plain, of...)
	if err != nil {
		return err
	}
	if r.Status.Over() {
		c.tx.do("SET", k.closed(r.Reference), value)
		c.tx.do("DEL", k.referral(p))
		c.tx.do("ZADD", k.purging(), micros(c.turn.At.Add(c.turn.PurgeAfter)), r.Reference)
		if err := c.tx.setOver(k.over(p), c.over, c.turn.From.overRead); err != nil {
			return err
		}
	} else {
		c.tx.do("SET", k.referral(p), value)
	}
	c.place(r)
	c.callStaff(r)
	return nil
}

// place puts a referral into its lane, or among those that somebody holds.
func (c *commit) place(r *flows.Referral) {
	k := c.s.keys
	switch {
	case r.Status.Over():
		c.leaveLanes(r.Reference, "")
	case r.Claim.By == "":
		c.leaveLanes(r.Reference, k.lane(r.Lane))
		c.tx.do("ZADD", k.lane(r.Lane), score(r), r.Reference)
	default:
		c.leaveLanes(r.Reference, k.working())
		c.tx.do("ZADD", k.working(), score(r), r.Reference)
		if r.Status == flows.Accepted && !r.Claim.Contacted {
			c.tx.do("ZADD", k.lapsing(), micros(r.Claim.Until), r.Reference)
		}
	}
}

// leaveLanes takes a reference out of every set but one.
func (c *commit) leaveLanes(reference, but string) {
	k := c.s.keys
	sets := []string{k.working(), k.lapsing()}
	for _, lane := range flows.Lanes() {
		sets = append(sets, k.lane(lane))
	}
	for _, set := range sets {
		if set != but {
			c.tx.do("ZREM", set, reference)
		}
	}
}

// writeSaid adds messages to the referral that the turn writes or found.
func (c *commit) writeSaid() error {
	r := c.turn.Referral
	if r == nil {
		r = c.turn.From.Referral
	}
	if r == nil || c.turn.Erase {
		return nil
	}
	k, reference := c.s.keys, r.Reference
	if r.Withdrawn() {
		// What was taken back cannot be read any more, nor what was said about it.
		c.tx.do("DEL", k.said(reference))
		c.tx.do("DEL", k.delivery(reference))
		return nil
	}
	for _, m := range c.turn.Said {
		data, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("write a message: %w", err)
		}
		sealed, err := c.key.seal(kindSaid, c.turn.From.Person, data, reference)
		if err != nil {
			return err
		}
		c.tx.do("RPUSH", k.said(reference), sealed)
		if m.Fate != "" {
			c.tx.do("HSET", k.delivery(reference), m.ID, string(m.Fate))
		}
	}
	return nil
}

// Delivery is how a worker's message fares on its way to the person.
type Delivery string

// The deliveries. A message to somebody who asked for none is refused at once.
const (
	Queued  Delivery = "queued"
	Sent    Delivery = "sent"
	Refused Delivery = "refused"
)

// Delivered notes how a message of a referral fared; of one that is gone nothing is
// kept.
func (s *Store) Delivered(ctx context.Context, reference, id string, how Delivery) error {
	if err := s.note(ctx, reference, s.keys.delivery(reference), id, string(how)); err != nil {
		return fmt.Errorf("note the delivery for %s: %w", reference, err)
	}
	return nil
}

// note writes one field of a hash about a referral, unless the referral is gone.
func (s *Store) note(ctx context.Context, reference, hash, field string, value any) error {
	return s.scripts.note.Run(ctx, s.client, []string{s.keys.reference(reference), hash}, field, value).Err()
}

// PersonOf is whom a reference belongs to; ErrUnknown when there is none.
func (s *Store) PersonOf(ctx context.Context, reference string) (Person, error) {
	p, err := s.client.Get(ctx, s.keys.reference(reference)).Result()
	if errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("referral %s: %w", reference, ErrUnknown)
	}
	if err != nil {
		return "", fmt.Errorf("referral %s: %w", reference, err)
	}
	return Person(p), nil
}

// Find reads the person behind a reference and their referral, also when it is
// over. What the snapshot's Referral is then cannot be changed any more.
func (s *Store) Find(ctx context.Context, reference string) (*Snapshot, error) {
	p, err := s.PersonOf(ctx, reference)
	if err != nil {
		return nil, err
	}
	sn, err := s.LoadPerson(ctx, p)
	if err != nil || (sn.Referral != nil && sn.Referral.Reference == reference) {
		return sn, err
	}
	value, err := s.client.Get(ctx, s.keys.closed(reference)).Result()
	if err != nil {
		return nil, fmt.Errorf("referral %s: %w", reference, errors.Join(ErrUnknown, err))
	}
	sn.Referral, _, err = sn.openReferral(kindClosed, value, reference)
	return sn, err
}

// Messages are what was written about a referral, oldest first, each with how it
// fared.
func (s *Store) Messages(ctx context.Context, sn *Snapshot) ([]Said, map[string]Delivery, error) {
	reference := sn.Referral.Reference
	sealed, err := s.client.LRange(ctx, s.keys.said(reference), 0, -1).Result()
	if err != nil {
		return nil, nil, fmt.Errorf("messages of %s: %w", reference, err)
	}
	fates, err := s.client.HGetAll(ctx, s.keys.delivery(reference)).Result()
	if err != nil {
		return nil, nil, fmt.Errorf("messages of %s: %w", reference, err)
	}
	out := make([]Said, len(sealed))
	for i, value := range sealed {
		plain, err := sn.key.open(kindSaid, sn.Person, []byte(value), reference)
		if err != nil {
			return nil, nil, fmt.Errorf("messages of %s: %w", reference, err)
		}
		if err := json.Unmarshal(plain, &out[i]); err != nil {
			return nil, nil, fmt.Errorf("messages of %s: %w", reference, err)
		}
	}
	delivery := map[string]Delivery{}
	for id, fate := range fates {
		delivery[id] = Delivery(fate)
	}
	return out, delivery, nil
}

// queueChunk is how many referrals are read in one round trip.
const queueChunk = 256

// Queue reads every open referral: those that wait, in claiming order lane by
// lane, then those that somebody holds. Those that cannot be opened are left out and
// counted, for they must not keep the others from being seen.
func (s *Store) Queue(ctx context.Context) (out []flows.Referral, unreadable int, err error) {
	sets := make([]string, 0, 4)
	for _, lane := range flows.Lanes() {
		sets = append(sets, s.keys.lane(lane))
	}
	var references []string
	for _, set := range append(sets, s.keys.working()) {
		members, err := s.client.ZRange(ctx, set, 0, -1).Result()
		if err != nil {
			return nil, 0, fmt.Errorf("read the queue: %w", err)
		}
		references = append(references, members...)
	}
	for len(references) > 0 {
		n := min(queueChunk, len(references))
		some, sealed, err := s.referrals(ctx, references[:n])
		if err != nil {
			return nil, 0, err
		}
		out, unreadable = append(out, some...), unreadable+sealed
		references = references[n:]
	}
	return out, unreadable, nil
}

// referrals reads open referrals by their references, leaving out those that were
// closed meanwhile, and counting those that cannot be opened.
func (s *Store) referrals(ctx context.Context, references []string) (out []flows.Referral, unreadable int, err error) {
	names := make([]string, len(references))
	for i, reference := range references {
		names[i] = s.keys.reference(reference)
	}
	people, err := s.client.MGet(ctx, names...).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("read the queue: %w", err)
	}
	var who []Person
	var wanted []string
	for _, value := range people {
		if p, ok := value.(string); ok {
			who = append(who, Person(p))
			wanted = append(wanted, s.keys.dataKey(Person(p)), s.keys.referral(Person(p)))
		}
	}
	if len(who) == 0 {
		return nil, 0, nil
	}
	values, err := s.client.MGet(ctx, wanted...).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("read the queue: %w", err)
	}
	for i, p := range who {
		if values[2*i+1] == nil {
			continue
		}
		sn, err := s.snapshot(p, []any{nil, values[2*i], values[2*i+1], nil})
		if err != nil {
			unreadable++
			continue
		}
		out = append(out, *sn.Referral)
	}
	return out, unreadable, nil
}
