package flows

import "time"

// Kept is a closed referral that is not purged yet.
type Kept struct {
	Referral Referral
	// Until is when it may be purged.
	Until time.Time
}

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

// forget destroys the conversation, for an ending that sends nothing. What was sent
// before stays for as long as that was promised; while a referral is open nothing is
// unsent this way.
func (t *turn) forget() {
	if t.open() {
		return
	}
	t.out.Forget = true
	t.uncheckIn()
}

// erase destroys what is known about the person, every referral included.
func (t *turn) erase() {
	t.out.Erase = true
	t.uncheckIn()
	if !t.open() {
		return
	}
	if r, err := t.referral.Apply(t.b.Hub, Action{Verb: DoWithdraw, At: t.in.At}); err == nil {
		t.keepReferral(&r)
	}
}

// uncheckIn writes to nobody who asks to be forgotten; one whose answers ran out of
// time still gets the hello that they agreed to.
func (t *turn) uncheckIn() {
	if t.in.Happening != TimeIsUp {
		t.noHello()
	}
}
