package screen

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/star-house/frontdoor/flows/source"
)

// small is a list with a little of everything.
const small = `
format: 1
language: en
status: live
version: test-1
owner: x
reviewer: x
review_by: 2030-01-01
sets:
  not: [dont, not, never, wouldnt]
  joking: [only joking]
  die: [die, be dead, not wake up, sleep for ever]
same: {you: [u], with: [wiv], want: [wanted]}
emoji: {knife: ["🔪"]}
core: [suicidal, jumping]
known: [bumping, jumpins]
opening: [want, to]
little: [i, my]
common: [my, name, is, and, then, football, experience, hello]
masks:
  - {id: homework, words: [want to die of boredom], unless: [not joking, on purpose], example: i want to die of boredom}
  - {id: film, words: [watch|watched ... suicide squad], example: we watched suicide squad}
rules:
  - {id: wish, tier: crisis, class: wish, words: ["want|wanna .. {die}", suicidal, suicide]}
  - {id: over, tier: crisis, class: attempt, past: true, words: [last year i .. jumped]}
  - {id: jump, tier: crisis, class: plan, words: [thinking of jumping]}
  - {id: blade, tier: concern, class: self_harm, words: [knife my arm*]}
  - {id: scene, tier: concern, class: harmed, words: ["footsteps|steps & under the bed & hide|hid"]}
  - {id: with, tier: concern, class: voices, words: [you .. with really? them]}
  - {id: arabic, tier: concern, class: friend, words: [اريد ان اموت]}
`

// lists is a screener of the small list, and what is wrong with it.
func lists(t testing.TB, list string) *Screener {
	t.Helper()
	var ps source.Problems
	s := New(map[string][]byte{"en/crisis/small.yaml": []byte(list)}, &ps)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	return s
}

// TestScreen holds what patterns, sets, gaps, negation, jokes, masks and sentences
// do.
func TestScreen(t *testing.T) {
	t.Parallel()
	s := lists(t, small)
	for text, want := range map[string]string{
		"i want to die": "crisis wish", "I WANT TO DIE!!": "crisis wish", "i want to just be dead": "crisis wish",
		"want a b c die": "crisis wish", "want one two three four die": "none", "i want to sleep. die hard is on": "none",
		"i want to\ndie": "crisis wish", "wanna not wake up": "crisis wish",
		"i dont want to die": "concern wish", "i want to never die": "concern wish", "i would never ever want to die": "concern wish",
		"never mind. i want to die": "crisis wish", "i dont know why but i want to die": "crisis wish",
		"i dont want to die but i want to be dead": "crisis wish",
		"i want to die only joking":                "concern wish", "only joking. i want to die": "concern wish",
		"i want to die of boredom": "none", "i want to die of boredom and i want to die": "crisis wish", "on purpose i want to die of boredom": "crisis wish", "not joking, on time": "none",
		"we watched the new suicide squad": "none", "we watched it and im suicidal": "crisis wish",
		"last year i nearly jumped": "crisis attempt past", "u and me wiv them": "concern voices", "u and me wiv really them": "concern voices",
		"🔪 my arms": "concern self_harm", "knife my army": "concern self_harm",
		"i hid. under the bed, as always. footsteps": "concern harmed", "footsteps. i was under the bed": "none",
		"": "none", "   ": "none", "🙃🙃🙃": "none", "hello": "none",
		"last year i nearly jmuped": "crisis attempt past", "last year i nearly jumpde": "crisis attempt past", "i watned to die": "crisis wish", // letters that changed places
		"اريد ان اموت": "concern friend", "واريد ان اموت": "concern friend", "فأريد أن أموت": "concern friend", "باريد ان اموت": "none", // "and" is part of the word
	} {
		v := s.Screen(text)
		got := strings.TrimSpace(fmt.Sprint(v.Tier, " ", v.Class))
		if v.Past {
			got += " past"
		}
		if got != want {
			t.Errorf("%q is %q (%s), want %q", text, got, v.Rule, want)
		}
	}
}

// TestViews holds that each view catches something that the others together do not.
func TestViews(t *testing.T) {
	t.Parallel()
	s := lists(t, small)
	for i, text := range []string{
		"i want to die", "і wаnt tо dіе", "i w4nt t0 d!e", "i waaaant to dieeee", "s u i c i d e", "iwanttodie",
		"im sucidal", "🔪 my arms",
	} {
		lost := view(1 << i)
		if v := s.Screen(text); v.Tier == None {
			t.Errorf("%q is missed with every view", text)
		}
		if v := s.guarded(text, allViews&^lost); i > 0 && v.Tier != None {
			t.Errorf("%q is found without the view %q", text, viewNames()[i])
		}
		if _, name := s.Explain(text); name != viewNames()[i] {
			t.Errorf("%q is explained by %q, want %q", text, name, viewNames()[i])
		}
	}
}

