package screen_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// labelled is one line of a labelled set: what a careful youth worker would do
// with it.
type labelled struct {
	tier, class, language, kind, text string
	at                                int // the line of the file
}

// readSet reads a labelled set.
func readSet(t testing.TB, name string) []labelled {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "crisis", name))
	if err != nil {
		t.Fatal(err)
	}
	var out []labelled
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			t.Fatalf("%s:%d has %d columns", name, i+1, len(f))
		}
		out = append(out, labelled{f[0], f[1], f[2], f[3], f[4], i + 1})
	}
	return out
}

// shipped is the detector with the lists that ship. flows may not import locales,
// so they are read as files.
func shipped(t testing.TB) *screen.Screener {
	t.Helper()
	root := filepath.Join("..", "..", "locales")
	files, err := fs.Glob(os.DirFS(root), "*/crisis/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]byte{}
	for _, f := range files {
		if lists[f], err = os.ReadFile(filepath.Join(root, f)); err != nil {
			t.Fatal(err)
		}
	}
	var ps source.Problems
	s := screen.New(lists, &ps)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	return s
}

// share is so many of so many.
type share struct{ hits, of int }

// add counts one.
func (s *share) add(hit bool) {
	s.of++
	if hit {
		s.hits++
	}
}

// percent is the share in percent.
func (s share) percent() float64 { return 100 * float64(s.hits) / float64(max(1, s.of)) }

// String is the share as people read it.
func (s share) String() string { return fmt.Sprintf("%5.1f %% (%d of %d)", s.percent(), s.hits, s.of) }

// figures are those of the table in the safety papers.
type figures struct {
	crisis, explicit, harm, concern, falseAny, falseCard, noisy share
	spaceless, falseSpaceless                                   share // English, with the spaces gone
	languages                                                   map[string]*share
}

// measure classifies a set.
func measure(s *screen.Screener, set []labelled) figures {
	f := figures{languages: map[string]*share{}}
	for _, l := range set {
		v := s.Screen(l.text)
		any := v.Tier != screen.None
		if l.language != "en" {
			if f.languages[l.language] == nil {
				f.languages[l.language] = &share{}
			}
			if l.tier != "none" {
				f.languages[l.language].add(any)
				continue
			}
		}
		if l.language == "en" && l.tier != "concern" {
			hit := s.Screen(strings.ReplaceAll(l.text, " ", "")).Tier != screen.None
			if l.tier == "none" {
				f.falseSpaceless.add(hit)
			} else {
				f.spaceless.add(hit)
			}
		}
		switch l.tier {
		case "none":
			f.falseAny.add(any)
			f.falseCard.add(v.Tier == screen.Crisis)
		case "concern":
			f.concern.add(any)
		case "crisis":
			f.crisis.add(any)
			switch screen.Class(l.class) {
			case screen.Wish, screen.Plan, screen.Attempt:
				f.explicit.add(any)
			case screen.Harmed, screen.Sexual, screen.Exploitation, screen.Honour, screen.FGM:
				f.harm.add(any)
			}
			for _, text := range noise(l.text) {
				f.noisy.add(s.Screen(text).Tier != screen.None)
			}
		}
	}
	return f
}

// noise is a text with a slip, with leet and with the spaces gone, always the same
// ones.
func noise(text string) []string {
	words := strings.Fields(text)
	longest := 0
	for i, w := range words {
		if len(w) > len(words[longest]) {
			longest = i
		}
	}
	slip := append([]string{}, words...)
	if r := []rune(slip[longest]); len(r) > 3 {
		r[2], r[3] = r[3], r[2]
		slip[longest] = string(r)
	}
	spaced := append([]string{}, words...)
	spaced[longest] = strings.Join(strings.Split(spaced[longest], ""), " ")
	return []string{
		strings.Join(slip, " "), strings.NewReplacer("i", "1", "e", "3", "o", "0").Replace(text), strings.Join(spaced, " "),
	}
}

// TestFigures holds the detector to the "release" column of the targets on the half
// that it was built on, and to the "first" column on the half that nobody who built
// it has read. Both halves' figures are printed.
func TestFigures(t *testing.T) {
	t.Parallel()
	s := shipped(t)
	for name, want := range map[string]map[string]float64{
		"development.tsv": {"crisis": 92, "explicit": 98, "harm": 88, "concern": 75, "false": 5, "card": 2, "loss": 4, "language": 80, "spaceless": 85},
		"sealed.tsv":      {"crisis": 70, "explicit": 85, "harm": 60, "concern": 45, "false": 8, "card": 4, "loss": 10, "language": 50, "spaceless": 45},
	} {
		f := measure(s, readSet(t, name))
		least := func(what string, got share, want float64) {
			t.Logf("%-15s %-10s %s, wanted at least %v %%", name, what, got, want)
			if got.percent() < want {
				t.Errorf("%s: %s: %s, want at least %v %%", name, what, got, want)
			}
		}
		most := func(what string, got share, want float64) {
			t.Logf("%-15s %-10s %s, wanted at most %v %%", name, what, got, want)
			if got.percent() > want {
				t.Errorf("%s: %s: %s, want at most %v %%", name, what, got, want)
			}
		}
		least("crisis", f.crisis, want["crisis"])
		least("explicit", f.explicit, want["explicit"])
		least("harm", f.harm, want["harm"])
		least("concern", f.concern, want["concern"])
		most("false", f.falseAny, want["false"])
		most("card", f.falseCard, want["card"])
		least("with noise", f.noisy, f.crisis.percent()-want["loss"])
		least("without spaces", f.spaceless, want["spaceless"])
		most("false, no spaces", f.falseSpaceless, want["false"])
		for lang, got := range f.languages {
			least(lang, *got, want["language"])
		}
	}
}
