package screen

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows/source"
)

// TestBudget holds that a text that takes too many steps to read counts as concern,
// whatever the clock says, and keeps what was found before the steps ran out.
func TestBudget(t *testing.T) {
	t.Parallel()
	var ps source.Problems
	s := New(shippedFiles(t), &ps)
	var costly strings.Builder
	random := rand.New(rand.NewPCG(1, 2))
	for range maxRunes / 6 {
		for _, r := range []rune{'x', star, 'x', star, 'x', ' '} {
			if r == 'x' {
				r = 'a' + rune(random.IntN(26))
			}
			costly.WriteRune(r)
		}
	}
	if v := s.Screen(costly.String()); v.Tier != Concern || v.Rule != budgetRule {
		t.Errorf("a costly text is %v by %q", v.Tier, v.Rule)
	}
	best, left := found{class: len(Classes())}, &budget{maxSteps}
	s.search(s.streams("i want to die", allViews, left)[0], &best, &budget{1})
	if best.tier != None {
		t.Errorf("without steps %v is found", best.tier)
	}
	for _, text := range []string{"i want to die", strings.Repeat("i want my dad to hit me i dont die k1ll myse1f ", 110), strings.Repeat("i ", 2560), strings.Repeat("a", 5120)} {
		left := &budget{maxSteps}
		for _, stream := range s.streams(text, allViews, left) {
			s.search(stream, &best, left)
		}
		if left.left < maxSteps/4 {
			t.Errorf("%.20q of %d characters takes %d steps of %d", text, len(text), maxSteps-left.left, maxSteps)
		}
	}
}

// TestGrowingText holds that what is read stays short when characters fold into many,
// and that the end of such a text is still read.
func TestGrowingText(t *testing.T) {
	t.Parallel()
	s := lists(t, small)
	for _, text := range []string{
		strings.Repeat("\ufdfa", 5000), strings.Repeat("🔪", 5000), strings.Repeat("\ufdfa ", 3000) + "i want to die", "i want to die " + strings.Repeat("\ufdfa", 5000),
	} {
		if got := len([]rune(foldCut(s.named(cut(text), allViews)))); got > maxRunes+maxTail+1 {
			t.Errorf("%.20q becomes %d characters", text, got)
		}
		if want := strings.Contains(text, "die"); (s.Screen(text).Tier == Crisis) != want {
			t.Errorf("%.20q … is %v", text, s.Screen(text).Tier)
		}
	}
	for _, text := range []string{"hello", "é à", strings.Repeat("ab ", 1000)} {
		if foldCut(text) != fold(text) {
			t.Errorf("%.20q folds into %.40q", text, foldCut(text))
		}
	}
}

// TestCore holds that without any list, plain words of every class are understood.
func TestCore(t *testing.T) {
	t.Parallel()
	var ps source.Problems
	bare := New(nil, &ps)
	for class, text := range map[Class]string{
		Wish: "i want to die", Plan: "im going to kill myself", Attempt: "i took too many tablets", SelfHarm: "i keep cutting myself", Harmed: "he hits me",
		Sexual: "he raped me", Exploitation: "they make me carry stuff", Honour: "theyre forcing me to marry", FGM: "they want me to be cut abroad",
		Eating: "i make myself sick after tea", Voices: "the voices tell me to do it", Others: "im gonna stab him", Friend: "my friend wants to die", NowhereSafe: "ive nowhere to go tonight",
	} {
		if v := bare.Screen(text); v.Tier != Crisis || v.Class != class {
			t.Errorf("without lists %q is %v of %s (%s)", text, v.Tier, v.Class, v.Rule)
		}
	}
	if len(ps) > 0 || len(bare.Lacks("en")) != len(Classes()) {
		t.Errorf("%v; the core list counts for a language", ps)
	}
}

// TestUnread holds that each problem of a list that cannot be read names its file.
func TestUnread(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a: [", "- a", "hello", "\xff\xfe", "---\na: b\n---\nc: d", "a: &x 1", strings.Repeat("a", source.MaxBytes+1),
		strings.Replace(small, "not: [dont", `not: ["***", dont`, 1), strings.Replace(small, "format: 1", "format: 2", 1)} {
		var ps source.Problems
		s := New(map[string][]byte{"en/crisis/broken.yaml": []byte(text)}, &ps)
		if len(ps) == 0 {
			t.Errorf("%.30q is no problem", text)
		}
		for _, p := range ps {
			if p.File != "locales/en/crisis/broken.yaml" {
				t.Errorf("%.30q: the problem %q names no file", text, p)
			}
		}
		if v := s.Screen("i want to die"); v.Tier != Crisis {
			t.Errorf("%.30q leaves nothing understood", text)
		}
	}
	var ps source.Problems
	New(map[string][]byte{ // what a shared set has wrong, found by a file without sets
		"en/crisis/a.yaml":    []byte(small[:strings.Index(small, "sets:")]),
		"en/crisis/sets.yaml": []byte(strings.Replace(small, "not: [dont", `not: ["***", dont`, 1)),
	}, &ps)
	for _, p := range ps {
		if p.File == "" {
			t.Errorf("the problem %q names no file", p)
		}
	}
}

// TestMaskList holds that every mask that ships is on a list that is kept apart from
// it, with a sentence that brings nothing: a mask that is lost turns this red.
func TestMaskList(t *testing.T) {
	t.Parallel()
	name := filepath.Join("..", "testdata", "crisis", "masks.tsv")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var ps source.Problems
	s := New(shippedFiles(t), &ps)
	listed := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n") {
		id, example, _ := strings.Cut(line, "\t")
		listed[id] = true
		if !slices.ContainsFunc(s.masks, func(m mask) bool { return m.id == id }) {
			t.Errorf("the mask %s is gone", id)
		}
		if v := s.Screen(example); v.Tier != None {
			t.Errorf("%s: %q is %v by %s", id, example, v.Tier, v.Rule)
		}
	}
	var add []string
	for _, m := range s.masks {
		if m.example != "" && !listed[m.id] {
			add = append(add, fmt.Sprint(m.id, "\t", m.example))
		}
	}
	if len(add) > 0 {
		t.Errorf("add to %s:\n%s", name, strings.Join(add, "\n"))
	}
}

// TestPurpose holds that the mask of accidents does not hide what was done on purpose.
func TestPurpose(t *testing.T) {
	t.Parallel()
	var ps source.Problems
	s := New(shippedFiles(t), &ps)
	for text, want := range map[string]Tier{
		"i burned myself on the oven": None, "i burned myself with the iron": None, "my friend hurt herself skateboarding": None,
		"i burned myself with the iron on purpose": Crisis, "i burned myself with a lighter on purpose": Crisis, "i burnt my arm on the hob deliberately": Crisis,
	} {
		if v := s.Screen(text); v.Tier != want {
			t.Errorf("%q is %v by %s, want %v", text, v.Tier, v.Rule, want)
		}
	}
}
