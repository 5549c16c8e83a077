package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// fakePlatform keeps what is sent to each chat and refuses when told to.
type fakePlatform struct {
	mu     sync.Mutex
	sent   map[string][]bot.Message
	order  []string // chats, in the order of sending
	refuse func(chat string) error
}

// Channel is like Telegram's.
func (f *fakePlatform) Channel() bot.Channel {
	return bot.Channel{Name: "telegram", MaxText: 4096, MaxLabel: 64}
}

// Receive has nothing to receive.
func (f *fakePlatform) Receive(ctx context.Context, _ bot.Accept) error {
	<-ctx.Done()
	return nil
}

// Send keeps a message, unless it is to be refused.
func (f *fakePlatform) Send(_ context.Context, chat string, m bot.Message) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.order = append(f.order, chat)
	if f.refuse != nil {
		if err := f.refuse(chat); err != nil {
			return "", err
		}
	}
	f.sent[chat] = append(f.sent[chat], m)
	return fmt.Sprint("sent-", len(f.order)), nil
}

// texts are the texts sent to a chat.
func (f *fakePlatform) texts(chat string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, m := range f.sent[chat] {
		out = append(out, m.Text)
	}
	return out
}

// last is the newest message to a chat.
func (f *fakePlatform) last(t *testing.T, chat string) bot.Message {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.sent[chat]) == 0 {
		t.Fatalf("nothing was sent to %s", chat)
	}
	return f.sent[chat][len(f.sent[chat])-1]
}

// rig is a service on an embedded store with a clock that the test moves.
type rig struct {
	*bot.Service
	t        *testing.T
	desk     *bot.Desk
	store    *store.Store
	library  *bot.Library
	platform *fakePlatform
	log      *bytes.Buffer
	now      time.Time
	updates  int
}

// newRig builds a rig around the scripts that ship.
func newRig(t *testing.T, url string, keys *store.Keys) *rig {
	t.Helper()
	r := &rig{t: t, platform: &fakePlatform{sent: map[string][]bot.Message{}}, log: &bytes.Buffer{}, now: storetest.Monday}
	var err error
	r.store, err = store.Open(store.Config{URL: url, Hub: "star-house", Keys: keys, Timeout: store.PatientTimeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.store.Close(); err != nil {
			t.Error(err)
		}
	})
	r.library = bot.NewLibrary(r.store, bottest.Bundle(t))
	clock := func() time.Time { return r.now }
	r.Service, err = bot.New(bot.Config{Store: r.store, Library: r.library, Platforms: []bot.Platform{r.platform}, Clock: clock,
		Log: slog.New(slog.NewTextHandler(r.log, nil)), TurnTime: store.PatientTimeout})
	if err != nil {
		t.Fatal(err)
	}
	r.desk = bot.NewDesk(r.store, r.library, clock)
	return r
}

// embeddedRig is a rig on a store of its own.
func embeddedRig(t *testing.T) *rig {
	t.Helper()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return newRig(t, server.URL(), storetest.Keys(t))
}

// says types words in a chat.
func (r *rig) says(chat, text string) error {
	r.updates++
	return r.Accept(r.t.Context(), bot.Inbound{Happening: flows.Typed, Channel: "telegram", Chat: chat, Update: fmt.Sprint(r.updates), Text: text})
}

// taps taps a button of the newest message of a chat by its name.
func (r *rig) taps(chat string, names ...string) {
	r.t.Helper()
	for _, name := range names {
		m := r.platform.last(r.t, chat)
		i := slices.IndexFunc(m.Reply.Options, func(b flows.Button) bool { return b.ID == name })
		if i < 0 {
			r.t.Fatalf("no button %q in %q", name, m.Text)
		}
		r.updates++
		err := r.Accept(r.t.Context(), bot.Inbound{Happening: flows.Tapped, Channel: "telegram", Chat: chat, Update: fmt.Sprint(r.updates), Tap: m.Reply.Options[i].Data})
		if err != nil {
			r.t.Fatal(err)
		}
		r.Flush(r.t.Context())
	}
}

