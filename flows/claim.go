package flows

import (
	"slices"
	"time"
)

// Meant is what an action comes to. Claiming once more what one holds, in a second tab
// or because the first answer got lost, is no refusal: the same claim holds for longer.
// Its person has heard of it already.
func (r Referral) Meant(a Action) Verb {
	if a.Verb == DoClaim && a.By.ID != "" && r.Claim.By == a.By.ID {
		return DoRenew
	}
	return a.Verb
}

// claimable says whether somebody may claim: the lane decides which role, and a
// lapsed claim is free again.
func (r Referral) claimable(a Action) error {
	if err := r.Lane.admits(a.By); err != nil {
		return err
	}
	if r.Claim.By != "" {
		return ErrTaken
	}
	return nil
}

// renewable says whether somebody may renew a claim: whoever holds it and still may.
// Which number it has does not matter: they ask for what they have.
func (r Referral) renewable(a Action) error {
	if r.Claim.By == "" || r.Claim.By != a.By.ID {
		return ErrHolder
	}
	return r.Lane.admits(a.By)
}

// admits says whether a member of staff may hold referrals of a lane.
func (l Lane) admits(s Staff) error {
	allowed := map[Lane][]Role{
		LaneOpen:  {RoleWorker, RoleCoordinator, RoleDuty},
		LaneCheck: {RoleCoordinator},
		LaneDuty:  {RoleDuty},
	}
	if s.Disabled || !slices.Contains(allowed[l], s.Role) {
		return ErrRole
	}
	return nil
}

// Lapsed says whether a claim is over because nothing happened on it.
func (r Referral) Lapsed(now time.Time) bool {
	return r.Status == Accepted && !r.Claim.Contacted && now.After(r.Claim.Until)
}
