package discord_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// taken keeps the updates that an adapter hands over, each once, as the service
// does.
type taken struct {
	mu     sync.Mutex
	all    []bot.Inbound
	behind []string               // texts that waited behind another
	stuck  func(bot.Inbound) bool // what is refused
}

// accept keeps an update.
func (k *taken) accept(_ context.Context, in bot.Inbound) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if in.Behind {
		k.behind = append(k.behind, in.Text)
		return errNotYet
	}
	if k.stuck != nil && k.stuck(in) {
		return errNotYet
	}
	again := func(other bot.Inbound) bool { return other.Chat == in.Chat && other.Update == in.Update }
	if !slices.ContainsFunc(k.all, again) {
		k.all = append(k.all, in)
	}
	return nil
}

// updates are those that were taken, in order.
func (k *taken) updates() []bot.Inbound {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.all)
}

// known lists the chats, each with what was taken there.
func (k *taken) known(context.Context) ([]bot.KnownChat, error) {
	chats := map[string][]string{}
	for _, in := range k.updates() {
		chats[in.Chat] = append(chats[in.Chat], in.Update)
	}
	var out []bot.KnownChat
	for chat, seen := range chats {
		out = append(out, bot.KnownChat{Chat: chat, Seen: seen})
	}
	return out, nil
}

// wants waits until exactly these texts were taken, in this order.
func (k *taken) wants(t testing.TB, want ...string) {
	t.Helper()
	storetest.Eventually(t, "the updates", func(context.Context) error {
		var got []string
		for _, in := range k.updates() {
			got = append(got, in.Text)
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("taken %q, want %q", got, want)
		}
		return nil
	})
}

// clock is a clock that a test moves.
type clock struct{ offset atomic.Int64 }

// now is the clock's time.
func (c *clock) now() time.Time { return storetest.Monday.Add(time.Duration(c.offset.Load())) }

// passes moves the clock.
func (c *clock) passes(d time.Duration) { c.offset.Add(int64(d)) }

// called waits until a call was made so many times.
func called(t testing.TB, server *discordtest.Server, name string, times int) {
	t.Helper()
	storetest.Eventually(t, name, func(context.Context) error {
		if n := server.Called(name); n < times {
			return fmt.Errorf("%d calls of %s, want %d", n, name, times)
		}
		return nil
	})
}

