package flows

import "slices"

// relays says whether what a person types now goes to the link worker: a
// referral is open and no interrupt is waiting for just this answer.
func (t *turn) relays(text string) bool {
	if !t.open() || t.c.Owner == OwnerBot {
		return false
	}
	if t.c.Paused == nil {
		return true
	}
	st := t.b.state(t.c.top())
	return st == nil || st.question == nil || t.match(st, text) < 0
}

// relay passes a message on. While a worker owns the chat the bot stays silent;
// while nobody does, the person hears that it arrived.
func (t *turn) relay(text string) {
	t.unpause()
	if len([]rune(text)) > maxText {
		t.say("bot.too_long")
		return
	}
	if !hasWord(text) {
		t.say("bot.not_text")
		return
	}
	t.out.Said = append(t.out.Said, text)
	if t.c.Owner == OwnerNobody {
		t.say("bot.passed_on")
	}
}

// staff tells the person what a member of staff did.
func (t *turn) staff() {
	a := t.in.Staff
	r := t.in.Referral
	if r == nil {
		return
	}
	t.referral = r
	switch a.Verb {
	case DoClaim, DoHandOver:
		t.c.Owner = OwnerWorker
		t.tell("bot.claimed")
	case DoReply:
		t.c.Owner = OwnerWorker
		if t.c.Silence == "" {
			t.out.Replies = append(t.out.Replies, Reply{
				Class: ClassWorker, From: a.Name, Last: t.lastRow()[1:],
				Blocks: []Block{{Key: "bot.worker_says", Text: t.text1("bot.worker_says")}, {Text: a.Text}},
			})
		}
	case DoRelease, DoLapse:
		t.c.Owner = OwnerNobody
		t.tell("bot.released")
	case DoRegrade:
		// The colour is never shown; that nobody holds the chat any more is.
		if t.c.Owner == OwnerWorker {
			t.c.Owner = OwnerNobody
			t.tell("bot.released")
		}
	case DoClose:
		t.closed("closed")
	}
}

// tell sends one sentence about the referral, unless the person asked for no
// more messages.
func (t *turn) tell(key string) {
	if t.c.Silence != "" {
		return
	}
	t.say(key)
	t.flush(nil)
	t.out.Replies[len(t.out.Replies)-1].Last = t.lastRow()[1:]
}

// closed goes on after a referral is over: where its state says.
func (t *turn) closed(exit string) {
	silent := t.c.Silence != ""
	t.leave(exit)
	t.settle()
	t.c.Consents, t.c.Journal = nil, nil
	if silent {
		t.out.Replies = nil
	}
}

// leave follows an exit of the state in which the referral waits.
func (t *turn) leave(exit string) {
	t.unpause()
	t.c.Owner = OwnerBot
	st := t.b.state(t.c.top())
	if st == nil || st.kind != Refer {
		t.c.At, t.c.Over = nil, exit
		return
	}
	t.move(st, exit)
}

// withdraw takes back what was consented to: an open referral is cancelled, and
// without one the answers are erased. It reports whether the conversation moved.
func (t *turn) withdraw() bool {
	for _, g := range slices.Clone(t.c.Consents) {
		t.revoke(g.ID)
	}
	t.c.Journal = nil
	if !t.open() {
		t.c.Paused = nil
		return false
	}
	r, err := t.referral.Apply(t.b.Hub, Action{Verb: DoWithdraw, At: t.in.At})
	if err != nil {
		return false
	}
	t.keepReferral(&r)
	t.out.Alert = string(DoWithdraw)
	t.leave("withdrawn")
	return true
}
