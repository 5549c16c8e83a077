package flows

import (
	"slices"
	"time"
)

// refer writes the referral: exactly what the person saw and agreed to, in the
// lane that the streetlight says.
func (t *turn) refer(st *state) {
	if t.open() {
		return // it is there already
	}
	f := t.b.streetlight(t.c)
	r := Referral{
		Reference: t.in.Fresh.Reference,
		Status:    Requested,
		Lane:      st.refer.lanes[f.light],
		Light:     f.light,
		Reasons:   f.reasons,
		Priority:  priorityOf(f),
		Origin:    Origin{Channel: t.channel(), Source: t.c.Source, Language: t.c.Locale, Rules: t.b.bot.rules},
		Since:     t.in.At,
		Sent:      t.snapshot(st),
	}
	for _, tg := range st.refer.tags {
		if tg.when.holds(t) {
			r.Reasons = append(r.Reasons, tg.id)
		}
	}
	r.Due = t.due(r.Lane)
	if next, err := fire(string(r.Status), "enqueue", lifecycle()); err == nil {
		r.Status = Status(next)
	}
	r.note(t.in.At, "sent", "person")
	t.c.Owner = OwnerNobody
	t.keepReferral(&r)
	if r.Lane == LaneDuty {
		t.out.Alert = string(LaneDuty)
	}
	t.out.Counts = append(t.out.Counts, "referred_"+string(r.Lane))
}

// checkSeen holds that nothing is sent unseen: each variable stands in a review under
// the consent that it is sent with.
func (p *loader) checkSeen(st *state) {
	seen := map[string]bool{}
	for _, fl := range p.b.flows {
		for _, other := range fl.states {
			if other.kind == Review && other.consent == st.consent {
				for _, v := range other.items {
					seen[v] = true
				}
			}
		}
	}
	for _, v := range st.refer.send {
		if !seen[v] {
			p.problems.Add(st.at, "UNSEEN", "%q is sent, but no review under the consent %q shows it", v, st.consent)
		}
	}
}

// due is by when somebody should have claimed.
func (t *turn) due(lane Lane) time.Time {
	return t.b.Hub.After(t.in.At, t.b.Hub.Clocks[string(lane)].Claim)
}

// priorityOf is how soon a finding asks for a person.
func priorityOf(f finding) Priority {
	switch {
	case f.light == Red:
		return Stat
	case f.urgent:
		return Urgent
	}
	return Routine
}

// snapshot takes what is sent out of the journal.
func (t *turn) snapshot(st *state) Snapshot {
	s := Snapshot{Answers: map[string]any{}, Contact: map[string]string{}, Consents: slices.Clone(t.c.Consents)}
	for _, v := range st.refer.send {
		e := t.c.entry(v)
		if e == nil || len(e.Value) == 0 {
			continue
		}
		if t.b.vars[v].kind == isSet {
			s.Answers[v] = slices.Clone(e.Value)
		} else {
			s.Answers[v] = e.first()
		}
		s.Summary = append(s.Summary, Line{Label: t.label(v), Text: t.answerText(e)})
		if contains(st.refer.contact, v) {
			s.Contact[v] = e.first()
		}
	}
	return s
}
