package telegram_test

import (
	"strconv"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/platformtest"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
)

// crowd is several people on a fake Telegram that is polled.
type crowd struct{ *telegramtest.Server }

// person is the chat of one of them.
func person(who int) int64 { return 1001 + int64(who) }

// Open starts an adapter.
func (c crowd) Open(t *testing.T, accept bot.Accept) bot.Platform {
	a := adapter(t, c.Server, telegram.Config{})
	receive(t, a, accept)
	return a
}

// Chat is a number.
func (c crowd) Chat(who int) string { return strconv.FormatInt(person(who), 10) }

// Says queues an update.
func (c crowd) Says(who int, text string) { c.Server.Says(person(who), text) }

// Shows is what the bot sent.
func (c crowd) Shows(who int) []string {
	var out []string
	for _, m := range c.Screen(person(who)) {
		out = append(out, m.Text)
	}
	return out
}

// TestBrokenStore holds that help comes while Redis does not.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	platformtest.Broken(t, func(t *testing.T) platformtest.Crowd { return crowd{telegramtest.Start(t)} })
}
