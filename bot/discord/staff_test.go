package discord_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
)

// TestStaffChannel holds that an alert is a plain message in the channel, and that
// a refusal is an error that repeats nothing.
func TestStaffChannel(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	place := adapter(t, server, discord.Config{}).Staff("777")
	const text = "Duty: K7QM-2PXD needs somebody now.\nLane duty. Waiting: 1. The oldest: 1 min.\nhttps://chat.example.org/desk"
	if err := place.Alert(t.Context(), bot.Alert{Text: text}); err != nil {
		t.Fatal(err)
	}
	got := server.Screen("777")
	if len(got) != 1 || len(got[0].Components) > 0 {
		t.Fatalf("in the channel: %+v", got)
	}
	if shown, bold := discordtest.Read(got[0].Content); shown != text || bold != "" {
		t.Errorf("shown as %q, bold %q", shown, bold)
	}
	for _, fault := range []discordtest.Fault{discordtest.Flood, discordtest.Down, discordtest.NoChannel, discordtest.Forbidden} {
		server.Fail("send", fault, 1)
		err := place.Alert(t.Context(), bot.Alert{Text: "canary"})
		if said := fmt.Sprint(err); !strings.HasPrefix(said, "refused (") && !strings.HasPrefix(said, "discord answers ") || strings.Contains(said, "777") {
			t.Errorf("%s: %v", fault, err)
		}
	}
}
