package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestNobodyIsOvertakenForEver holds that a message of an open conversation goes
// before first replies that came a while after it.
func TestNobodyIsOvertakenForEver(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	r.must("open", "/start")
	r.Flush(t.Context())
	r.platform.order = nil
	r.must("open", "privacy")
	r.must("soon", "hello")
	r.now = r.now.Add(4 * time.Second)
	r.must("later", "hello")
	r.now = r.now.Add(2 * time.Second)
	r.must("latest", "hello")
	r.Flush(t.Context())
	if want := []string{"soon", "later", "open", "latest"}; !slices.Equal(r.platform.order, want) {
		t.Errorf("sent %v, want %v", r.platform.order, want)
	}
}

// hanging is a platform on which everything hangs until it is given up.
type hanging struct{ onChannel }

// Send hangs.
func (hanging) Send(ctx context.Context, _ string, _ bot.Message) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

// TestChannelsDoNotWaitForEachOther holds that a channel whose platform hangs, in more
// chats than may be sent to at a time, and one that waits for its limiter, hold no
// other channel up.
func TestChannelsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	limiter := slowest{make(chan struct{}, 8)}
	f := newFront(t, server.URL(), storetest.Keys(t), func(c *bot.Config) {
		c.Limiters = map[string]bot.Limiter{"discord": limiter}
		for i, p := range c.Platforms {
			if p.Channel().Name == "telegram" {
				c.Platforms[i] = hanging{p.(onChannel)}
			}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	says := func(channel, chat string) {
		if err := f.Accept(t.Context(), f.typed(channel, chat, "hello")); err != nil {
			t.Fatal(err)
		}
	}
	says("discord", "1")
	<-limiter.asked
	for i := range 70 {
		says("telegram", fmt.Sprint(i))
	}
	says("web", "1")
	storetest.Eventually(t, "the web page is answered", func(context.Context) error {
		if len(f.platforms["web"].texts("1")) == 0 {
			return errors.New("nothing came")
		}
		return nil
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestBuriedMessagesAreRefused holds that everything that waits for somebody whom the
// platform does not reach is marked as refused, and that nothing else is lost.
func TestBuriedMessagesAreRefused(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	r.hire("sam")
	reference := r.refers("1001")
	do := func(verb flows.Verb, text string) {
		if _, err := r.desk.Do(t.Context(), bot.Work{Reference: reference, By: "sam", Verb: verb, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	do(flows.DoClaim, "")
	do(flows.DoReply, "one")
	do(flows.DoReply, "two")
	tries := 0
	r.platform.refuse = func(string) error {
		if tries++; tries == 1 {
			do(flows.DoReply, "three") // written while the first is being refused
			return &bot.SendError{Fate: bot.Gone, Code: 403}
		}
		return nil
	}
	r.sends(0)
	file, err := r.desk.Show(t.Context(), reference, "sam")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]store.Delivery{"one": store.Refused, "two": store.Refused, "three": store.Sent}
	for _, m := range file.Messages {
		if file.Delivery[m.ID] != want[m.Text] {
			t.Errorf("%q is %q", m.Text, file.Delivery[m.ID])
		}
	}
	if len(file.Messages) != 3 {
		t.Errorf("%d messages", len(file.Messages))
	}
}

// TestOddMessageIsSetAside holds that a message that is no message does not keep its
// chat from the next one.
func TestOddMessageIsSetAside(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	person, err := r.store.Person("telegram", "1001")
	if err != nil {
		t.Fatal(err)
	}
	sn, err := r.store.Load(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	turn := storetest.Talking(sn, "x")
	turn.Conversation, turn.Out = flows.Conversation{}, []store.Outgoing{{Body: []byte("no message")}}
	if _, err := r.store.Commit(t.Context(), turn); err != nil {
		t.Fatal(err)
	}
	r.must("1001", "hello")
	r.sends(time.Second)
	if n := len(r.platform.texts("1001")); n != 1 || strings.Count(r.log.String(), "a message is given up") != 1 {
		t.Errorf("%d messages were sent; the log: %s", n, r.log)
	}
}

// TestOtherKeyFileIsSaidOnce holds that a process with another key file sends nothing,
// spoils nothing, and says so once.
func TestOtherKeyFileIsSaidOnce(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	right, wrong := newRig(t, server.URL(), storetest.Keys(t)), newRig(t, server.URL(), storetest.Keys(t))
	right.must("1001", "hello")
	for range 3 {
		wrong.sends(time.Minute)
	}
	if n := strings.Count(wrong.log.String(), "this key file does not open"); n != 1 {
		t.Errorf("said %d times: %s", n, wrong.log)
	}
	right.sends(5 * time.Minute)
	if n := len(right.platform.texts("1001")); n != 1 || len(wrong.platform.order) > 0 {
		t.Errorf("%d messages were sent with the right keys, %d with the wrong ones", n, len(wrong.platform.order))
	}
}

// TestMessageIsLeftToWhoServesItsChannel holds that a process that picks up a message
// for a channel that it does not serve leaves it, at once, to one that does.
func TestMessageIsLeftToWhoServesItsChannel(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys, clock := storetest.Keys(t), &later{}
	all := newFront(t, server.URL(), keys, func(c *bot.Config) { c.Clock = clock.now })
	few := newFront(t, server.URL(), keys, func(c *bot.Config) {
		c.Clock = clock.now
		c.Platforms = slices.DeleteFunc(c.Platforms, func(p bot.Platform) bool { return p.Channel().Name == "telegram" })
	})
	if err := all.Accept(t.Context(), all.typed("telegram", chat, "hello")); err != nil {
		t.Fatal(err)
	}
	clock.pass(afterLease)
	few.sends()
	all.sends()
	if all.got() != 1 {
		t.Errorf("%d messages were sent at once", all.got())
	}
}

// TestSendsOutOfMemory holds that what is stored is sent while Redis has no memory
// left, also after a failed attempt, and that nothing of it stays.
func TestSendsOutOfMemory(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	r := newRig(t, server.URL, storetest.Keys(t))
	r.must("1001", "/start")
	r.must("1001", "privacy")
	if _, err := server.Do("CONFIG", "SET", "maxmemory", "1"); err != nil {
		t.Fatal(err)
	}
	r.platform.refuse = func(string) error { return errors.New("network") }
	r.Flush(t.Context())
	r.platform.refuse = nil
	r.sends(2 * time.Second)
	if n := len(r.platform.texts("1001")); n != 2 {
		t.Errorf("%d messages were sent: %s", n, r.log)
	}
	if n, err := server.Do("ZCARD", "fd:{star-house}:sending"); err != nil || n != int64(0) {
		t.Errorf("%v people have messages to send, %v", n, err)
	}
}
