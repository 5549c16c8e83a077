package flows

// withdrawnOutcome is how a referral ends that its person took back.
const withdrawnOutcome = "withdrawn"

// redacted stands for what staff wrote about somebody who took their request back.
const redacted = "[removed: the request was taken back]"

// Withdrawn says whether its person took the referral back. What they sent, and
// every message about it, is then gone; the reference, the times and how it ended
// stay until it is purged.
func (r Referral) Withdrawn() bool { return r.Status.over() && r.Ended.Outcome == withdrawnOutcome }

// empty removes what a person sent and whatever tells something of it: reasons name
// answers, and staff may have repeated them in the reason of a colour.
func (r *Referral) empty() {
	r.Sent = Snapshot{Answers: map[string]any{}, Summary: []Line{}, Contact: map[string]string{}, Consents: []Given{}}
	r.Reasons = nil
	regrades := make([]Regrade, len(r.Regrades))
	for i, g := range r.Regrades {
		g.Reason = redacted
		regrades[i] = g
	}
	r.Regrades = regrades
}
