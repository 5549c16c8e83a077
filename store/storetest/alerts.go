package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// dueAt are the references that staff may have to be alerted to at a time.
func (b Bench) dueAt(at time.Time) []store.DueAlert {
	b.t.Helper()
	due, err := b.DueAlerts(b.t.Context(), at, Lease, 10)
	must(b.t, err)
	return due
}

// wantDue takes exactly these references at a time, and gives them back.
func (b Bench) wantDue(at time.Time, want ...string) {
	b.t.Helper()
	got := []string{}
	for _, d := range b.dueAt(at) {
		got = append(got, d.Reference)
		must(b.t, b.PutOffAlert(b.t.Context(), d, at))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("at %s due: %v, want %v", at.Format(time.TimeOnly), got, want)
	}
}

// changes commits a changed referral.
func (b Bench) changes(p store.Person, at time.Time, change func(*store.Turn)) {
	b.t.Helper()
	sn := b.Read(p)
	turn := Talking(sn, "x")
	r := *sn.Referral
	turn.Keep, turn.At, turn.Referral = 0, at, &r
	change(&turn)
	b.Turn(turn)
}

// alerts holds when staff have to be alerted to a referral: when its time is over
// and nobody holds it, and at once when it calls; by one process at a time.
func alerts(t *testing.T, b Bench) {
	ctx, p, minute := t.Context(), b.Who("1001"), time.Minute
	turn := Talking(b.Read(p), "x")
	turn.Keep = 0
	turn.Referral = &flows.Referral{Reference: "K7QM-2PXD", Status: flows.Received, Lane: flows.LaneOpen,
		Priority: flows.Routine, Since: Monday, Due: Monday.Add(10 * minute)}
	b.Turn(turn)
	b.wantDue(Monday.Add(9 * minute))
	b.wantDue(Monday.Add(10*minute), "K7QM-2PXD")

	late := Monday.Add(11 * minute)
	d := b.dueAt(late)[0]
	if again := b.dueAt(late); len(again) > 0 {
		t.Errorf("taken twice: %v", again)
	}
	told := store.Marks{Told: late, Why: "overdue", Step: 2}
	if ok, err := b.Alerted(ctx, d, told, late.Add(10*minute)); err != nil || !ok {
		t.Errorf("noted: %v %v", ok, err)
	}
	if got, err := b.Marks(ctx, "K7QM-2PXD"); err != nil || !got.Told.Equal(late) || got.Why != "overdue" || got.Step != 2 || !got.Seen.IsZero() {
		t.Errorf("read %+v %v", got, err)
	}
	if ok, err := b.Alerted(ctx, d, told, Monday); err != nil || ok {
		t.Errorf("noted under an old lease: %v %v", ok, err)
	}
	b.wantDue(late.Add(9 * minute))

	// A turn that says nothing about it leaves it; a call comes first.
	b.changes(p, late, func(*store.Turn) {})
	b.wantDue(late.Add(9 * minute))
	b.changes(p, late.Add(minute), func(turn *store.Turn) { turn.Call = true })
	b.wantDue(late.Add(minute), "K7QM-2PXD")
	if got, err := b.Marks(ctx, "K7QM-2PXD"); err != nil || !got.Called.Equal(late.Add(minute)) {
		t.Errorf("read %+v %v", got, err)
	}

	b.heldAlerts(p, late.Add(minute))
	b.freedAlerts(p, late.Add(10*minute))
	b.erasedAlerts(p)
	b.laneLoad()
}

// hold lets somebody hold the referral of a turn.
func hold(turn *store.Turn) {
	turn.Referral.Status, turn.Referral.Claim = flows.Accepted, flows.Claim{By: "sam", Number: 1}
}

