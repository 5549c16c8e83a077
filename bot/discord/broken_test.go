package discord_test

import (
	"strconv"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/bot/platformtest"
)

// crowd is several people on a fake Discord, over its gateway.
type crowd struct{ *discordtest.Server }

// somebody is one of them.
func somebody(who int) string { return strconv.Itoa(2001 + who) }

// Open starts an adapter.
func (c crowd) Open(t *testing.T, accept bot.Accept) bot.Platform {
	a := adapter(t, c.Server, discord.Config{})
	receive(t, c.Server, a, accept)
	return a
}

// Chat is their private channel.
func (c crowd) Chat(who int) string { return discordtest.Chat(somebody(who)) }

// Says writes there.
func (c crowd) Says(who int, text string) { c.Server.Says(somebody(who), text) }

// Shows is what the bot wrote there.
func (c crowd) Shows(who int) []string {
	var out []string
	for _, m := range c.Screen(c.Chat(who)) {
		if m.Author != somebody(who) {
			out = append(out, m.Content)
		}
	}
	return out
}

// TestBrokenStore holds that help comes while Redis does not.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	platformtest.Broken(t, func(t *testing.T) platformtest.Crowd { return crowd{discordtest.Start(t)} })
}
