package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
)

// Fields of what is known about alerting staff to a referral; times are in
// microseconds.
const (
	markCalled = "called"
	markSeen   = "seen"
	markTold   = "told"
	markWhy    = "why"
	markStep   = "step"
)

// Marks are what is known about alerting staff to a referral. A time that is zero
// has not been yet.
type Marks struct {
	// Called is when its person last said something for which staff should look at
	// once.
	Called time.Time
	// Seen is when a member of staff last opened it or worked on it, Told when staff
	// were last alerted, and Why what for. When a claim ends both begin anew,
	// because then nobody has the referral in view.
	Seen time.Time
	Told time.Time
	Why  string
	// Step counts the places that were told, or tried, one after the other.
	Step int
}

// DueAlert is a referral that staff may have to be alerted to, and the lease on it.
type DueAlert struct {
	Reference string
	lease     int64
}

// callStaff keeps when staff have to be alerted to a referral: when its time is
// over while nobody holds it, or at once.
func (c *commit) callStaff(r *flows.Referral) {
	k, at, was := c.s.keys, micros(c.turn.At), c.turn.From.Referral
	if r.Status.Over() {
		c.tx.do("ZREM", k.alerts(), r.Reference)
		c.tx.do("DEL", k.alert(r.Reference))
		return
	}
	if c.turn.Seen {
		c.tx.do("HSET", k.alert(r.Reference), markSeen, at)
	}
	if c.turn.Call {
		c.tx.do("HSET", k.alert(r.Reference), markCalled, at)
	}
	free := r.Claim.By == ""
	switch {
	case free && was != nil && was.Claim.By != "":
		c.tx.do("HSET", k.alert(r.Reference), markSeen, 0, markTold, 0)
		c.tx.do("ZADD", k.alerts(), at, r.Reference)
	case c.turn.Call:
		c.tx.do("ZADD", k.alerts(), at, r.Reference)
	case free:
		c.tx.do("ZADD", k.alerts(), "NX", micros(r.Due), r.Reference)
	case c.turn.Seen:
		c.tx.do("ZREM", k.alerts(), r.Reference)
	}
}

// DueAlerts takes referrals that staff may have to be alerted to. They come back
// after the lease unless Alerted says when.
func (s *Store) DueAlerts(ctx context.Context, now time.Time, lease time.Duration, most int) ([]DueAlert, error) {
	until := micros(now.Add(lease)) + jitter()
	references, err := s.take(ctx, s.keys.alerts(), micros(now), until, most)
	if err != nil {
		return nil, err
	}
	out := make([]DueAlert, len(references))
	for i, reference := range references {
		out[i] = DueAlert{Reference: reference, lease: until}
	}
	return out, nil
}

// Marks reads what is known about alerting staff to a referral.
func (s *Store) Marks(ctx context.Context, reference string) (Marks, error) {
	all, err := s.client.HGetAll(ctx, s.keys.alert(reference)).Result()
	if err != nil {
		return Marks{}, fmt.Errorf("marks of %s: %w", reference, err)
	}
	var problems error
	number := func(field string) int64 {
		n, err := strconv.ParseInt(all[field], 10, 64)
		if _, there := all[field]; there && err != nil {
			problems = errors.Join(problems, fmt.Errorf("marks of %s: %w", reference, err))
		}
		return n
	}
	at := func(field string) time.Time {
		if n := number(field); n != 0 {
			return time.UnixMicro(n)
		}
		return time.Time{}
	}
	m := Marks{Called: at(markCalled), Seen: at(markSeen), Told: at(markTold), Why: all[markWhy], Step: int(number(markStep))}
	return m, problems
}

// Alerted notes that staff were told, and when to look at the referral again; a
// zero time means not any more. It reports whether that stands: a claim, or a new
// call, may have come first.
func (s *Store) Alerted(ctx context.Context, d DueAlert, m Marks, next time.Time) (bool, error) {
	return s.noteAlert(ctx, d, next, markTold, micros(m.Told), markWhy, m.Why, markStep, m.Step)
}

// PutOffAlert says when to look at a referral again to which staff need not be
// alerted now; a zero time means not any more.
func (s *Store) PutOffAlert(ctx context.Context, d DueAlert, next time.Time) error {
	_, err := s.noteAlert(ctx, d, next)
	return err
}

// noteAlert writes marks and when to look again.
func (s *Store) noteAlert(ctx context.Context, d DueAlert, next time.Time, marks ...any) (bool, error) {
	again := ""
	if !next.IsZero() {
		again = strconv.FormatInt(micros(next), 10)
	}
	args := append([]any{d.Reference, d.lease, again, len(marks) / 2}, marks...)
	n, err := s.scripts.alert.Run(ctx, s.client, []string{s.keys.alerts(), s.keys.alert(d.Reference)}, args...).Int()
	if err != nil {
		return false, fmt.Errorf("note an alert to %s: %w", d.Reference, err)
	}
	return n == 1, nil
}

// Seen notes that a member of staff opened a referral: the alerts about it stop. Of one
// that is gone nothing is kept.
func (s *Store) Seen(ctx context.Context, reference string, at time.Time) error {
	if err := s.note(ctx, reference, s.keys.alert(reference), markSeen, micros(at)); err != nil {
		return fmt.Errorf("note that %s was opened: %w", reference, err)
	}
	return nil
}

// LaneLoad is how many wait in a lane, and since when the oldest does; the zero time
// when none does.
func (s *Store) LaneLoad(ctx context.Context, lane flows.Lane) (waiting int, oldest time.Time, err error) {
	name := s.keys.lane(lane)
	pipe := s.client.Pipeline()
	count := pipe.ZCard(ctx, name)
	var firsts []*redis.ZSliceCmd
	for _, p := range []flows.Priority{flows.Stat, flows.Urgent, flows.Routine} {
		from := int64(p.Rank()) * priorityStep
		firsts = append(firsts, pipe.ZRangeByScoreWithScores(ctx, name, &redis.ZRangeBy{
			Min: strconv.FormatInt(from, 10), Max: "(" + strconv.FormatInt(from+priorityStep, 10), Count: 1,
		}))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, time.Time{}, fmt.Errorf("count lane %s: %w", lane, err)
	}
	for _, first := range firsts {
		for _, z := range first.Val() {
			if since := time.UnixMilli(int64(z.Score) % priorityStep); oldest.IsZero() || since.Before(oldest) {
				oldest = since
			}
		}
	}
	return int(count.Val()), oldest, nil
}