// heldAlerts holds that a claim ends alerts, whoever is about to tell, and that a
// call of somebody whose referral is held begins them until its holder acts.
func (b Bench) heldAlerts(p store.Person, at time.Time) {
	b.t.Helper()
	ctx, minute := b.t.Context(), time.Minute
	d := b.dueAt(at)[0]
	b.changes(p, at.Add(minute), func(turn *store.Turn) { hold(turn); turn.Seen = true })
	if ok, err := b.Alerted(ctx, d, store.Marks{Told: at}, at); err != nil || ok {
		b.t.Errorf("noted, though it is claimed: %v %v", ok, err)
	}
	if got, err := b.Marks(ctx, "K7QM-2PXD"); err != nil || got.Told.Equal(at) {
		b.t.Errorf("written, though it is claimed: %+v %v", got, err)
	}
	b.wantDue(at.Add(time.Hour))
	b.changes(p, at.Add(2*minute), func(turn *store.Turn) { hold(turn); turn.Call = true })
	b.changes(p, at.Add(3*minute), hold)
	b.wantDue(at.Add(3*minute), "K7QM-2PXD")
	must(b.t, b.Seen(ctx, "K7QM-2PXD", at.Add(4*minute)))
	if got, err := b.Marks(ctx, "K7QM-2PXD"); err != nil || !got.Seen.Equal(at.Add(4*minute)) {
		b.t.Errorf("read %+v %v", got, err)
	}
	b.changes(p, at.Add(5*minute), func(turn *store.Turn) { hold(turn); turn.Seen = true })
	b.wantDue(at.Add(time.Hour))
}

// freedAlerts holds that a referral that is given back is looked at anew, and one
// that is over not any more.
func (b Bench) freedAlerts(p store.Person, at time.Time) {
	b.t.Helper()
	b.changes(p, at, func(turn *store.Turn) {
		turn.Referral.Status, turn.Referral.Claim, turn.Seen = flows.Received, flows.Claim{Number: 1}, true
	})
	b.wantDue(at, "K7QM-2PXD")
	if got, err := b.Marks(b.t.Context(), "K7QM-2PXD"); err != nil || !got.Seen.IsZero() || !got.Told.IsZero() {
		b.t.Errorf("read %+v %v", got, err)
	}
	b.changes(p, at.Add(time.Minute), func(turn *store.Turn) {
		turn.Referral.Status, turn.Call, turn.PurgeAfter = flows.Cancelled, true, time.Hour
	})
	b.wantDue(at.Add(1000 * time.Hour))
	if got, err := b.Marks(b.t.Context(), "K7QM-2PXD"); err != nil || got != (store.Marks{}) {
		b.t.Errorf("after it was over, read %+v %v", got, err)
	}
}

// erasedAlerts holds that nothing about alerts is left of an erased person.
func (b Bench) erasedAlerts(p store.Person) {
	b.t.Helper()
	b.Refer(p, "NEWW-NEWW", flows.Routine, Monday)
	must(b.t, b.Seen(b.t.Context(), "NEWW-NEWW", Monday))
	b.Turn(store.Turn{At: Monday, From: b.Read(p), Keep: 24 * time.Hour, Erase: true})
	b.wantDue(Monday.Add(1000 * time.Hour))
	if got, err := b.Marks(b.t.Context(), "NEWW-NEWW"); err != nil || got != (store.Marks{}) {
		b.t.Errorf("after erasing, read %+v %v", got, err)
	}
}

// laneLoad holds how many wait in a lane, and since when the oldest does, whatever
// its priority.
func (b Bench) laneLoad() {
	b.t.Helper()
	if n, oldest, err := b.LaneLoad(b.t.Context(), flows.LaneOpen); err != nil || n != 0 || !oldest.IsZero() {
		b.t.Errorf("in an empty lane %d wait since %s: %v", n, oldest, err)
	}
	b.Refer(b.Who("1"), "AAAA-AAAA", flows.Urgent, Monday.Add(time.Hour))
	b.Refer(b.Who("2"), "BBBB-BBBB", flows.Routine, Monday)
	b.Refer(b.Who("3"), "CCCC-CCCC", flows.Routine, Monday.Add(2*time.Hour))
	if n, oldest, err := b.LaneLoad(b.t.Context(), flows.LaneOpen); err != nil || n != 3 || !oldest.Equal(Monday) {
		b.t.Errorf("%d wait since %s: %v", n, oldest, err)
	}
	if n, _, err := b.LaneLoad(b.t.Context(), flows.LaneDuty); err != nil || n != 0 {
		b.t.Errorf("in another lane %d wait: %v", n, err)
	}
}
