package flows_test

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/scripts"
	"github.com/star-house/frontdoor/flows/source"
)

// labelsAreAnswers holds, in every place, that typing what stands on a button of
// the open question, or another word for it, is the same as tapping it, and brings
// no card: the label of a red answer may be words of crisis, but it is the question
// that takes it.
func labelsAreAnswers(t *testing.T, found map[string]*chat) {
	typed := 0
	for _, where := range slices.Sorted(maps.Keys(found)) {
		c := found[where]
		n := len(c.out.Replies)
		if n == 0 || c.c.Owner == flows.OwnerWorker || c.c.Silence != "" || c.c.Over != "" || len(c.c.At) == 0 {
			continue
		}
		question := c.out.Replies[n-1]
		for _, b := range question.Options {
			key := c.c.At[len(c.c.At)-1].String() + "." + b.ID
			for _, text := range append(alternatives(c.b, key+".also"), b.Label) {
				c.with(t).isAnswer(text, b.ID, where, question.Redraws)
				typed++
			}
		}
	}
	if typed < 1000 {
		t.Errorf("only %d labels were typed", typed)
	}
}

// isAnswer holds that a text is taken for a tap on an option. Of a choose … many a
// typed answer is whole, a tapped one is not, so there only the card is looked for.
func (c *chat) isAnswer(text, option, where string, many bool) {
	c.t.Helper()
	tapped, said := c.with(c.t), c.with(c.t)
	out := said.says(text)
	if len(out.Conversation.Hits) > len(c.c.Hits) {
		c.t.Errorf("%s: %q counts as words of %s", where, text, out.Verdict.Class)
	}
	tapped.taps(option)
	if !many && (!slices.Equal(said.c.At, tapped.c.At) || !reflect.DeepEqual(said.c.Journal, tapped.c.Journal)) {
		c.t.Errorf("%s: %q brings %v, and its button %v", where, text, said.c.At, tapped.c.At)
	}
}

// alternatives are the comma-separated words of a key.
func alternatives(b *flows.Bundle, key string) []string {
	var out []string
	for _, parts := range b.Texts(key) {
		for word := range strings.SplitSeq(strings.Join(parts, ""), ",") {
			out = append(out, strings.TrimSpace(word))
		}
	}
	return out
}

// aboutDanger are the catalogues whose sentences speak of danger because they must,
// and the ones that only staff read.
func aboutDanger() []string {
	return []string{"cards", "contacts", "crisis", "screening", "alerts", "criteria"}
}

// TestOwnWordsAreNoAlarm holds that nothing that the bot itself offers, outside the
// questions and cards about danger, calls for anything when it is typed: labels, the
// other words for them, words that interrupt. What it says calls for no card when
// somebody quotes it.
func TestOwnWordsAreNoAlarm(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	checked := 0
	var problems source.Problems
	for file, data := range b.Files().Locales {
		name := strings.TrimSuffix(path.Base(file), ".yaml")
		if path.Dir(file) != "en" || slices.Contains(aboutDanger(), name) {
			continue
		}
		for key, value := range source.Read(file, data, &problems).Pairs() {
			if mustSayHurt(name + "." + key.Raw()) {
				continue
			}
			most, ends := screen.Concern, ".?!\n"
			plain, _, _ := strings.Cut(key.Raw(), "@") // without how a request stands
			if name == "words" || strings.Contains(plain, ".") && !strings.HasSuffix(plain, ".again") {
				most, ends = screen.None, ",.?!\n"
			}
			for _, text := range strings.FieldsFunc(value.Raw(), func(r rune) bool { return strings.ContainsRune(ends, r) }) {
				checked++
				if v := b.Screen(text); v.Tier > most {
					t.Errorf("%s: %s of %s (%s): %q", file, v.Tier, v.Class, v.Rule, text)
				}
			}
		}
	}
	if len(problems) > 0 || checked < 400 {
		t.Errorf("%d texts: %v", checked, problems)
	}
}

// mustSayHurt says whether a text explains when something is passed on: if someone
// could be badly hurt.
func mustSayHurt(key string) bool {
	return strings.HasPrefix(key, "referral.teach_")
}

// TestExampleAnswersAreNoAlarm holds that nothing that is typed in the transcripts
// of people who are not in danger calls for a card.
func TestExampleAnswersAreNoAlarm(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	all, err := scripts.Read(scripts.FS)
	if err != nil {
		t.Fatal(err)
	}
	_, transcripts := scripts.Split(all)
	checked := 0
	var problems source.Problems
	for file, data := range transcripts {
		name := path.Base(file)
		if slices.ContainsFunc([]string{"crisis", "concern", "red", "hello"}, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		for _, said := range typedIn(source.Read(file, data, &problems), &problems) {
			checked++
			if v := b.Screen(said); v.Tier != screen.None {
				t.Errorf("%s: %s of %s (%s): %q", file, v.Tier, v.Class, v.Rule, said)
			}
		}
	}
	if len(problems) > 0 || checked < 80 {
		t.Errorf("%d answers: %v", checked, problems)
	}
}

// typedIn is what somebody types in a transcript, but for what the transcript itself
// expects to be taken for words of danger.
func typedIn(transcript *source.Node, problems *source.Problems) []string {
	var out []string
	for key, steps := range transcript.Pairs() {
		if key.Raw() != "steps" {
			continue
		}
		for _, step := range steps.List(problems) {
			for what, value := range step.Pairs() {
				switch {
				case what.Raw() == "type":
					out = append(out, value.Raw())
				case what.Raw() == "expect" && expectsDanger(value) && len(out) > 0:
					out = out[:len(out)-1]
				}
			}
		}
	}
	return out
}

// expectsDanger says whether a card or the question of concern is expected.
func expectsDanger(expect *source.Node) bool {
	for what, value := range expect.Pairs() {
		if what.Raw() == "state" && strings.HasPrefix(value.Raw(), "crisis.") {
			return true
		}
	}
	return false
}
