package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/star-house/frontdoor/store"
)

// maxTries is how often an update that breaks the program is tried before it is
// set aside, so that it does not block its chat for ever.
const maxTries = 3

// poison counts the updates that broke the program.
type poison struct {
	mu    sync.Mutex
	tries map[string]int
}

// newPoison knows of none.
func newPoison() *poison { return &poison{tries: map[string]int{}} }

// again counts one more try of an update and reports whether it may be tried
// once more.
func (p *poison) again(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tries) >= maxAway {
		clear(p.tries)
	}
	p.tries[key]++
	if p.tries[key] < maxTries {
		return true
	}
	delete(p.tries, key)
	return false
}

// spent counts one more failed turn and reports whether it failed for good: because it
// breaks the program, or because what is stored about the person cannot be read. While
// the store is away no turn does.
func (p *poison) spent(person store.Person, update string, err error) bool {
	switch {
	case errors.Is(err, errBroken):
		return !p.again(string(person) + update)
	case store.Unreadable(err):
		// Each of their updates fails, and on the web each is new.
		return !p.again(string(person) + " is unreadable")
	}
	return false
}

// giveUp goes on after a turn that failed for good: its update is set aside, or what is
// stored about the person is, and they begin anew.
func (s *Service) giveUp(ctx context.Context, person store.Person, in Inbound, err error) error {
	if errors.Is(err, errBroken) {
		return s.setAside(ctx, person, in)
	}
	lost, err := s.store.BeginAnew(ctx, person, s.clock())
	if err != nil {
		return err
	}
	s.log.Error("what is stored about a person cannot be read: it is set aside, and they begin anew", "person", "p_"+person.Short(),
		"conversation", lost.Conversation != nil, "referral", lost.Referral != nil, "key", lost.Key != nil)
	if err := s.accept(ctx, person, in, true); err != nil {
		return fmt.Errorf("begin anew with p_%s: %w", person.Short(), err)
	}
	return nil
}

// setAside acknowledges an update that cannot be handled: it is kept, sealed, and
// the chat goes on with the next one.
func (s *Service) setAside(ctx context.Context, person store.Person, in Inbound) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("set an update aside: %w", err)
	}
	s.log.Error("an update is set aside", "person", "p_"+person.Short(), "channel", in.Channel)
	return s.store.SetAside(ctx, person, body)
}
