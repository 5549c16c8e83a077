package bot_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// shutdown is a program that was told to stop while people still write. Nobody
// sends any more what the others have to send; and somebody whose earlier message is
// still being taken does not wait for it.
func shutdown(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Start(t), says)
	var holds *held
	w = w.by(newFront(t, w.server.URL, w.keys, func(c *bot.Config) {
		c.Clock = func() time.Time { holds.once(); return storetest.Monday }
	}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	holds = &held{entered: make(chan struct{}), leave: make(chan struct{})}
	earlier := w.begins(ctx, []bot.Inbound{w.typed("telegram", chat, "hello")})
	<-holds.entered
	for _, in := range w.asks() {
		if in.Channel == "telegram" {
			earlier = append(earlier, w.begins(ctx, []bot.Inbound{in})...)
			continue
		}
		if err := w.Accept(ctx, in); err != nil {
			t.Errorf("%s: %v", in.Channel, err)
		}
		w.kept(in.Channel)
	}
	w.allAnswered(earlier[1:])
	close(holds.leave)
	for _, one := range earlier {
		if err := <-one.ended; err != nil {
			t.Error(err)
		}
	}
	// The card came from memory; the one that was stored leaves too, with its buttons.
	card := says["telegram"].card
	if got, before := w.platforms["telegram"].cards(chat); before > 0 || !slices.Equal(got, []string{card, card}) {
		t.Errorf("who waits for an earlier message gets %v, after %d other messages", got, before)
	}
}

// held is a place in a turn where somebody is kept, once.
type held struct {
	entered, leave chan struct{}
	passed         atomic.Bool
}

// once keeps the first who comes by.
func (h *held) once() {
	if h != nil && h.passed.CompareAndSwap(false, true) {
		close(h.entered)
		<-h.leave
	}
}

// slowest is a limiter that lets nothing pass before the end.
type slowest struct{ asked chan struct{} }

// Wait waits for the end.
func (s slowest) Wait(ctx context.Context) error {
	s.asked <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

// TestCardsLeaveAtTheEnd holds that a crisis card that is stored and still waits for
// its turn to be sent leaves before Run returns, while the rest is left to the next
// process, which finds it at once.
func TestCardsLeaveAtTheEnd(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys := storetest.Keys(t)
	limiter := slowest{make(chan struct{}, 8)}
	one := newFront(t, server.URL(), keys, func(c *bot.Config) { c.Limiters = map[string]bot.Limiter{"telegram": limiter} })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- one.Run(ctx) }()
	p := pleas(t, one.library.Newest())["wish"][0]
	for _, in := range []bot.Inbound{one.typed("telegram", "first", p.text), one.typed("telegram", "second", p.text), one.typed("telegram", "other", "hello")} {
		if err := one.Accept(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if in.Chat == "first" {
			<-limiter.asked // it waits for the limiter, and the others for it
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, chat := range []string{"first", "second"} {
		if got, _ := one.platforms["telegram"].cards(chat); !slices.Equal(got, []string{p.card}) {
			t.Errorf("when the program had ended, %s had got %v", chat, got)
		}
	}
	two := newFront(t, server.URL(), keys, nil)
	if err := two.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	two.Flush(t.Context())
	if n := len(one.platforms["telegram"].texts("other")) + len(two.platforms["telegram"].texts("other")); n != 1 {
		t.Errorf("what was not urgent was sent %d times", n)
	}
	if n := len(two.platforms["telegram"].texts("first")); n > 0 {
		t.Errorf("the card was sent %d times more", n)
	}
}
