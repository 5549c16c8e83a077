package discord_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/flows"
)

// long is a text that does not fit into one message once it is written for
// Discord.
var long = strings.Repeat("**** ", 349) + "****"

// shown is what the person of these tests reads of the bot's messages.
func shown(server *discordtest.Server) []string {
	var out []string
	for _, m := range server.Screen(discordtest.Chat(user)) {
		text, _ := discordtest.Read(m.Content)
		out = append(out, text)
	}
	return out
}

// attempt tries to send a message to the person of these tests.
func attempt(t *testing.T, a *discord.Discord, id, text string) (string, error) {
	t.Helper()
	return a.Send(t.Context(), discordtest.Chat(user), bot.Message{ID: id, Text: text})
}

// send sends a message to them.
func send(t *testing.T, a *discord.Discord, id, text string) string {
	t.Helper()
	sent, err := attempt(t, a, id, text)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// TestLostAnswer holds that a message whose answer was lost is shown once by the
// attempts that follow, also when that was the second part of a long one.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a := adapter(t, server, discord.Config{})
	// As long as an id gets, and different at the end, as the service makes them.
	ids := []string{strings.Repeat("x", 24) + "a", strings.Repeat("x", 24) + "b"}
	for i, text := range []string{"hello", long} {
		for range 2 {
			for range i {
				server.Fail("send", discordtest.None, 1)
			}
			server.Fail("send", discordtest.Lost, 1)
			_, err := attempt(t, a, ids[i], text)
			var refusal *bot.SendError
			if err == nil || errors.As(err, &refusal) {
				t.Fatalf("a lost answer is %v", err)
			}
		}
		if first, again := send(t, a, ids[i], text), send(t, a, ids[i], text); first != again || first == "" {
			t.Errorf("the ids are %q and %q", first, again)
		}
	}
	if got := shown(server); strings.Join(got, " ") != "hello "+long || len(got) != 3 {
		t.Errorf("%d messages: %q", len(got), got)
	}
}

// TestThinking holds that a message takes the place of the "thinking" of the
// command that it answers: not before that is there, once whatever gets lost, and
// none is left over.
func TestThinking(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail     func(*discordtest.Server)
		text     string
		attempts int
	}{
		"at once":             {func(*discordtest.Server) {}, "hello", 1},
		"answer lost":         {func(s *discordtest.Server) { s.Fail("original", discordtest.Lost, 2) }, "hello", 3},
		"server error":        {func(s *discordtest.Server) { s.Fail("original", discordtest.Down, 1) }, "hello", 2},
		"too fast":            {func(s *discordtest.Server) { s.Fail("original", discordtest.Flood, 1) }, "hello", 2},
		"second part fails":   {func(s *discordtest.Server) { s.Fail("send", discordtest.Down, 1) }, long, 2},
		"never got there":     {func(s *discordtest.Server) { s.Fail("callback", discordtest.Down, 1) }, "hello", 1},
		"not wanted any more": {func(s *discordtest.Server) { s.Fail("original", discordtest.NoChannel, 1) }, "hello", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, k := discordtest.Start(t), &taken{}
			a := adapter(t, server, discord.Config{})
			receive(t, server, a, k.accept)
			c.fail(server)
			release := server.Hold("callback")
			server.Command(user, "help", "", false)
			k.wants(t, "/help")
			early := make(chan error, 1)
			go func() {
				_, err := a.Send(t.Context(), discordtest.Chat(user), bot.Message{ID: "1", Text: c.text})
				early <- err
			}()
			called(t, server, "callback", 1)
			release()
			err, attempts := <-early, 1
			for ; err != nil && attempts < 5; attempts++ {
				_, err = attempt(t, a, "1", c.text)
			}
			if err != nil || attempts != c.attempts {
				t.Errorf("%d attempts: %v", attempts, err)
			}
			send(t, a, "2", "next")
			want := c.text + " next"
			if name == "not wanted any more" {
				want = discordtest.Thinking + " " + want
			}
			if got := strings.Join(shown(server), " "); got != want {
				t.Errorf("the screen: %q, want %q", got, want)
			}
		})
	}
}

// TestThinkingTwice holds that of two commands in a row neither goes on "thinking",
// and that one which is too old to be answered is not tried.
func TestThinkingTwice(t *testing.T) {
	t.Parallel()
	server, k, now := discordtest.Start(t), &taken{}, &clock{}
	a := adapter(t, server, discord.Config{Clock: now.now})
	receive(t, server, a, k.accept)
	answered(t, server, server.Command(user, "help", "", false))
	answered(t, server, server.Command(user, "privacy", "", false))
	k.wants(t, "/help", "/privacy")
	send(t, a, "1", "first")
	send(t, a, "2", "second")
	send(t, a, "3", "third")
	if got := shown(server); !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Errorf("the screen: %q", got)
	}
	answered(t, server, server.Command(user, "stop", "", false))
	k.wants(t, "/help", "/privacy", "/stop")
	now.passes(15 * time.Minute)
	tried := server.Called("original")
	send(t, a, "4", "late")
	if got := shown(server); !slices.Equal(got[3:], []string{discordtest.Thinking, "late"}) || server.Called("original") != tried {
		t.Errorf("after a quarter of an hour: %q", got)
	}
}

