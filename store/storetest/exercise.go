package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// Monday is the time at which the exercise begins.
var Monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// Lease is long enough for any step of the exercise.
const Lease = 30 * time.Second

// Bench is a store to exercise, with what the exercise needs around it.
type Bench struct {
	*store.Store
	t testing.TB
}

// Open opens a store for a test.
func Open(t testing.TB, url, hub string, keys *store.Keys) Bench {
	t.Helper()
	s, err := store.Open(store.Config{URL: url, Hub: hub, Keys: keys, Timeout: store.PatientTimeout})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return Bench{Store: s, t: t}
}

// Keys draws master keys.
func Keys(t testing.TB) *store.Keys {
	t.Helper()
	k, err := store.NewKeys()
	must(t, err)
	return k
}

// Who is a person of the exercise.
func (b Bench) Who(id string) store.Person {
	b.t.Helper()
	p, err := b.Person("telegram", id)
	must(b.t, err)
	return p
}

// Read loads a person.
func (b Bench) Read(p store.Person) *store.Snapshot {
	b.t.Helper()
	sn, err := b.LoadPerson(b.t.Context(), p)
	must(b.t, err)
	return sn
}

// Turn commits a turn that must succeed.
func (b Bench) Turn(turn store.Turn) store.Lease {
	b.t.Helper()
	lease, err := b.Commit(b.t.Context(), turn)
	must(b.t, err)
	return lease
}

// Talking is a turn that stores a conversation with one answer.
func Talking(sn *store.Snapshot, answer string) store.Turn {
	return store.Turn{At: Monday, From: sn, Keep: 24 * time.Hour, Conversation: flows.Conversation{
		ID: "ABCD2345", Touched: Monday, Where: flows.Where{Channel: "telegram", Address: "1001"},
		Journal: []flows.Entry{{Seq: 1, At: []flows.Frame{{Flow: "f", State: "s"}}, Var: "own_words", Value: []string{answer}}},
	}}
}

// Refer stores an open referral for a person.
func (b Bench) Refer(p store.Person, reference string, priority flows.Priority, since time.Time) *store.Snapshot {
	b.t.Helper()
	turn := Talking(b.Read(p), "words of "+reference)
	turn.Keep = 0
	turn.Referral = &flows.Referral{Reference: reference, Status: flows.Received, Lane: flows.LaneOpen,
		Priority: priority, Since: since, Sent: flows.Snapshot{Answers: map[string]any{"own_words": "words of " + reference}}}
	b.Turn(turn)
	return b.Read(p)
}

// Exercise is the contract of the store. open makes a store of a hub that has
// nothing in it.
func Exercise(t *testing.T, open func(t testing.TB, hub string) Bench) {
	t.Helper()
	for name, run := range map[string]func(*testing.T, Bench){
		"turns":          turns,
		"conflict":       conflict,
		"outbox":         outbox,
		"outbox leases":  outboxLeases,
		"timers":         timers,
		"queue order":    queueOrder,
		"one claimer":    oneClaimer,
		"closing":        closing,
		"erasing":        erasing,
		"forgetting":     forgetting,
		"alerts":         alerts,
		"people":         people,
		"page":           page,
		"one-time links": oneTimeLinks,
		"unknown things": unknownThings,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, open(t, "hub-"+hubName(name)))
		})
	}
	t.Run("two hubs", func(t *testing.T) {
		t.Parallel()
		twoHubs(t, open(t, "hub-north"), open(t, "hub-south"))
	})
}

// hubName is a name as a hub's.
func hubName(name string) string {
	return string(slices.DeleteFunc([]byte(name), func(c byte) bool { return c < 'a' || c > 'z' }))
}

