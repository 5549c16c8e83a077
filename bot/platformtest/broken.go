package platformtest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// Crowd is a fake platform on which several people write.
type Crowd interface {
	// Open starts an adapter, which receives until the test ends.
	Open(t *testing.T, accept bot.Accept) bot.Platform
	// Chat is the platform's id of the chat of one of the people.
	Chat(who int) string
	// Says lets one of them type words, and does not wait for what comes of it.
	Says(who int, text string)
	// Shows are the texts on their screen, from the bot, oldest first.
	Shows(who int) []string
}

// Broken holds that over a platform, with a Redis that was stopped or does not answer,
// words that call for help bring the card of their class: to somebody whose earlier
// words could not be stored, and to somebody else; before the store answers, and for the
// latter before all else. Nothing is lost: when the store is well, all of it is taken.
// The classes take turns.
func Broken(t *testing.T, newCrowd func(t *testing.T) Crowd) {
	t.Helper()
	for i, name := range []string{"stopped", "frozen"} {
		t.Run("Redis "+name, func(t *testing.T) {
			t.Parallel()
			p := newPlight(t, newCrowd(t), i)
			if name == "stopped" {
				p.server.Kill()
				p.answered()
				p.server.Again()
			} else {
				p.server.Freeze()
				p.answered()
				if n := p.ended.Load(); n > 0 {
					t.Errorf("%d updates had come to an end before the cards came", n)
				}
				p.server.Thaw()
			}
			p.taken()
		})
	}
}

// plight is a service over a platform and a real server that is about to break.
type plight struct {
	Crowd
	t       *testing.T
	server  *storetest.Server
	store   *store.Store
	bundle  *flows.Bundle
	channel string
	class   int          // that of the first words
	ended   atomic.Int32 // updates that came to an end, but for those behind others
}

// newPlight lets a crowd begin.
func newPlight(t *testing.T, crowd Crowd, turn int) *plight {
	t.Helper()
	p := &plight{Crowd: crowd, t: t, server: storetest.Start(t), bundle: bottest.Bundle(t)}
	var err error
	p.store, err = store.Open(store.Config{URL: p.server.URL, Hub: "star-house", Keys: storetest.Keys(t), Timeout: store.PatientTimeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.store.Close(); err != nil {
			t.Error(err)
		}
	})
	var service *bot.Service
	ready := make(chan struct{})
	platform := crowd.Open(t, func(ctx context.Context, in bot.Inbound) error {
		<-ready
		err := service.Accept(ctx, in)
		if !in.Behind {
			p.ended.Add(1)
		}
		return err
	})
	p.channel = platform.Channel().Name
	p.class = len(p.channel) + 2*turn // so that channels begin with different ones
	service, err = bot.New(bot.Config{Store: p.store, Library: bot.NewLibrary(p.store, p.bundle), Platforms: []bot.Platform{platform},
		TurnTime: store.PatientTimeout})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	return p
}

// plea is words of a class, and how its card begins on a screen.
func (p *plight) plea(class int) (text, card string) {
	p.t.Helper()
	name := screen.Classes()[class%len(screen.Classes())]
	text = flowstest.CrisisLine(p.t, p.bundle, name)
	reply, _ := flows.Fallback(p.bundle, flows.Input{Channel: p.channel, Text: text})
	card = reply.Blocks[0].Text
	if i := strings.IndexAny(card, "\n.,*_'’"); i > 0 {
		card = card[:i] // the rest may need escaping
	}
	return text, card
}

// answered lets two people ask for help, one of whom said hello just now, and waits for
// their cards.
func (p *plight) answered() {
	p.t.Helper()
	p.Says(0, "hello")
	for who := range 2 {
		text, card := p.plea(p.class + who)
		p.Says(who, text)
		storetest.Eventually(p.t, fmt.Sprintf("person %d gets the card", who), func(context.Context) error {
			all := p.Shows(who)
			if !strings.Contains(strings.Join(all, "\n"), card) {
				return fmt.Errorf("%q brings %q, and not %q", text, all, card)
			}
			if who == 1 && !strings.Contains(all[0], card) {
				p.t.Errorf("before the card came %q", all[0])
			}
			return nil
		})
	}
}

// taken waits until what both said is stored: the card waits for a tap.
func (p *plight) taken() {
	p.t.Helper()
	for who := range 2 {
		person, err := p.store.Person(p.channel, p.Chat(who))
		if err != nil {
			p.t.Fatal(err)
		}
		storetest.Eventually(p.t, fmt.Sprintf("the words of person %d are stored", who), func(ctx context.Context) error {
			sn, err := p.store.Load(ctx, person)
			if err != nil {
				return err
			}
			if n := len(sn.Conversation.Hits); n != 1 || sn.Conversation.Paused == nil {
				return fmt.Errorf("%d words of crisis are noted, and it stands at %v", n, sn.Conversation.At)
			}
			return nil
		})
	}
}
