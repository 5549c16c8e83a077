package flows_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/screen"
)

// TestEveryPlace plays words of crisis, and words of the script itself, in every
// place where somebody may write: every state that waits, before and after it, in
// every channel, whoever owns the conversation.
func TestEveryPlace(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	found := map[string]*chat{}
	for where, c := range flowstest.Places(t, b) {
		found[where] = short(c)
	}
	for _, part := range []struct {
		name string
		run  func(*testing.T, map[string]*chat)
	}{
		{"crisis words bring their card first", cardsFirst},
		{"captions and edits count as words", cardsForCaptions},
		{"the question of concern is answered", concernIsAnswered},
		{"labels are answers", labelsAreAnswers},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, found)
		})
	}
}

// cardsFirst is the matrix: every class in every place. The card of its class is
// the first thing that is said, what it interrupts is kept, and its buttons work.
func cardsFirst(t *testing.T, found map[string]*chat) {
	b := found["telegram nobody"].b
	cards, lines := flowstest.CardOf(t, b), flowstest.CrisisLines(t, b)
	for _, class := range screen.Classes() {
		for i, where := range slices.Sorted(maps.Keys(found)) {
			text := lines[class][i%len(lines[class])]
			found[where].with(t).brings(cards, class, flows.Input{Happening: flows.Typed, Text: text}, where)
		}
	}
}

// cardsForCaptions is the same for the words under a photo, and for a message that
// was changed; the classes take turns.
func cardsForCaptions(t *testing.T, found map[string]*chat) {
	b := found["telegram nobody"].b
	cards, lines := flowstest.CardOf(t, b), flowstest.CrisisLines(t, b)
	classes := screen.Classes()
	for i, where := range slices.Sorted(maps.Keys(found)) {
		class := classes[i%len(classes)]
		text := lines[class][i%len(lines[class])]
		for _, how := range []flows.Happening{flows.Media, flows.Edited} {
			found[where].with(t).brings(cards, class, flows.Input{Happening: how, Text: text}, where+" "+string(how))
		}
	}
}

// with is a copy of a chat for another test.
func (c *chat) with(t testing.TB) *chat {
	other := *c
	other.t = t
	return &other
}

// away says whether this is a chat that its person has left for the page for good.
func (c *chat) away() bool { return c.c.Stay && c.channel != "web" }

// top is the state in which a conversation stands, "" for none.
func (c *chat) top() string {
	if len(c.c.At) == 0 {
		return ""
	}
	return c.c.At[len(c.c.At)-1].String()
}

// openCard is the key of the card that waits for a tap, "" without one.
func (c *chat) openCard() string {
	if !slices.Contains([]string{"crisis.now", "crisis.not_great", "system.help", "screening.red"}, c.top()) {
		return ""
	}
	return c.card
}

// brings holds that an input brings a card before any other word, that the
// conversation can go back to where it was, and that each button of the card works.
func (c *chat) brings(cards map[flowstest.Kind]string, class screen.Class, in flows.Input, where string) {
	c.t.Helper()
	before, open := c.c, c.openCard()
	out := c.do(in)
	card := cards[flowstest.Kind{Class: class, Past: out.Verdict.Past}]
	if card == "" {
		card = cards[flowstest.Kind{Class: class}]
	}
	if card == open && class != screen.Attempt && !c.away() {
		card = "cards.more" // they have this card before them
	}
	switch {
	case out.Verdict.Tier != screen.Crisis || out.Verdict.Class != class:
		c.t.Errorf("%s: %q is %s %s", where, in.Text, out.Verdict.Tier, out.Verdict.Class)
	case len(out.Replies) == 0:
		c.t.Errorf("%s: silence after words of %s", where, class)
	case out.Replies[0].Class != flows.ClassCrisis || out.Replies[0].Blocks[0].Key != card:
		c.t.Errorf("%s: words of %s bring %s first, in class %d, not %s", where, class, out.Replies[0].Blocks[0].Key, out.Replies[0].Class, card)
	case len(out.Replies[0].Blocks[0].Links) < 3:
		c.t.Errorf("%s: the card of %s has %d numbers", where, class, len(out.Replies[0].Blocks[0].Links))
	case len(c.c.Hits) != len(before.Hits)+1:
		c.t.Errorf("%s: words of %s left %d findings, after %d", where, class, len(c.c.Hits), len(before.Hits))
	case c.away() || card == "cards.more":
		// The conversation is on the page, or at this card already.
		if !slices.Equal(c.c.At, before.At) {
			c.t.Errorf("%s: the conversation moved to %v", where, c.c.At)
		}
	default:
		at, over := before.At, before.Over
		if before.Paused != nil {
			at, over = before.Paused.At, before.Paused.Over
		}
		if p := c.c.Paused; p == nil || !slices.Equal(p.At, at) || p.Over != over {
			c.t.Errorf("%s: after words of %s the conversation is not kept: %v", where, class, p)
		}
		c.buttonsWork(out.Replies[0].Options, where)
	}
}

