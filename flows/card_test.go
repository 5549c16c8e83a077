package flows_test

import (
	"strings"
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

// TestJustTheNumbersFit holds that whoever wants the numbers only gets those of the card
// for what they answered and their age.
func TestJustTheNumbersFit(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for age, want := range map[string][3]string{ // a red answer, a number that fits, one that does not
		"16": {"harmed", "childline", "samaritans"},
		"20": {"harmed", "safeguarding", "childline"},
		"22": {"alive", "papyrus", "childline"},
	} {
		c := newChat(t, b, "telegram")
		c.says("/start")
		c.taps("me")
		c.says(age)
		c.taps("skip", "here", "agree")
		answers := []string{"yes", "plan"}
		if want[0] == "harmed" {
			answers = []string{"yes", "no", "no", "now"}
		}
		c.taps(append(answers, "numbers")...)
		said := c.out.Replies[0].Blocks[0].Text
		if !strings.Contains(said, number(b, want[1])) || strings.Contains(said, number(b, want[2])) || !strings.Contains(said, "999") {
			t.Errorf("at %s, after %s: %s", age, want[0], said)
		}
	}
}

// number is a contact's number as it is written.
func number(b *flows.Bundle, contact string) string { return b.Hub.Contacts[contact].Tel }

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