// turns holds that what a turn writes is what is read.
func turns(t *testing.T, b Bench) {
	p := b.Who("1001")
	if sn := b.Read(p); sn.Conversation.ID != "" || sn.Referral != nil {
		t.Error("somebody unknown has a conversation")
	}
	turn := Talking(b.Read(p), "first")
	turn.Counts = []string{"helper", "helper"}
	b.Turn(turn)
	sn := b.Read(p)
	if got := sn.Conversation.Journal[0].Value[0]; got != "first" || sn.Conversation.Address != "1001" {
		t.Errorf("read %q", got)
	}
	turn = Talking(sn, "second")
	alias, err := b.Person("web", "return-0")
	must(t, err)
	turn.Aliases = []store.Person{alias}
	b.Turn(turn)
	moved, err := b.Load(t.Context(), alias)
	must(t, err)
	if moved.Person != p || moved.Conversation.Journal[0].Value[0] != "second" {
		t.Errorf("another address leads to %s", moved.Person.Short())
	}
	counts, err := b.Counts(t.Context(), Monday)
	must(t, err)
	if counts["helper"] != "2" {
		t.Errorf("counted %v", counts)
	}
}

// conflict holds that of two turns decided on the same snapshot one wins, and
// that the other changes nothing at all.
func conflict(t *testing.T, b Bench) {
	p := b.Who("1001")
	for round := range 3 {
		sn := b.Read(p)
		b.Turn(Talking(sn, "winner"))
		late := Talking(sn, "loser")
		late.Out = []store.Outgoing{{Body: []byte("never")}}
		late.Counts = []string{"never"}
		if _, err := b.Commit(t.Context(), late); !errors.Is(err, store.ErrConflict) {
			t.Fatalf("round %d: the second turn came to %v", round, err)
		}
	}
	if got := b.Read(p).Conversation.Journal[0].Value[0]; got != "winner" {
		t.Errorf("the loser wrote %q", got)
	}
	pending, err := b.Waiting(t.Context(), Monday.Add(time.Hour), Lease, 10)
	must(t, err)
	counts, err := b.Counts(t.Context(), Monday)
	must(t, err)
	if len(pending) > 0 || counts["never"] != "" {
		t.Errorf("a refused turn left %d messages and %v", len(pending), counts)
	}
}

// outbox holds that a person's messages leave in the order of their turns, each
// once.
func outbox(t *testing.T, b Bench) {
	p := b.Who("1001")
	turn := Talking(b.Read(p), "x")
	turn.Out = []store.Outgoing{{Body: []byte("1")}, {Body: []byte("2")}}
	turn.Lease = Lease
	lease := b.Turn(turn)
	if !lease.Held() {
		t.Fatal("nobody sends, and yet the lease was not given")
	}
	more := Talking(b.Read(p), "y")
	more.Out = []store.Outgoing{{Body: []byte("3")}}
	more.Lease = Lease
	if b.Turn(more).Held() {
		t.Fatal("two leases on one outbox")
	}
	for _, want := range []string{"2", "3", ""} {
		next, err := b.Done(t.Context(), lease, Monday, Lease, "")
		must(t, err)
		if string(next.Body) != want {
			t.Fatalf("next is %q, want %q", next.Body, want)
		}
		lease = next.Lease
	}
	if pending, err := b.Waiting(t.Context(), Monday.Add(time.Hour), Lease, 10); err != nil || len(pending) > 0 {
		t.Errorf("an empty outbox has %d messages: %v", len(pending), err)
	}
}

