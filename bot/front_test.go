package bot_test

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// channels are all channels, with the limits of each.
func channels() []bot.Channel {
	return []bot.Channel{{Name: "telegram", MaxText: 4096, MaxLabel: 64}, {Name: "discord", MaxText: 2000, MaxLabel: 80}, {Name: "web"}, {Name: "terminal"}}
}

// onChannel is a fake platform that is called as a channel is.
type onChannel struct {
	*fakePlatform
	channel bot.Channel
}

// Channel is the one that it was given.
func (o onChannel) Channel() bot.Channel { return o.channel }

// front is a service that people reach on every channel.
type front struct {
	*bot.Service
	t         *testing.T
	store     *store.Store
	library   *bot.Library
	platforms map[string]*fakePlatform
}

// inBubble is the address of a server for a test in a synctest bubble. Its connections
// never run out: go-redis waits for one with a timer that it keeps for the whole
// process, and a timer made in a bubble ends the program when another test takes it.
func inBubble(server *store.Embedded) string {
	return server.URL() + "?pool_size=1000"
}

// newFront builds a front on a store that is waited for longer than anybody waits
// for help. change may be nil.
func newFront(t *testing.T, url string, keys *store.Keys, change func(*bot.Config)) *front {
	t.Helper()
	f := &front{t: t, platforms: map[string]*fakePlatform{}}
	var err error
	f.store, err = store.Open(store.Config{URL: url, Hub: "star-house", Keys: keys, Timeout: store.PatientTimeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.store.Close(); err != nil {
			t.Error(err)
		}
	})
	f.library = bot.NewLibrary(f.store, bottest.Bundle(t))
	c := bot.Config{Store: f.store, Library: f.library, Clock: func() time.Time { return storetest.Monday },
		Log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)), TurnTime: store.PatientTimeout}
	for _, channel := range channels() {
		f.platforms[channel.Name] = &fakePlatform{sent: map[string][]bot.Message{}}
		c.Platforms = append(c.Platforms, onChannel{f.platforms[channel.Name], channel})
	}
	if change != nil {
		change(&c)
	}
	if f.Service, err = bot.New(c); err != nil {
		t.Fatal(err)
	}
	return f
}

// typed is an update that nobody sent before.
func (*front) typed(channel, chat, text string) bot.Inbound {
	return bot.Inbound{Happening: flows.Typed, Channel: channel, Chat: chat, Update: rand.Text(), Text: text}
}

// must takes an update and sends what comes of it.
func (f *front) must(in bot.Inbound) {
	f.t.Helper()
	if err := f.Accept(f.t.Context(), in); err != nil {
		f.t.Fatal(err)
	}
	f.Flush(f.t.Context())
}

// does types what begins with #, and taps a button of the newest message by its
// name otherwise.
func (f *front) does(channel, chat string, steps ...string) {
	f.t.Helper()
	for _, step := range steps {
		if text, ok := strings.CutPrefix(step, "#"); ok {
			f.must(f.typed(channel, chat, text))
			continue
		}
		m := f.platforms[channel].last(f.t, chat)
		i := slices.IndexFunc(m.Reply.Options, func(b flows.Button) bool { return b.ID == step })
		if i < 0 {
			f.t.Fatalf("no button %q in %q", step, m.Text)
		}
		in := f.typed(channel, chat, "")
		in.Happening, in.Tap = flows.Tapped, m.Reply.Options[i].Data
		f.must(in)
	}
}

// stands is the conversation of a chat as it is stored.
func (f *front) stands(channel, chat string) *store.Snapshot {
	f.t.Helper()
	person, err := f.store.Person(channel, chat)
	if err != nil {
		f.t.Fatal(err)
	}
	sn, err := f.store.Load(f.t.Context(), person)
	if err != nil {
		f.t.Fatal(err)
	}
	return sn
}

// cards are the cards among what was sent to a chat, by their keys, and how many
// other messages came before the first of them.
func (f *fakePlatform) cards(chat string) (keys []string, before int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.sent[chat] {
		if m.Reply.Class == flows.ClassCrisis && strings.HasPrefix(m.Reply.Blocks[0].Key, "cards.") {
			keys = append(keys, m.Reply.Blocks[0].Key)
		} else if len(keys) == 0 {
			before++
		}
	}
	return keys, before
}

// first is the first message to a chat, nil for none.
func (f *fakePlatform) first(chat string) *bot.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.sent[chat]) == 0 {
		return nil
	}
	return &f.sent[chat][0]
}

// forget drops what was sent to a chat.
func (f *fakePlatform) forget(chat string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sent, chat)
}

// plea is words that call for help, and the card that answers them.
type plea struct {
	class      screen.Class
	text, card string
}

// pleas are lines of every class that the shipped detector finds, from the set that
// it was built on.
func pleas(t *testing.T, b *flows.Bundle) map[screen.Class][]plea {
	t.Helper()
	cards := flowstest.CardOf(t, b)
	out := map[screen.Class][]plea{}
	for class, lines := range flowstest.CrisisLines(t, b) {
		for _, text := range lines {
			card := cards[flowstest.Kind{Class: class, Past: b.Screen(text).Past}]
			out[class] = append(out[class], plea{class, text, cmp.Or(card, cards[flowstest.Kind{Class: class}])})
		}
	}
	return out
}