// buttonsWork holds that every button of a card is answered in its own words, also
// after STOP, where all else is answered with how to come back.
func (c *chat) buttonsWork(options []flows.Button, where string) {
	c.t.Helper()
	if len(options) != 3 {
		c.t.Errorf("%s: the card has %d buttons", where, len(options))
	}
	for _, o := range options {
		next := c.with(c.t)
		out := next.taps(o.ID)
		if len(out.Replies) == 0 || !slices.ContainsFunc(out.Replies[0].Blocks, func(b flows.Block) bool { return strings.HasPrefix(b.Key, "crisis.") }) {
			c.t.Errorf("%s: the button %s of the card brings %v", where, o.ID, out.Replies)
		}
	}
}

// concernIsAnswered asks the question of concern in every place, and answers it with
// each button and in words. Only "I'm safe" goes on; all else brings the card.
func concernIsAnswered(t *testing.T, found map[string]*chat) {
	concern := flowstest.ConcernWords(t, found["telegram nobody"].b)
	asked := 0
	for _, where := range slices.Sorted(maps.Keys(found)) {
		c := found[where].with(t)
		c.c.Hits = nil
		safety := c.top() == "crisis.check" || c.top() == "screening.safe"
		open := c.openCard()
		out := c.says(concern)
		first := out.Replies[0].Blocks[0].Key
		if c.away() || safety || open != "" {
			if !strings.HasPrefix(first, "cards.") {
				t.Errorf("%s: words of concern bring %s", where, first)
			}
			continue
		}
		if first != "crisis.check" {
			t.Errorf("%s: words of concern bring %s", where, first)
			continue
		}
		asked++
		c.answersConcern(where)
	}
	if asked < 400 {
		t.Errorf("the question of concern was asked in %d places", asked)
	}
}

// answersConcern answers the question of concern that is open in each way.
func (c *chat) answersConcern(where string) {
	c.t.Helper()
	for answer, want := range map[string]string{"safe": "crisis.glad", "unsure": "cards.", "no": "cards.", "back": "cards."} {
		next := c.with(c.t)
		if got := next.taps(answer); len(got.Replies) == 0 || !strings.HasPrefix(got.Replies[0].Blocks[0].Key, want) {
			c.t.Errorf("%s: the button %s brings %v, not %s", where, answer, got.Replies, want)
		}
	}
	for said, want := range map[string]string{
		"yh im safe": "crisis.glad", "I'm alright": "crisis.glad", "1": "crisis.glad",
		"no im not": "cards.", "nah": "cards.", "idk": "cards.", "kind of": "cards.", "I'm sad": "cards.",
		"why do you ask": "cards.", "17": "cards.",
	} {
		next := c.with(c.t)
		got := next.says(said)
		if len(got.Replies) == 0 || !strings.HasPrefix(got.Replies[0].Blocks[0].Key, want) {
			c.t.Errorf("%s: %q at the question of concern brings %v, not %s", where, said, got.Replies, want)
		}
		if c.referral != nil && !c.referral.Status.Over() && want == "cards." && got.Alert == "" {
			c.t.Errorf("%s: %q at the question of concern calls nobody", where, said)
		}
	}
}