// outboxLeases holds that a sender that died loses its lease and that it can do
// no harm if it comes back, that a message can be put off, and that an outbox
// can be thrown away.
func outboxLeases(t *testing.T, b Bench) {
	ctx := t.Context()
	p := b.Who("1001")
	turn := Talking(b.Read(p), "x")
	turn.Out = []store.Outgoing{{Body: []byte("1")}, {Body: []byte("2")}}
	turn.Lease = Lease
	dead := b.Turn(turn)
	if pending, err := b.Waiting(ctx, Monday.Add(Lease/2), Lease, 10); err != nil || len(pending) > 0 {
		t.Fatalf("taken while the lease holds: %d, %v", len(pending), err)
	}
	later := Monday.Add(Lease + 2*time.Second)
	pending := onlyFirst(t, b, later)
	if next, err := b.Done(ctx, dead, later, Lease, ""); err != nil || next.Body != nil || next.Held() {
		t.Fatalf("a lost lease still ended a message: %v %v", next, err)
	}
	must(t, b.Later(ctx, dead, later.Add(time.Hour)))
	must(t, b.Later(ctx, pending[0].Lease, later.Add(time.Minute)))
	if early, err := b.Waiting(ctx, later.Add(59*time.Second), Lease, 10); err != nil || len(early) > 0 {
		t.Fatalf("taken before its time: %d, %v", len(early), err)
	}
	pending = onlyFirst(t, b, later.Add(61*time.Second))
	if held, err := b.Drop(ctx, pending[0].Lease); err != nil || !held {
		t.Fatalf("thrown away: %v %v", held, err)
	}
	if rest, err := b.Waiting(ctx, later.Add(24*time.Hour), Lease, 10); err != nil || len(rest) > 0 {
		t.Errorf("%d messages are left: %v", len(rest), err)
	}
}

// onlyFirst takes what may be sent at a time, which must be the message "1" alone.
func onlyFirst(t *testing.T, b Bench, at time.Time) []store.Pending {
	t.Helper()
	pending, err := b.Waiting(t.Context(), at, Lease, 10)
	must(t, err)
	if len(pending) != 1 || string(pending[0].Body) != "1" {
		t.Fatalf("at %s: %d messages may be sent", at, len(pending))
	}
	return pending
}

// timers holds that a timer comes once, comes back when nobody finished it, and
// goes when a turn no longer wants it.
func timers(t *testing.T, b Bench) {
	ctx := t.Context()
	p := b.Who("1001")
	turn := Talking(b.Read(p), "x")
	turn.Timers = []flows.Timer{{Name: flows.TimerRemind, At: Monday.Add(time.Hour)}, {Name: flows.TimerExpire, At: Monday.Add(2 * time.Hour)}}
	b.Turn(turn)
	at := Monday.Add(time.Hour)
	due, err := b.DueTimers(ctx, at, time.Minute, 10)
	must(t, err)
	if len(due) != 1 || due[0].Name != flows.TimerRemind || due[0].Person != p {
		t.Fatalf("due: %v", due)
	}
	if again, err := b.DueTimers(ctx, at, time.Minute, 10); err != nil || len(again) > 0 {
		t.Fatalf("due twice: %v %v", again, err)
	}
	if back, err := b.DueTimers(ctx, at.Add(time.Minute), time.Minute, 10); err != nil || len(back) != 1 {
		t.Fatalf("a timer that nobody finished is lost: %v %v", back, err)
	}
	turn = Talking(b.Read(p), "y")
	turn.Timers = []flows.Timer{{Name: flows.TimerExpire, At: Monday.Add(3 * time.Hour)}}
	b.Turn(turn)
	due, err = b.DueTimers(ctx, Monday.Add(4*time.Hour), time.Minute, 10)
	must(t, err)
	if len(due) != 1 || due[0].Name != flows.TimerExpire {
		t.Fatalf("after the turn: %v", due)
	}
	must(t, b.ForgetTimer(ctx, due[0]))
	if due, err = b.DueTimers(ctx, Monday.Add(48*time.Hour), time.Minute, 10); err != nil || len(due) > 0 {
		t.Errorf("forgotten, and yet due: %v %v", due, err)
	}
}

