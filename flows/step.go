package flows

import "slices"

// settle walks through states that need nobody until one waits or the
// conversation ends.
func (t *turn) settle() {
	from, reused := len(t.blocks), false
	for range maxSteps {
		st := t.b.state(t.c.top())
		switch {
		case t.c.Over != "":
			t.flush(nil)
			return
		case st == nil:
			t.fault("no such state")
			return
		}
		if !st.kind.waits() {
			if t.pass(st) {
				return
			}
			continue
		}
		again := t.reuse(st)
		reused = reused || again
		if again || reused && st.kind == Review {
			t.unsay(from)
		}
		if !again {
			t.arrive(st)
			return
		}
	}
	t.fault("too many steps")
}

// pass goes through a state that needs nobody. It reports whether the turn is over.
func (t *turn) pass(st *state) bool {
	switch st.kind {
	case Say:
		t.sayAll(st)
		t.move(st, "next")
	case Branch:
		t.move(st, t.pick(st))
	case Call:
		t.c.At = append(t.c.At, Frame{st.call, t.b.flows[st.call].start})
	default:
		return t.endFlow(st)
	}
	return false
}

// unsay drops what was said on a walk, from a block on, and is what the person heard
// before the edit that walks there again. What is new to them stays.
func (t *turn) unsay(from int) {
	walked := slices.DeleteFunc(slices.Clone(t.blocks[from:]), func(b Block) bool { return contains(t.c.Ask.Heard, b.Key) })
	t.blocks = append(t.blocks[:from], walked...)
}

// fault is a limit of the engine that was met: it is recorded, and the person
// hears that it is not their doing. The next message begins anew.
func (t *turn) fault(what string) {
	t.out.Fault = what
	t.say("bot.fault")
	t.c.At, t.c.Over, t.c.Paused = nil, "fault", nil
	t.flush([]Button{t.button("bot.start", startIndex)})
}

// sayAll adds the texts that a state names.
func (t *turn) sayAll(st *state) {
	for _, name := range st.say {
		t.say(t.c.top().Flow + "." + name)
	}
}

// move follows an event out of a state.
func (t *turn) move(st *state, event string) {
	to, err := fire(st.name, event, st.arrows())
	if err != nil {
		// The parser checked every exit, so only a broken bundle comes here.
		t.out.Fault = "no such exit"
		to = st.name
	}
	t.c.At[len(t.c.At)-1].State = to
}

// pick is the first rule of a branch that holds.
func (t *turn) pick(st *state) string {
	for _, r := range st.rules {
		if r.when.holds(t) {
			return r.event
		}
	}
	return "else"
}

// arrive opens the question of a state that waits.
func (t *turn) arrive(st *state) {
	was := t.c.Ask
	t.c.Ask = Asking{Seq: was.Last + 1, Last: was.Last + 1, Tapped: was.Tapped, Kept: was.Kept, Heard: was.Heard, Before: was.Before}
	if st.kind == Review || st.kind == Refer {
		t.c.Ask.Kept, t.c.Ask.Heard, t.c.Ask.Before = nil, nil, nil
	}
	if st.kind == Refer {
		t.refer(st)
	}
	if b := t.c.Ask.Before; b != nil && st.question != nil && st.question.many {
		t.c.Ask.Picked = slices.Clone(b.Value)
	}
	t.show(st)
}

// endFlow ends the flow on top: a called one returns, an interrupt goes back to
// what it interrupted, and the bottom one ends the conversation. It reports
// whether the turn is over.
func (t *turn) endFlow(st *state) bool {
	t.sayAll(st)
	if t.act(st.end.do) {
		return false
	}
	label := st.end.label
	if len(t.c.At) > 1 {
		t.c.At = t.c.At[:len(t.c.At)-1]
		caller := t.b.state(t.c.top())
		if _, named := caller.exits[label]; !named {
			label = "done"
		}
		t.move(caller, label)
		return false
	}
	t.out.Counts = append(t.out.Counts, label)
	if t.c.Paused != nil && label == resumeLabel {
		t.resume()
		return true
	}
	if t.c.Paused != nil && label == laterLabel {
		t.flush(nil)
		t.unpause()
		t.c.Ask.Later = true
		return true
	}
	var options []Button
	if !contains(st.end.do, "stop") {
		options = []Button{t.button("bot.start", startIndex)}
	}
	t.flush(options)
	t.close(label)
	return true
}

