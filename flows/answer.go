package flows

import (
	"slices"
	"strings"

	"github.com/star-house/frontdoor/flows/screen"
)

// answer takes typed text as the answer to the open question.
func (t *turn) answer(text string) {
	st := t.b.state(t.c.top())
	switch {
	case t.c.Ask.Seq == 0:
		t.settle() // its question was not shown yet
		return
	case t.answersPaused(st, text), t.broughtBack(st, text):
		return
	}
	switch st.kind {
	case Ask:
		t.answerTyped(st, text)
	case Choose, Crisis:
		t.answerOption(st, text)
	case Consent:
		t.answerTwo(st, text, "agree", "decline")
	case Review:
		t.answerReview(st, text)
	default:
		t.again()
	}
}

// broughtBack shows a question again that was put off, before anything typed counts for
// it: "just type something" asks for no answer. A text that can be nothing else is
// taken all the same, and words that may be one are offered back. It reports whether
// it did.
func (t *turn) broughtBack(st *state, text string) bool {
	later := t.c.Ask.Later
	t.c.Ask.Later = false
	if !later || st == nil {
		return false
	}
	q := st.question
	words := st.kind == Ask && q != nil && t.b.vars[q.variable].kind == isText
	if !words && t.takes(st, text) {
		return false
	}
	t.hold(text)
	t.again()
	return true
}

// answersPaused takes what is typed at the menu for those who were not understood
// as the answer to the question before it, when it is one and no choice of the menu.
// It reports whether it did.
func (t *turn) answersPaused(st *state, text string) bool {
	if t.c.Paused == nil || t.c.top() != t.b.bot.defaults.stuck || st.kind != Choose || t.match(st, text) >= 0 {
		return false
	}
	stuck := *t.c
	t.unpause()
	if open := t.b.state(t.c.top()); open != nil && t.takes(open, text) {
		t.answer(text)
		return true
	}
	*t.c = stuck
	return false
}

// answerOption takes the typed answer to a question with buttons.
func (t *turn) answerOption(st *state, text string) {
	if st.question.many {
		t.answerMany(st, text)
		return
	}
	o := t.match(st, text)
	switch {
	case o >= 0:
		t.choose(st, o)
	case t.saysYes(st, text):
		t.c.Ask.Yes = true
		t.miss(st, notWhich)
	default:
		t.miss(st, notOption)
	}
}

// saysYes says whether a text that is no option says yes, or maybe, to a question
// with colours: several of its options do.
func (t *turn) saysYes(st *state, text string) bool {
	first, _, _ := strings.Cut(fold(text), " ")
	says := func(list, text string) bool { return t.b.Words.lookupIs(t.c.Locale, wordsFile+"."+list, text) }
	return st.question.coloured() && (says("yes", text) || says("yes", first) || says("maybe", text))
}

// answerTyped takes the answer to an ask state.
func (t *turn) answerTyped(st *state, text string) {
	_, canSkip := st.exits["skip"]
	if canSkip && t.b.Words.lookupIs(t.c.Locale, wordsFile+".skip", text) {
		t.skip(st)
		return
	}
	v := t.b.vars[st.question.variable]
	if v == nil {
		t.record(st, Entry{}, "answer")
		return
	}
	value, no := v.read(text)
	if no != "" {
		t.miss(st, no)
		return
	}
	t.record(st, Entry{Value: []string{value}}, "answer")
}

// skip passes a question over.
func (t *turn) skip(st *state) { t.record(st, Entry{Skipped: true}, "skip") }

// answerReview takes what is typed at a review. A number is a line, never one of
// the two buttons: the lines are what is numbered there, and a number that sent, or
// erased, everything would be taken for one of them.
func (t *turn) answerReview(st *state, text string) {
	line, isLine := t.reviewLine(st, text)
	switch {
	case isLine:
		t.changeLine(st, line)
	case isNumber(text):
		t.miss(st, notLine)
	default:
		t.answerTwo(st, text, "submit", "cancel")
	}
}

