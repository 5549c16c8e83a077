package flows

import (
	"strconv"
	"strings"
)

// emptySuffix ends the key of how an answer reads that was passed over.
const emptySuffix = ".empty"

// show sends the open question, with the blocks said before it, as one message.
func (t *turn) show(st *state) {
	key := t.c.top().String()
	r := Reply{}
	switch st.kind {
	case Crisis:
		t.showCard(st)
		return
	case Choose:
		t.say(key)
		if t.asksConcern() {
			t.blocks = append(t.blocks, t.inTheirs(key)...)
		}
		r.Options = t.optionButtons(st)
		r.Redraws, r.None = st.question.many, st.question.many && st.question.least == 0
	case Ask:
		t.say(key)
		if v := t.b.vars[st.question.variable]; v != nil {
			r.Hint = v.hint()
		}
		r.Options = t.askButtons(st)
	case Consent:
		t.say(key)
		r.Options = []Button{t.button(key+".agree", "0"), t.button(key+".decline", "1")}
		name(r.Options, "agree", "decline")
	case Review:
		t.say(key)
		t.blocks[len(t.blocks)-1].Lines = t.reviewLines(st)
		r.Options = []Button{t.button(key+".submit", "0"), t.button(key+".cancel", "1")}
		name(r.Options, "submit", "cancel")
	case Refer:
		t.say(key + t.suffix)
	}
	t.marked(st)
	t.send(r)
}

// name gives buttons the names that the script knows them by.
func name(buttons []Button, ids ...string) {
	for i, id := range ids {
		buttons[i].ID = id
	}
}

// optionButtons are the buttons of a choose or crisis state.
func (t *turn) optionButtons(st *state) []Button {
	key := t.c.top().String()
	var out []Button
	for i, o := range st.question.options {
		b := t.button(key+"."+o.id, strconv.Itoa(i))
		if st.question.many {
			b.On = contains(t.c.Ask.Picked, o.id)
			if !o.only {
				b.Data = Tap{t.c.ID, t.c.Ask.Seq, toggle(b.On) + strconv.Itoa(i)}.String()
			}
		} else if e := t.c.Ask.Before; e != nil {
			b.On = e.first() == o.id
		}
		b.ID = o.id
		out = append(out, b)
	}
	if st.question.many {
		done := t.button("bot.done", doneIndex)
		done.ID = "done"
		out = append(out, done)
	}
	return out
}

// toggle is what a tap on an option that is on, or off, asks for. It names the
// wish rather than the change, so that a second tap does nothing.
func toggle(on bool) string {
	if on {
		return offPrefix
	}
	return onPrefix
}

// askButtons are what may be tapped instead of typing.
func (t *turn) askButtons(st *state) []Button {
	var out []Button
	if t.c.Ask.Held != "" {
		t.say("bot.held")
		keep := t.button("bot.keep", keepIndex)
		keep.ID = "keep"
		out = append(out, keep)
	}
	if _, ok := st.exits["skip"]; ok {
		skip := t.button(t.keyOr(t.c.top().String()+".skip", "bot.skip"), skipIndex)
		skip.ID = "skip"
		out = append(out, skip)
	}
	return out
}

// marked tells what was answered before, after Back or in an edit. Typed words
// are not repeated: somebody else may hold the phone.
func (t *turn) marked(st *state) {
	e := t.c.Ask.Before
	if e == nil || st.question == nil || st.question.many || e.Skipped {
		return
	}
	if st.kind == Ask {
		t.say("bot.answered_before")
	}
}

// reviewLines are the lines of a review: what was answered, what was asked and
// passed over, and what can still be added from here.
func (t *turn) reviewLines(st *state) []Item {
	var out []Item
	for i, v := range st.items {
		e := t.c.entry(v)
		if e == nil && t.asker(v) == "" {
			continue
		}
		it := Item{Line: Line{Label: t.label(v), Text: t.answerText(e)}}
		it.Change = Button{Label: it.Label, Data: Tap{t.c.ID, t.c.Ask.Seq, linePrefix + strconv.Itoa(i)}.String(), ID: v}
		out = append(out, it)
	}
	return out
}

// asker is the state of the current flow that asks a variable, "" for none; the
// one that goes by the variable's name before others.
func (t *turn) asker(v string) string {
	fl := t.b.flows[t.c.top().Flow]
	if st := fl.states[v]; st != nil && st.question != nil && st.question.variable == v {
		return v
	}
	for _, name := range fl.order {
		if q := fl.states[name].question; q != nil && q.variable == v {
			return name
		}
	}
	return ""
}

// label is the short name of a variable.
func (t *turn) label(v string) string {
	return t.text1(t.b.vars[v].flow + "." + v + ".label")
}

// answerText is an answer as the person chose or typed it.
func (t *turn) answerText(e *Entry) string {
	if e == nil || (len(e.Value) == 0 && !e.Skipped) {
		return t.text1("bot.not_answered")
	}
	st := t.b.state(e.top())
	if e.Skipped && len(e.Value) == 0 {
		return t.text1(t.skippedKey(e, st))
	}
	if v := t.b.vars[e.Var]; v != nil && v.kind == isPhone {
		return shownPhone(e.first())
	}
	if st == nil || st.kind != Choose {
		return strings.Join(e.Value, ", ")
	}
	var out []string
	for _, v := range e.Value {
		out = append(out, t.text1(e.top().String()+"."+v))
	}
	return strings.Join(out, ", ")
}

// skippedKey is the text for an answer that was passed over: the question's own, or
// that nothing was added where somebody could have, or that they would rather not
// say.
func (t *turn) skippedKey(e *Entry, st *state) string {
	otherwise := "bot.skipped"
	if st != nil && (st.kind == Ask || st.question != nil && st.question.many) {
		otherwise = t.b.newKey("bot.nothing_added")
	}
	return t.keyOr(e.top().String()+emptySuffix, otherwise)
}
