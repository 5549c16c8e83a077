package flows

import (
	"slices"
	"strings"
)

// back goes to the question before: the newest answer leaves the journal and
// its question is asked again with that answer marked. A consent that was given
// and a referral that was sent are not un-asked this way; they are withdrawn.
func (t *turn) back() {
	if t.c.Paused != nil {
		t.resume()
		return
	}
	n := len(t.c.Journal)
	if n == 0 || t.c.Over != "" || t.c.Owner != OwnerBot || t.barrier(n-1) {
		t.say("bot.no_back")
		t.again()
		return
	}
	e := t.c.Journal[n-1]
	t.c.Journal = t.c.Journal[:n-1]
	t.reask(e, nil)
}

// barrier says whether a consent was given after the journal's entry i.
func (t *turn) barrier(i int) bool {
	seq := t.c.Journal[i].Seq
	return slices.ContainsFunc(t.c.Consents, func(g Given) bool { return g.Seq > seq })
}

// reask opens the question of an earlier answer, with later ones kept.
func (t *turn) reask(e Entry, kept []Entry) {
	t.c.At = slices.Clone(e.At)
	t.c.Ask.Before, t.c.Ask.Kept = &e, kept
	t.arrive(t.b.state(e.top()))
}

// edit changes the journal's entry i: its question is asked again, and later
// answers are kept for the walk back.
func (t *turn) edit(i int) {
	e := t.c.Journal[i]
	kept := slices.Clone(t.c.Journal[i+1:])
	t.c.Journal = t.c.Journal[:i]
	t.c.Ask.Heard = t.heard(e, kept)
	t.reask(e, kept)
}

// heard are the keys of what was said from an answer on, along the answers after it.
func (t *turn) heard(e Entry, kept []Entry) []string {
	past := &turn{b: t.b, c: t.c.clone(), in: t.in, referral: t.referral}
	past.c.At, past.c.Ask.Kept = slices.Clone(e.At), append([]Entry{e}, kept...)
	for range maxSteps {
		st := t.b.state(past.c.top())
		switch {
		case st == nil:
			return nil
		case st.kind == Consent && past.c.consented(st.consent):
			past.move(st, "agree")
		case st.kind.waits() && past.reuse(st):
		case st.kind.waits() || past.pass(st):
			var keys []string
			for _, b := range past.blocks {
				keys = append(keys, b.Key)
			}
			return keys
		}
	}
	return nil
}

// reuse answers a question with the answer that an edit kept for it, as long as
// that is still one of its answers. Consents and crisis cards are never walked
// through.
func (t *turn) reuse(st *state) bool {
	if len(t.c.Ask.Kept) == 0 || st.question == nil || st.kind == Crisis || t.c.Paused != nil {
		return false
	}
	i := slices.IndexFunc(t.c.Ask.Kept, func(e Entry) bool {
		return e.Var == st.question.variable && slices.Equal(e.At, t.c.At)
	})
	if i < 0 {
		return false
	}
	e := t.c.Ask.Kept[i]
	t.c.Ask.Kept = slices.Delete(t.c.Ask.Kept, i, i+1)
	event, ok := t.eventOf(st, e)
	if !ok {
		return false
	}
	t.c.Journal = append(t.c.Journal, e)
	t.move(st, event)
	return true
}

// eventOf is the event that an earlier answer stands for, false when the state
// no longer takes it.
func (t *turn) eventOf(st *state, e Entry) (string, bool) {
	event := "answer"
	switch {
	case st.question.many:
		event = "done"
	case st.kind == Choose:
		event = e.first()
	case e.Skipped:
		event = "skip"
	}
	if _, ok := st.exits[event]; !ok || st.question.many && len(e.Value) < st.question.least {
		return "", false
	}
	for _, value := range e.Value {
		if t.b.vars[e.Var].fits(value) != nil {
			return "", false
		}
		if st.kind == Choose && st.question.optionByID(value).id == "" {
			return "", false
		}
	}
	return event, true
}

// reviewLine reads "change 3" or "3" typed at a review: the third line shown. So
// does the line's own label.
func (t *turn) reviewLine(st *state, text string) (int, bool) {
	words := strings.Fields(fold(text))
	if len(words) == 0 {
		return 0, false
	}
	lines := t.reviewLines(st)
	n, ok := numberIn(words[len(words)-1])
	if !ok || len(words) > 2 {
		n = 1 + slices.IndexFunc(lines, func(it Item) bool { return fold(it.Label) == fold(text) })
	}
	if n < 1 || n > len(lines) {
		return 0, false
	}
	return slices.Index(st.items, lines[n-1].Change.ID), true
}

// changeLine asks the question behind a line of the review again.
func (t *turn) changeLine(st *state, i int) {
	if i < 0 || i >= len(st.items) {
		t.miss(st, notOption)
		return
	}
	v := st.items[i]
	for j, e := range t.c.Journal {
		if e.Var == v {
			t.edit(j)
			return
		}
	}
	name := t.asker(v)
	if name == "" {
		t.miss(st, notOption)
		return
	}
	t.c.At[len(t.c.At)-1].State = name
	t.arrive(t.b.state(t.c.top()))
}
