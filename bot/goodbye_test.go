package bot_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// goodbye is a person, the worker who holds their referral, and how the person ends it.
type goodbye struct {
	*front
	desk      *bot.Desk
	hangs     *stuck
	reference string
}

// newGoodbye walks a person to a referral that sam holds.
func newGoodbye(t *testing.T) *goodbye {
	t.Helper()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	g := &goodbye{}
	g.front = newFront(t, server.URL(), storetest.Keys(t), func(c *bot.Config) { g.hangs = newStuck(c) })
	g.hangs.done = true // nothing hangs so far
	g.does("telegram", chat, append(way("telegram"), "submit")...)
	g.reference = g.stands("telegram", chat).Referral.Reference
	g.desk = bot.NewDesk(g.store, g.library, func() time.Time { return storetest.Monday })
	if err := g.store.AddStaff(t.Context(), flows.Staff{ID: "sam", Name: "Sam", Role: flows.RoleWorker}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.works(flows.DoClaim, ""); err != nil {
		t.Fatal(err)
	}
	g.sends()
	g.platforms["telegram"].forget(chat)
	return g
}

// works does something as sam.
func (g *goodbye) works(verb flows.Verb, text string) (bot.Done, error) {
	return g.desk.Do(g.t.Context(), bot.Work{Reference: g.reference, Verb: verb, By: "sam", Text: text})
}

// accepts takes words.
func (g *goodbye) accepts(text string) {
	g.t.Helper()
	if err := g.Accept(g.t.Context(), g.typed("telegram", chat, text)); err != nil {
		g.t.Fatal(err)
	}
}

// confirms taps the first button of the question that is open.
func (g *goodbye) confirms() {
	g.t.Helper()
	c := g.stands("telegram", chat).Conversation
	in := g.typed("telegram", chat, "")
	in.Happening, in.Tap = flows.Tapped, flows.Tap{Conversation: c.ID, Seq: c.Ask.Seq, Index: "0"}.String()
	if err := g.Accept(g.t.Context(), in); err != nil {
		g.t.Fatal(err)
	}
}

// TestNothingOfAWorkerAfterTheEnd holds that stopping, taking back and deleting win over
// a worker: of their message that is on its way, and of one that waits behind it, nothing
// comes after the confirmation; and what they are still writing is not sent.
func TestNothingOfAWorkerAfterTheEnd(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		last    string // begins the confirmation
		confirm bool
		refused error // what sam hears, nil for "not sent"
	}{
		"stop":     {"OK, I've stopped.", false, nil},
		"withdraw": {"OK, I've taken", true, flows.ErrOver},
		"delete":   {"It's deleted.", true, store.ErrUnknown},
	}
	for word, end := range ends {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			g := newGoodbye(t)
			for _, text := range []string{"on its way", "behind it"} {
				if _, err := g.works(flows.DoReply, text); err != nil {
					t.Fatal(err)
				}
			}
			g.hangs.text, g.hangs.done = "", false // whatever comes next hangs
			if err := g.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			sent := make(chan struct{})
			go func() { defer close(sent); g.Flush(t.Context()) }()
			<-g.hangs.began
			g.accepts(word)
			if end.confirm {
				g.confirms()
			}
			if done, err := g.works(flows.DoReply, "too late"); !errors.Is(err, end.refused) || err == nil && !done.Silent {
				t.Errorf("after the end a reply comes to %v", err)
			}
			close(g.hangs.arrive)
			<-sent
			g.sends()
			texts := g.platforms["telegram"].texts(chat)
			for i, text := range texts {
				if strings.HasPrefix(text, end.last) != (i == len(texts)-1) || strings.Contains(text, "too late") {
					t.Errorf("message %d of %d is %q", i+1, len(texts), text)
				}
			}
			if len(texts) == 0 {
				t.Error("nothing is confirmed")
			}
		})
	}
}
