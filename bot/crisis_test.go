package bot_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
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

// TestCrisisWhileTheStoreFails holds, for every class, in every state that waits, on
// every channel, and for the classes in turn in every other place where somebody may
// write: while the store refuses, whether it is to be read or to be written, the card
// comes from memory, once, and the update is not acknowledged. When the store is well
// again, the same update brings what it brings otherwise.
func TestCrisisWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	b := bottest.Bundle(t)
	lines, places := pleas(t, b), flowstest.Places(t, b)
	for _, channel := range channels() {
		t.Run(channel.Name, func(t *testing.T) {
			t.Parallel()
			server, err := store.Embed()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			m := &matrix{front: newFront(t, server.URL(), storetest.Keys(t), nil), server: server, channel: channel.Name, lines: lines,
				states: map[string]bool{}}
			client := rawClient(t, server.URL())
			for _, where := range slices.Sorted(maps.Keys(places)) {
				if places[where].Channel == channel.Name {
					m.inPlace(where, places[where])
					// Each command of the embedded server goes through all keys.
					if err := client.FlushAll(t.Context()).Err(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if m.places < 100 || len(m.states) < 50 {
				t.Errorf("only %d places on this channel, in %d states", m.places, len(m.states))
			}
		})
	}
}

// matrix is a channel on which words of every class are written in every state.
type matrix struct {
	*front
	server  *store.Embedded
	channel string
	lines   map[screen.Class][]plea
	states  map[string]bool // met so far, each with who owns the conversation
	places  int             // met so far
	placed  int             // chats that were put somewhere
}

// classes are those to write in a place: all of them in the first one in its state, and
// one in the others, which differ in what was picked, in what waits behind and in the
// private page.
func (m *matrix) classes(stands *flowstest.Chat) []screen.Class {
	c, all := stands.Conversation, screen.Classes()
	state := fmt.Sprint(c.At[max(0, len(c.At)-1):], c.Over, c.Owner, c.Silence)
	if m.states[state] {
		return all[m.places%len(all):][:1]
	}
	m.states[state] = true
	return all
}

// unwell is the message of a Redis that takes nothing.
const unwell = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."

// fails are the ways in which the store fails: whoever asks, or whoever writes.
func (m *matrix) fails() []func(string) {
	return []func(string){m.server.Fail, m.server.FailWrites}
}

// inPlace lets somebody who stands in a place write words of crisis while the store fails
// in each way, and until it is well.
func (m *matrix) inPlace(where string, stands *flowstest.Chat) {
	m.t.Helper()
	m.places++
	chat := m.place(stands)
	before := m.stands(m.channel, chat).Conversation
	for _, class := range m.classes(stands) {
		p := m.lines[class][m.places%len(m.lines[class])]
		for _, fail := range m.fails() {
			fail(unwell)
			m.refused(m.typed(m.channel, chat, p.text), p)
			fail("")
		}
	}
	if after := m.stands(m.channel, chat).Conversation; !reflect.DeepEqual(after, before) {
		m.t.Errorf("%s: updates that were refused left it at %v", where, after.At)
	}
	m.platforms[m.channel].forget(chat)
	m.goesOn(where, stands)
}

// goesOn lets somebody write words of one of the classes, in turn, until the store is
// well: twice while it fails, in one way or the other, and once more.
func (m *matrix) goesOn(where string, stands *flowstest.Chat) {
	m.t.Helper()
	class, fail := screen.Classes()[m.places%len(screen.Classes())], m.fails()[m.places/2%2]
	p := m.lines[class][m.places%len(m.lines[class])]
	in := m.typed(m.channel, m.place(stands), p.text)
	fail(unwell)
	m.refused(in, p)
	m.refusedAgain(in, p)
	fail("")
	m.recovers(in, stands, where)
}

// place puts a new chat where somebody stands.
func (m *matrix) place(stands *flowstest.Chat) (chat string) {
	m.t.Helper()
	m.placed++
	chat = fmt.Sprint(m.placed)
	if stands.Conversation.ID == "" {
		return chat
	}
	turn := store.Turn{At: storetest.Monday, From: m.stands(m.channel, chat), Conversation: stands.Conversation, Keep: 24 * time.Hour}
	turn.Conversation.Address = chat
	if stands.Referral != nil {
		r := *stands.Referral
		r.Reference = fmt.Sprintf("AAAA-%04d", m.placed)
		turn.Referral, turn.Keep = &r, 0
	}
	if _, err := m.store.Commit(m.t.Context(), turn); err != nil {
		m.t.Fatal(err)
	}
	return chat
}

// refusedAgain holds that an update that comes once more while the store fails is
// answered no second time.
func (m *matrix) refusedAgain(in bot.Inbound, p plea) {
	m.t.Helper()
	before := len(m.platforms[m.channel].texts(in.Chat))
	if err := m.Accept(m.t.Context(), in); err == nil {
		m.t.Errorf("%s: an update that was not stored was acknowledged the second time", m.channel)
	}
	if n := len(m.platforms[m.channel].texts(in.Chat)) - before; n != 0 {
		m.t.Errorf("%s: words of %s that come again bring %d messages more", m.channel, p.class, n)
	}
}

// recovers holds that an update that was refused brings what it brings when nothing
// ever failed: the engine says what that is.
func (m *matrix) recovers(in bot.Inbound, stands *flowstest.Chat, where string) {
	m.t.Helper()
	want := *stands
	want.T, want.At, want.Page = m.t, storetest.Monday, false
	want.Do(flows.Input{Happening: flows.Typed, Text: in.Text})
	m.platforms[m.channel].forget(in.Chat)
	m.must(in)
	got := m.platforms[m.channel].first(in.Chat)
	if got == nil || got.Reply.Class != flows.ClassCrisis || got.Reply.Blocks[0].Key != want.Out.Replies[0].Blocks[0].Key {
		m.t.Errorf("%s: when the store is well, %q brings %v first, not %s", where, in.Text, got, want.Out.Replies[0].Blocks[0].Key)
	}
	after, meant := standing(m.stands(m.channel, in.Chat).Conversation), standing(want.Conversation)
	if after != meant {
		m.t.Errorf("%s: when the store is well, it comes to %s, not %s", where, after, meant)
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

// standing is where a conversation stands, over what, and what was answered so far.
func standing(c flows.Conversation) string {
	under := flows.Pause{}
	if c.Paused != nil {
		under = *c.Paused
	}
	return fmt.Sprint(c.At, c.Over, " over ", under.At, under.Over, " with ", c.Journal, c.Owner, c.Silence, c.Stay)
}
