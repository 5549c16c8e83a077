package flows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// inLanguage are the keys of a message's blocks that are in a language.
func inLanguage(r flows.Reply, lang string) []string {
	var out []string
	for _, b := range r.Blocks {
		if b.Lang == lang && b.Text != "" {
			out = append(out, b.Key)
		}
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
		lang := v.Language
		met[lang] = true
		question, card := []string{"crisis.check"}, []string{"cards.default", "cards.foot"}
		if lang == "en" {
			question, card, lang = nil, nil, ""
		}
		c := newChat(t, b, "telegram")
		c.says("/start")
		if c.says(l.Text); lang != "" && !slices.Equal(inLanguage(c.out.Replies[0], lang), question) {
			t.Errorf("%s: the question comes in %v", v.Language, c.out.Replies[0].Blocks)
		}
		if both := strings.Contains(c.out.Replies[0].Options[2].Label, " · "); both != (lang != "") {
			t.Errorf("%s: an answer reads %q", v.Language, c.out.Replies[0].Options[2].Label)
		}
		c.taps("no")
		if got := inLanguage(c.out.Replies[0], lang); lang != "" && !slices.Equal(got, card) || c.out.Replies[0].Blocks[0].Lang != "" {
			t.Errorf("%s: the card comes in %v", v.Language, c.out.Replies[0].Blocks)
		}
		r, _ := flows.Fallback(b, flows.Input{Channel: "telegram", Text: l.Text, At: flowstest.Monday})
		if got := inLanguage(r, lang); lang != "" && !slices.Equal(got, card[:1]) {
			t.Errorf("%s: from memory comes %v", v.Language, r.Blocks)
		}
	}
	if want := []string{"ar", "en", "pa", "pl", "sk", "so", "ur"}; len(met) != len(want) {
		t.Errorf("lines of %v were met, want %v", met, want)
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
