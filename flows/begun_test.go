package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/screen"
)

// halves are disclosures in two messages; neither calls for help by itself.
func halves() [][2]string {
	return [][2]string{
		{"i just want to", "die"},
		{"idk... i really want to...", "end it all"},
		{"ok so i feel like i want to", "kill my self"},
		{"no i dont want to be", "alive"},
		{"some days im thinking about", "suicide"},
		{"im going to", "end my life tonight"},
		{"at home my dad keeps", "hitting me"},
		{"i cant. i keep", "cutting"},
		{"he keeps making me", "have sex with him"},
		{"they are making me", "marry my cousin"},
		{"i have", "nowhere to sleep tonight"},
	}
}

// TestDisclosureInTwoMessages holds that words of danger whose sentence began in the
// message before are met, whatever is asked, and that nothing of them is kept after.
func TestDisclosureInTwoMessages(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for _, h := range halves() {
		for _, first := range []string{"", "me"} {
			c := newChat(t, b, "telegram")
			c.says("/start")
			if first != "" {
				c.taps(first)
			}
			if c.says(h[0]); c.out.Verdict.Tier != screen.None {
				t.Errorf("%q calls for help by itself", h[0])
			}
			late := *c
			late.at = late.at.Add(5 * time.Minute)
			if c.says(h[1]); c.out.Verdict.Tier == screen.None || !strings.HasPrefix(c.top(), "crisis.") {
				t.Errorf("%q and then %q: nothing, at %s", h[0], h[1], c.top())
			}
			if !c.c.Begun.At.IsZero() {
				t.Errorf("after %q, this is kept: %v", h, c.c.Begun)
			}
			if alone := b.Screen(h[1]); late.says(h[1]).Verdict != alone {
				t.Errorf("%q is read together with what was said five minutes before", h[1])
			}
		}
	}
}

// TestOrdinaryTalkInTwoMessages holds that what ends as a sentence may end, or with a
// word of its own, is not kept to be read with the next message.
func TestOrdinaryTalkInTwoMessages(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for _, text := range []string{"i want to.", "why would i want to?", "yes", "i go to Meadowhall", "they call me Sam", "i want chips", "15", ""} {
		if kept := b.Opening(text); kept != "" {
			t.Errorf("of %q this would be kept: %q", text, kept)
		}
	}
	for _, l := range flowstest.Labelled(t) {
		for word := range strings.FieldsSeq(b.Opening(l.Text)) {
			if v := b.Screen(word); v.Tier != screen.None {
				t.Errorf("of %q a word of danger would be kept", l.Text)
			}
		}
	}
}
