package bot

import (
	"context"
	"encoding/json"
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
