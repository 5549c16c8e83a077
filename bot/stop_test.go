package bot_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// deaf is a platform that ends neither receiving nor sending when it is told to.
type deaf struct {
	bot.Platform
	sending, leave chan struct{}
}

// Receive ends with the test.
func (d deaf) Receive(context.Context, bot.Accept) error {
	<-d.leave
	return nil
}

// Send ends with the test.
func (d deaf) Send(context.Context, string, bot.Message) (string, error) {
	close(d.sending)
	<-d.leave
	return "", nil
}

// TestRunEndsWhateverAPlatformDoes holds that Run returns within seven seconds of the
// end, also while a platform goes on receiving and sending.
func TestRunEndsWhateverAPlatformDoes(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys := storetest.Keys(t)
	synctest.Test(t, func(t *testing.T) {
		platform := deaf{Platform: onChannel{channel: channels()[0]}, sending: make(chan struct{}), leave: make(chan struct{})}
		f := newFront(t, inBubble(server), keys, func(c *bot.Config) { c.Platforms = []bot.Platform{platform} })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		if err := f.Accept(t.Context(), f.typed("telegram", chat, "hello")); err != nil {
			t.Fatal(err)
		}
		<-platform.sending
		cancel()
		began := time.Now()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("Run ended after %v", took)
		}
		close(platform.leave)
	})
}
