package bot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestPoisonUpdateIsSetAside holds that an update that breaks the program is tried
// three times, its person told once, and then kept, sealed, and acknowledged, so that
// the chat goes on; other chats do not notice.
func TestPoisonUpdateIsSetAside(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	breaks := false
	f := newFront(t, server.URL(), storetest.Keys(t), func(c *bot.Config) { c.Clock = breaking(&breaks) })
	f.does("telegram", chat, "#/start", "me")
	poison := f.typed("telegram", chat, "poison")
	before := len(f.platforms["telegram"].texts(chat))
	for try := range 3 {
		breaks = true
		if err := f.Accept(t.Context(), poison); (err == nil) != (try == 2) {
			t.Errorf("try %d: %v", try, err)
		}
		f.does("web", fmt.Sprint("other", try), "#/start", "me")
	}
	if n := len(f.platforms["telegram"].texts(chat)) - before; n != 1 {
		t.Errorf("the person was told of the trouble %d times", n)
	}
	if got := f.platforms["telegram"].last(t, chat).Reply; got.Class != flows.ClassCrisis || got.Blocks[0].Key != "bot.trouble" || len(got.Blocks[1].Links) < 3 {
		t.Errorf("the person was told %s", got.Blocks[0].Key)
	}
	f.wantAside(chat, poison)
	f.does("telegram", chat, "#17")
	if at := f.stands("telegram", chat).Conversation.At; at[len(at)-1].String() != "gates.district" {
		t.Errorf("after the next message the chat stands at %v", at)
	}
}

// wantAside wants exactly these updates of a chat on Telegram to be set aside.
func (f *front) wantAside(chat string, want ...bot.Inbound) {
	f.t.Helper()
	person, err := f.store.Person("telegram", chat)
	if err != nil {
		f.t.Fatal(err)
	}
	kept, err := f.store.Aside(f.t.Context(), person)
	if err != nil || len(kept) != len(want) {
		f.t.Fatalf("%d updates are set aside: %v", len(kept), err)
	}
	for i, data := range kept {
		var got bot.Inbound
		if err := json.Unmarshal(data, &got); err != nil || got != want[i] {
			f.t.Errorf("set aside: %+v, %v", got, err)
		}
	}
}

// TestTriesAreCountedByUpdate holds that updates that break the program once do not
// add up, and that one that then works is not set aside.
func TestTriesAreCountedByUpdate(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	breaks := false
	f := newFront(t, server.URL(), storetest.Keys(t), func(c *bot.Config) { c.Clock = breaking(&breaks) })
	f.does("telegram", chat, "#/start", "me")
	for range 5 {
		in := f.typed("telegram", chat, "hello")
		breaks = true
		if err := f.Accept(t.Context(), in); err == nil {
			t.Error("an update was given up after one try")
		}
		f.must(in)
	}
	f.wantAside(chat)
}

// TestPoisonMessageIsGivenUp holds that a message that breaks the program while it
// is sent takes neither the program nor its chat with it: after three tries the next
// message is sent, and other chats do not notice.
func TestPoisonMessageIsGivenUp(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	tries := 0
	r.platform.refuse = func(chat string) error {
		if chat == "poison" && tries < 3 {
			tries++
			panic("this message cannot be sent")
		}
		return nil
	}
	for _, text := range []string{"/start", "privacy"} {
		for _, chat := range []string{"poison", "other"} {
			if err := r.says(chat, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 4 {
		r.Flush(t.Context())
		r.now = r.now.Add(time.Minute)
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.Flush(t.Context())
	if n := len(r.platform.texts("other")); n != 2 {
		t.Errorf("the other chat got %d messages", n)
	}
	got := r.platform.sent["poison"]
	if tries != 3 || len(got) != 1 || got[0].Reply.Blocks[0].Key != "system.privacy" {
		t.Errorf("after %d tries the chat got %d messages", tries, len(got))
	}
}

// TestTimerThatBreaksIsSetAside holds that a timer whose turn breaks the program does
// so three times and no more, and that the sweep is well again afterwards.
func TestTimerThatBreaksIsSetAside(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	breaks, now := 0, storetest.Monday
	clock := func() time.Time {
		if breaks--; breaks == 0 {
			panic("the clock is broken")
		}
		return now
	}
	f := newFront(t, server.URL(), storetest.Keys(t), func(c *bot.Config) { c.Clock = clock })
	f.does("telegram", chat, "#/start", "me")
	now = now.Add(23 * time.Hour)
	for try := range 5 {
		breaks = 0
		if try < 3 {
			breaks = 2 // the sweep asks the time, and then the turn of the timer
		}
		if err := f.Sweep(t.Context()); (err == nil) != (try >= 2) {
			t.Errorf("sweep %d: %v", try, err)
		}
		now = now.Add(2 * time.Minute)
	}
	f.Flush(t.Context())
	if got := f.platforms["telegram"].last(t, chat).Reply.Class; got == flows.ClassReminder {
		t.Error("the timer came back")
	}
}

// TestDeskSurvivesAPanic holds that what breaks while staff work on one referral is an
// error, and the desk goes on.
func TestDeskSurvivesAPanic(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	r.hire("sam")
	reference := r.refers("1001")
	breaks := true
	desk := bot.NewDesk(r.store, r.library, breaking(&breaks))
	work := bot.Work{Reference: reference, Verb: flows.DoClaim, By: "sam"}
	if _, err := desk.Do(t.Context(), work); err == nil || errors.Is(err, flows.ErrRole) {
		t.Errorf("a panic came to %v", err)
	}
	if _, err := desk.Do(t.Context(), work); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
