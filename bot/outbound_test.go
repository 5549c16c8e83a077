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

// help is what somebody says who gets a crisis card.
const help = "i want to kill myself"

// must takes words.
func (r *rig) must(chat, text string) {
	r.t.Helper()
	if err := r.says(chat, text); err != nil {
		r.t.Fatal(err)
	}
}

// sends sends what is due after a while.
func (r *rig) sends(after time.Duration) {
	r.t.Helper()
	r.now = r.now.Add(after)
	if err := r.Sweep(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.Flush(r.t.Context())
}

// TestCardDoesNotWaitBehindItsOwnChat holds that a chat whose message waits for its
// turn goes first as soon as a crisis card waits behind that message.
func TestCardDoesNotWaitBehindItsOwnChat(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	for i := range 50 {
		r.must(fmt.Sprint("new", i), "hello")
	}
	r.must("x", "hello")
	r.must("x", help)
	r.Flush(t.Context())
	if got := r.platform.order[:2]; !slices.Equal(got, []string{"x", "x"}) {
		t.Errorf("sent first: %v", got)
	}
	if got, before := r.platform.cards("x"); len(got) != 1 || before != 1 {
		t.Errorf("%v after %d messages: the chat is out of order", got, before)
	}
}

// TestUrgentChatIsPickedUpFirst holds the same for a chat that another process picks
// up, which has seen neither message before.
func TestUrgentChatIsPickedUpFirst(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	for i := range 20 {
		chat := fmt.Sprint("new", i)
		if err := p.one.Accept(t.Context(), p.one.typed("telegram", chat, "hello")); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"hello", help} {
		if err := p.one.Accept(t.Context(), p.one.typed("telegram", "x", text)); err != nil {
			t.Fatal(err)
		}
	}
	p.clock.pass(afterLease)
	p.two.sends()
	if got := p.two.platforms["telegram"].order[:2]; !slices.Equal(got, []string{"x", "x"}) {
		t.Errorf("sent first: %v", got)
	}
}

// TestCardOfAnotherProcess holds that a chat whose message waits here goes first when
// another process adds a crisis card to it: within the time in which leases are renewed.
func TestCardOfAnotherProcess(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	accepts := func(f *front, chat, text string) {
		if err := f.Accept(t.Context(), f.typed("telegram", chat, text)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		accepts(p.one, fmt.Sprint("new", i), "hello")
	}
	accepts(p.one, "x", "hello")
	accepts(p.two, "x", help)
	p.two.Flush(t.Context())
	p.clock.pass(3 * time.Second)
	p.one.Renew(t.Context())
	p.one.Flush(t.Context())
	if got := p.one.platforms["telegram"].order[:2]; !slices.Equal(got, []string{"x", "x"}) || len(p.two.platforms["telegram"].order) > 0 {
		t.Errorf("sent first: %v", got)
	}
}

// TestCardDoesNotWaitForTheNextAttempt holds that a chat that was put off after
// attempts that failed is tried at once when a crisis card waits in it, and not when
// the platform itself asked to wait.
func TestCardDoesNotWaitForTheNextAttempt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refusal error
		want    int
	}{
		"attempts that failed": {errors.New("network"), 2},
		"the platform asked":   {&bot.SendError{Fate: bot.RetryLater, After: time.Hour, Code: 429}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := embeddedRig(t)
			r.platform.refuse = func(string) error { return c.refusal }
			r.must("x", "hello")
			for range 8 {
				r.sends(2 * time.Minute)
			}
			r.platform.refuse = nil
			r.must("x", help)
			r.Flush(t.Context())
			if got := len(r.platform.texts("x")); got != c.want {
				t.Errorf("%d messages were sent at once, not %d", got, c.want)
			}
			r.sends(time.Hour)
			if got, before := r.platform.cards("x"); len(got) != 1 || before != 1 {
				t.Errorf("after an hour: %v after %d messages", got, before)
			}
		})
	}
}

// TestCardIsTriedOften holds that the wait after a failed attempt stays short while a
// crisis card waits.
func TestCardIsTriedOften(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	r.platform.refuse = func(string) error { return errors.New("network") }
	r.must("x", help)
	r.Flush(t.Context())
	for range 10 {
		r.sends(6 * time.Second)
	}
	if n := len(r.platform.order); n != 11 {
		t.Errorf("tried %d times in a minute", n)
	}
}

// stuck is a platform on which a message hangs, once, until the test lets it arrive, also
// when its sending was cut off.
type stuck struct {
	onChannel
	text               string // begins the message
	began, cut, arrive chan struct{}
	done               bool
	why                error // the sending was cut off
}

// newStuck is a narrow Telegram on which the words about privacy hang; they need more
// than one message there.
func newStuck(c *bot.Config) *stuck {
	s := &stuck{text: "How we look after", began: make(chan struct{}), cut: make(chan struct{}), arrive: make(chan struct{})}
	i := slices.IndexFunc(c.Platforms, func(p bot.Platform) bool { return p.Channel().Name == "telegram" })
	s.onChannel = c.Platforms[i].(onChannel)
	s.channel.MaxText = 400
	c.Platforms[i] = s
	return s
}

