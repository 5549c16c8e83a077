package flows

import (
	"slices"
	"strconv"
	"strings"
)

// tapped takes a button. Whatever button it is, the person gets an answer or
// already has it: never silence, never a wrong record.
func (t *turn) tapped() {
	x := t.in.Tap
	if x == t.c.Ask.Tapped {
		t.out.Repeat = true // a second tap on the same button
		return
	}
	at := t.c.top()
	t.tap(x)
	if t.c.top() == at && x.Seq == t.c.Ask.Seq {
		t.c.Ask.Tapped = Tap{} // it was not taken, so it may come again
	}
}

// tap sends a button to its place.
func (t *turn) tap(x Tap) {
	switch {
	case x.Index == helpIndex:
		t.interrupt(OnHelp, "")
	case x.Index == startIndex && (x.Conversation == t.c.ID || t.c.Over != "" || len(t.c.At) == 0):
		t.interrupt(OnRestart, "")
	case x.Conversation != t.c.ID:
		t.otherChat()
	case t.ended():
		t.offerStart()
	case x.Seq != t.c.Ask.Seq:
		t.stale(x)
	case x.Index == backIndex:
		t.c.Ask.Tapped = x
		t.interrupt(OnBack, "")
	case x.Index == againIndex:
		t.again()
	case t.c.Owner == OwnerWorker && t.c.Paused == nil:
		t.say("bot.with_person")
	default:
		t.tapOpen(x)
	}
}

// otherChat answers a button of a conversation that is no more.
func (t *turn) otherChat() {
	if len(t.c.At) == 0 {
		t.offerStart()
		return
	}
	t.say("bot.other_chat")
	t.again()
}

// stale answers a button of an earlier question: a kind sentence, the current
// question, and a way to change that answer while its question is on the path.
func (t *turn) stale(x Tap) {
	t.say("bot.stale")
	i := slices.IndexFunc(t.c.Journal, func(e Entry) bool { return e.Seq == x.Seq })
	before := len(t.out.Replies)
	t.again()
	if i < 0 || t.c.Paused != nil || t.c.Owner != OwnerBot || len(t.out.Replies) == before {
		return
	}
	r := &t.out.Replies[len(t.out.Replies)-1]
	change := t.button("bot.change_answer", editPrefix+strconv.Itoa(x.Seq))
	change.ID = "change"
	r.Options = append(r.Options, change)
}

// tapOpen takes a button of the open question.
func (t *turn) tapOpen(x Tap) {
	st := t.b.state(t.c.top())
	if st == nil {
		t.again()
		return
	}
	if seq, ok := strings.CutPrefix(x.Index, editPrefix); ok {
		t.tapEdit(st, seq)
		return
	}
	if st.question != nil && st.question.many && strings.HasPrefix(x.Index, setPrefix) {
		t.c.Ask.Tapped = x
		t.tapSet(st, x.Index[len(setPrefix):])
		return
	}
	if st.question != nil && st.question.many && x.Index != doneIndex {
		t.tapToggle(st, x.Index)
		return
	}
	t.c.Ask.Tapped = x
	switch n, err := strconv.Atoi(x.Index); {
	case x.Index == doneIndex && st.question != nil && st.question.many:
		t.done(st)
	case x.Index == skipIndex && st.exits["skip"] != "":
		t.skip(st)
	case x.Index == keepIndex && t.c.Ask.Held != "":
		t.answerTyped(st, t.c.Ask.Held)
	case strings.HasPrefix(x.Index, linePrefix) && st.kind == Review:
		line, _ := strconv.Atoi(x.Index[1:])
		t.changeLine(st, line)
	case err == nil && n >= 0:
		t.tapOption(st, n)
	default:
		t.miss(st, notOption)
	}
}

// tapOption takes a numbered button.
func (t *turn) tapOption(st *state, n int) {
	two := map[Kind][]string{Consent: {"agree", "decline"}, Review: {"submit", "cancel"}}[st.kind]
	switch {
	case two != nil && n < len(two):
		t.decide(st, two[n])
	case st.question != nil && st.kind != Ask && n < len(st.question.options):
		t.choose(st, n)
	default:
		t.miss(st, notOption)
	}
}

// tapToggle switches an option of a choose … many. The button says whether it
// should be on, so a second tap changes nothing and the message is drawn anew.
func (t *turn) tapToggle(st *state, index string) {
	n, err := strconv.Atoi(strings.TrimLeft(index, onPrefix+offPrefix))
	if err != nil || n < 0 || n >= len(st.question.options) {
		t.miss(st, notOption)
		return
	}
	t.pickOption(st, n, strings.HasPrefix(index, onPrefix))
	t.show(st)
}

// tapSet switches exactly the options of a bit set on, and closes the question.
func (t *turn) tapSet(st *state, set string) {
	bits, err := strconv.ParseUint(set, 16, 64)
	if err != nil {
		t.miss(st, notOption)
		return
	}
	t.c.Ask.Picked = nil
	for i := range st.question.options {
		if bits&(1<<i) != 0 {
			t.pickOption(st, i, true)
		}
	}
	t.done(st)
}

// tapEdit changes the answer to an earlier question.
func (t *turn) tapEdit(st *state, seq string) {
	n, _ := strconv.Atoi(seq)
	i := slices.IndexFunc(t.c.Journal, func(e Entry) bool { return e.Seq == n })
	if i < 0 {
		t.show(st)
		return
	}
	t.edit(i)
}
