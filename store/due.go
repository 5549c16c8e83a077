package store

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// DueTimer is a conversation's timer whose time has come.
type DueTimer struct {
	Person Person
	Name   flows.TimerName
}

// timerMember is a timer as the sorted set has it.
func timerMember(p Person, name flows.TimerName) string { return string(p) + "|" + string(name) }

// DueTimers takes timers whose time has come. The turn that a timer starts sets
// or clears it; one that was lost on the way comes back after the lease.
func (s *Store) DueTimers(ctx context.Context, now time.Time, lease time.Duration, most int) ([]DueTimer, error) {
	members, err := s.take(ctx, s.keys.timers(), micros(now), micros(now.Add(lease)), most)
	if err != nil {
		return nil, err
	}
	out := make([]DueTimer, 0, len(members))
	for _, m := range members {
		person, name, _ := strings.Cut(m, "|")
		out = append(out, DueTimer{Person: Person(person), Name: flows.TimerName(name)})
	}
	return out, nil
}

// ForgetTimer removes a timer whose conversation is gone.
func (s *Store) ForgetTimer(ctx context.Context, d DueTimer) error {
	return s.client.ZRem(ctx, s.keys.timers(), timerMember(d.Person, d.Name)).Err()
}

// Lapsed takes references whose claim may have lapsed.
func (s *Store) Lapsed(ctx context.Context, now time.Time, lease time.Duration, most int) ([]string, error) {
	return s.take(ctx, s.keys.lapsing(), micros(now), micros(now.Add(lease)), most)
}

// Purgeable takes closed references whose time is over.
func (s *Store) Purgeable(ctx context.Context, now time.Time, lease time.Duration, most int) ([]string, error) {
	return s.take(ctx, s.keys.purging(), micros(now), micros(now.Add(lease)), most)
}

// micros is a time as a score: microseconds, exact in a double until 2255.
func micros(at time.Time) int64 { return at.UnixMicro() }

// jitter makes leases that end at the same time differ, so that each names one
// sender; it is a second at most.
func jitter() int64 { return rand.Int64N(int64(time.Second / time.Microsecond)) }
