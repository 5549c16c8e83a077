package discord_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/bot/platformtest"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/store/storetest"
)

// user is the person of these tests.
const user = "2001"

// helpPage is where the numbers of a card can be tapped.
const helpPage = "https://chat.example.org/help"

// adapter is the platform over a fake Discord.
func adapter(t testing.TB, server *discordtest.Server, config discord.Config) *discord.Discord {
	t.Helper()
	config.Token, config.Application, config.API = discordtest.Token, discordtest.Application, server.URL
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	config.Library = bot.NewLibrary(nil, bottest.Bundle(t))
	a, err := discord.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// receive lets an adapter receive until the test ends, or until what it returns is
// called. It returns once a session is open.
func receive(t testing.TB, server *discordtest.Server, a bot.Platform, accept bot.Accept) func() {
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
	storetest.Eventually(t, "a session is open", func(context.Context) error { return one(server.Sessions()) })
	return stop
}

// errNotYet is a wait that goes on.
var errNotYet = errors.New("not yet")

// one wants exactly one of something.
func one(n int) error {
	if n != 1 {
		return errNotYet
	}
	return nil
}

// open starts an adapter with its person; every update that is taken is noted.
func open(t *testing.T, server *discordtest.Server, accept bot.Accept) (*discordtest.Person, func()) {
	t.Helper()
	a := adapter(t, server, discord.Config{HelpPage: helpPage})
	p := server.NewPerson(user, a)
	stop := receive(t, server, a, func(ctx context.Context, in bot.Inbound) error {
		err := accept(ctx, in)
		if err == nil {
			p.Taken(in.Update)
		}
		return err
	})
	return p, stop
}

// TestTranscripts plays every transcript of the main job over the fake.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	bottest.Play(t, func(t *testing.T, _ string) func(bot.Accept) transcript.Driver {
		return func(accept bot.Accept) transcript.Driver {
			p, _ := open(t, discordtest.Start(t), accept)
			return p
		}
	}, func(_ string, script *transcript.Transcript) string {
		if script.Channel != discord.Name {
			return "written for " + script.Channel
		}
		return ""
	})
}

// place is a fake Discord for the exercise of all platforms.
type place struct {
	*discordtest.Server
	stop   func()
	person *discordtest.Person
}

// Open starts an adapter; the one before it ends first, as in a restart.
func (p *place) Open(t *testing.T, accept bot.Accept) transcript.Driver {
	if p.stop != nil {
		p.stop()
		storetest.Eventually(t, "the old session is gone", func(context.Context) error { return one(p.Sessions() + 1) })
	}
	p.person, p.stop = open(t, p.Server, accept)
	return p.person
}

// Refuse lets the next messages be refused.
func (p *place) Refuse(how bot.Fate, times int) bool {
	p.Fail("send", map[bot.Fate]discordtest.Fault{
		bot.Rejected: discordtest.Refused, bot.RetryLater: discordtest.Flood, bot.Gone: discordtest.Closed,
	}[how], times)
	return true
}

// Again brings the person's last message once more.
func (p *place) Again(t *testing.T, _ transcript.Driver) bool {
	if err := p.person.Again(t.Context()); err != nil {
		t.Error(err)
	}
	return true
}

// TestPlatform runs the exercise of all platforms.
func TestPlatform(t *testing.T) {
	t.Parallel()
	platformtest.Exercise(t, func(t *testing.T) platformtest.Place { return &place{Server: discordtest.Start(t)} })
}
