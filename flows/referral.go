package flows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/star-house/frontdoor/flows/hub"
)

// Status is where a referral stands, in the words of HL7 FHIR R4 Task.status.
type Status string

// The statuses that a referral can have.
const (
	Requested  Status = "requested"
	Received   Status = "received" // waiting in its lane
	Accepted   Status = "accepted" // claimed, first contact still to come
	InProgress Status = "in-progress"
	OnHold     Status = "on-hold"
	Completed  Status = "completed"
	Rejected   Status = "rejected"
	Cancelled  Status = "cancelled"
)

// over says whether nothing more happens to a referral.
func (s Status) over() bool { return s == Completed || s == Rejected || s == Cancelled }

// Over says whether nothing more happens to a referral in this status.
func (s Status) Over() bool { return s.over() }

// Priority is how soon, in the words of FHIR Task.priority.
type Priority string

// The priorities, the most pressing first.
const (
	Stat    Priority = "stat" // red
	Urgent  Priority = "urgent"
	Routine Priority = "routine"
)

// Rank orders priorities, 0 first.
func (p Priority) Rank() int { return slices.Index([]Priority{Stat, Urgent, Routine}, p) }

// Referral is one self-referral with what its person agreed to send.
type Referral struct {
	// Reference is what people say aloud, K7QM-2PXD.
	Reference string   `json:"ref"`
	Status    Status   `json:"status"`
	Lane      Lane     `json:"lane"`
	Light     Light    `json:"light"`
	Reasons   []string `json:"reasons,omitempty"`
	Priority  Priority `json:"priority"`
	Origin    Origin   `json:"origin"`
	// Since is when it began to wait; releasing and lapsing never change it.
	Since time.Time `json:"since"`
	// Due is by when it should be claimed.
	Due    time.Time `json:"due"`
	Claim  Claim     `json:"claim,omitzero"`
	Sent   Snapshot  `json:"sent"`
	Ended  Ended     `json:"ended,omitzero"`
	Events []Event   `json:"events,omitempty"`
	// Regrades are the colours that staff gave it since.
	Regrades []Regrade `json:"regrades,omitempty"`
}

// Origin is where a referral came from.
type Origin struct {
	Channel  string `json:"channel"`
	Source   string `json:"source,omitempty"`
	Language string `json:"language"`
	// Rules is the version of the streetlight rules that gave the colour.
	Rules string `json:"rules"`
}

