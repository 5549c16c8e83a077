package discord_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/store/storetest"
)

// sticks refuses every update of a user until what it returns is called.
func (k *taken) sticks(who string) (release func()) {
	k.stuck = func(in bot.Inbound) bool { return in.Chat == discordtest.Chat(who) }
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.stuck = nil
	}
}

// heard waits until a text was looked at while it waited.
func (k *taken) heard(t *testing.T, text string) {
	t.Helper()
	storetest.Eventually(t, text+" is looked at", func(context.Context) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		if !slices.Contains(k.behind, text) {
			return fmt.Errorf("looked at: %q", k.behind)
		}
		return nil
	})
}

// TestFullChat holds what somebody gets whose updates cannot be stored and take all the
// room that one person has: interactions are answered with the card or word of the
// trouble instead of silence, a call for help is looked at, others do not notice, and
// when the store is back everything that was written is taken in order, what had no room
// included.
func TestFullChat(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	a, h := endpoint(t, server)
	release := k.sticks(user)
	receive(t, server, a, k.accept)
	want := []string{"other"}
	for i := range 200 {
		want = append(want, fmt.Sprint("m", i))
		server.Says(user, want[i+1])
	}
	for _, text := range []string{"left", "i want to kill myself"} {
		want = append(want, text)
		server.Says(user, text)
	}
	k.heard(t, "i want to kill myself")
	for what, answer := range map[string]map[string]any{
		"words of crisis in a form": answered(t, server, server.Submits(user, "form:1.ABCD2345.3.0", "i want to kill myself")),
		"a button":                  answered(t, server, server.Presses(user, "1.ABCD2345.3.0")),
		"a command":                 answered(t, server, server.Command(user, "start", "", false)),
		"a command at the endpoint": postedAnswer(t, post(t, h, server.Interaction(user, 2, map[string]any{"id": "1", "name": "start", "type": 1})).Body.Bytes()),
		"a button at the endpoint": postedAnswer(t, post(t, h, server.Interaction(user, 3,
			map[string]any{"custom_id": "1.ABCD2345.3.0", "component_type": 2})).Body.Bytes()),
	} {
		data, _ := answer["data"].(map[string]any)
		content, _ := data["content"].(string)
		if answer["type"] != 4.0 || !strings.Contains(content, "999") {
			t.Errorf("%s: answered %v", what, answer)
		}
		if first := strings.HasPrefix(content, "I'm really glad"); first != strings.HasPrefix(what, "words") {
			t.Errorf("%s: answered %q", what, content)
		}
	}
	server.Says(early, "other")
	k.wants(t, "other")
	release()
	k.wants(t, want...)
}

// postedAnswer is the body of an answer at the endpoint.
func postedAnswer(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestHeardBehindAnEarlierUpdate holds that an update which waits behind one that is
// not taken is looked at, so that a call for help is answered, and is taken after it.
func TestHeardBehindAnEarlierUpdate(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	release := k.sticks(user)
	receive(t, server, adapter(t, server, discord.Config{}), k.accept)
	server.Says(user, "hello")
	server.Says(user, "help me")
	k.heard(t, "help me")
	release()
	k.wants(t, "hello", "help me")
}

// TestStuckChatKeepsNobodyFromBeingFetched holds that what others missed is fetched
// although one chat, fetched before them, takes nothing.
func TestStuckChatKeepsNobodyFromBeingFetched(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	receive(t, server, adapter(t, server, discord.Config{Recall: k.known}), k.accept)
	server.Says(early, "1")
	k.wants(t, "1")
	server.Says(user, "2")
	k.wants(t, "1", "2")
	k.mu.Lock()
	release := k.sticks(early)
	k.mu.Unlock()
	server.Drop()
	server.Says(early, "stuck")
	server.Says(user, "missed")
	k.wants(t, "1", "2", "missed")
	release()
	k.wants(t, "1", "2", "missed", "stuck")
}
