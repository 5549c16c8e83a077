package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/star-house/frontdoor/store"
)

// oneTimeLinks holds that of many browsers that open a one-time link at the same moment
// exactly one gets the conversation.
func oneTimeLinks(t *testing.T, b Bench) {
	ctx, p, ticket := t.Context(), b.Who("1001"), b.Who("ticket-0")
	if ok, err := b.HasTicket(ctx, ticket); ok || err != nil {
		t.Errorf("a link that was never made can be opened: %v", err)
	}
	turn := Talking(b.Read(p), "x")
	turn.Tickets = []store.Person{ticket}
	b.Turn(turn)
	if ok, err := b.HasTicket(ctx, ticket); !ok || err != nil {
		t.Errorf("a link that was made cannot be opened: %v", err)
	}
	var won atomic.Int32
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range claimers {
		browser := b.Who(fmt.Sprint("browser-", i))
		all.Go(func() {
			<-start
			if err := b.TakeTicket(ctx, ticket, browser); err != nil && !errors.Is(err, store.ErrUnknown) {
				t.Error(err)
			}
			if sn, err := b.Load(ctx, browser); err != nil {
				t.Error(err)
			} else if sn.Person == p {
				won.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	if n := won.Load(); n != 1 {
		t.Errorf("%d of %d browsers have the conversation", n, claimers)
	}
	if ok, err := b.HasTicket(ctx, ticket); ok || err != nil {
		t.Errorf("a link that was used can be opened: %v", err)
	}
}
