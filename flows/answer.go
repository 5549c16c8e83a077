package flows

import (
	"slices"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/flows/source"
)

// answer takes typed text as the answer to the open question.
func (t *turn) answer(text string) {
	st := t.b.state(t.c.top())
	switch st.kind {
	case Ask:
		t.answerTyped(st, text)
	case Choose, Crisis:
		if st.question.many {
			t.answerMany(st, text)
			return
		}
		if o := t.match(st, text); o >= 0 {
			t.choose(st, o)
			return
		}
		t.miss(st, notOption)
	case Consent:
		t.answerTwo(st, text, "agree", "decline")
	case Review:
		t.answerTwo(st, text, "submit", "cancel")
	default:
		t.again()
	}
}

// answerTyped takes the answer to an ask state.
func (t *turn) answerTyped(st *state, text string) {
	_, canSkip := st.exits["skip"]
	if canSkip && t.b.Words.lookupIs(t.c.Locale, wordsFile+".skip", text) {
		t.skip(st)
		return
	}
	value, no := t.b.vars[st.question.variable].read(text)
	if no != "" {
		t.miss(st, no)
		return
	}
	t.record(st, Entry{Value: []string{value}}, "answer")
}

// skip passes a question over.
func (t *turn) skip(st *state) { t.record(st, Entry{Skipped: true}, "skip") }

// answerTwo takes a typed yes or no where there are two buttons.
func (t *turn) answerTwo(st *state, text, yes, no string) {
	key := t.c.top().String()
	labels := []string{t.text1(key + "." + yes), t.text1(key + "." + no)}
	switch i := matchLabel(labels, text); {
	case i == 0, i < 0 && t.b.Words.lookupIs(t.c.Locale, wordsFile+".yes", text):
		t.decide(st, yes)
	case i == 1, i < 0 && t.b.Words.lookupIs(t.c.Locale, wordsFile+".no", text):
		t.decide(st, no)
	default:
		if st.kind == Review {
			if line, ok := t.reviewLine(st, text); ok {
				t.changeLine(st, line)
				return
			}
		}
		t.miss(st, notOption)
	}
}

// decide takes one of the two ways out of a consent or a review.
func (t *turn) decide(st *state, event string) {
	key := t.c.top().String()
	switch {
	case event == "agree", event == "submit" && st.consent != "":
		t.consent(st.consent, t.text1(key))
	case event == "decline":
		t.revoke(st.consent)
	}
	t.move(st, event)
	t.settle()
}

// consent writes down that a person agreed to a wording.
func (t *turn) consent(id, wording string) {
	t.c.Consents = slices.DeleteFunc(t.c.Consents, func(g Given) bool { return g.ID == id })
	t.c.Consents = append(t.c.Consents, Given{
		ID: id, Version: t.b.consents[id].version, Locale: t.c.Locale, Hash: hashOf(wording), At: t.in.At,
		Seq: t.c.Ask.Seq,
	})
}

// revoke takes a consent back and erases what it covers.
func (t *turn) revoke(id string) {
	covers := t.b.consents[id].covers
	t.c.Consents = slices.DeleteFunc(t.c.Consents, func(g Given) bool { return g.ID == id })
	gone := func(e Entry) bool { return contains(covers, e.Var) }
	t.c.Journal = slices.DeleteFunc(t.c.Journal, gone)
	t.c.Ask.Kept = slices.DeleteFunc(t.c.Ask.Kept, gone)
}

// match finds the option that a typed text means: its label, its number, one of
// its other words, or a spelling close to its label. It is -1 when none is meant.
func (t *turn) match(st *state, text string) int {
	key := t.c.top().String()
	var labels []string
	for _, o := range st.question.options {
		labels = append(labels, t.text1(key+"."+o.id))
	}
	said := fold(text)
	for i, o := range st.question.options {
		if t.b.Words.lookupIs(t.c.Locale, key+"."+o.id+".also", text) || said == o.id {
			return i
		}
	}
	return matchLabel(labels, text)
}

// matchLabel finds the label that a text means: the same words, its number, or a
// close spelling that could mean no other.
func matchLabel(labels []string, text string) int {
	said := fold(text)
	folded := make([]string, len(labels))
	for i, l := range labels {
		folded[i] = fold(l)
		if folded[i] == said && said != "" {
			return i
		}
	}
	if n, err := strconv.Atoi(asciiDigits(strings.Trim(strings.TrimSpace(text), ".)#"))); err == nil {
		if n >= 1 && n <= len(labels) {
			return n - 1
		}
		return -1
	}
	if len([]rune(said)) < 4 {
		return -1
	}
	return slices.Index(folded, source.Near(said, folded))
}

