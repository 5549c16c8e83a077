package telegram_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/platformtest"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
	"github.com/star-house/frontdoor/bot/transcript"
)

// helpPage is where the numbers of a card can be tapped.
const helpPage = "https://chat.example.org/help"

// adapter is the platform over a fake Telegram.
func adapter(t testing.TB, server *telegramtest.Server, config telegram.Config) *telegram.Telegram {
	t.Helper()
	config.Token, config.API = telegramtest.Token, server.URL
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Library == nil {
		config.Library = bot.NewLibrary(nil, bottest.Bundle(t))
	}
	if config.Wait == 0 {
		config.Wait = 5 * time.Second
	}
	a, err := telegram.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// receive lets an adapter receive until the test ends, or until what it returns is
// called.
func receive(t testing.TB, a bot.Platform, accept bot.Accept) func() {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Receive(ctx, accept) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// TestTranscripts plays every transcript of the main job over the fake.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	bottest.Play(t, func(t *testing.T, _ string) func(bot.Accept) transcript.Driver {
		return func(accept bot.Accept) transcript.Driver {
			server := telegramtest.Start(t)
			a := adapter(t, server, telegram.Config{HelpPage: helpPage})
			receive(t, a, accept)
			return server.NewPerson(1001, a)
		}
	}, func(_ string, script *transcript.Transcript) string {
		if script.Channel != telegram.Name {
			return "written for " + script.Channel
		}
		return ""
	})
}

// place is a fake Telegram for the exercise of all platforms.
type place struct {
	*telegramtest.Server
	stop func()
}

// Open starts an adapter; the one before it ends first, as in a restart.
func (p *place) Open(t *testing.T, accept bot.Accept) transcript.Driver {
	if p.stop != nil {
		p.stop()
	}
	a := adapter(t, p.Server, telegram.Config{})
	p.stop = receive(t, a, accept)
	return p.NewPerson(1001, a)
}

// Refuse lets the next messages be refused.
func (p *place) Refuse(how bot.Fate, times int) bool {
	p.Fail("sendMessage", map[bot.Fate]telegramtest.Fault{
		bot.Rejected: telegramtest.Refused, bot.RetryLater: telegramtest.Flood, bot.Gone: telegramtest.Blocked,
	}[how], times)
	return true
}

// Again gives the last update out once more.
func (p *place) Again(t *testing.T, _ transcript.Driver) bool {
	t.Helper()
	id := p.Server.Again()
	if err := p.Confirmed(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return true
}

// TestPlatform runs the exercise of all platforms.
func TestPlatform(t *testing.T) {
	t.Parallel()
	platformtest.Exercise(t, func(t *testing.T) platformtest.Place { return &place{Server: telegramtest.Start(t)} })
}
