package flows

import "slices"

// mend takes out of a conversation what its script does not know, so that all
// that follows may rely on every place and name. With bundles pinned there is
// nothing to mend; without it, one lost state would be a panic at night. A
// conversation whose bundle is gone stays with the one that it goes on with.
func (t *turn) mend() {
	c := t.c
	if c.ID != "" && c.Bundle != t.b.Hash {
		if c.Over == "" {
			t.out.Fault = "lost script"
		}
		c.Bundle = t.b.Hash
	}
	c.Journal = slices.DeleteFunc(c.Journal, func(e Entry) bool { return !t.b.answerable(e) })
	c.Ask = t.b.mended(c.Ask)
	c.Consents = slices.DeleteFunc(c.Consents, func(g Given) bool { return t.b.consents[g.ID] == nil })
	if p := c.Paused; p != nil {
		p.Ask = t.b.mended(p.Ask)
		if !t.b.leads(p.At) && len(p.At) > 0 {
			p.At, t.out.Fault = nil, "lost an interrupted place"
			if t.open() {
				p.At = t.b.waiting(t.b.bot.entry, maxCalls)
			}
		}
	}
	if len(c.At) == 0 || t.b.leads(c.At) {
		return
	}
	t.out.Fault = "lost place"
	if c.Paused != nil {
		t.unpause()
		return
	}
	c.At, c.Ask = nil, Asking{Last: c.Ask.Last}
	t.waitAgain()
}

// anew begins a conversation whose stored form could not be read. Who has a referral
// open is with whoever holds it, as before; others hear that it is not their doing.
func (t *turn) anew() {
	if t.open() {
		t.waitAgain()
		return
	}
	t.say("bot.fault")
}

// waitAgain puts a conversation that lost its place where its open referral waits.
func (t *turn) waitAgain() {
	if !t.open() {
		return
	}
	t.c.At = t.b.waiting(t.b.bot.entry, maxCalls)
	t.c.Ask.Last++
	t.c.Ask.Seq = t.c.Ask.Last
	t.c.Owner = OwnerNobody
	if t.referral.Claim.By != "" {
		t.c.Owner = OwnerWorker
	}
}

// waiting is the way to the state in which a referral waits, from a flow on; nil
// when there is none within so many calls.
func (b *Bundle) waiting(name string, calls int) []Frame {
	fl := b.flows[name]
	if fl == nil {
		return nil
	}
	for _, at := range fl.order {
		if fl.states[at].kind == Refer {
			return []Frame{{name, at}}
		}
	}
	for _, at := range fl.order {
		if st := fl.states[at]; st.kind == Call && calls > 0 {
			if rest := b.waiting(st.call, calls-1); rest != nil {
				return append([]Frame{{name, at}}, rest...)
			}
		}
	}
	return nil
}

// mended is an open question without what the script does not know.
func (b *Bundle) mended(a Asking) Asking {
	a.Kept = slices.DeleteFunc(a.Kept, func(e Entry) bool { return !b.answerable(e) })
	if a.Before != nil && !b.answerable(*a.Before) {
		a.Before = nil
	}
	return a
}

// answerable says whether the script still has the question of an answer.
func (b *Bundle) answerable(e Entry) bool {
	if !b.leads(e.At) {
		return false
	}
	q := b.state(e.top()).question
	return q != nil && q.variable == e.Var && b.vars[e.Var] != nil
}

// leads says whether frames are a way through the script: each but the last a
// call of the next one's flow, the last a state.
func (b *Bundle) leads(at []Frame) bool {
	for i, f := range at {
		st := b.state(f)
		switch {
		case st == nil:
			return false
		case i < len(at)-1 && (st.kind != Call || st.call != at[i+1].Flow):
			return false
		case i == len(at)-1 && st.kind == Call:
			return false
		}
	}
	return len(at) > 0
}
