package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// closing holds that a closed referral leaves the queue, can still be read with
// its messages, makes room for a new one, and is purged when its time is over.
func closing(t *testing.T, b Bench) {
	ctx := t.Context()
	sn := b.Refer(b.Who("1001"), "K7QM-2PXD", flows.Routine, Monday)
	turn := Talking(sn, "x")
	turn.Keep = 0
	turn.Said = []store.Said{{ID: "1", At: Monday, From: "person", Text: "one more thing"}, {ID: "2", At: Monday, From: "sam", Text: "hello", Fate: store.Queued}}
	b.Turn(turn)
	must(t, b.Delivered(ctx, "K7QM-2PXD", "2", store.Sent))
	sn = b.Read(sn.Person)
	over := *sn.Referral
	over.Status, over.Ended = flows.Completed, flows.Ended{At: Monday, Outcome: "completed"}
	turn = Talking(sn, "x")
	turn.Referral, turn.PurgeAfter = &over, 30*24*time.Hour
	b.Turn(turn)
	b.wantQueue()
	if b.Read(sn.Person).Referral != nil {
		t.Error("a closed referral is still open")
	}
	found, err := b.Find(ctx, "K7QM-2PXD")
	must(t, err)
	messages, delivery, err := b.Messages(ctx, found)
	must(t, err)
	if len(messages) != 2 || messages[0].Text != "one more thing" || delivery["2"] != store.Sent || found.Referral.Ended.Outcome != "completed" {
		t.Errorf("read %v %v %v", messages, delivery, found.Referral.Ended)
	}
	b.Refer(sn.Person, "NEWW-NEWW", flows.Routine, Monday)
	b.wantQueue("NEWW-NEWW")
	if due, err := b.Purgeable(ctx, Monday.Add(29*24*time.Hour), time.Minute, 10); err != nil || len(due) > 0 {
		t.Errorf("purged too early: %v %v", due, err)
	}
	due, err := b.Purgeable(ctx, Monday.Add(31*24*time.Hour), time.Minute, 10)
	must(t, err)
	if !slices.Equal(due, []string{"K7QM-2PXD"}) {
		t.Fatalf("due for purging: %v", due)
	}
	must(t, b.Purge(ctx, due[0], Monday))
	must(t, b.Purge(ctx, due[0], Monday)) // twice does no harm
	if _, err := b.Find(ctx, "K7QM-2PXD"); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("purged, and yet found: %v", err)
	}
	if b.Read(sn.Person).Referral.Reference != "NEWW-NEWW" {
		t.Error("the open referral went with the old one")
	}
}

// erasing holds that nothing of an erased person can be read, that what the last
// turn says still goes out, and that a sender that was at work finds nothing.
func erasing(t *testing.T, b Bench) {
	ctx := t.Context()
	sn := b.Refer(b.Who("1001"), "K7QM-2PXD", flows.Routine, Monday)
	turn := Talking(sn, "x")
	turn.Keep, turn.Lease = 0, Lease
	turn.Out = []store.Outgoing{{Body: []byte("on its way")}, {Body: []byte("too late")}}
	turn.Said = []store.Said{{ID: "1", At: Monday, From: "person", Text: "secret"}}
	sender := b.Turn(turn)
	must(t, b.Show(ctx, sn.Person, []byte("on the page")))
	sn = b.Read(sn.Person)
	last := store.Turn{At: Monday, From: sn, Keep: 24 * time.Hour, Erase: true, Lease: Lease,
		Conversation: flows.Conversation{Seen: []string{"7"}}, Out: []store.Outgoing{{Body: []byte("It's deleted.")}}}
	lease := b.Turn(last)
	if !lease.Held() {
		t.Fatal("the confirmation has no lease")
	}
	if next, err := b.Done(ctx, sender, Monday, Lease, ""); err != nil || next.Body != nil {
		t.Fatalf("the old sender goes on with %q: %v", next.Body, err)
	}
	after := b.Read(sn.Person)
	if after.Referral != nil || after.Conversation.ID != "" || !slices.Equal(after.Conversation.Seen, []string{"7"}) {
		t.Errorf("left: %+v", after.Conversation)
	}
	b.wantQueue()
	if _, err := b.Find(ctx, "K7QM-2PXD"); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("erased, and yet found: %v", err)
	}
	if _, _, err := b.Messages(ctx, sn); err != nil {
		t.Errorf("the messages of an erased referral: %v", err)
	}
	if shown, err := b.Page(ctx, sn.Person, ""); err != nil || len(shown) > 0 {
		t.Errorf("the page still shows %d messages: %v", len(shown), err)
	}
	pending, err := b.Waiting(ctx, Monday.Add(time.Hour), Lease, 10)
	must(t, err)
	if len(pending) != 1 || string(pending[0].Body) != "It's deleted." {
		t.Errorf("in the outbox: %v", pending)
	}
}

