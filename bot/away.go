package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/store"
)

const (
	// troubleEvery is how often one chat is told that there is trouble.
	troubleEvery = 10 * time.Minute
	// maxAway bounds what is remembered while the store is away.
	maxAway = 10_000
)

// away remembers, while the store is away, what was answered from memory.
type away struct {
	mu       sync.Mutex
	answered map[string]bool // update ids with their chat
	told     map[store.Person]time.Time
}

// newAway remembers nothing.
func newAway() *away {
	return &away{answered: map[string]bool{}, told: map[store.Person]time.Time{}}
}

// may says whether an update should be answered now: each at most once, trouble
// at most once in ten minutes a chat, and crisis words always.
func (a *away) may(p store.Person, update string, crisis bool, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := string(p) + update
	if update != "" && a.answered[key] {
		return false
	}
	if last, ok := a.told[p]; ok && !crisis && now.Sub(last) < troubleEvery {
		return false
	}
	if len(a.answered) >= maxAway {
		clear(a.answered)
	}
	if len(a.told) >= maxAway {
		clear(a.told)
	}
	a.answered[key] = true
	if !crisis {
		a.told[p] = now
	}
	return true
}

// wantsHelp says whether somebody tapped "Get help now".
func wantsHelp(in Inbound) bool {
	tap, ok := flows.ParseTap(in.Tap)
	help, _ := flows.ParseTap(flows.HelpTap())
	return ok && in.Happening == flows.Tapped && tap.Index == help.Index
}

// errBehind is what an update comes to that waits behind another one of its chat.
var errBehind = errors.New("an earlier update of the chat was not taken yet")

// helpBehind answers a call for help that has to wait behind an earlier update of its
// chat, which cannot be stored, or not soon.
func (s *Service) helpBehind(ctx context.Context, p store.Person, in Inbound) {
	if wantsHelp(in) || s.library.Newest().Screen(in.Text).Tier != screen.None {
		s.answerFromMemory(ctx, p, in)
	}
}

// answerFromMemory sends the crisis card, or word of the trouble, without the
// store.
func (s *Service) answerFromMemory(ctx context.Context, p store.Person, in Inbound) {
	platform := s.platforms[in.Channel]
	if platform == nil {
		return
	}
	defer func() {
		if recover() != nil {
			s.log.Error("answer from memory: internal error", "person", "p_"+p.Short())
		}
	}()
	reply, verdict := flows.Fallback(s.library.Newest(), s.input(in))
	if !s.away.may(p, in.Update, verdict.Tier != screen.None || wantsHelp(in), s.clock()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	for _, m := range Render(reply, platform.Channel()) {
		m.ID = token()[:24]
		if _, err := platform.Send(ctx, in.Chat, m); err != nil {
			s.log.Error("answer from memory", "person", "p_"+p.Short(), "error", err)
			return
		}
	}
}
