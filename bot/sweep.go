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
	defer func() { err = s.woke(ctx, d, err) }()
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

// woke ends the turn of a timer that failed for good, which would otherwise come back
// each minute for ever: one that breaks the program is forgotten after three tries. One
// of a conversation that cannot be read waits until its person writes and begins anew.
func (s *Service) woke(ctx context.Context, d store.DueTimer, err error) error {
	switch {
	case errors.Is(err, errBroken) && !s.poison.again(string(d.Person)+" timer "+string(d.Name)):
		s.log.Error("a timer is set aside", "person", "p_"+d.Person.Short(), "timer", d.Name)
		return s.store.ForgetTimer(ctx, d)
	case store.Unreadable(err):
		s.log.Warn("timer", "person", "p_"+d.Person.Short(), "error", err)
		return nil
	}
	return err
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

// sweepOutbox picks up messages that nobody is sending. Messages that the key file does
// not open are left to whoever has the right one, and said once.
func (s *Service) sweepOutbox(ctx context.Context, now time.Time) error {
	s.out.sweeping.Lock()
	defer s.out.sweeping.Unlock()
	pending, err := s.store.Waiting(ctx, now, sendLease, maxBatch)
	for _, p := range pending {
		s.out.proceed(ctx, p, nil)
	}
	sealed := errors.Is(err, store.ErrSealed)
	if sealed && !s.out.sealed {
		s.log.Error("messages wait that this key file does not open", "error", err)
	}
	if s.out.sealed = sealed; sealed {
		return nil
	}
	return err
}

// Flush sends everything that is queued and returns when it is sent or put off.
// It is for programs that do not call Run.
func (s *Service) Flush(ctx context.Context) { s.out.flush(ctx, false) }
