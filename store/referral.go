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
	value, err := c.sealed(kindReferral, nextRevision(c.turn.From.referral), plain)
	if err != nil {
		return err
	}
	if r.Status.Over() {
		c.tx.do("SET", k.closed(r.Reference), value)
		c.tx.do("DEL", k.referral(p))
		c.tx.do("ZADD", k.purging(), micros(c.turn.At.Add(c.turn.PurgeAfter)), r.Reference)
		c.keep(r.Reference, c.turn.At.Add(c.turn.PurgeAfter))
		c.tx.do("PERSIST", k.dataKey(p)) // the purge sets its end
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
		sealed, err := c.key.seal(kindSaid, c.turn.From.Person, data)
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

// Delivered notes how a message of a referral fared.
func (s *Store) Delivered(ctx context.Context, reference, id string, how Delivery) error {
	if err := s.client.HSet(ctx, s.keys.delivery(reference), id, string(how)).Err(); err != nil {
		return fmt.Errorf("note the delivery for %s: %w", reference, err)
	}
	return nil
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
	sn.Referral, _, err = sn.openReferral(value)
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
		plain, err := sn.key.open(kindSaid, sn.Person, []byte(value))
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
// lane, then those that somebody holds.
func (s *Store) Queue(ctx context.Context) ([]flows.Referral, error) {
	sets := make([]string, 0, 4)
	for _, lane := range flows.Lanes() {
		sets = append(sets, s.keys.lane(lane))
	}
	var references []string
	for _, set := range append(sets, s.keys.working()) {
		members, err := s.client.ZRange(ctx, set, 0, -1).Result()
		if err != nil {
			return nil, fmt.Errorf("read the queue: %w", err)
		}
		references = append(references, members...)
	}
	var out []flows.Referral
	for len(references) > 0 {
		n := min(queueChunk, len(references))
		some, err := s.referrals(ctx, references[:n])
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		references = references[n:]
	}
	return out, nil
}

// referrals reads open referrals by their references, leaving out those that
// were closed meanwhile.
func (s *Store) referrals(ctx context.Context, references []string) ([]flows.Referral, error) {
	names := make([]string, len(references))
	for i, reference := range references {
		names[i] = s.keys.reference(reference)
	}
	people, err := s.client.MGet(ctx, names...).Result()
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
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
		return nil, nil
	}
	values, err := s.client.MGet(ctx, wanted...).Result()
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	var out []flows.Referral
	for i, p := range who {
		if values[2*i] == nil || values[2*i+1] == nil {
			continue
		}
		sn, err := s.snapshot(p, []any{nil, values[2*i], values[2*i+1]})
		if err != nil {
			return nil, fmt.Errorf("read the queue: %w", err)
		}
		out = append(out, *sn.Referral)
	}
	return out, nil
}

// Purge removes a closed referral for good; its person's data key goes soon
// after, unless it still seals another referral.
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
		c.tx.do("HDEL", s.keys.kept(p), reference)
		if delete(sn.kept, reference); sn.Referral == nil && len(sn.kept) == 0 {
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