// safeBuffer is a buffer for several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds to the buffer.
func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String is what was written.
func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestSettings holds which settings are refused, without a secret being repeated.
func TestSettings(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		change func(*discord.Config)
		names  string
	}{
		"no token":         {func(c *discord.Config) { c.Token = "" }, "token"},
		"token with Bot":   {func(c *discord.Config) { c.Token = "Bot s3cret" }, "token"},
		"token with a tab": {func(c *discord.Config) { c.Token = "s3cret\t" }, "token"},
		"two lines":        {func(c *discord.Config) { c.Token = "s3cret\r\n" }, "token"},
		"no application":   {func(c *discord.Config) { c.Application = "" }, "APPLICATION_ID"},
		"named":            {func(c *discord.Config) { c.Application = "star-house" }, "APPLICATION_ID"},
		"key of odd hex":   {func(c *discord.Config) { c.PublicKey = key[1:] }, "PUBLIC_KEY"},
		"short key":        {func(c *discord.Config) { c.PublicKey = key[2:] }, "PUBLIC_KEY"},
		"key that is none": {func(c *discord.Config) { c.PublicKey = strings.Repeat("zz", 32) }, "PUBLIC_KEY"},
		"API without host": {func(c *discord.Config) { c.API = "discord.com" }, "DISCORD_API"},
		"API by file":      {func(c *discord.Config) { c.API = "ftp://discord.com" }, "DISCORD_API"},
		"API that is none": {func(c *discord.Config) { c.API = "http://s3cret:pass word@%zz" }, "DISCORD_API"},
	} {
		config := discord.Config{Token: "s3cret", Application: "1", PublicKey: key, API: "https://discord.com"}
		if _, err := discord.New(config); err != nil {
			t.Fatalf("the right ones: %v", err)
		}
		c.change(&config)
		_, err := discord.New(config)
		if err == nil || !strings.Contains(err.Error(), c.names) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSecretsAreNeverLogged holds that no trouble brings the token, a token of an
// interaction or somebody's words into the log or an error.
func TestSecretsAreNeverLogged(t *testing.T) {
	t.Parallel()
	const words, token = "my own words", "wrong-s3cret"
	server := discordtest.Start(t)
	server.Fail("callback", discordtest.Down, 100)
	for _, api := range []string{server.URL, "http://127.0.0.1:1"} {
		var log safeBuffer
		a, err := discord.New(discord.Config{Token: token, Application: "1", API: api, Library: bot.NewLibrary(nil, bottest.Bundle(t)),
			Recall: func(context.Context) ([]bot.KnownChat, error) { return nil, errors.New("the store is away") },
			Log:    slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Receive(ctx, (&taken{}).accept) }()
		storetest.Eventually(t, "a session failed", func(context.Context) error {
			if !strings.Contains(log.String(), "opened anew") {
				return errNotYet
			}
			return nil
		})
		_, sent := a.Send(ctx, "7", bot.Message{ID: "1", Text: words})
		hidden := a.Hide(ctx, "7", []string{"1"})
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		all := log.String() + fmt.Sprint(sent, hidden)
		if sent == nil || hidden == nil || strings.Contains(all, token) || strings.Contains(all, words) {
			t.Errorf("over %s: %s", api, all)
		}
		if api == server.URL && !strings.Contains(all, "4004") {
			t.Errorf("a token that is not taken is hard to see: %s", all)
		}
	}
}

// TestFailedAnswerIsLoggedWithoutItsToken holds that of an interaction that could
// not be answered only the status is told.
func TestFailedAnswerIsLoggedWithoutItsToken(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	server.Fail("callback", discordtest.Down, 1)
	var log safeBuffer
	k := &taken{}
	a := adapter(t, server, discord.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	receive(t, server, a, k.accept)
	id := server.Command(user, "help", "", false)
	k.wants(t, "/help")
	storetest.Eventually(t, "a line in the log", func(context.Context) error {
		if !strings.Contains(log.String(), "answer an interaction") {
			return errNotYet
		}
		return nil
	})
	if strings.Contains(log.String(), id) || !strings.Contains(log.String(), "500") {
		t.Error(log.String())
	}
}

// polish is a bundle in English and Polish, of which only a few words are.
func polish(t *testing.T) *flows.Bundle {
	t.Helper()
	files := bottest.Files(t)
	files.Scripts["bot.yaml"] = regexp.MustCompile(`(?m)^locales: .*`).ReplaceAll(files.Scripts["bot.yaml"], []byte("locales: {default: en, live: [en, pl]}"))
	words := map[string][]byte{}
	for name, data := range files.Locales {
		rest, english := strings.CutPrefix(name, "en/")
		if strings.HasPrefix(name, "pl/crisis/") {
			words[name] = data // a live language has crisis words of its own
		}
		if !english {
			continue
		}
		if !bytes.Contains(data, []byte("language.pl:")) {
			data = bytes.Replace(data, []byte("language.en:"), []byte("language.pl: \"Polski\"\nlanguage.en:"), 1)
		}
		words[name] = data
		if !strings.HasPrefix(rest, "crisis/") {
			words["pl/"+rest] = []byte(strings.NewReplacer(`"Start"`, `"Zacznij"`, `"Type your answer"`, `"Wpisz odpowiedź"`, `"Change a line"`, `"Zmień"`).Replace(string(data)))
		}
	}
	files.Locales = words
	b, problems := flows.Parse(files)
	if b == nil {
		t.Fatal(problems)
	}
	return b
}

// TestCommands holds that the commands of contract.md are registered, each with
// its words in each language, once, however many sessions there are, and again
// only when Discord did not take them.
func TestCommands(t *testing.T) {
	t.Parallel()
	b := polish(t)
	server := discordtest.Start(t)
	server.Fail("commands", discordtest.Down, 1)
	a, err := discord.New(discord.Config{Token: discordtest.Token, Application: discordtest.Application, API: server.URL,
		Library: bot.NewLibrary(nil, b), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	k := &taken{}
	receive(t, server, a, k.accept)
	for session := 2; session <= 3; session++ {
		server.Drop()
		called(t, server, "identify", session)
	}
	if n := server.Called("commands"); n != 2 {
		t.Errorf("registered %d times", n)
	}
	var names []string
	for _, c := range server.Commands() {
		names = append(names, c.Name)
		if c.Description != b.PageText("en", "commands."+c.Name) || c.Localizations["pl"] != b.PageText("pl", "commands."+c.Name) {
			t.Errorf("%s is %q, in Polish %v", c.Name, c.Description, c.Localizations)
		}
		if !slices.Equal(c.Contexts, []int{0, 1}) || (len(c.Options) == 1) != (c.Name == "start") {
			t.Errorf("%s is offered in %v with %v", c.Name, c.Contexts, c.Options)
		}
	}
	want := []string{"start", "help", "human", "back", "privacy", "mydata", "withdraw", "delete", "stop", "hide", "restart", "language"}
	if !slices.Equal(names, want) {
		t.Errorf("commands %v", names)
	}
}
