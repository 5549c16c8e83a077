package source_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/star-house/frontdoor/flows/source"
)

// TestNear holds which slip is understood, and that a doubt is not resolved by
// guessing.
func TestNear(t *testing.T) {
	t.Parallel()
	words := []string{"yes", "no", "rather not say", "before", "options", "option"}
	for typed, want := range map[string]string{
		"befor": "before", "beforee": "before", "bfeore": "before", "rathr not sya": "rather not say",
		"yse": "yes", "optionz": "", "maybe": "", "": "",
	} {
		if got := source.Near(typed, words); got != want {
			t.Errorf("%q is taken for %q, want %q", typed, got, want)
		}
	}
}

// TestDistance holds that the distance is symmetric, zero only for equal words,
// and at most one for one slip.
func TestDistance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		a, b := rapid.StringN(0, 12, -1).Draw(rt, "a"), rapid.StringN(0, 12, -1).Draw(rt, "b")
		d := source.Distance(a, b, 20)
		if d != source.Distance(b, a, 20) {
			rt.Fatal("not symmetric")
		}
		if (d == 0) != (string([]rune(a)) == string([]rune(b))) {
			rt.Fatalf("%q and %q are %d apart", a, b, d)
		}
		if len([]rune(a)) > 0 {
			cut := string([]rune(a)[1:])
			if source.Distance(a, cut, 20) != 1 {
				rt.Fatalf("%q without its first letter is not one away", a)
			}
		}
	})
}
