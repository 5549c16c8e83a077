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
// at most once in ten minutes a chat, and a call for help always.
func (a *away) may(p store.Person, update string, help bool, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := string(p) + update
	if update != "" && a.answered[key] {
		return false
	}
	if last, ok := a.told[p]; ok && !help && now.Sub(last) < troubleEvery {
		return false
	}
	if len(a.answered) >= maxAway {
		clear(a.answered)
	}
	if len(a.told) >= maxAway {
		clear(a.told)
	}
	a.answered[key] = true
	if !help {
		a.told[p] = now
	}
	return true
}

// failed takes back that an update was answered, so that its next delivery is.
func (a *away) failed(p store.Person, update string, help bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.answered, string(p)+update)
	if !help {
		delete(a.told, p)
	}
}

// callsForHelp says whether an update calls for help: with its words, with "Get help
// now" or a word for it, or with something that is not text, of which nobody knows what
// it says.
func (s *Service) callsForHelp(in Inbound) bool {
	newest := s.library.Newest()
	if in.Happening == flows.Tapped {
		tap, ok := flows.ParseTap(in.Tap)
		help, _ := flows.ParseTap(flows.HelpTap())
		return ok && tap.Index == help.Index
	}
	return in.Happening == flows.Media || newest.AsksForHelp(in.Text) || newest.Screen(in.Text).Tier != screen.None
}

// errBehind is what an update comes to that waits behind another one of its chat.
var errBehind = errors.New("an earlier update of the chat was not taken yet")

// helpBehind answers a call for help that has to wait behind an earlier update of its
// chat, which cannot be stored, or not soon.
func (s *Service) helpBehind(ctx context.Context, p store.Person, in Inbound) {
	if s.callsForHelp(in) {
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
	reply, _ := flows.Fallback(s.library.Newest(), s.input(in))
	help := s.callsForHelp(in)
	if !s.away.may(p, in.Update, help, s.clock()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	for _, m := range Render(reply, platform.Channel()) {
		m.ID = token()[:24]
		if err := sendUnkept(ctx, platform, in.Chat, m, help); err != nil {
			s.log.Error("answer from memory", "person", "p_"+p.Short(), "error", err)
			s.away.failed(p, in.Update, help)
			return
		}
	}
}

const (
	// againSoon is how long to wait before a message is tried again that is kept
	// nowhere but here, and maxUnkept how often help is tried.
	againSoon = time.Second / 2
	maxUnkept = 5
)

// sendUnkept sends a message that is kept nowhere else. Help that a platform does not
// take now is tried again while ctx lives, not before the time it asks for.
func sendUnkept(ctx context.Context, platform Platform, chat string, m Message, help bool) error {
	for try := 1; ; try++ {
		_, err := platform.Send(ctx, chat, m)
		var refusal *SendError
		if err == nil || !help || try == maxUnkept || errors.As(err, &refusal) && refusal.Fate != RetryLater {
			return err
		}
		wait := againSoon
		if refusal != nil {
			wait = max(wait, refusal.After)
		}
		if pause(ctx, wait); ctx.Err() != nil {
			return err
		}
	}
}
