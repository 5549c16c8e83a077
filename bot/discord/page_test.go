package discord_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/flows"
)

// TestCardOpensThePage holds that a card with numbers begins its buttons with one that
// opens the page on which they can be tapped, where there is one, that the row which
// closes every message stays the last, and that all fits however many answers there are.
func TestCardOpensThePage(t *testing.T) {
	t.Parallel()
	for _, page := range []string{helpPage, ""} {
		for answers := range 16 {
			server := discordtest.Start(t)
			a := adapter(t, server, discord.Config{HelpPage: page})
			card, _ := flows.Fallback(bottest.Bundle(t), flows.Input{Channel: discord.Name, Text: "i want to kill myself"})
			for i := range answers {
				card.Options = append(card.Options, flows.Button{Label: fmt.Sprint("Answer ", i), Data: fmt.Sprint("1.ABCD2345.5.", i)})
			}
			m := bot.Render(card, a.Channel())[0]
			m.ID = fmt.Sprint("card", answers)
			if _, err := a.Send(t.Context(), discordtest.Chat(user), m); err != nil {
				t.Fatalf("%d answers: %v", answers, err)
			}
			rows := server.Screen(discordtest.Chat(user))[0].Components
			if len(rows) == 0 {
				t.Fatalf("%d answers: it went out as bare words", answers)
			}
			first, last := buttonsIn(rows[0]), buttonsIn(rows[len(rows)-1])
			link := len(first) == 1 && first[0]["style"] == 5.0 && first[0]["url"] == page && first[0]["label"] == "Call or text from here"
			if link != (page != "") {
				t.Errorf("%d answers, page %q: the first row is %v", answers, page, first)
			}
			if len(last) != 1 || last[0]["custom_id"] != flows.HelpTap() {
				t.Errorf("%d answers: the last row is %v", answers, last)
			}
			if n := strings.Count(fmt.Sprint(rows), "1.ABCD2345.5."); n != answers {
				t.Errorf("%d of %d answers are shown", n, answers)
			}
		}
	}
}

// TestAnswerInPlaceOpensThePage holds that numbers which are the first answer to a
// command lead to the page, too.
func TestAnswerInPlaceOpensThePage(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	receive(t, server, adapter(t, server, discord.Config{HelpPage: helpPage}), (&taken{}).accept)
	answer := answered(t, server, server.Command(user, "help", "", true))
	data, _ := answer["data"].(map[string]any)
	rows, _ := data["components"].([]any)
	if data["flags"] != 64.0 || len(rows) != 1 || buttonsIn(rows[0])[0]["url"] != helpPage {
		t.Errorf("answered %v", answer)
	}
}

// buttonsIn are the components of a row.
func buttonsIn(row any) []map[string]any {
	inRow, _ := row.(map[string]any)["components"].([]any)
	out := make([]map[string]any, len(inRow))
	for i, c := range inRow {
		out[i], _ = c.(map[string]any)
	}
	return out
}
