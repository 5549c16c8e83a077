package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
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
	unlock, err := s.people.lock(ctx, string(person))
	if err != nil {
		return fmt.Errorf("wait for an earlier turn of p_%s: %w", person.Short(), err)
	}
	defer unlock()
	err = s.accept(ctx, person, in)
	if err == nil {
		return nil
	}
	s.log.Error("turn", "person", "p_"+person.Short(), "channel", in.Channel, "error", err)
	s.answerFromMemory(ctx, person, in)
	if errors.Is(err, errBroken) && !s.poison.again(string(person)+in.Update) {
		return s.setAside(ctx, person, in)
	}
	return fmt.Errorf("turn of p_%s: %w", person.Short(), err)
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

// accept runs the turn of an update and has its messages sent.
func (s *Service) accept(ctx context.Context, person store.Person, in Inbound) (err error) {
	defer s.mend(person, &err)
	limited, cancel := context.WithTimeout(ctx, s.turnTime)
	defer cancel()
	load := func(ctx context.Context) (*store.Snapshot, error) { return s.store.Load(ctx, person) }
	res, err := s.run(limited, load, func(*store.Snapshot) (flows.Input, error) { return s.input(in), nil }, nil, sendLease)
	if err != nil {
		return err
	}
	if res.outcome.Fault != "" {
		s.log.Error("engine limit", "person", "p_"+person.Short(), "fault", res.outcome.Fault)
	}
	s.out.sendNow(res)
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