// Send lets one message hang.
func (s *stuck) Send(ctx context.Context, chat string, m bot.Message) (string, error) {
	if strings.HasPrefix(m.Text, s.text) && !s.done {
		s.done = true
		close(s.began)
		select {
		case <-ctx.Done():
			s.why = ctx.Err()
			close(s.cut)
			<-s.arrive
		case <-s.arrive:
		}
	}
	return s.onChannel.Send(ctx, chat, m)
}

// deletes asks a front to delete everything about a chat, and confirms.
func (f *front) deletes(chat string) {
	f.t.Helper()
	if err := f.Accept(f.t.Context(), f.typed("telegram", chat, "delete")); err != nil {
		f.t.Fatal(err)
	}
	c := f.stands("telegram", chat).Conversation
	in := f.typed("telegram", chat, "")
	in.Happening, in.Tap = flows.Tapped, flows.Tap{Conversation: c.ID, Seq: c.Ask.Seq, Index: "0"}.String()
	if err := f.Accept(f.t.Context(), in); err != nil {
		f.t.Fatal(err)
	}
	if f.stands("telegram", chat).Conversation.ID != "" {
		f.t.Fatal("nothing was deleted")
	}
}

// confirmed holds that the last message says that everything is deleted, and no other.
func confirmed(t *testing.T, texts []string) {
	t.Helper()
	for i, text := range texts {
		if strings.HasPrefix(text, "It's deleted.") != (i == len(texts)-1) {
			t.Errorf("message %d of %d is %q", i+1, len(texts), text)
		}
	}
}

// TestNothingAfterTheConfirmation holds that when everything is deleted while a message
// is being sent, that message is cut off, its other parts are not sent, and the
// confirmation waits for its end: nothing comes after it.
func TestNothingAfterTheConfirmation(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	var hangs *stuck
	f := newFront(t, server.URL(), storetest.Keys(t), func(c *bot.Config) { hangs = newStuck(c) })
	f.does("telegram", chat, "#/start")
	f.platforms["telegram"].forget(chat)
	if err := f.Accept(t.Context(), f.typed("telegram", chat, "privacy")); err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{})
	go func() { defer close(sent); f.Flush(t.Context()) }()
	<-hangs.began
	f.deletes(chat)
	<-hangs.cut
	f.Flush(t.Context())
	if got := f.platforms["telegram"].texts(chat); len(got) > 0 {
		t.Fatalf("sent beside a message that was on its way: %q", got)
	}
	close(hangs.arrive)
	<-sent
	f.Flush(t.Context())
	got := f.platforms["telegram"].texts(chat)
	confirmed(t, got)
	if len(got) != 2 {
		t.Errorf("what was on its way, and the confirmation: %q", got)
	}
}

// TestNothingAfterStop holds that what was being sent when somebody asks for no more
// messages arrives whole before the receipt, and nothing after it.
func TestNothingAfterStop(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	var hangs *stuck
	f := newFront(t, server.URL(), storetest.Keys(t), func(c *bot.Config) { hangs = newStuck(c) })
	f.does("telegram", chat, "#/start")
	f.platforms["telegram"].forget(chat)
	accepts := func(text string) {
		if err := f.Accept(t.Context(), f.typed("telegram", chat, text)); err != nil {
			t.Fatal(err)
		}
	}
	accepts("privacy")
	sent := make(chan struct{})
	go func() { defer close(sent); f.Flush(t.Context()) }()
	<-hangs.began
	accepts("stop")
	f.Flush(t.Context())
	close(hangs.arrive)
	<-sent
	f.Flush(t.Context())
	all := f.platforms["telegram"].sent[chat]
	for i, m := range all {
		if strings.HasPrefix(m.Text, "OK, I've stopped.") != (i == len(all)-1) || len(all) < 3 {
			t.Errorf("message %d of %d is %q", i+1, len(all), m.Text)
		}
	}
}

// TestNothingAfterTheConfirmationOfAnother holds the same when another process deletes:
// the one that sends sees that its lease is lost, and the confirmation waits until it
// must have seen it.
func TestNothingAfterTheConfirmationOfAnother(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys, clock := storetest.Keys(t), &later{}
	var hangs *stuck
	one := newFront(t, server.URL(), keys, func(c *bot.Config) { c.Clock = clock.now; hangs = newStuck(c) })
	two := newFront(t, server.URL(), keys, func(c *bot.Config) { c.Clock = clock.now })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- one.Run(ctx) }()
	if err := one.Accept(t.Context(), one.typed("telegram", chat, "privacy")); err != nil {
		t.Fatal(err)
	}
	<-hangs.began
	two.deletes(chat)
	two.sends()
	if two.got() > 0 {
		t.Error("the confirmation did not wait for the other process")
	}
	clock.pass(3 * time.Second) // now the lease is due for renewal
	<-hangs.cut
	two.sends()
	if two.got() > 0 || !errors.Is(hangs.why, context.Canceled) {
		t.Errorf("the confirmation waited too short, or the message was not cut off: %v", hangs.why)
	}
	close(hangs.arrive)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	clock.pass(afterLease)
	two.sends()
	if one.got() != 1 || two.got() != 1 {
		t.Fatalf("one sent %q, the other %q", one.platforms["telegram"].texts(chat), two.platforms["telegram"].texts(chat))
	}
	confirmed(t, two.platforms["telegram"].texts(chat))
}