// people holds who is on the staff, and the audit.
func people(t *testing.T, b Bench) {
	ctx := t.Context()
	for _, id := range []string{"sam", "cory"} {
		must(t, b.AddStaff(ctx, flows.Staff{ID: id, Name: "N " + id, Role: flows.RoleWorker}))
	}
	must(t, b.AddStaff(ctx, flows.Staff{ID: "cory", Name: "Cory", Role: flows.RoleCoordinator}))
	all, err := b.AllStaff(ctx)
	must(t, err)
	if len(all) != 2 || all[0].ID != "cory" || all[0].Role != flows.RoleCoordinator {
		t.Errorf("the staff: %v", all)
	}
	for _, what := range []string{"read", "claim"} {
		must(t, b.Audit(ctx, store.Line{At: Monday, What: what, Reference: "K7QM-2PXD", By: "sam"}))
	}
	lines, err := b.AuditLines(ctx, 1)
	must(t, err)
	if len(lines) != 1 || lines[0].What != "claim" {
		t.Errorf("the newest line: %v", lines)
	}
}

// page holds that a page can be read again from any place.
func page(t *testing.T, b Bench) {
	ctx := t.Context()
	p := b.Who("1001")
	if err := b.Show(ctx, p, []byte("x")); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("a page of nobody: %v", err)
	}
	b.Turn(Talking(b.Read(p), "x"))
	for _, text := range []string{"one", "two", "three"} {
		must(t, b.Show(ctx, p, []byte(text)))
	}
	all, err := b.Page(ctx, p, "")
	must(t, err)
	if len(all) != 3 || string(all[0].Body) != "one" {
		t.Fatalf("the page: %v", all)
	}
	rest, err := b.Page(ctx, p, all[1].ID)
	must(t, err)
	if len(rest) != 1 || string(rest[0].Body) != "three" {
		t.Errorf("after the second: %v", rest)
	}
	if odd, err := b.Page(ctx, p, "nonsense\r\n"); err != nil || len(odd) != 3 {
		t.Errorf("after nonsense: %d, %v", len(odd), err)
	}
}

// unknownThings holds what asking for something that is not there comes to.
func unknownThings(t *testing.T, b Bench) {
	ctx := t.Context()
	_, errPerson := b.PersonOf(ctx, "ZZZZ-ZZZZ")
	_, errStaff := b.Staff(ctx, "nobody")
	_, errBundle := b.BundleFiles(ctx, "0123456789")
	_, errFind := b.Find(ctx, "ZZZZ-ZZZZ")
	for _, err := range []error{errPerson, errStaff, errBundle, errFind} {
		if !errors.Is(err, store.ErrUnknown) {
			t.Errorf("%v is not ErrUnknown", err)
		}
	}
	must(t, b.Purge(ctx, "ZZZZ-ZZZZ", Monday))
}

// twoHubs holds that hubs on one server know nothing of each other.
func twoHubs(t *testing.T, north, south Bench) {
	north.Refer(north.Who("1001"), "NNNN-NNNN", flows.Routine, Monday)
	south.Refer(south.Who("1001"), "SSSS-SSSS", flows.Routine, Monday)
	north.wantQueue("NNNN-NNNN")
	south.wantQueue("SSSS-SSSS")
	if _, err := south.Find(t.Context(), "NNNN-NNNN"); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("one hub finds another's: %v", err)
	}
}
