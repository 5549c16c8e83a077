package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// defaultTurnTime is enough for a store that is well, and short for somebody who
// waits for an answer.
const defaultTurnTime = 3 * time.Second

// Accept takes one update: the turns of one person run one after the other, and
// when it returns nil the turn is stored. While the store is away it returns an
// error, and the person is answered from memory.
func (s *Service) Accept(ctx context.Context, in Inbound) error {
	person, err := s.store.Person(in.Channel, in.Chat)
	if err != nil {
		return err
	}
	if in.Behind {
		s.helpBehind(ctx, person, in)
		return errBehind
	}
	inTime := s.hurry(ctx, person, in)
	defer inTime()
	// An update that has arrived is finished even while the program ends, or while
	// the caller hangs up: some platforms bring it only once.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*s.turnTime)
	defer cancel()
	unlock, err := s.people.lock(ctx, string(person))
	if err != nil {
		return fmt.Errorf("wait for an earlier turn of p_%s: %w", person.Short(), err)
	}
	defer unlock()
	err = s.accept(ctx, person, in, false)
	if err == nil {
		return nil
	}
	inTime()
	s.log.Error("turn", "person", "p_"+person.Short(), "channel", in.Channel, "error", err)
	s.answerFromMemory(ctx, person, in)
	if s.poison.spent(person, in.Update, err) {
		return s.giveUp(ctx, person, in, err)
	}
	return fmt.Errorf("turn of p_%s: %w", person.Short(), err)
}

// hurryTime is how long what calls for help wait for their turn to be stored.
// Then the card comes from memory, so that it is there within a second; the turn
// goes on, and may bring it once more.
const hurryTime = 500 * time.Millisecond

// hurry answers what calls for help from memory when their turn takes too
// long: because the store is slow, or because an earlier turn of the same person
// is. The function that it returns says that the turn is over.
func (s *Service) hurry(ctx context.Context, person store.Person, in Inbound) (inTime func()) {
	if !s.callsForHelp(in) {
		return func() {}
	}
	answered := make(chan struct{})
	timer := time.AfterFunc(hurryTime, func() {
		defer close(answered)
		s.log.Warn("the store is slow: help comes from memory", "person", "p_"+person.Short(), "channel", in.Channel)
		s.answerFromMemory(ctx, person, in)
	})
	return sync.OnceFunc(func() {
		if !timer.Stop() {
			<-answered // nothing is sent after the update was acknowledged
		}
	})
}

// errBroken is a turn that broke the program.
var errBroken = errors.New("internal error")

// mend turns a panic into an error, so that one chat that breaks the program does
// not take the others with it.
func (s *Service) mend(person store.Person, err *error) {
	if broken := recover(); broken != nil {
		// The value may hold words of the person; the stack does not.
		s.log.Error("internal error", "person", "p_"+person.Short(), "stack", string(debug.Stack()))
		*err = errBroken
	}
}

// accept runs the turn of an update and has its messages sent. lost says that what was
// stored about the person was set aside just now.
func (s *Service) accept(ctx context.Context, person store.Person, in Inbound, lost bool) (err error) {
	defer s.mend(person, &err)
	limited, cancel := context.WithTimeout(ctx, s.turnTime)
	defer cancel()
	load := func(ctx context.Context) (*store.Snapshot, error) { return s.store.Load(ctx, person) }
	input := func(*store.Snapshot) (flows.Input, error) {
		input := s.input(in)
		input.Lost = lost
		return input, nil
	}
	res, err := s.run(limited, load, input, nil, sendLease)
	if err != nil {
		return err
	}
	if res.outcome.Fault != "" {
		s.log.Error("engine limit", "person", "p_"+person.Short(), "fault", res.outcome.Fault)
	}
	s.out.sendNow(ctx, res)
	return nil
}

// input is an update as the engine reads it.
func (s *Service) input(in Inbound) flows.Input {
	tap, _ := flows.ParseTap(in.Tap)
	return flows.Input{
		Happening: in.Happening, Update: in.Update, At: s.clock(), Channel: in.Channel, Address: in.Chat,
		Locale: in.Locale, Source: in.Source, Text: in.Text, Tap: tap,
	}
}
