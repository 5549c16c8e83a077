package bot_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestHelpWithinASecond holds, for every class on every channel, that words that call
// for help bring their card within a second while the turn before them takes for ever.
func TestHelpWithinASecond(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys, lines := storetest.Keys(t), pleas(t, bottest.Bundle(t))
	synctest.Test(t, func(t *testing.T) {
		// Whoever asks for the time first is kept: the turns of those who say hello.
		var asked atomic.Int32
		var running sync.WaitGroup
		first, leave := int32(len(channels())*len(screen.Classes())), make(chan struct{})
		f := newFront(t, inBubble(server), keys, func(c *bot.Config) {
			c.Clock = func() time.Time {
				if asked.Add(1) <= first {
					<-leave
				}
				return storetest.Monday
			}
		})
		accept := func(channel, chat, text string) {
			running.Go(func() {
				if err := f.Accept(t.Context(), f.typed(channel, chat, text)); err != nil {
					t.Errorf("%s: %v", channel, err)
				}
			})
		}
		everywhere(lines, func(channel string, _ plea, chat string) { accept(channel, chat, "hello") })
		synctest.Wait()
		everywhere(lines, func(channel string, p plea, chat string) { accept(channel, chat, p.text) })
		<-time.NewTimer(time.Second).C
		if asked.Load() < first {
			t.Fatalf("%d turns were kept, not %d", asked.Load(), first)
		}
		everywhere(lines, func(channel string, p plea, chat string) {
			got, before := f.platforms[channel].cards(chat)
			if before > 0 || !slices.Equal(got, []string{p.card}) {
				t.Errorf("%s: after a second, words of %s have brought %v, after %d others", channel, p.class, got, before)
			}
		})
		close(leave)
		running.Wait()
	})
}

// everywhere does something for every class on every channel, with words of the class
// and a chat of its own.
func everywhere(lines map[screen.Class][]plea, do func(channel string, p plea, chat string)) {
	for i, channel := range channels() {
		for _, class := range screen.Classes() {
			do(channel.Name, lines[class][i%len(lines[class])], string(class))
		}
	}
}