// refers walks a chat to a reference.
func (r *rig) refers(chat string) string {
	r.t.Helper()
	typed := func(text string) {
		if err := r.says(chat, text); err != nil {
			r.t.Fatal(err)
		}
		r.Flush(r.t.Context())
	}
	typed("/start")
	r.taps(chat, "me")
	typed("19")
	r.taps(chat, "skip", "here", "agree", "yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
	r.taps(chat, "lonely", "done", "just_talk", "no", "skip")
	typed("Alex")
	r.taps(chat, "chat", "any", "nothing", "submit")
	queue, _, err := r.desk.Queue(r.t.Context())
	if err != nil || len(queue) == 0 {
		r.t.Fatal("nothing in the queue", err)
	}
	return queue[len(queue)-1].Reference
}

// hire puts the staff of a try on the staff.
func (r *rig) hire(ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		if err := r.store.AddStaff(r.t.Context(), flows.Staff{ID: id, Name: "N" + id, Role: flows.RoleWorker}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// TestRestartInTheMiddle holds that another process goes on where the first one
// was, down to the buttons, and finishes on the script that the chat began with.
func TestRestartInTheMiddle(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys := storetest.Keys(t)
	one := newRig(t, server.URL(), keys)
	if err := one.library.Publish(t.Context(), one.library.Newest()); err != nil {
		t.Fatal(err)
	}
	if err := one.says("1001", "/start"); err != nil {
		t.Fatal(err)
	}
	one.Flush(t.Context())
	one.taps("1001", "me")

	two := newRig(t, server.URL(), keys)
	files := bottest.Files(t)
	files.Locales["en/gates.yaml"] = bytes.Replace(files.Locales["en/gates.yaml"], []byte("What is the first"), []byte("Which is the first"), 1)
	newer, problems := flows.Parse(files)
	if newer == nil {
		t.Fatal(problems)
	}
	if err := two.library.Publish(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	two.updates = 100
	for chat, want := range map[string]string{"1001": "What is the first", "1002": "Which is the first"} {
		if chat == "1002" {
			if err := two.says(chat, "/start"); err != nil {
				t.Fatal(err)
			}
			two.Flush(t.Context())
			two.taps(chat, "me")
		}
		if err := two.says(chat, "17"); err != nil {
			t.Fatal(err)
		}
		two.Flush(t.Context())
		if got := two.platform.last(t, chat).Text; !strings.HasPrefix(got, want) {
			t.Errorf("%s is asked %q, want %q", chat, got, want)
		}
	}
}

// TestTwoProcessesOneChat holds that when two processes take updates of the same
// chat at the same time, every update counts once and none is lost.
func TestTwoProcessesOneChat(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys := storetest.Keys(t)
	rigs := []*rig{newRig(t, server.URL(), keys), newRig(t, server.URL(), keys)}
	reference := rigs[0].refers("1001")
	const messages = 40
	var all sync.WaitGroup
	for _, r := range rigs {
		all.Go(func() {
			for i := range messages {
				in := bot.Inbound{Happening: flows.Typed, Channel: "telegram", Chat: "1001", Update: fmt.Sprintf("m%d", i), Text: fmt.Sprintf("message %d", i)}
				if err := r.Accept(t.Context(), in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	sn, err := rigs[0].store.Find(t.Context(), reference)
	if err != nil {
		t.Fatal(err)
	}
	said, _, err := rigs[0].store.Messages(t.Context(), sn)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, m := range said {
		seen[m.Text]++
	}
	for i := range messages {
		if n := seen[fmt.Sprintf("message %d", i)]; n != 1 {
			t.Errorf("message %d counts %d times", i, n)
		}
	}
}

// TestRetryHoldsTheChatBack holds that a message that could not be sent is sent
// before later ones, after the time that the platform asks for, and that other
// chats do not wait for it.
func TestRetryHoldsTheChatBack(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	slow := true
	r.platform.refuse = func(chat string) error {
		if chat == "slow" && slow {
			return &bot.SendError{Fate: bot.RetryLater, After: 30 * time.Second, Code: 429}
		}
		return nil
	}
	for _, chat := range []string{"slow", "quick"} {
		for _, text := range []string{"/start", "privacy"} {
			if err := r.says(chat, text); err != nil {
				t.Fatal(err)
			}
			r.Flush(t.Context())
		}
	}
	if n := len(r.platform.texts("quick")); n != 2 {
		t.Errorf("the other chat got %d messages", n)
	}
	slow = false
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{29 * time.Second, 0}, {2 * time.Second, 2}} {
		r.now = r.now.Add(step.wait)
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.Flush(t.Context())
		if got := r.platform.texts("slow"); len(got) != step.want {
			t.Fatalf("after %s more: %d messages", step.wait, len(got))
		}
	}
	if got := r.platform.texts("slow"); !strings.HasPrefix(got[0], "Hi!") {
		t.Errorf("out of order: %q", got)
	}
}

// TestUndeliverable holds that a person who blocked us is not tried again, that
// the worker sees that the message did not arrive, and that writing again opens
// the way.
func TestUndeliverable(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	r.hire("sam")
	reference := r.refers("1001")
	do := func(w bot.Work) bot.Done {
		w.Reference, w.By = reference, "sam"
		done, err := r.desk.Do(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.Flush(t.Context())
		return done
	}
	do(bot.Work{Verb: flows.DoClaim})
	r.platform.refuse = func(string) error { return &bot.SendError{Fate: bot.Gone, Code: 403} }
	do(bot.Work{Verb: flows.DoReply, Text: "are you there?"})
	tries := len(r.platform.order)
	if done := do(bot.Work{Verb: flows.DoReply, Text: "hello?"}); !done.Silent {
		t.Error("a second message to somebody who blocked us was not reported")
	}
	if len(r.platform.order) != tries {
		t.Error("somebody who blocked us was tried again")
	}
	file, err := r.desk.Show(t.Context(), reference, "sam")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range file.Messages {
		if file.Delivery[m.ID] != store.Refused {
			t.Errorf("%q is %q", m.Text, file.Delivery[m.ID])
		}
	}
	r.platform.refuse = nil
	if err := r.says("1001", "I'm back"); err != nil {
		t.Fatal(err)
	}
	if done := do(bot.Work{Verb: flows.DoReply, Text: "good"}); done.Silent {
		t.Error("after they wrote again, nothing is sent")
	}
	if got := r.platform.last(t, "1001").Text; !strings.Contains(got, "good") {
		t.Errorf("last is %q", got)
	}
}

// TestRejectedMessageDoesNotBlock holds that a message that the platform will
// never take is set aside and the next one goes out.
func TestRejectedMessageDoesNotBlock(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	first := true
	r.platform.refuse = func(string) error {
		if first {
			first = false
			return &bot.SendError{Fate: bot.Rejected, Code: 400}
		}
		return nil
	}
	for _, text := range []string{"/start", "privacy"} {
		if err := r.says("1001", text); err != nil {
			t.Fatal(err)
		}
	}
	r.Flush(t.Context())
	if got := r.platform.texts("1001"); len(got) != 1 || !strings.HasPrefix(got[0], "How we look after") {
		t.Errorf("sent: %q", got)
	}
}

// TestUrgentFirst holds the order of sending: crisis cards, then a worker's
// words, then the rest, whoever came first.
func TestUrgentFirst(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	r.hire("sam")
	reference := r.refers("worker")
	if _, err := r.desk.Do(t.Context(), bot.Work{Reference: reference, Verb: flows.DoClaim, By: "sam"}); err != nil {
		t.Fatal(err)
	}
	if err := r.says("open", "/start"); err != nil {
		t.Fatal(err)
	}
	r.Flush(t.Context())
	r.platform.order = nil
	for i := range 50 {
		if err := r.says(fmt.Sprintf("new%d", i), "hello"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.says("open", "privacy"); err != nil {
		t.Fatal(err)
	}
	if err := r.Sweep(t.Context()); err != nil { // picks the worker's message up
		t.Fatal(err)
	}
	if err := r.says("crisis", "i want to kill myself"); err != nil {
		t.Fatal(err)
	}
	r.Flush(t.Context())
	if got := r.platform.order[:3]; !slices.Equal(got, []string{"crisis", "worker", "new0"}) {
		t.Errorf("sent first: %v", got)
	}
	if got := r.platform.order[len(r.platform.order)-1]; got != "open" {
		t.Errorf("sent last: %s", got)
	}
}

// TestStoreAway holds what a person gets while nothing can be saved: the update
// is not acknowledged, crisis words are answered every time, the rest hear of the
// trouble once in ten minutes, and afterwards the same update is taken.
func TestStoreAway(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	r := newRig(t, server.URL, storetest.Keys(t))
	if err := r.says("1001", "/start"); err != nil {
		t.Fatal(err)
	}
	r.Flush(t.Context())
	server.Kill()
	before := len(r.platform.texts("1001"))
	for range 3 {
		if err := r.says("1001", "hello"); err == nil {
			t.Fatal("an update that was not stored was acknowledged")
		}
	}
	if n := len(r.platform.texts("1001")) - before; n != 1 {
		t.Errorf("told of the trouble %d times", n)
	}
	for range 2 {
		if err := r.says("1001", "i want to kill myself"); err == nil {
			t.Fatal("acknowledged")
		}
		if got := r.platform.last(t, "1001"); got.Reply.Blocks[0].Key != "cards.suicide" {
			t.Errorf("crisis words bring %q", got.Reply.Blocks[0].Key)
		}
	}
	again := bot.Inbound{Happening: flows.Typed, Channel: "telegram", Chat: "1001", Update: "again", Text: "i want to kill myself"}
	n := len(r.platform.texts("1001"))
	for range 3 {
		if err := r.Accept(t.Context(), again); err == nil {
			t.Fatal("acknowledged")
		}
	}
	if got := len(r.platform.texts("1001")) - n; got != 1 {
		t.Errorf("the same update was answered %d times", got)
	}
	r.now = r.now.Add(11 * time.Minute)
	n = len(r.platform.texts("1001"))
	if err := r.says("1001", "hello"); err == nil || len(r.platform.texts("1001")) != n+1 {
		t.Errorf("after eleven minutes: %v, %d messages", err, len(r.platform.texts("1001"))-n)
	}
	server.Again()
	if err := r.Accept(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	r.Flush(t.Context())
	if got := r.platform.last(t, "1001"); got.Reply.Blocks[0].Key != "cards.suicide" || len(got.Reply.Options) == 0 {
		t.Errorf("after the store came back: %q", got.Text)
	}
}

// TestLogsHoldNoWords holds that nothing a person types, is called or has as an
// id comes into the logs, whatever goes wrong.
func TestLogsHoldNoWords(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	r := newRig(t, server.URL, storetest.Keys(t))
	r.platform.refuse = func(string) error { return errors.New("network") }
	const canary = "canary-4711"
	if err := r.says(canary, "my name is "+canary); err != nil {
		t.Fatal(err)
	}
	r.Flush(t.Context())
	server.Kill()
	if err := r.says(canary, "i want to die, says "+canary); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("the error is %v", err)
	}
	if log := r.log.String(); strings.Contains(log, canary) || !strings.Contains(log, "p_") {
		t.Errorf("the log is %s", log)
	}
}

// TestRunStops holds that Run ends soon after its context, with what was
// committed sent.
func TestRunStops(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	for i := range 20 {
		if err := r.says(fmt.Sprint(i), "hello"); err != nil {
			t.Fatal(err)
		}
	}
	storetest.Eventually(t, "all is sent", func(context.Context) error {
		r.platform.mu.Lock()
		defer r.platform.mu.Unlock()
		if len(r.platform.sent) < 20 {
			return fmt.Errorf("%d chats were answered", len(r.platform.sent))
		}
		return nil
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
