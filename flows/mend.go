package flows

import "slices"

// mend takes out of a conversation what its script does not know, so that all
// that follows may rely on every place and name. With bundles pinned there is
// nothing to mend; without it, one lost state would be a panic at night.
func (t *turn) mend() {
	c := t.c
	c.Journal = slices.DeleteFunc(c.Journal, func(e Entry) bool { return !t.b.answerable(e) })
	c.Ask = t.b.mended(c.Ask)
	c.Consents = slices.DeleteFunc(c.Consents, func(g Given) bool { return t.b.consents[g.ID] == nil })
	if p := c.Paused; p != nil {
		p.Ask = t.b.mended(p.Ask)
		if !t.b.leads(p.At) && len(p.At) > 0 {
			p.At, t.out.Fault = nil, "lost an interrupted place"
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
