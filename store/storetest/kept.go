package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// month is how long the exercise keeps a closed referral.
const month = 30 * 24 * time.Hour

// closes refers a person and closes it again.
func (b Bench) closes(p store.Person, reference string) {
	b.t.Helper()
	sn := b.Refer(p, reference, flows.Routine, Monday)
	over := *sn.Referral
	over.Status, over.Ended = flows.Completed, flows.Ended{At: Monday, Outcome: "completed"}
	turn := Talking(sn, "x")
	turn.Referral, turn.PurgeAfter = &over, month
	turn.Said = []store.Said{{ID: "1", At: Monday, From: "person", Text: "about " + reference}}
	b.Turn(turn)
}

// reads holds that a closed referral can be read, with its message.
func (b Bench) reads(reference string) {
	b.t.Helper()
	sn, err := b.Find(b.t.Context(), reference)
	must(b.t, err)
	messages, _, err := b.Messages(b.t.Context(), sn)
	must(b.t, err)
	if sn.Referral.Sent.Answers["own_words"] != "words of "+reference || len(messages) != 1 {
		b.t.Errorf("of %s is left %v %v", reference, sn.Referral.Sent, messages)
	}
}

// forgetting holds that an ending which forgets a conversation leaves a closed
// referral to be read until it is purged, that erasing takes all of them, and that
// without one the data key goes.
func forgetting(t *testing.T, b Bench) {
	ctx, p := t.Context(), b.Who("1001")
	b.closes(p, "AAAA-AAAA")
	b.closes(p, "BBBB-BBBB")
	turn := Talking(b.Read(p), "never sent")
	turn.Out = []store.Outgoing{{Body: []byte("on its way")}}
	b.Turn(turn)
	must(t, b.Show(ctx, p, []byte("on the page")))
	for range 2 {
		b.Turn(store.Turn{At: Monday, From: b.Read(p), Keep: 24 * time.Hour, Forget: true})
	}
	if after := b.Read(p); after.Conversation.ID != "" || len(after.Conversation.Journal) > 0 {
		t.Errorf("not forgotten: %+v", after.Conversation)
	}
	shown, err := b.Page(ctx, p, "")
	must(t, err)
	pending, err := b.Waiting(ctx, Monday.Add(time.Hour), Lease, 10)
	must(t, err)
	if len(shown) > 0 || len(pending) > 0 {
		t.Errorf("not forgotten: %d messages on the page, %d on their way", len(shown), len(pending))
	}
	b.reads("AAAA-AAAA")
	b.reads("BBBB-BBBB")
	must(t, b.Purge(ctx, "AAAA-AAAA", Monday))
	kept, err := b.Kept(ctx, b.Read(p))
	must(t, err)
	if len(kept) != 1 || kept[0].Referral.Reference != "BBBB-BBBB" || !kept[0].Until.Equal(Monday.Add(month)) {
		t.Errorf("kept: %v", kept)
	}
	b.erasesKept(p)
}

// erasesKept holds that erasing takes what is kept, and that forgetting somebody of
// whom nothing is kept takes the data key.
func (b Bench) erasesKept(p store.Person) {
	b.t.Helper()
	ctx := b.t.Context()
	b.Turn(store.Turn{At: Monday, From: b.Read(p), Keep: 24 * time.Hour, Erase: true})
	if _, err := b.Find(ctx, "BBBB-BBBB"); !errors.Is(err, store.ErrUnknown) {
		b.t.Errorf("erased, and yet found: %v", err)
	}
	due, err := b.Purgeable(ctx, Monday.Add(2*month), time.Minute, 10)
	must(b.t, err)
	kept, err := b.Kept(ctx, b.Read(p))
	must(b.t, err)
	if len(due)+len(kept) > 0 {
		b.t.Errorf("erased, and yet %v to purge and %v kept", due, kept)
	}
	b.Turn(Talking(b.Read(p), "x"))
	must(b.t, b.SetAside(ctx, p, []byte("secret")))
	b.Turn(store.Turn{At: Monday, From: b.Read(p), Keep: 24 * time.Hour, Forget: true})
	if aside, err := b.Aside(ctx, p); err != nil || len(aside) > 0 {
		b.t.Errorf("forgotten with nothing kept, and the old key still opens %q: %v", aside, err)
	}
}
