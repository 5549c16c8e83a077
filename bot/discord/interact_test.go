package discord_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
)

// interactions are a command, a button and a form of three people, by what they are;
// what each begins with is its token.
func interactions(server *discordtest.Server) map[string]string {
	return map[string]string{
		"command": server.Command("2002", "start", "", false),
		"button":  server.Presses("2003", "1.ABCD2345.3.0"),
		"form":    server.Submits("2004", "form:1.ABCD2345.3", "words"),
	}
}

// TestConfirmedOnceTaken holds that a command, a button and a form are confirmed after
// they were taken in, so that a crash loses none that the person believes to have
// arrived.
func TestConfirmedOnceTaken(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	release := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Add(3)
	receive(t, server, adapter(t, server, discord.Config{}), func(context.Context, bot.Inbound) error {
		waiting.Done()
		<-release
		return nil
	})
	tokens := interactions(server)
	waiting.Wait()
	// Nothing has to be taken for this one, so it is confirmed although it came last.
	answered(t, server, server.Command("2005", "help", "", true))
	for what, token := range tokens {
		if server.Answer(token) != nil {
			t.Errorf("the %s was confirmed before it was taken", what)
		}
	}
	close(release)
	for _, token := range tokens {
		answered(t, server, token)
	}
}

// TestAlwaysAnswered holds that Discord gets an answer in time to every interaction:
// while the store hangs, while it is away, and while the program stops.
func TestAlwaysAnswered(t *testing.T) {
	t.Parallel()
	for name, stops := range map[string]bool{"hangs": false, "away": false, "hangs at the end": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := discordtest.Start(t)
			over := make(chan struct{})
			came := make(chan string, 1000)
			stop := receive(t, server, adapter(t, server, discord.Config{}), func(_ context.Context, in bot.Inbound) error {
				came <- in.Chat
				if name != "away" {
					<-over
				}
				return errors.New("the store is away")
			})
			tokens := interactions(server)
			for chats := map[string]bool{}; len(chats) < len(tokens); {
				chats[<-came] = true
			}
			ended := make(chan struct{})
			if stops {
				go func() {
					defer close(ended)
					stop()
				}()
			}
			for _, token := range tokens {
				answered(t, server, token)
			}
			close(over)
			if stops {
				<-ended
			}
		})
	}
}