// lookupIs says whether a text is one of the comma-separated words of a key.
func (w *Words) lookupIs(lang, key, text string) bool {
	list, ok := w.lookup(lang, key)
	said := fold(text)
	if !ok || said == "" {
		return false
	}
	for word := range strings.SplitSeq(list, ",") {
		if fold(word) == said {
			return true
		}
	}
	return false
}

// answerMany takes typed choices for a choose … many: labels or numbers,
// separated by commas or "and", or the word for done.
func (t *turn) answerMany(st *state, text string) {
	if t.b.Words.lookupIs(t.c.Locale, wordsFile+".done", text) {
		t.done(st)
		return
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
	var picked []int
	for _, part := range parts {
		for word := range strings.SplitSeq(part, " "+t.text1(wordsFile+".and")+" ") {
			i := t.match(st, word)
			if i < 0 {
				t.miss(st, notOption)
				return
			}
			picked = append(picked, i)
		}
	}
	for _, i := range picked {
		t.pickOption(st, i, true)
	}
	t.done(st)
}

// pickOption switches one option of a choose … many on or off.
func (t *turn) pickOption(st *state, i int, on bool) {
	o := st.question.options[i]
	picked := slices.DeleteFunc(t.c.Ask.Picked, func(id string) bool {
		return id == o.id || on && (o.only || st.question.optionByID(id).only)
	})
	if on {
		picked = append(picked, o.id)
	}
	t.c.Ask.Picked = picked
}

// optionByID is an option by its name; the zero option when there is none.
func (q *question) optionByID(id string) option {
	for _, o := range q.options {
		if o.id == id {
			return o
		}
	}
	return option{}
}

// done closes a choose … many; at least one option must be on.
func (t *turn) done(st *state) {
	if len(t.c.Ask.Picked) == 0 {
		t.miss(st, "pick_one")
		return
	}
	var value []string
	for _, o := range st.question.options { // in the script's order, whatever the taps' was
		if contains(t.c.Ask.Picked, o.id) {
			value = append(value, o.id)
		}
	}
	t.record(st, Entry{Value: value}, "done")
}

// choose takes one option.
func (t *turn) choose(st *state, i int) {
	id := st.question.options[i].id
	if st.kind == Crisis {
		t.tapCard(id)
		t.move(st, id)
		t.settle()
		return
	}
	if t.c.top().Flow == crisisFlow {
		t.tapCard(id)
	}
	t.record(st, Entry{Value: []string{id}}, id)
}

// record writes an answer into the journal and goes on. What is answered within
// an interrupt steers that interrupt only.
func (t *turn) record(st *state, e Entry, event string) {
	v := t.b.vars[st.question.variable]
	if v.kind == isLocale {
		t.c.Locale = e.first()
	} else if t.c.Paused == nil {
		e.Seq, e.Var, e.At = t.c.Ask.Seq, v.name, slices.Clone(t.c.At)
		t.c.Journal = slices.DeleteFunc(t.c.Journal, func(old Entry) bool { return old.Var == v.name })
		t.c.Journal = append(t.c.Journal, e)
	}
	t.c.Ask.Before, t.c.Ask.Held = nil, ""
	t.move(st, event)
	t.settle()
}

// miss is an answer that was not understood: a kind sentence and the question
// again, and after the last retry a way to a human, or the option that the
// question names for it.
func (t *turn) miss(st *state, why refusal) {
	if st.kind == Crisis {
		t.listen(st, nil)
		return
	}
	t.c.Ask.Misses++
	most := st.wait.retries
	if most == 0 {
		most = t.b.bot.defaults.retries
	}
	if t.c.Ask.Misses > most {
		if q := st.question; q != nil && q.missed != "" {
			t.say("bot.moved_on")
			t.record(st, Entry{Value: []string{q.missed}, Skipped: true}, q.missed)
			return
		}
		if t.c.Paused == nil {
			t.c.Ask.Misses = 0
			t.pause(t.b.bot.defaults.stuck)
			t.settle()
			return
		}
	}
	t.say("bot." + string(why))
	t.show(st)
}
