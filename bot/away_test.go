package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// callsForHelp are ways to ask for help without words of crisis.
func callsForHelp() map[string]bot.Inbound {
	return map[string]bot.Inbound{
		"the button":      {Happening: flows.Tapped, Tap: flows.HelpTap()},
		"an older button": {Happening: flows.Tapped, Tap: "1.ABCD2345.3.h"},
		"help":            {Happening: flows.Typed, Text: "help"},
		"Help!":           {Happening: flows.Typed, Text: "Help!"},
		"/help":           {Happening: flows.Typed, Text: "/help"},
		"a photo":         {Happening: flows.Media},
	}
}

// TestHelpWhileTheStoreIsAway holds that on every channel everything that asks for help
// is answered with the numbers each time it is asked while the store is away, however
// soon after the last, once for each update, and is not acknowledged; also when an
// earlier update of the chat stands before it.
func TestHelpWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	f := newFront(t, server.URL(), storetest.Keys(t), nil)
	server.Fail("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.")
	n := 0
	for _, channel := range channels() {
		platform := f.platforms[channel.Name]
		for what, in := range callsForHelp() {
			for _, behind := range []bool{false, true} {
				chat := fmt.Sprint(what, behind)
				f.troubled(f.typed(channel.Name, chat, "hello"))
				for time := range 2 {
					n++
					in.Channel, in.Chat, in.Update, in.Behind = channel.Name, chat, fmt.Sprint("u", n), behind
					for range 2 { // as the platform brings it again
						if err := f.Accept(t.Context(), in); err == nil {
							t.Errorf("%s: %s was acknowledged", channel.Name, what)
						}
					}
					said := platform.texts(chat)
					if len(said) != 2+time {
						t.Fatalf("%s: %s, time %d, behind another %v: %d messages", channel.Name, what, time+1, behind, len(said)-1)
					}
					for _, number := range []string{"999", "116 123", "85258"} {
						if !strings.Contains(said[1+time], number) {
							t.Errorf("%s: %s, time %d: %q", channel.Name, what, time+1, said[1+time])
						}
					}
				}
			}
		}
	}
}

// TestBehind holds what an update comes to that waits behind an earlier one of its
// chat: a call for help is answered at once, once, and nothing is stored or taken.
func TestBehind(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	help := bot.Inbound{Happening: flows.Tapped, Channel: "telegram", Chat: "1", Update: "b", Tap: flows.HelpTap(), Behind: true}
	for _, in := range []bot.Inbound{
		{Happening: flows.Typed, Channel: "telegram", Chat: "1", Update: "a", Text: "i want to kill myself", Behind: true},
		{Happening: flows.Typed, Channel: "telegram", Chat: "1", Update: "c", Text: "hello", Behind: true}, help,
		{Happening: flows.Tapped, Channel: "telegram", Chat: "1", Update: "d", Tap: "1.ABCD2345.3.0", Behind: true},
	} {
		for range 2 {
			if err := r.Accept(t.Context(), in); err == nil {
				t.Error("it was acknowledged")
			}
		}
	}
	var keys []string
	for _, m := range r.platform.sent["1"] {
		keys = append(keys, m.Reply.Blocks[0].Key)
	}
	if !slices.Equal(keys, []string{"cards.suicide", "bot.trouble"}) {
		t.Errorf("the person reads %v", keys)
	}
	person, _ := r.store.Person("telegram", "1")
	if sn, err := r.store.Load(t.Context(), person); err != nil || sn.Conversation.ID != "" {
		t.Errorf("something was stored: %v", err)
	}
}