// TestRefusals holds what each refusal of Discord's means for a message, and that
// what is tried again arrives.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for kind, want := range map[discordtest.Fault]bot.SendError{
		discordtest.Flood:        {Fate: bot.RetryLater, After: 1500 * time.Millisecond, Code: 429},
		discordtest.Unauthorized: {Fate: bot.RetryLater, After: time.Minute, Code: 401},
		discordtest.Closed:       {Fate: bot.Gone, Code: 50007},
		discordtest.NoChannel:    {Fate: bot.Gone, Code: 10003},
		discordtest.Forbidden:    {Fate: bot.Gone},
		discordtest.Refused:      {Fate: bot.Rejected, Code: 50035},
		discordtest.Broken:       {},
		discordtest.Down:         {},
	} {
		server := discordtest.Start(t)
		a := adapter(t, server, discord.Config{})
		server.Fail("send", kind, 1)
		_, err := attempt(t, a, "1", "my own words")
		var got bot.SendError
		if refusal := new(bot.SendError); errors.As(err, &refusal) {
			got = *refusal
		}
		if err == nil || got != want || strings.Contains(err.Error(), "words") {
			t.Errorf("%s: %v (%+v)", kind, err, got)
		}
		if send(t, a, "1", "my own words"); !slices.Equal(shown(server), []string{"my own words"}) {
			t.Errorf("%s, then: %q", kind, shown(server))
		}
	}
}

// TestHide holds that our messages are taken back, all parts of them, and that one
// which is gone, one that is refused, and a wait save no other.
func TestHide(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a := adapter(t, server, discord.Config{})
	chat := discordtest.Chat(user)
	ids := []string{send(t, a, "1", "one"), send(t, a, "2", "two"), send(t, a, "3", long), send(t, a, "4", "four")}
	if err := a.Hide(t.Context(), chat, ids[:1]); err != nil {
		t.Error(err)
	}
	server.Fail("delete", discordtest.Flood, 1)
	if err := a.Hide(t.Context(), chat, ids); err != nil || len(shown(server)) > 0 {
		t.Errorf("still there: %q, %v", shown(server), err)
	}
	ids = []string{send(t, a, "5", "five"), send(t, a, "6", "six")}
	server.Fail("delete", discordtest.Refused, 1)
	if err := a.Hide(t.Context(), chat, ids); err == nil || !slices.Equal(shown(server), []string{"five"}) {
		t.Errorf("still there: %q, %v", shown(server), err)
	}
}

// TestHideStops holds that nothing more is tried in a chat that is closed to us,
// and that only so much is tried at all.
func TestHideStops(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a := adapter(t, server, discord.Config{})
	chat := discordtest.Chat(user)
	server.Fail("delete", discordtest.Closed, 1)
	var refusal *bot.SendError
	if err := a.Hide(t.Context(), chat, []string{"1", "2"}); !errors.As(err, &refusal) || refusal.Fate != bot.Gone || server.Called("delete") != 1 {
		t.Errorf("a closed chat: %v after %d calls", err, server.Called("delete"))
	}
	if err := a.Hide(t.Context(), chat, strings.Fields(strings.Repeat("1 ", 100))); err != nil || server.Called("delete") != 1+25 {
		t.Errorf("many: %v after %d calls", err, server.Called("delete"))
	}
}

// TestRejectedCard holds that a crisis card which Discord rejects goes out as bare
// words, and that anything else is set aside.
func TestRejectedCard(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a := adapter(t, server, discord.Config{})
	chat := discordtest.Chat(user)
	card := flows.Reply{Class: flows.ClassCrisis, Blocks: []flows.Block{{Text: "Call 999 *now*"}}, Last: []flows.Button{{Label: "Help", Data: flows.HelpTap()}}}
	open := flows.Reply{Class: flows.ClassOpen, Blocks: card.Blocks, Last: card.Last}
	for i, reply := range []flows.Reply{card, open} {
		m := bot.Render(reply, a.Channel())[0]
		m.ID = fmt.Sprint(i)
		server.Fail("send", discordtest.Refused, 1)
		id, err := a.Send(t.Context(), chat, m)
		var refusal *bot.SendError
		if rejected := errors.As(err, &refusal) && refusal.Fate == bot.Rejected; rejected != (i == 1) || (id == "") != rejected {
			t.Errorf("reply %d: %q, %v", i, id, err)
		}
	}
	screen := server.Screen(chat)
	if len(screen) != 1 || screen[0].Content != "Call 999 *now*" || len(screen[0].Components) > 0 {
		t.Errorf("the screen: %+v", screen)
	}
}

// TestWordsAreInTheLanguageOfTheQuestion holds that what this adapter adds to a
// message is in the language of the person, not in the first one there is.
func TestWordsAreInTheLanguageOfTheQuestion(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a, err := discord.New(discord.Config{Token: discordtest.Token, Application: discordtest.Application, API: server.URL,
		Library: bot.NewLibrary(nil, polish(t)), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{"pl": {"Wpisz odpowiedź", "Zmień"}, "en": {"Type your answer", "Change a line"}, "": {"Type your answer", "Change a line"}} {
		r := flows.Reply{Lang: lang, Hint: "text", Last: []flows.Button{{Label: "Help", Data: flows.HelpTap()}}, Blocks: []flows.Block{{Text: "Well?",
			Lines: []flows.Item{{Line: flows.Line{Label: "Name", Text: "Kit"}, Change: flows.Button{Label: "Name", Data: "1.ABCD2345.5.x0"}}}}}}
		m := bot.Render(r, a.Channel())[0]
		m.ID = "lang" + lang
		if _, err := a.Send(t.Context(), "7"+lang, m); err != nil {
			t.Fatal(err)
		}
		all := fmt.Sprint(server.Screen("7" + lang)[0].Components)
		for _, words := range want {
			if !strings.Contains(all, words) {
				t.Errorf("in %q: no %q in %s", lang, words, all)
			}
		}
	}
}
