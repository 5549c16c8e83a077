package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// month is how long referrals of these tests are kept.
const month = 30 * 24 * time.Hour

// TestPurgeLeavesTheKey holds that purging one referral of a person takes nothing from
// what is still sealed with their data key: another one that is over, or a conversation
// that is kept longer than usual.
func TestPurgeLeavesTheKey(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "purge", storetest.Keys(t))
	two, talks := b.Who("1001"), b.Who("1002")
	for i, reference := range []string{"AAAA-AAAA", "BBBB-BBBB"} {
		at := storetest.Monday.Add(time.Duration(i) * 25 * 24 * time.Hour)
		b.Refer(two, reference, flows.Routine, at)
		ends(b, two, at, month)
	}
	turn := storetest.Talking(b.Refer(talks, "CCCC-CCCC", flows.Routine, storetest.Monday), "x")
	r := *turn.From.Referral
	r.Status = flows.Completed
	turn.Referral, turn.PurgeAfter, turn.Keep = &r, time.Hour, 72*time.Hour
	b.Turn(turn)
	for _, reference := range []string{"AAAA-AAAA", "CCCC-CCCC"} {
		if err := b.Purge(t.Context(), reference, storetest.Monday.Add(month)); err != nil {
			t.Fatal(err)
		}
	}
	server.Pass(49 * time.Hour)
	if _, err := b.Find(t.Context(), "BBBB-BBBB"); err != nil {
		t.Errorf("another referral is unreadable: %v", err)
	}
	if c := b.Read(talks).Conversation; c.ID == "" {
		t.Error("the conversation is lost")
	}
	server.Pass(26 * time.Hour)
	if c := b.Read(talks).Conversation; c.ID != "" {
		t.Error("the conversation is kept too long")
	}
}

// TestEndsTogether holds that the end of a referral never makes the data key's life
// shorter than an earlier one needs, and that the key goes when nothing needs it.
func TestEndsTogether(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "ends", storetest.Keys(t))
	p := b.Who("1001")
	b.Refer(p, "AAAA-AAAA", flows.Routine, storetest.Monday)
	ends(b, p, storetest.Monday, month)
	b.Refer(p, "BBBB-BBBB", flows.Routine, storetest.Monday)
	ends(b, p, storetest.Monday, time.Hour)
	b.Turn(storetest.Talking(b.Read(p), "later"))
	server.Pass(month - time.Hour)
	if _, err := b.Find(t.Context(), "AAAA-AAAA"); err != nil {
		t.Errorf("the first referral is unreadable before its time: %v", err)
	}
	for _, reference := range []string{"AAAA-AAAA", "BBBB-BBBB"} {
		if err := b.Purge(t.Context(), reference, storetest.Monday.Add(month)); err != nil {
			t.Fatal(err)
		}
	}
	server.Pass(4 * time.Hour)
	if all := dump(t, server.URL()); strings.Contains(all, string(p)) || !strings.Contains(all, "purged") {
		t.Errorf("left of somebody whose time is over: %q", all)
	}
}

// TestKeyGoesBetween holds that a data key that ends while a turn is decided does not
// leave a conversation that nobody can open.
func TestKeyGoesBetween(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "between", storetest.Keys(t))
	p := b.Who("1001")
	b.Turn(storetest.Talking(b.Read(p), "x"))
	server.Pass(47 * time.Hour)
	late := storetest.Talking(b.Read(p), "y")
	server.Pass(2 * time.Hour)
	if _, err := b.Commit(t.Context(), late); !errors.Is(err, store.ErrConflict) {
		t.Errorf("sealed with a key that is gone: %v", err)
	}
	late.From = b.Read(p)
	b.Turn(late)
	if got := b.Read(p).Conversation.Journal[0].Value[0]; got != "y" {
		t.Errorf("read %q", got)
	}
}

// TestEraseTakesAll holds that nothing is left of a person's referrals, those that were
// over before included, and that what is noted about them late does not come back.
func TestEraseTakesAll(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "erase", storetest.Keys(t))
	p, other := b.Who("1001"), b.Who("1002")
	references := []string{"AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC"}
	for i, reference := range references {
		turn := storetest.Talking(b.Refer(p, reference, flows.Routine, storetest.Monday), "x")
		turn.Keep, turn.Said = 0, []store.Said{{ID: "1", At: storetest.Monday, From: "sam", Text: "x", Fate: store.Queued}}
		b.Turn(turn)
		if i < 2 {
			ends(b, p, storetest.Monday, month)
		}
	}
	b.Refer(other, "DDDD-DDDD", flows.Routine, storetest.Monday)
	ends(b, other, storetest.Monday, month)
	b.Turn(store.Turn{At: storetest.Monday, From: b.Read(p), Keep: 24 * time.Hour, Erase: true})
	for _, reference := range references {
		if err := b.Delivered(t.Context(), reference, "1", store.Sent); err != nil {
			t.Fatal(err)
		}
		if err := b.Seen(t.Context(), reference, storetest.Monday); err != nil {
			t.Fatal(err)
		}
		if all := dump(t, server.URL()); strings.Contains(all, reference) {
			t.Errorf("left of %s: %q", reference, all)
		}
	}
	due, err := b.Purgeable(t.Context(), storetest.Monday.Add(2*month), time.Minute, 10)
	if err != nil || fmt.Sprint(due) != "[DDDD-DDDD]" {
		t.Errorf("to be purged: %v %v", due, err)
	}
	if _, err := b.Find(t.Context(), "DDDD-DDDD"); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
}
