package bot_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestCrisisWhileTheStoreFails holds, for every class, in every place along a
// conversation, on every channel: while the store refuses, the card comes from
// memory and the update is not acknowledged; when the store is well again, the same
// update brings the card as usual, and the conversation is where it was.
func TestCrisisWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	for _, channel := range channels() {
		t.Run(channel.Name, func(t *testing.T) {
			t.Parallel()
			server, err := store.Embed()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			f := newFront(t, server.URL(), storetest.Keys(t), nil)
			lines := pleas(t, f.library.Newest())
			for i, stands := range f.walk(channel.Name) {
				for _, class := range screen.Classes() {
					p := lines[class][i%len(lines[class])]
					f.place(stands, channel.Name, string(class))
					f.failsWith(server, channel.Name, string(class), p)
				}
			}
		})
	}
}

// way is a way of a green adult from hello to a referral, and beyond.
func way(channel string) []string {
	steps := []string{"#/start", "me", "#19", "skip", "here", "agree", "yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no",
		"lonely", "done", "just_talk", "no", "skip", "#Alex"}
	if channel == "web" {
		steps = append(steps, "text", "#07700 900123")
	} else {
		steps = append(steps, "chat")
	}
	return append(steps, "any", "nothing", "submit", "#stop")
}

// walk goes that way and notes how the conversation is stored before and after
// every step.
func (f *front) walk(channel string) []*store.Snapshot {
	f.t.Helper()
	out := []*store.Snapshot{f.stands(channel, "walk")}
	for _, step := range way(channel) {
		f.does(channel, "walk", step)
		out = append(out, f.stands(channel, "walk"))
	}
	if n := len(out); out[n-2].Referral == nil || out[n-1].Conversation.Silence != flows.Stopped {
		f.t.Fatalf("the way ends at %v", out[n-1].Conversation.At)
	}
	return out
}

// place puts another chat where somebody stands, with nothing sent to it yet.
func (f *front) place(stands *store.Snapshot, channel, chat string) {
	f.t.Helper()
	f.platforms[channel].forget(chat)
	if stands.Conversation.ID == "" {
		return
	}
	turn := store.Turn{At: storetest.Monday, From: f.stands(channel, chat), Conversation: stands.Conversation, Keep: 24 * time.Hour}
	turn.Conversation.Address = chat
	if stands.Referral != nil {
		r := *stands.Referral
		f.placed++
		r.Reference = fmt.Sprintf("AAAA-%04d", f.placed)
		turn.Referral, turn.Keep = &r, 0
	}
	if _, err := f.store.Commit(f.t.Context(), turn); err != nil {
		f.t.Fatal(err)
	}
}

// failsWith lets the store fail while somebody asks for help, and then be well.
func (f *front) failsWith(server *store.Embedded, channel, chat string, p plea) {
	f.t.Helper()
	platform, before := f.platforms[channel], f.stands(channel, chat)
	in := f.typed(channel, chat, p.text)
	server.Fail("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.")
	f.refused(in, p)
	server.Fail("")
	f.must(in)
	where := fmt.Sprintf("%s %v", channel, before.Conversation.At)
	if got, _ := platform.cards(chat); !slices.Equal(got, []string{p.card, p.card}) {
		f.t.Errorf("%s: words of %s bring %v in all", where, p.class, got)
	}
	if len(platform.last(f.t, chat).Reply.Options) == 0 {
		f.t.Errorf("%s: the card that is stored offers nothing", where)
	}
	after := f.stands(channel, chat)
	paused := after.Conversation.Paused
	if paused == nil || !slices.Equal(paused.At, before.Conversation.At) || paused.Over != before.Conversation.Over {
		f.t.Errorf("%s: after words of %s it stands at %v", where, p.class, after.Conversation.At)
	}
	if !reflect.DeepEqual(after.Conversation.Journal, before.Conversation.Journal) || (after.Referral == nil) != (before.Referral == nil) {
		f.t.Errorf("%s: words of %s changed what was answered", where, p.class)
	}
}

// refused holds that words that call for help bring their card, and nothing else,
// while the update cannot be stored.
func (f *front) refused(in bot.Inbound, p plea) {
	f.t.Helper()
	platform := f.platforms[in.Channel]
	earlier := len(platform.texts(in.Chat))
	if err := f.Accept(f.t.Context(), in); err == nil {
		f.t.Errorf("%s: an update that was not stored was acknowledged", in.Channel)
	}
	if n := len(platform.texts(in.Chat)) - earlier; n != 1 {
		f.t.Fatalf("%s: words of %s bring %d messages", in.Channel, p.class, n)
	}
	if got := platform.last(f.t, in.Chat).Reply; got.Class != flows.ClassCrisis || got.Blocks[0].Key != p.card {
		f.t.Errorf("%s: words of %s bring %s", in.Channel, p.class, got.Blocks[0].Key)
	}
}

// troubled holds that an update is not acknowledged, and that its person hears of the
// trouble.
func (f *front) troubled(in bot.Inbound) {
	f.t.Helper()
	if err := f.Accept(f.t.Context(), in); err == nil {
		f.t.Errorf("%s: an update that was not stored was acknowledged", in.Channel)
	}
	f.wantLast(in.Channel, in.Chat, "bot.trouble")
}

// wantLast holds what the newest message to a chat is.
func (f *front) wantLast(channel, chat, key string) {
	f.t.Helper()
	if got := f.platforms[channel].last(f.t, chat).Reply.Blocks[0].Key; got != key {
		f.t.Errorf("%s: the last message is %s, want %s", channel, got, key)
	}
}