// close ends the conversation, unless a referral is open: then it stays where
// the referral waits, whatever an interrupt came to.
func (t *turn) close(label string) {
	if t.c.Paused != nil && t.open() {
		t.unpause()
		return
	}
	t.c.Paused, t.c.At, t.c.Over = nil, nil, label
}

// againSuffix ends the key of what a referral that waits says when it is looked at
// again.
const againSuffix = ".again"

// resume goes back to what an interrupt interrupted and asks it again.
func (t *turn) resume() {
	t.unpause()
	if !t.askedAgain() {
		t.again()
	}
}

// unpause puts back what an interrupt interrupted, without a word.
func (t *turn) unpause() {
	p, now := t.c.Paused, t.c.Ask
	if p == nil {
		return
	}
	t.c.At, t.c.Over, t.c.Ask, t.c.Paused = p.At, p.Over, p.Ask, nil
	t.c.Ask.Last, t.c.Ask.Tapped = now.Last, now.Tapped
}

// again shows the open question once more, with the same buttons.
func (t *turn) again() {
	st := t.b.state(t.c.top())
	switch {
	case t.c.Owner == OwnerWorker && t.c.Paused == nil:
		t.say("bot.with_person")
	case t.ended():
		t.offerStart()
	case st == nil:
		t.begin()
	case t.c.Ask.Seq == 0:
		t.settle() // its question was not shown yet
	default:
		t.suffix = againSuffix
		t.show(st)
	}
}

// act does what an ending asks for. It reports whether the conversation was
// moved somewhere else by it.
func (t *turn) act(do []string) (moved bool) {
	for _, what := range do {
		t.out.Ends = t.out.Ends || what == "stop" || what == "erase" || what == "withdraw"
		switch what {
		case "stop":
			t.c.Silence = Stopped
			t.noHello()
		case "check_in":
			t.agreeToCheckIn()
		case "forget":
			t.forget()
		case "erase":
			t.erase()
		case "hide":
			t.out.Hide = true
		case "human":
			t.askForPerson()
		case "withdraw":
			moved = t.withdraw()
		case "restart":
			t.restart()
			moved = true
		}
	}
	return moved
}

// askForPerson tells staff, with an open referral, that its person wants to talk.
func (t *turn) askForPerson() {
	t.noteReferral("asked for a person")
	if t.open() {
		t.out.Alert = reasonPerson
	}
}

// endings lists what an ending may do, for the parser.
func endings() []string {
	return []string{"stop", "forget", "erase", "hide", "human", "withdraw", "restart", "check_in"}
}

// open says whether the person has a referral that is not closed.
func (t *turn) open() bool { return t.referral != nil && !t.referral.Status.over() }

// keepReferral notes that the referral has changed.
func (t *turn) keepReferral(r *Referral) {
	t.referral = r
	t.out.Referral = r
}

// noteReferral adds a line to the timeline of an open referral.
func (t *turn) noteReferral(what string) {
	if t.open() {
		r := *t.referral
		r.note(t.in.At, what, "person")
		t.keepReferral(&r)
	}
}

// restart forgets the answers and begins anew; a referral that was sent stays, and
// so does that there were words of danger: a new start does not make them unsaid.
func (t *turn) restart() {
	t.c.Journal, t.c.Consents, t.c.Paused, t.c.Silence = nil, nil, nil, ""
	t.c.Ask = Asking{Last: t.c.Ask.Last, Tapped: t.c.Ask.Tapped}
	t.c.Bundle, t.c.Owner, t.c.Over = t.b.Hash, OwnerBot, ""
	t.c.At = []Frame{{t.b.bot.entry, t.b.flows[t.b.bot.entry].start}}
}