// answerTwo takes a typed yes or no where there are two buttons.
func (t *turn) answerTwo(st *state, text, yes, no string) {
	key := t.c.top().String()
	labels := []string{t.text1(key + "." + yes), t.text1(key + "." + no)}
	said := func(i int, event, list string) bool {
		return i < 0 && (t.b.Words.lookupIs(t.c.Locale, key+"."+event+".also", text) ||
			t.b.Words.lookupIs(t.c.Locale, wordsFile+"."+list, text))
	}
	switch i := matchLabel(labels, text); {
	case i == 0, said(i, yes, "yes"):
		t.decide(st, yes)
	case i == 1, said(i, no, "no"):
		t.decide(st, no)
	case st.kind == Review:
		t.miss(st, notLine)
	default:
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

// answerMany takes typed choices for a choose … many, or the word for done; where
// none is an answer, also a word that says no or skips.
func (t *turn) answerMany(st *state, text string) {
	picked, ok := t.matchMany(st, text)
	is := func(list string) bool { return t.b.Words.lookupIs(t.c.Locale, wordsFile+"."+list, text) }
	switch {
	case ok:
		for _, i := range picked {
			t.pickOption(st, i, true)
		}
	case is("done"):
	case st.question.least == 0 && (is("no") || is("skip")):
		t.c.Ask.Picked = nil
	default:
		t.miss(st, notOption)
		return
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

// done closes a choose … many. With nothing on it is passed over, where the script
// takes that for an answer.
func (t *turn) done(st *state) {
	switch n := len(t.c.Ask.Picked); {
	case n < st.question.least:
		t.miss(st, "pick_one")
		return
	case n == 0:
		t.record(st, Entry{Skipped: true}, "done")
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
	switch {
	case v == nil && t.c.Paused == nil:
		t.fault("no such variable")
		return
	case v == nil:
		// Within an interrupt it would not be kept anyway, and whoever needs help goes on.
		t.out.Fault = "no such variable"
	case v.kind == isLocale:
		t.c.Locale = e.first()
	case t.c.Paused == nil:
		t.write(v, e)
	}
	t.c.Ask.Before, t.c.Ask.Held = nil, ""
	t.move(st, event)
	t.settle()
}

// write puts the answer to the open question into the journal, in place of an
// earlier one.
func (t *turn) write(v *variable, e Entry) {
	e.Seq, e.Var, e.At = t.c.Ask.Seq, v.name, slices.Clone(t.c.At)
	t.c.Journal = slices.DeleteFunc(t.c.Journal, func(old Entry) bool { return old.Var == v.name })
	t.c.Journal = append(t.c.Journal, e)
}

// miss is an answer that was not understood: a kind sentence and the question
// again, and after the last retry a way to a human, or the option that the
// question names for it.
func (t *turn) miss(st *state, why refusal) {
	if st.kind == Crisis {
		t.listen(st, false)
		return
	}
	t.c.Ask.Misses++
	most := st.wait.retries
	if most == 0 {
		most = t.b.bot.defaults.retries
	}
	if t.c.Ask.Misses > most {
		if q := st.question; q != nil && q.missed != "" {
			t.passOver(st, Entry{Value: []string{q.missed}, Skipped: true})
			return
		}
		if t.c.Paused == nil {
			t.c.Ask.Misses = 0
			t.pause(t.b.bot.defaults.stuck)
			t.settle()
			return
		}
	}
	t.say(t.b.newKey("bot." + string(why)))
	t.show(st)
}

// yesRule is the rule of a Hit for a yes that was typed and could not be told from
// another.
const yesRule = "yes"

// passOver goes on without an answer that was understood. Somebody who said yes all
// the same sees the numbers that fit the question before the next one, and is amber
// at least.
func (t *turn) passOver(st *state, e Entry) {
	if !t.c.Ask.Yes || t.c.Paused != nil {
		t.say("bot.moved_on") // on the way to a card it would stand in between
		t.record(st, e, e.first())
		return
	}
	t.write(t.b.vars[st.question.variable], e)
	t.move(st, e.first())
	t.c.Hits = append(t.c.Hits, Hit{Tier: screen.Concern.String(), Class: st.question.variable, Rule: yesRule, Version: t.b.bot.rules,
		At: t.in.At})
	t.c.Ask = Asking{Last: t.c.Ask.Last, Tapped: t.c.Ask.Tapped, Kept: t.c.Ask.Kept, Heard: t.c.Ask.Heard}
	t.pause(t.b.bot.targets[OnCrisis])
	t.settle()
}
