package telegram_test

import (
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
	"github.com/star-house/frontdoor/flows"
)

// TestCardOpensThePage holds that a card with numbers begins its buttons with one that
// opens the page on which they can be tapped, that the row which closes every message
// stays the last, and that the card arrives without that button when there is no page or
// Telegram rejects its address.
func TestCardOpensThePage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		page     string
		rejected bool
		want     string
	}{
		"a page": {page: helpPage, want: helpPage}, "none": {}, "rejected": {page: helpPage, rejected: true},
		"an address that Telegram does not take": {page: "http://localhost:8080/help"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := telegramtest.Start(t)
			a := adapter(t, server, telegram.Config{HelpPage: c.page})
			if c.rejected {
				server.Fail("sendMessage", telegramtest.Refused, 1)
			}
			card, _ := flows.Fallback(bottest.Bundle(t), flows.Input{Channel: telegram.Name, Text: "i want to kill myself"})
			card.Options = []flows.Button{{Label: "I'm safe", Data: "1.ABCD2345.5.0"}}
			if _, err := a.Send(t.Context(), "1", bot.Render(card, a.Channel())[0]); err != nil {
				t.Fatal(err)
			}
			keyboard := server.Screen(1)[0].Keyboard
			if c.want != "" {
				first := keyboard[0]
				if len(first) != 1 || first[0] != (telegramtest.Button{Text: "Call or text from here", URL: c.want}) {
					t.Errorf("the first row: %+v", first)
				}
				keyboard = keyboard[1:]
			}
			if len(keyboard) != 2 || keyboard[0][0].Data != "1.ABCD2345.5.0" || keyboard[1][0].Data != flows.HelpTap() {
				t.Errorf("the other rows: %+v", keyboard)
			}
		})
	}
}
