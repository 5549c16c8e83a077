package flows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows/hub"
)

// Regrade is a colour that a member of staff gave to a referral in place of the
// one that the rules gave it. Both stay: the first one in the older Regrade or in
// the reasons.
type Regrade struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	From Light     `json:"from"`
	To   Light     `json:"to"`
	// Reason is what they wrote; it is read by those who may read the referral.
	Reason string `json:"reason"`
}

// maxReason is how long a reason may be, in characters.
const maxReason = 300

// laneOf is the lane that a colour leads to.
func laneOf(l Light) Lane {
	return map[Light]Lane{Red: LaneDuty, Amber: LaneCheck, Green: LaneOpen}[l]
}

// regradable says whether somebody may give a referral another colour. Whoever
// holds it may make it more pressing. Only the duty person takes a red one back,
// and only to amber: a coordinator then speaks first.
func (r Referral) regradable(a Action) error {
	switch {
	case a.Light.rank() == r.Light.rank() || laneOf(a.Light) == "":
		return fmt.Errorf("it is %s already, or that is no colour: %w", r.Light, ErrAction)
	case strings.TrimSpace(a.Reason) == "" || len([]rune(a.Reason)) > maxReason:
		return fmt.Errorf("a reason of 1 to %d characters is needed: %w", maxReason, ErrAction)
	case a.By.Disabled:
		return ErrRole
	case r.Light == Red && a.Light == Green:
		return fmt.Errorf("a red one becomes amber first: %w", ErrAction)
	case r.Light == Red && a.By.Role != RoleDuty, r.Light == Amber && a.Light == Green && a.By.Role != RoleCoordinator:
		return ErrRole
	case r.Claim.By != a.By.ID && a.By.Role != RoleDuty && a.By.Role != RoleCoordinator:
		return ErrHolder
	}
	return nil
}

// regrade gives a referral its new colour: it is free again, in the lane that fits,
// at the place that its waiting time gives it there.
func (r *Referral) regrade(h *hub.Hub, a Action) {
	r.Regrades = append(slices.Clone(r.Regrades),
		Regrade{At: a.At, By: a.By.ID, From: r.Light, To: a.Light, Reason: strings.TrimSpace(a.Reason)})
	switch {
	case a.Light == Red:
		r.Priority = Stat
	case r.Light == Red, a.Light == Amber:
		r.Priority = Urgent
	}
	r.Light, r.Lane = a.Light, laneOf(a.Light)
	r.Due = h.After(a.At, h.Clocks[string(r.Lane)].Claim)
	r.Claim = Claim{Number: r.Claim.Number + 1}
}
