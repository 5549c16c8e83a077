package flowstest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// Kind is what a card is for: a class, and whether it is over.
type Kind struct {
	Class screen.Class
	Past  bool
}

// CardOf is the key of each class's card, as the files in crisis/ have it. Each
// class has exactly one, and some have one more for what is over.
func CardOf(t testing.TB, b *flows.Bundle) map[Kind]string {
	t.Helper()
	out := map[Kind]string{}
	var problems source.Problems
	for file, data := range b.Files().Scripts {
		if !strings.HasPrefix(file, "crisis/") {
			continue
		}
		card, kinds := "", []Kind(nil)
		for key, value := range source.Read(file, data, &problems).Pairs() {
			switch key.Raw() {
			case "card":
				card = value.Raw()
			case "classes", "past":
				for _, class := range value.Texts(&problems) {
					kinds = append(kinds, Kind{screen.Class(class), key.Raw() == "past"})
				}
			}
		}
		for _, k := range kinds {
			if out[k] != "" {
				t.Fatalf("two cards for %v", k)
			}
			out[k] = "cards." + card
		}
	}
	for _, class := range screen.Classes() {
		if out[Kind{class, false}] == "" {
			t.Fatalf("no card for %s: %v", class, problems)
		}
	}
	return out
}

// CrisisLines are the lines of each class that the shipped detector answers with
// that class's card.
func CrisisLines(t testing.TB, b *flows.Bundle) map[screen.Class][]string {
	t.Helper()
	out := map[screen.Class][]string{}
	for _, l := range Labelled(t) {
		if l.brings(b) {
			out[screen.Class(l.Class)] = append(out[screen.Class(l.Class)], l.Text)
		}
	}
	for _, class := range screen.Classes() {
		if len(out[class]) == 0 {
			t.Fatalf("no line of %s is found", class)
		}
	}
	return out
}

// CrisisLine is the first of the lines of a class, found without reading all of them:
// that takes seconds.
func CrisisLine(t testing.TB, b *flows.Bundle, class screen.Class) string {
	t.Helper()
	for _, l := range Labelled(t) {
		if l.Class == string(class) && l.brings(b) {
			return l.Text
		}
	}
	t.Fatalf("no line of %s is found", class)
	return ""
}

// Line is one line of a labelled set.
type Line struct{ Tier, Class, Text string }

// brings says whether a line is answered with the card of its class.
func (l Line) brings(b *flows.Bundle) bool {
	if l.Tier != "crisis" {
		return false
	}
	v := b.Screen(l.Text)
	return v.Tier == screen.Crisis && v.Class == screen.Class(l.Class)
}

// root is the folder of the project, in one of whose folders a test runs.
func root(t testing.TB) string {
	t.Helper()
	folder, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		folder = filepath.Dir(folder)
	}
	t.Fatal("no folder above has a go.mod")
	return ""
}

// Labelled is the set that the detector was built on.
func Labelled(t testing.TB) []Line {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root(t), "flows", "testdata", "crisis", "development.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []Line
	for row := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n") {
		f := strings.Split(row, "\t")
		if len(f) != 5 {
			t.Fatalf("%d columns in %q", len(f), row)
		}
		out = append(out, Line{Tier: f[0], Class: f[1], Text: f[4]})
	}
	return out
}

// ConcernWords are words that bring the question of concern.
func ConcernWords(t testing.TB, b *flows.Bundle) string {
	t.Helper()
	for _, l := range Labelled(t) {
		if l.Tier == "concern" && b.Screen(l.Text).Tier == screen.Concern {
			return l.Text
		}
	}
	t.Fatal("no line brings the question of concern")
	return ""
}
