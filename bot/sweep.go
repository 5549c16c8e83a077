package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// timerLease is how long a process has for a timer before it is due again.
const timerLease = time.Minute

// Sweep does once what has to be done without anybody asking: timers whose time
// has come, claims that lapsed, referrals whose time is over, messages that nobody is
// sending, and traces of who was erased.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.clock()
	err := errors.Join(s.sweepTimers(ctx, now), s.sweepLapsed(ctx, now), s.sweepPurge(ctx, now), s.sweepOutbox(ctx, now),
		s.store.Rewrite(ctx, now))
	if err == nil {
		s.health.swept.Store(now.UnixNano())
	}
	return err
}

// sweepTimers wakes conversations.
func (s *Service) sweepTimers(ctx context.Context, now time.Time) error {
	due, err := s.store.DueTimers(ctx, now, timerLease, maxBatch)
	if err != nil {
		return err
	}
	var failed error
	for _, d := range due {
		if err := s.wake(ctx, d); err != nil {
			failed = errors.Join(failed, fmt.Errorf("timer of p_%s: %w", d.Person.Short(), err))
		}
	}
	return failed
}

// wake runs the turn of a timer.
func (s *Service) wake(ctx context.Context, d store.DueTimer) (err error) {
	defer s.mend(d.Person, &err)
	unlock, err := s.people.lock(ctx, string(d.Person))
	if err != nil {
		return err
	}
	defer unlock()
	sn, err := s.store.LoadPerson(ctx, d.Person)
	if err != nil {
		return err
	}
	if sn.Conversation.ID == "" {
		return s.store.ForgetTimer(ctx, d)
	}
	input := func(*store.Snapshot) (flows.Input, error) {
		return flows.Input{Happening: flows.TimeIsUp, At: s.clock(), Timer: d.Name}, nil
	}
	return s.runFor(ctx, d.Person, input)
}

// runFor runs a turn that no update started, for a person.
func (s *Service) runFor(ctx context.Context, p store.Person, input decide) error {
	load := func(ctx context.Context) (*store.Snapshot, error) { return s.store.LoadPerson(ctx, p) }
	res, err := s.run(ctx, load, input, nil, sendLease)
	if err == nil {
		s.out.sendNow(ctx, res)
	}
	return err
}

// blocked notes that nothing reaches a person any more.
func (s *Service) blocked(ctx context.Context, p store.Person) error {
	return s.runFor(ctx, p, func(*store.Snapshot) (flows.Input, error) {
		return flows.Input{Happening: flows.Blocked, At: s.clock()}, nil
	})
}

// sweepLapsed gives referrals back whose claim lapsed.
func (s *Service) sweepLapsed(ctx context.Context, now time.Time) error {
	references, err := s.store.Lapsed(ctx, now, timerLease, maxBatch)
	if err != nil {
		return err
	}
	desk := Desk{turns: s.turns}
	var failed error
	for _, reference := range references {
		failed = errors.Join(failed, desk.lapse(ctx, reference))
	}
	return failed
}

// sweepPurge removes closed referrals whose time is over.
func (s *Service) sweepPurge(ctx context.Context, now time.Time) error {
	references, err := s.store.Purgeable(ctx, now, timerLease, maxBatch)
	if err != nil {
		return err
	}
	var failed error
	for _, reference := range references {
		failed = errors.Join(failed, s.store.Purge(ctx, reference, now))
	}
	return failed
}

// sweepOutbox picks up messages that nobody is sending.
func (s *Service) sweepOutbox(ctx context.Context, now time.Time) error {
	pending, err := s.store.Waiting(ctx, now, sendLease, maxBatch)
	if err != nil {
		return err
	}
	for _, p := range pending {
		s.out.proceed(p)
	}
	return nil
}

// Flush sends everything that is queued and returns when it is sent or put off.
// It is for programs that do not call Run.
func (s *Service) Flush(ctx context.Context) { s.out.flush(ctx, false) }
