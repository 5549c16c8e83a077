package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// maxReply is how long a worker's message may be, in characters.
const maxReply = 3000

// Desk is what staff do with referrals, whatever they do it on. What it commits
// for a person is sent by whichever process serves their channel.
type Desk struct{ turns }

// NewDesk is a desk over a store. A nil clock is the real one.
func NewDesk(st *store.Store, library *Library, clock func() time.Time) *Desk {
	c := Config{Clock: clock}.Defaults()
	return &Desk{turns{store: st, library: library, clock: c.Clock}}
}

// Work is one thing that a member of staff does to a referral.
type Work struct {
	Reference string
	Verb      flows.Verb
	// By is the id of who does it, To of who receives a handover.
	By, To string
	// Number is the claim that the actor was looking at, 0 for the current one.
	Number int
	// Text is a reply or the reason of a regrade, Outcome how a referral is closed.
	Text, Outcome string
	// Light is the colour of a regrade.
	Light flows.Light
}

// Done is what a piece of work came to.
type Done struct {
	Referral flows.Referral
	// Silent says that the person hears nothing of it, because they asked for no
	// more messages or cannot be reached.
	Silent bool
	// Renewed says that who claimed it held it already.
	Renewed bool
}

// Do does it, or says why not: the refusals of flows.Referral.Apply,
// store.ErrUnknown for a reference or an id that is not there.
func (d *Desk) Do(ctx context.Context, w Work) (done Done, err error) {
	defer recovered(&err)
	action, err := d.action(ctx, w)
	if err != nil {
		return Done{}, err
	}
	person, err := d.store.PersonOf(ctx, w.Reference)
	if err != nil {
		return Done{}, err
	}
	var after flows.Referral
	var meant flows.Action // what it comes to on the referral as it was read
	load := func(ctx context.Context) (*store.Snapshot, error) { return d.store.LoadPerson(ctx, person) }
	input := func(sn *store.Snapshot) (flows.Input, error) {
		r := sn.Referral
		if r == nil || r.Reference != w.Reference {
			return flows.Input{}, fmt.Errorf("referral %s: %w", w.Reference, flows.ErrOver)
		}
		if action.Number == 0 {
			// From the second try on, the claim must still be the one first seen.
			action.Number = r.Claim.Number
		}
		meant = action
		meant.Verb = r.Meant(action)
		if after, err = r.Apply(d.library.Newest().Hub, action); err != nil {
			return flows.Input{}, fmt.Errorf("%s %s: %w", w.Verb, w.Reference, err)
		}
		return flows.Input{Happening: flows.StaffDone, At: action.At, Referral: &after,
			Staff: flows.StaffAct{Verb: meant.Verb, Name: actorName(action), Text: w.Text}}, nil
	}
	res, err := d.run(ctx, load, input, func(t *store.Turn, queue []outgoing) { d.amend(t, queue, &after, meant, w.Text) }, 0)
	return Done{Referral: after, Silent: len(res.queue) == 0, Renewed: meant.Verb == flows.DoRenew}, err
}

// recovered turns a panic into an error: what one referral breaks must not end the
// program. The value of the panic may hold words of a person and is dropped.
func recovered(err *error) {
	if recover() != nil {
		*err = errBroken
	}
}

// actorName is who the person hears of: the receiver of a handover, otherwise
// who acted.
func actorName(a flows.Action) string {
	if a.Verb == flows.DoHandOver {
		return a.To.Name
	}
	return a.By.Name
}

// action checks who acts and what with.
func (d *Desk) action(ctx context.Context, w Work) (flows.Action, error) {
	by, err := d.store.Staff(ctx, w.By)
	if err != nil {
		return flows.Action{}, err
	}
	a := flows.Action{Verb: w.Verb, By: by, Number: w.Number, Outcome: w.Outcome, At: d.clock(), Light: w.Light}
	if by.Disabled {
		return a, fmt.Errorf("staff %q: %w", w.By, flows.ErrRole)
	}
	if w.Verb == flows.DoHandOver {
		if a.To, err = d.store.Staff(ctx, w.To); err != nil {
			return a, err
		}
	}
	if w.Verb == flows.DoRegrade {
		a.Reason = w.Text
	}
	if w.Verb == flows.DoReply {
		text := strings.TrimSpace(w.Text)
		if text == "" || len([]rune(text)) > maxReply {
			return a, fmt.Errorf("a reply has between 1 and %d characters: %w", maxReply, flows.ErrAction)
		}
	}
	return a, nil
}