// TestForms holds the same for odd ways of writing that one view takes in.
func TestForms(t *testing.T) {
	t.Parallel()
	s := lists(t, small)
	for _, text := range []string{
		"i want to d.i.e", "i want to d-i-e", "i w\u200bant to d\u200die", "ｉ ｗａｎｔ ｔｏ ｄｉｅ", "𝐢 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐝𝐢𝐞",
		"i want to dié", "i-want-to-die", "i want  to\tdie", "wanttodie i wantto die want to die", "su1c1dal", "$uicidal", "suicidall", "suicidla",
		"i w*nt to d*e", "*i want to die*", "su icidal", "im s uicidal", "i w a n t t o d i e", "mynameisoliverandiwanttodie", "hello iwanttodie,byethen",
		"s u i c i d a l", "i\u202e want to die", strings.Repeat("hello ", 500) + "i want to die", strings.Repeat("hello ", 4000) + "i want to die",
	} {
		if v := s.Screen(text); v.Tier != Crisis {
			t.Errorf("%.40q is %v", text, v.Tier)
		}
	}
	for _, text := range []string{"im bumping into people thinking of jumpins", "suici", "99 100", "!!!", "a b c d e f g"} {
		if v := s.Screen(text); v.Tier != None {
			t.Errorf("%q is %v by %s", text, v.Tier, v.Rule)
		}
	}
}

// TestRunTogether holds that a text without spaces comes apart at the words that
// there are, around one that no list knows, and that one word stays whole.
func TestRunTogether(t *testing.T) {
	t.Parallel()
	s := lists(t, small)
	for text, want := range map[string]string{
		"iwanttodie": "i want to die", "mynameisoliverandiwanttodie": "my name is oliver and i want to die",
		"thenwxyzwanttodie": "then wxyz want to die", "dieforeverandxx": "die for ever and xx", "diexyzabc": "", "experienced": "", "footballs": "", "antidisestablishmentarianism": "",
		strings.Repeat("wanttodie", 80): "",
	} {
		if got := strings.Join(s.lexicon.part([]string{text}, false), " "); got != want {
			t.Errorf("%.40q comes apart as %q, want %q", text, got, want)
		}
	}
	every := lists(t, strings.Replace(small, "common: [my,", "common: [die, want, my,", 1))
	if got := every.lexicon.part([]string{"wantdie"}, false); len(got) != 2 {
		t.Errorf("two words that everybody says come apart as %q", got)
	}
	if got := s.lexicon.part([]string{"wantdie"}, false); got != nil {
		t.Errorf("two short words come apart as %q", got)
	}
}

// TestDraft holds that words that nobody has reviewed ask and do no more.
func TestDraft(t *testing.T) {
	t.Parallel()
	s := lists(t, strings.Replace(strings.Replace(small, "status: live", "status: draft", 1), "suicidal, suicide", "suicidal, suicide, zomrieť", 1))
	if v := s.Screen("zomriet"); v.Tier != Concern {
		t.Errorf("a draft word is %v", v.Tier)
	}
}

// TestBroken holds that a text that breaks the program counts as concern, and that
// without any list the plainest words are still understood.
func TestBroken(t *testing.T) {
	t.Parallel()
	s := lists(t, small)
	s.list[0].patterns = []pattern{{{symbol: 1 << 20}}}
	if v := s.Screen("hello"); v.Tier != Concern || v.Rule != broken {
		t.Errorf("a broken rule gives %+v", v)
	}
	var ps source.Problems
	bare := New(nil, &ps)
	for _, text := range []string{"i want to die", "im going to kill myself", "he hits me", "i took too many tablets"} {
		if v := bare.Screen(text); v.Tier != Crisis || len(ps) > 0 {
			t.Errorf("without lists %q is %v, %v", text, v.Tier, ps)
		}
	}
}

// TestRefuses holds that mistakes in a list are named with their place.
func TestRefuses(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		"words: [thinking of jumping]\x00words: [\"thinking {off} jumping\"]": `there is no set "off"`,
		"words: [thinking of jumping]\x00words: [.. jumping]":                 "begins or ends with a gap",
		"words: [thinking of jumping]\x00words: [ju*]":                        "a * stands at the end of a word",
		"id: jump\x00id: over":               `there is another "over"`,
		"class: plan\x00class: plans":        "plans",
		"core: [suicidal\x00core: [die":      "too short",
		"review_by: 2030-01-01\x00review: x": "unknown key",
	} {
		old, now, _ := strings.Cut(change, "\x00")
		var ps source.Problems
		New(map[string][]byte{"en/crisis/small.yaml": []byte(strings.Replace(small, old, now, 1))}, &ps)
		if len(ps) == 0 || !strings.Contains(ps.Error(), want) || !strings.Contains(ps.Error(), "locales/en/crisis/small.yaml:") {
			t.Errorf("%q gives %v, want %q", now, ps, want)
		}
	}
}

