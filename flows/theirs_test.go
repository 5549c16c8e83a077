package flows_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// translated are the keys of a message's blocks that are not in the language of the
// chat, and must be in another.
func translated(t *testing.T, r flows.Reply, lang string) []string {
	t.Helper()
	var out []string
	for _, b := range r.Blocks {
		if b.Lang == "" {
			continue
		}
		if b.Lang != lang || b.Text == "" {
			t.Errorf("%s is in %q, want %s: %q", b.Key, b.Lang, lang, b.Text)
		}
		out = append(out, b.Key)
	}
	return out
}

// TestDraftLanguagesHearBoth holds rule 10: words of danger in a language that nobody
// is spoken to in bring the question, the card and the card from memory in English and
// in that language, and words in English in English alone.
func TestDraftLanguagesHearBoth(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	met := map[string]bool{}
	for _, l := range flowstest.Labelled(t) {
		v := b.Screen(l.Text)
		if v.Tier != screen.Concern || met[v.Language] {
			continue
		}
		met[v.Language] = true
		both := func(r flows.Reply, want ...string) {
			t.Helper()
			if v.Language == "en" {
				want = nil
			}
			if got := translated(t, r, v.Language); !slices.Equal(got, want) || r.Blocks[0].Lang != "" {
				t.Errorf("%s: twice come %v, want %v", v.Language, got, want)
			}
		}
		c := newChat(t, b, "telegram")
		c.says("/start")
		c.says(l.Text)
		both(c.out.Replies[0], "crisis.check")
		if label := c.out.Replies[0].Options[2].Label; strings.Contains(label, " · ") != (v.Language != "en") {
			t.Errorf("%s: an answer reads %q", v.Language, label)
		}
		c.taps("no")
		both(c.out.Replies[0], "cards.default", "cards.foot")
		r, _ := flows.Fallback(b, flows.Input{Channel: "telegram", Text: l.Text, At: flowstest.Monday})
		both(r, "cards.default")
	}
	if got, want := slices.Sorted(maps.Keys(met)), []string{"ar", "en", "pa", "pl", "sk", "so", "ur"}; !slices.Equal(got, want) {
		t.Errorf("lines of %v were met, want %v", got, want)
	}
}

// TestDraftLanguageNeedsItsWords holds that a list of crisis words without what is said
// when they are met is a problem of the scripts.
func TestDraftLanguageNeedsItsWords(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	delete(files.Locales, "sk/cards.yaml")
	_, problems := flows.Parse(files)
	if !slices.ContainsFunc(problems, func(p source.Problem) bool {
		return p.Code == "MISSING" && strings.Contains(p.Message, "cards.default") && strings.Contains(p.Pos.File, "sk")
	}) {
		t.Errorf("problems: %v", problems)
	}
}