// Claim is who works on a referral.
type Claim struct {
	// By is a staff id, "" while nobody holds it.
	By   string `json:"by,omitempty"`
	Name string `json:"name,omitempty"`
	// Number grows with every claim and handover: a write that carries an older
	// one comes from somebody who no longer holds it.
	Number int       `json:"n,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	// Contacted is set with the first reply; from then on it does not lapse.
	Contacted bool `json:"contacted,omitempty"`
}

// Snapshot is what the person consented to send, as it was then.
type Snapshot struct {
	// Answers are a string for each variable, or a list for a set.
	Answers  map[string]any    `json:"answers"`
	Summary  []Line            `json:"summary"`
	Contact  map[string]string `json:"contact"`
	Consents []Given           `json:"consents"`
}

// Line is one label and text of a summary, in the person's language.
type Line struct {
	Label string `json:"label"`
	Text  string `json:"text"`
}

// Ended is how a referral was closed.
type Ended struct {
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
}

// Event is one line of a referral's timeline; it holds no content.
type Event struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	// By is a staff id, "person" or "frontdoor".
	By string `json:"by"`
}

// Role is what a member of staff may do.
type Role string

// The roles of contract.md.
const (
	RoleWorker      Role = "worker"
	RoleCoordinator Role = "coordinator"
	RoleDuty        Role = "duty"
	RoleEditor      Role = "editor"
	RoleAuditor     Role = "auditor"
	RoleLead        Role = "lead"
)

// Roles lists them all.
func Roles() []Role {
	return []Role{RoleWorker, RoleCoordinator, RoleDuty, RoleEditor, RoleAuditor, RoleLead}
}

// Staff is somebody who works on referrals.
type Staff struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Role     Role   `json:"role"`
	Disabled bool   `json:"disabled,omitempty"`
}

// Refusals of staff actions; a caller tells them apart with errors.Is.
var (
	ErrTaken  = errors.New("somebody else holds it")
	ErrRole   = errors.New("this role may not do that")
	ErrHolder = errors.New("you do not hold it")
	ErrOver   = errors.New("it is closed")
	ErrStale  = errors.New("the claim has changed hands since you looked")
	ErrAction = errors.New("that cannot be done now")
)

// Verb is what can be done to a referral.
type Verb string

// The verbs; those from Lapse on are done by the program or the person.
const (
	DoClaim Verb = "claim"
	// DoRenew is a claim by who holds the referral already: see Meant.
	DoRenew    Verb = "renew"
	DoRelease  Verb = "release"
	DoHandOver Verb = "handover"
	DoReply    Verb = "reply"
	DoHold     Verb = "hold"
	DoClose    Verb = "close"
	DoRegrade  Verb = "regrade"
	DoLapse    Verb = "lapse"
	DoWithdraw Verb = "withdraw"
)

// Action is one thing that is done to a referral.
type Action struct {
	Verb Verb
	By   Staff
	// To receives a handover.
	To Staff
	// Number is the claim that the actor saw; 0 skips the check, for a first
	// look.
	Number  int
	Outcome string
	// Light and Reason are those of a regrade.
	Light  Light
	Reason string
	At     time.Time
}

// lifecycle is the one table of what may follow what. A verb that keeps the
// status is listed too, so that all else is refused.
func lifecycle() []transition {
	return []transition{
		{"enqueue", string(Requested), string(Received)},
		{string(DoClaim), string(Received), string(Accepted)},
		{string(DoRenew), string(Accepted), string(Accepted)},
		{string(DoRenew), string(InProgress), string(InProgress)},
		{string(DoRenew), string(OnHold), string(OnHold)},
		{string(DoRelease), string(Accepted), string(Received)},
		{string(DoRelease), string(InProgress), string(Received)},
		{string(DoRelease), string(OnHold), string(Received)},
		{string(DoRelease), string(Received), string(Received)},
		{string(DoLapse), string(Accepted), string(Received)},
		{string(DoRegrade), string(Received), string(Received)},
		{string(DoRegrade), string(Accepted), string(Received)},
		{string(DoRegrade), string(InProgress), string(Received)},
		{string(DoRegrade), string(OnHold), string(Received)},
		{string(DoHandOver), string(Accepted), string(Accepted)},
		{string(DoHandOver), string(InProgress), string(InProgress)},
		{string(DoHandOver), string(OnHold), string(OnHold)},
		{string(DoReply), string(Accepted), string(InProgress)},
		{string(DoReply), string(InProgress), string(InProgress)},
		{string(DoReply), string(OnHold), string(InProgress)},
		{string(DoHold), string(Accepted), string(OnHold)},
		{string(DoHold), string(InProgress), string(OnHold)},
		{"complete", string(Accepted), string(Completed)},
		{"complete", string(InProgress), string(Completed)},
		{"complete", string(OnHold), string(Completed)},
		{"reject", string(Accepted), string(Rejected)},
		{"reject", string(InProgress), string(Rejected)},
		{"reject", string(OnHold), string(Rejected)},
		{"cancel", string(Accepted), string(Cancelled)},
		{"cancel", string(InProgress), string(Cancelled)},
		{"cancel", string(OnHold), string(Cancelled)},
		{string(DoWithdraw), string(Received), string(Cancelled)},
		{string(DoWithdraw), string(Accepted), string(Cancelled)},
		{string(DoWithdraw), string(InProgress), string(Cancelled)},
		{string(DoWithdraw), string(OnHold), string(Cancelled)},
	}
}

// Outcomes are how a referral may be closed, each with its lifecycle event.
func Outcomes() map[string]string {
	return map[string]string{"completed": "complete", "routed": "complete", "declined": "reject",
		"unreachable": "cancel", withdrawnOutcome: "cancel"}
}

// Apply is the referral after an action, or the reason why not. The hub's
// calendar decides how long a claim holds.
func (r Referral) Apply(h *hub.Hub, a Action) (Referral, error) {
	if r.Status.over() {
		return r, ErrOver
	}
	a.Verb = r.Meant(a)
	if err := r.allows(a); err != nil {
		return r, err
	}
	event := string(a.Verb)
	if a.Verb == DoClose {
		event = Outcomes()[a.Outcome]
		if event == "" {
			return r, fmt.Errorf("the outcome %q is not known: %w", a.Outcome, ErrAction)
		}
	}
	next, err := fire(string(r.Status), event, lifecycle())
	if err != nil {
		return r, fmt.Errorf("%s a referral that is %s: %w", a.Verb, r.Status, ErrAction)
	}
	r.claimed(h, a)
	r.Status = Status(next)
	if r.Status.over() {
		r.Ended = Ended{At: a.At, Outcome: a.Outcome}
		if a.Verb == DoWithdraw {
			r.Ended.Outcome = withdrawnOutcome
		}
	}
	if r.Withdrawn() {
		r.empty()
	}
	r.note(a.At, string(a.Verb), a.by())
	return r, nil
}

// claimed is how an action changes who holds the referral.
func (r *Referral) claimed(h *hub.Hub, a Action) {
	until := h.After(a.At, h.Lease)
	switch a.Verb {
	case DoClaim:
		r.Claim = Claim{By: a.By.ID, Name: a.By.Name, Number: r.Claim.Number + 1, Until: until, Contacted: r.Claim.Contacted}
	case DoHandOver:
		r.Claim = Claim{By: a.To.ID, Name: a.To.Name, Number: r.Claim.Number + 1, Until: until, Contacted: r.Claim.Contacted}
	case DoRelease:
		if r.Claim.By == "" {
			r.Lane = LaneOpen // a coordinator lets an amber one go to every worker
		}
		r.Claim = Claim{Number: r.Claim.Number}
	case DoLapse:
		r.Claim = Claim{Number: r.Claim.Number}
	case DoReply:
		r.Claim.Until, r.Claim.Contacted = until, true
	case DoHold, DoRenew:
		r.Claim.Until = until
	case DoRegrade:
		r.regrade(h, a)
	}
}

// allows says whether somebody may do this now.
func (r Referral) allows(a Action) error {
	switch a.Verb {
	case DoLapse, DoWithdraw:
		return nil
	case DoClaim:
		return r.claimable(a)
	case DoRenew:
		return r.renewable(a)
	case DoRegrade:
		if a.Number != 0 && a.Number != r.Claim.Number {
			return ErrStale
		}
		return r.regradable(a)
	}
	if a.Verb == DoRelease && r.Claim.By == "" {
		if r.Lane == LaneCheck && a.By.Role == RoleCoordinator {
			return nil
		}
		return ErrHolder
	}
	if r.Claim.By != a.By.ID {
		return ErrHolder
	}
	if a.Number != 0 && a.Number != r.Claim.Number {
		return ErrStale
	}
	if a.Verb == DoHandOver {
		return r.Lane.admits(a.To)
	}
	return nil
}

// Readable says whether a member of staff may read what the person sent, and why
// not: the holder may, a coordinator and the duty person.
func (r Referral) Readable(s Staff) error {
	switch {
	case s.Disabled:
		return ErrRole
	case r.Claim.By == s.ID, s.Role == RoleCoordinator, s.Role == RoleDuty:
		return nil
	case s.Role == RoleWorker:
		return ErrHolder
	}
	return ErrRole
}

// by names the actor in the timeline.
func (a Action) by() string {
	switch {
	case a.Verb == DoWithdraw:
		return "person"
	case a.By.ID == "":
		return "frontdoor"
	}
	return a.By.ID
}

// note adds a line to the timeline.
func (r *Referral) note(at time.Time, what, by string) {
	r.Events = append(slices.Clone(r.Events), Event{At: at, What: what, By: by})
}

// press raises a referral to urgent, as crisis words from its person do; it
// never lowers one.
func (r *Referral) press(at time.Time, reason string) {
	if r.Priority == Routine {
		r.Priority = Urgent
	}
	if !slices.Contains(r.Reasons, reason) {
		r.Reasons = append(slices.Clone(r.Reasons), reason)
	}
	r.note(at, reason, "person")
}
