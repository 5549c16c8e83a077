package flows_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// TestEveryPlace plays words of crisis, and words of the script itself, in every
// place where somebody may write: every state that waits, before and after it, in
// every channel, whoever owns the conversation.
func TestEveryPlace(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	found := places(t, b)
	for _, part := range []struct {
		name string
		run  func(*testing.T, map[string]*chat)
	}{
		{"crisis words bring their card first", cardsFirst},
		{"captions and edits count as words", cardsForCaptions},
		{"labels are answers", labelsAreAnswers},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, found)
		})
	}
}

// cardsFirst is the matrix: every class in every place. The card of its class is
// the first thing that is said, and what it interrupts is kept.
func cardsFirst(t *testing.T, found map[string]*chat) {
	b := found["telegram nobody"].b
	cards, lines := cardOf(t, b), crisisLines(t, b)
	for _, class := range screen.Classes() {
		for i, where := range sorted(found) {
			text := lines[class][i%len(lines[class])]
			found[where].with(t).brings(cards[class], class, flows.Input{Happening: flows.Typed, Text: text}, where)
		}
	}
}

// cardsForCaptions is the same for the words under a photo, and for a message that
// was changed; the classes take turns.
func cardsForCaptions(t *testing.T, found map[string]*chat) {
	b := found["telegram nobody"].b
	cards, lines := cardOf(t, b), crisisLines(t, b)
	classes := screen.Classes()
	for i, where := range sorted(found) {
		class := classes[i%len(classes)]
		text := lines[class][i%len(lines[class])]
		for _, how := range []flows.Happening{flows.Media, flows.Edited} {
			found[where].with(t).brings(cards[class], class, flows.Input{Happening: how, Text: text}, where+" "+string(how))
		}
	}
}

// with is a copy of a chat for another test.
func (c *chat) with(t testing.TB) *chat {
	other := *c
	other.t = t
	return &other
}

// brings holds that an input brings a card before any other word, and that the
// conversation can go back to where it was.
func (c *chat) brings(card string, class screen.Class, in flows.Input, where string) {
	c.t.Helper()
	before := c.c
	in.At, in.Channel, in.Address, in.Referral, in.Update = c.at, c.channel, "1001", c.referral, "crisis"
	out := flows.Advance(c.b, c.c, in)
	switch {
	case out.Verdict.Tier != screen.Crisis || out.Verdict.Class != class:
		c.t.Errorf("%s: %q is %s %s", where, in.Text, out.Verdict.Tier, out.Verdict.Class)
	case len(out.Replies) == 0:
		c.t.Errorf("%s: silence after words of %s", where, class)
	case out.Replies[0].Class != flows.ClassCrisis || out.Replies[0].Blocks[0].Key != card:
		c.t.Errorf("%s: words of %s bring %s first, in class %d", where, class, out.Replies[0].Blocks[0].Key, out.Replies[0].Class)
	case len(out.Replies[0].Blocks[0].Links) < 3:
		c.t.Errorf("%s: the card of %s has %d numbers", where, class, len(out.Replies[0].Blocks[0].Links))
	case before.Stay && c.channel == before.Home.Channel:
		// This is the chat that they left: the conversation is on the page.
		if !slices.Equal(out.Conversation.At, before.At) {
			c.t.Errorf("%s: the conversation on the page moved to %v", where, out.Conversation.At)
		}
	default:
		at, over := before.At, before.Over
		if before.Paused != nil {
			at, over = before.Paused.At, before.Paused.Over
		}
		if p := out.Conversation.Paused; p == nil || !slices.Equal(p.At, at) || p.Over != over {
			c.t.Errorf("%s: after words of %s the conversation is not kept: %v", where, class, p)
		}
	}
}

// cardOf is the key of each class's card, as the files in crisis/ have it. Each
// class has exactly one.
func cardOf(t *testing.T, b *flows.Bundle) map[screen.Class]string {
	t.Helper()
	out := map[screen.Class]string{}
	var problems source.Problems
	for file, data := range b.Files().Scripts {
		if !strings.HasPrefix(file, "crisis/") {
			continue
		}
		card, classes := "", []string(nil)
		for key, value := range source.Read(file, data, &problems).Pairs() {
			switch key.Raw() {
			case "card":
				card = value.Raw()
			case "classes":
				classes = value.Texts(&problems)
			}
		}
		for _, class := range classes {
			if out[screen.Class(class)] != "" {
				t.Fatalf("two cards for %s", class)
			}
			out[screen.Class(class)] = "cards." + card
		}
	}
	for _, class := range screen.Classes() {
		if out[class] == "" {
			t.Fatalf("no card for %s: %v", class, problems)
		}
	}
	return out
}

// crisisLines are the lines of each class that the shipped detector answers with
// that class's card.
func crisisLines(t *testing.T, b *flows.Bundle) map[screen.Class][]string {
	t.Helper()
	out := map[screen.Class][]string{}
	for _, l := range labelled(t) {
		class := screen.Class(l.class)
		if v := b.Screen(l.text); l.tier == "crisis" && v.Tier == screen.Crisis && v.Class == class {
			out[class] = append(out[class], l.text)
		}
	}
	for _, class := range screen.Classes() {
		if len(out[class]) == 0 {
			t.Fatalf("no line of %s is found", class)
		}
	}
	return out
}

// line is one line of a labelled set.
type line struct{ tier, class, text string }

// labelled is the set that the detector was built on.
func labelled(t testing.TB) []line {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "crisis", "development.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []line
	for row := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n") {
		f := strings.Split(row, "\t")
		if len(f) != 5 {
			t.Fatalf("%d columns in %q", len(f), row)
		}
		out = append(out, line{tier: f[0], class: f[1], text: f[4]})
	}
	return out
}