// amend adds what a staff action writes beside the turn of its person.
func (d *Desk) amend(t *store.Turn, queue []outgoing, after *flows.Referral, a flows.Action, text string) {
	t.Referral, t.Seen = after, a.By.ID != ""
	if after.Status.Over() {
		t.Keep = d.library.Newest().Hub.Keep.Unfinished
	}
	t.Audit = append(t.Audit, store.Line{At: a.At, What: string(a.Verb), Reference: after.Reference, By: a.By.ID})
	if a.Verb != flows.DoReply {
		return
	}
	said := store.Said{ID: token(), At: a.At, From: a.By.ID, Text: strings.TrimSpace(text), Fate: store.Queued}
	if len(queue) == 0 {
		said.Fate = store.Refused
	}
	t.Said = append(t.Said, said)
	for i := range queue {
		queue[i].Reference, queue[i].Said = after.Reference, said.ID
	}
}

// lapse gives a referral back whose claim lapsed; one that was worked on
// meanwhile is left alone.
func (d *Desk) lapse(ctx context.Context, reference string) (err error) {
	defer recovered(&err)
	person, err := d.store.PersonOf(ctx, reference)
	if err != nil {
		return err
	}
	var after flows.Referral
	action := flows.Action{Verb: flows.DoLapse, At: d.clock()}
	sn, err := d.store.LoadPerson(ctx, person)
	if err != nil || sn.Referral == nil || !sn.Referral.Lapsed(action.At) {
		return err
	}
	load := func(ctx context.Context) (*store.Snapshot, error) { return d.store.LoadPerson(ctx, person) }
	input := func(sn *store.Snapshot) (flows.Input, error) {
		if sn.Referral == nil || !sn.Referral.Lapsed(action.At) {
			return flows.Input{}, flows.ErrAction
		}
		after, err = sn.Referral.Apply(d.library.Newest().Hub, action)
		return flows.Input{Happening: flows.StaffDone, At: action.At, Referral: &after,
			Staff: flows.StaffAct{Verb: flows.DoLapse}}, err
	}
	_, err = d.run(ctx, load, input, func(t *store.Turn, _ []outgoing) { d.amend(t, nil, &after, action, "") }, 0)
	return err
}

// Queue lists the open referrals in claiming order, and counts those that cannot be
// opened. It is for everybody on the staff: it holds no answers and no names.
func (d *Desk) Queue(ctx context.Context) (open []flows.Referral, unreadable int, err error) {
	return d.store.Queue(ctx)
}

// File is everything about one referral that its reader may see.
type File struct {
	Referral flows.Referral
	Messages []store.Said
	Delivery map[string]store.Delivery
	// Readers are the audit lines that say who opened it, oldest first, this time
	// included; only of what is in the lane of the duty person, nil for others.
	Readers []store.Line
}

// searched is how many of the newest audit lines are looked through for readers.
const searched = 10_000

// readers says who opened a referral.
func (d *Desk) readers(ctx context.Context, r *flows.Referral) ([]store.Line, error) {
	if r.Lane != flows.LaneDuty {
		return nil, nil
	}
	lines, err := d.store.AuditLines(ctx, searched)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(lines, func(l store.Line) bool { return l.What != "read" || l.Reference != r.Reference }), nil
}

// Show reads a referral for somebody who may: its holder, a coordinator or the
// duty person. That they looked is written down first, and alerts about it stop.
func (d *Desk) Show(ctx context.Context, reference, by string) (File, error) {
	who, err := d.store.Staff(ctx, by)
	if err != nil {
		return File{}, err
	}
	sn, err := d.store.Find(ctx, reference)
	if err != nil {
		return File{}, err
	}
	if err := sn.Referral.Readable(who); err != nil {
		return File{}, fmt.Errorf("show %s: %w", reference, err)
	}
	err = d.store.Audit(ctx, store.Line{At: d.clock(), What: "read", Reference: reference, By: by})
	if err != nil {
		return File{}, err
	}
	if !sn.Referral.Status.Over() {
		if err := d.store.Seen(ctx, reference, d.clock()); err != nil {
			return File{}, err
		}
	}
	f := File{Referral: *sn.Referral}
	if f.Readers, err = d.readers(ctx, sn.Referral); err != nil {
		return File{}, err
	}
	f.Messages, f.Delivery, err = d.store.Messages(ctx, sn)
	return f, err
}
