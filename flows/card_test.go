package flows_test

import (
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// TestFirstNumberFits holds what the first button of a card is, the first thing that
// a thumb meets: 999 for somebody who says that they are hurt, took something or are
// in danger, and for an attempt; and that no card names more than three services
// beside 111 and 999.
func TestFirstNumberFits(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for name, c := range map[string]struct {
		do          func(*chat)
		card, first string
	}{
		"not safe": {func(c *chat) { c.toScreening(); c.taps("no") }, "cards.not_safe", "tel:999"},
		"attempt":  {func(c *chat) { c.says("i just took an overdose") }, "cards.attempt", "tel:999"},
		"plan":     {func(c *chat) { c.toScreening(); c.taps("yes", "plan") }, "cards.suicide", "tel:08001111"},
		"help":     {func(c *chat) { c.says("/help") }, "cards.default", "tel:08001111"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chat := newChat(t, b, "web")
			c.do(chat)
			card := chat.out.Replies[0].Blocks[0]
			if card.Key != c.card || card.Links[0].Href != c.first {
				t.Errorf("%s begins with %v", card.Key, card.Links[0])
			}
			holdsNumbers(t, card)
		})
	}
}

// holdsNumbers holds that a card has 111 and 999, each once, and at most three more.
func holdsNumbers(t *testing.T, card flows.Block) {
	t.Helper()
	seen := map[string]int{}
	for _, l := range card.Links {
		seen[l.Href]++
	}
	if seen["tel:999"] != 1 || seen["tel:111"] != 1 || len(card.Links) > 5 || len(card.Links) != len(seen) {
		t.Errorf("%s names %v", card.Key, card.Links)
	}
}