// TestOneSlip holds the quick comparison against the slow one.
func TestOneSlip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[abc]{6,8}`).Draw(t, "a")
		b := rapid.StringMatching(`[abc]{5,9}`).Draw(t, "b")
		want := a[0] == b[0] && source.Distance(a, b, 2) <= 1
		if got := oneSlip(a, b) || a == b; got != want {
			t.Errorf("%q and %q: %v, want %v", a, b, got, want)
		}
	})
}

// FuzzScreen holds that any text is read, in any view, and that reading it again
// gives the same.
func FuzzScreen(f *testing.F) {
	for _, text := range []string{"i want to die", "i w4nt", "so i want to", "🔪 my arms", "з̷а̴l̵g̶o̷", "أريد أن أموت", "\xff\xfe", strings.Repeat("i ", 3000)} {
		f.Add(text)
	}
	s := lists(f, small)
	f.Fuzz(func(t *testing.T, text string) {
		v := s.Screen(text)
		if v.Rule == broken || v != s.Screen(text) {
			t.Errorf("%q gives %+v", text, v)
		}
		for _, word := range strings.Fields(s.Opening(text)) {
			if _, little := s.little[word]; !little {
				t.Errorf("of %q this would be kept: %q", text, word)
			}
		}
		for _, stream := range s.streams(text, allViews, &budget{maxSteps}) {
			for _, token := range stream {
				for _, form := range token.forms {
					if form == "" || utf8.ValidString(text) && !utf8.ValidString(form) {
						t.Errorf("%q has the form %q", text, form)
					}
				}
			}
		}
	})
}

// shippedFiles are the lists that ship.
func shippedFiles(t testing.TB) map[string][]byte {
	t.Helper()
	root := filepath.Join("..", "..", "locales")
	names, err := fs.Glob(os.DirFS(root), "*/crisis/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no lists", err)
	}
	out := map[string][]byte{}
	for _, name := range names {
		if out[name], err = os.ReadFile(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestShippedMasks holds of every English mask that it is needed and that it works:
// its example, in which it stands, calls for nothing with the masks that there are,
// and for help without them.
func TestShippedMasks(t *testing.T) {
	t.Parallel()
	var ps source.Problems
	s := New(shippedFiles(t), &ps)
	all := s.masks
	for i, m := range all {
		if m.example == "" {
			continue // a draft
		}
		s.masks = all
		if v := s.Screen(m.example); v.Tier != None {
			t.Errorf("mask %s: %q is %v by %s", m.id, m.example, v.Tier, v.Rule)
		}
		s.masks = nil
		if v := s.Screen(m.example); v.Tier == None {
			t.Errorf("mask %s: %q calls for nothing without any mask", m.id, m.example)
		}
		s.masks = all[i : i+1]
		left := &budget{maxSteps}
		if r := s.index.read(s.streams(m.example, allViews, left)[0], left); !s.hideMasked(r) {
			t.Errorf("mask %s does not stand in %q", m.id, m.example)
		}
	}
}

// TestShippedClasses holds that every class catches lines that no other class does.
func TestShippedClasses(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "crisis", "development.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var ps source.Problems
	s := New(shippedFiles(t), &ps)
	all := s.list
	for _, class := range Classes() {
		s.list = nil
		for _, r := range all {
			if r.class != class {
				s.list = append(s.list, r)
			}
		}
		lost := 0
		for line := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n") {
			if f := strings.Split(line, "\t"); f[1] == string(class) && s.Screen(f[4]).Tier == None {
				lost++
			}
		}
		if lost == 0 {
			t.Errorf("nothing is missed without the class %s", class)
		}
	}
}

// BenchmarkScreen measures a usual message and the longest, made to be slow.
func BenchmarkScreen(b *testing.B) {
	var ps source.Problems
	s := New(shippedFiles(b), &ps)
	for name, text := range map[string]string{
		"usual": "i feel really low lately and i dont see my friends much, i would like to try boxing or art maybe",
		"long":  strings.Repeat("i want my dad to hit me i dont die k1ll myse1f ", 100)[:4096],
		"i":     strings.Repeat("i ", 2048),
		"one":   strings.Repeat("a", 4096),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Screen(text)
			}
		})
	}
}
