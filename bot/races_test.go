package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// office is two desks, each with a store of its own, over one server.
type office struct {
	storetest.Bench
	t     *testing.T
	desks []*bot.Desk
}

// newOffice lets so many workers, w0 and on, work at the desks.
func newOffice(t *testing.T, workers int) *office {
	t.Helper()
	server, keys := storetest.Start(t), storetest.Keys(t)
	o := &office{t: t}
	for range 2 {
		o.Bench = storetest.Open(t, server.URL, "star-house", keys)
		o.desks = append(o.desks, bot.NewDesk(o.Store, bot.NewLibrary(o.Store, bottest.Bundle(t)), nil))
	}
	for i := range workers {
		id := fmt.Sprint("w", i)
		if err := o.AddStaff(t.Context(), flows.Staff{ID: id, Name: "N" + id, Role: flows.RoleWorker}); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// opens makes a referral that waits.
func (o *office) opens(number int) (reference string) {
	o.t.Helper()
	reference = fmt.Sprintf("AAAA-%04d", number)
	o.Refer(o.Who(reference), reference, flows.Routine, storetest.Monday)
	return reference
}

// found is a referral as it is stored.
func (o *office) found(reference string) (flows.Referral, *store.Snapshot) {
	o.t.Helper()
	sn, err := o.Find(o.t.Context(), reference)
	if err != nil {
		o.t.Fatal(err)
	}
	return *sn.Referral, sn
}

// TestOneClaimerOfEach holds that of 64 workers at two desks, who all want each of 200
// referrals at the same time, exactly one gets it, and is who holds it; all others hear
// that somebody else does.
func TestOneClaimerOfEach(t *testing.T) {
	t.Parallel()
	const workers, referrals = 64, 200
	o := newOffice(t, workers)
	winners := make([]atomic.Int64, referrals) // one more than the worker, and their sum when there are several
	references := make([]string, referrals)
	for i := range references {
		references[i] = o.opens(i)
	}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i, reference := range references {
				done, err := o.desks[w%2].Do(t.Context(), bot.Work{Reference: reference, Verb: flows.DoClaim, By: fmt.Sprint("w", w)})
				switch {
				case err == nil && !done.Renewed:
					winners[i].Add(int64(w + 1))
				case !errors.Is(err, flows.ErrTaken):
					t.Errorf("w%d claims %s: %v, renewed: %t", w, reference, err, done.Renewed)
				}
			}
		})
	}
	all.Wait()
	for i, reference := range references {
		r, _ := o.found(reference)
		if who := fmt.Sprint("w", winners[i].Load()-1); r.Claim.By != who || r.Claim.Number != 1 || len(r.Events) != 1 {
			t.Errorf("%s: %s was told that it is theirs, and it is %s's, with the events %v", reference, who, r.Claim.By, r.Events)
		}
	}
}

// TestDeadClaim holds that whoever released a referral can do nothing more with that
// claim, however close the two come, also when they or somebody else claim it again:
// every reply that was taken was written by who held it then, and every other was refused.
func TestDeadClaim(t *testing.T) {
	t.Parallel()
	const rounds = 60
	o := newOffice(t, 2)
	taken, refused := 0, 0
	for i := range rounds {
		reference := o.opens(i)
		claimed, err := o.desks[0].Do(t.Context(), bot.Work{Reference: reference, Verb: flows.DoClaim, By: "w0"})
		if err != nil {
			t.Fatal(err)
		}
		number, next := claimed.Referral.Claim.Number, fmt.Sprint("w", i%2)
		replies := o.race(reference, number, next)
		r, sn := o.found(reference)
		said, _, err := o.Messages(t.Context(), sn)
		if err != nil {
			t.Fatal(err)
		}
		if n := o.heldBy(r); n != len(replies) || len(said) != n {
			t.Errorf("%s: %d replies were taken, %d are in the timeline and %d in the messages", reference, len(replies), n, len(said))
		}
		taken, refused = taken+len(replies), refused+2*writers-len(replies)
		for desk := range o.desks {
			_, err := o.desks[desk].Do(t.Context(), bot.Work{Reference: reference, Verb: flows.DoClose, By: "w0", Number: number, Outcome: "completed"})
			if !errors.Is(err, flows.ErrStale) && !errors.Is(err, flows.ErrHolder) {
				t.Errorf("%s: closed under a claim that was released: %v", reference, err)
			}
		}
	}
	if taken == 0 || refused == 0 {
		t.Errorf("%d replies were taken and %d refused: there was no race", taken, refused)
	}
}

// writers are how many write at each desk at the same time.
const writers = 2

// race lets w0 write under a claim at both desks, while they release it there and next
// claims it. It returns what was taken.
func (o *office) race(reference string, number int, next string) (replies []string) {
	o.t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	start := make(chan struct{})
	for i := range 2 * writers {
		all.Go(func() {
			<-start
			text := fmt.Sprintf("reply %d", i)
			_, err := o.desks[i%2].Do(o.t.Context(), bot.Work{Reference: reference, Verb: flows.DoReply, By: "w0", Number: number, Text: text})
			switch {
			case err == nil:
				mu.Lock()
				defer mu.Unlock()
				replies = append(replies, text)
			case !errors.Is(err, flows.ErrHolder) && !errors.Is(err, flows.ErrStale):
				o.t.Errorf("%s: a reply: %v", reference, err)
			}
		})
	}
	all.Go(func() {
		<-start
		o.must(o.t.Context(), bot.Work{Reference: reference, Verb: flows.DoRelease, By: "w0", Number: number})
		o.must(o.t.Context(), bot.Work{Reference: reference, Verb: flows.DoClaim, By: next})
	})
	close(start)
	all.Wait()
	return replies
}

// must does a piece of work at the second desk that may not be refused.
func (o *office) must(ctx context.Context, w bot.Work) {
	if _, err := o.desks[1].Do(ctx, w); err != nil {
		o.t.Errorf("%s %s: %v", w.Verb, w.Reference, err)
	}
}

// heldBy counts the replies in a timeline, each of which must be by who held the
// referral under its first claim.
func (o *office) heldBy(r flows.Referral) (replies int) {
	o.t.Helper()
	released := slices.IndexFunc(r.Events, func(e flows.Event) bool { return e.What == string(flows.DoRelease) })
	for i, e := range r.Events {
		if e.What != string(flows.DoReply) {
			continue
		}
		if replies++; i > released || e.By != "w0" {
			o.t.Errorf("%s: %s wrote under a claim that was released: %v", r.Reference, e.By, r.Events)
		}
	}
	return replies
}