// queueOrder holds that priority comes first and then the longest waiting, that
// what somebody holds comes last, and that a release goes back to the old place.
func queueOrder(t *testing.T, b Bench) {
	for i, c := range []struct {
		reference string
		priority  flows.Priority
	}{{"AAAA-AAAA", flows.Routine}, {"BBBB-BBBB", flows.Urgent}, {"CCCC-CCCC", flows.Routine}, {"DDDD-DDDD", flows.Urgent}} {
		b.Refer(b.Who(c.reference), c.reference, c.priority, Monday.Add(time.Duration(-i)*time.Hour))
	}
	b.wantQueue("DDDD-DDDD", "BBBB-BBBB", "CCCC-CCCC", "AAAA-AAAA")
	sn, err := b.Find(t.Context(), "BBBB-BBBB")
	must(t, err)
	held := *sn.Referral
	held.Status, held.Claim = flows.Accepted, flows.Claim{By: "sam", Number: 1, Until: Monday.Add(time.Hour)}
	turn := Talking(sn, "x")
	turn.Referral, turn.Keep = &held, 0
	b.Turn(turn)
	b.wantQueue("DDDD-DDDD", "CCCC-CCCC", "AAAA-AAAA", "BBBB-BBBB")
	lapsed, err := b.Lapsed(t.Context(), Monday.Add(2*time.Hour), time.Minute, 10)
	must(t, err)
	if !slices.Equal(lapsed, []string{"BBBB-BBBB"}) {
		t.Errorf("lapsed: %v", lapsed)
	}
	sn = b.Read(sn.Person)
	free := *sn.Referral
	free.Status, free.Claim = flows.Received, flows.Claim{Number: 1}
	turn = Talking(sn, "x")
	turn.Referral, turn.Keep = &free, 0
	b.Turn(turn)
	b.wantQueue("DDDD-DDDD", "BBBB-BBBB", "CCCC-CCCC", "AAAA-AAAA")
	if lapsed, err := b.Lapsed(t.Context(), Monday.Add(9*time.Hour), time.Minute, 10); err != nil || len(lapsed) > 0 {
		t.Errorf("a free referral lapses: %v %v", lapsed, err)
	}
}

// wantQueue holds the queue against references in order.
func (b Bench) wantQueue(want ...string) {
	b.t.Helper()
	queue, _, err := b.Queue(b.t.Context())
	must(b.t, err)
	var got []string
	for _, r := range queue {
		got = append(got, r.Reference)
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("the queue is %v, want %v", got, want)
	}
}

// claimers is how many try to claim at the same time.
const claimers = 64

// oneClaimer holds that of many who claim at the same moment exactly one wins.
func oneClaimer(t *testing.T, b Bench) {
	const reference = "K7QM-2PXD"
	p := b.Refer(b.Who("1001"), reference, flows.Routine, Monday).Person
	var won sync.Map
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range claimers {
		all.Go(func() {
			<-start
			if b.claim(t.Context(), p, fmt.Sprintf("w%d", i)) {
				won.Store(i, true)
			}
		})
	}
	close(start)
	all.Wait()
	winners := 0
	won.Range(func(_, _ any) bool { winners++; return true })
	if winners != 1 {
		t.Errorf("%d of %d claimed", winners, claimers)
	}
	if r := b.Read(p).Referral; r.Claim.Number != 1 {
		t.Errorf("the claim has the number %d", r.Claim.Number)
	}
}

// claim tries to claim until it is clear who won.
func (b Bench) claim(ctx context.Context, p store.Person, who string) bool {
	for {
		sn, err := b.LoadPerson(ctx, p)
		if err != nil {
			b.t.Error(err)
			return false
		}
		if sn.Referral.Claim.By != "" {
			return false
		}
		r := *sn.Referral
		r.Status, r.Claim = flows.Accepted, flows.Claim{By: who, Number: r.Claim.Number + 1, Until: Monday.Add(time.Hour)}
		turn := Talking(sn, "x")
		turn.Referral, turn.Keep = &r, 0
		_, err = b.Commit(ctx, turn)
		if err == nil {
			return true
		}
		if !errors.Is(err, store.ErrConflict) {
			b.t.Error(err)
			return false
		}
	}
}
