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

// stuck is a platform on which a message hangs, once, until its sending is cut off; it
// arrives all the same, when the test lets it.
type stuck struct {
	onChannel
	text               string // begins the message
	began, cut, arrive chan struct{}
	done               bool
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
		<-ctx.Done()
		close(s.cut)
		<-s.arrive
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
	if two.got() > 0 {
		t.Error("the confirmation waited too short")
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
