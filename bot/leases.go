package bot

import (
	"context"
	"sync"
	"time"

	"github.com/star-house/frontdoor/store"
)

const (
	// renewEvery is how often leases are renewed, well before they end.
	renewEvery = sendLease / 4
	// maxRenewed is how many leases are renewed in one go.
	maxRenewed = 500
)

// leases are the leases of messages that this process is about to send or is
// sending. While it lives they are renewed, so that a message may wait for its
// turn as long as it must; when it dies others go on within seconds.
type leases struct {
	store *store.Store
	clock func() time.Time
	mu    sync.Mutex
	held  map[*heldLease]bool
	// grown is told of a lease under which more messages wait than was known: another
	// process, or the desk, added them.
	grown func(context.Context, store.Lease)
}

// heldLease is one of them. mu is held while it is renewed and while the sending
// is ended, which needs the lease as it stands in the store.
type heldLease struct {
	mu    sync.Mutex
	lease store.Lease
	ended bool
	known int // how many messages wait under it
	// stop guards what follows, and is held for a moment only: whether the sending must
	// stop, because others may send now, and what stops it.
	stop   sync.Mutex
	lost   bool
	cancel context.CancelFunc
}

// whenLost says what stops the sending.
func (h *heldLease) whenLost(cancel context.CancelFunc) {
	h.stop.Lock()
	defer h.stop.Unlock()
	h.cancel = cancel
	if h.lost {
		cancel()
	}
}

// lose stops the sending.
func (h *heldLease) lose() {
	h.stop.Lock()
	defer h.stop.Unlock()
	h.lost = true
	if h.cancel != nil {
		h.cancel()
	}
}

// isLost says whether the sending must stop.
func (h *heldLease) isLost() bool {
	h.stop.Lock()
	defer h.stop.Unlock()
	return h.lost
}

// newLeases holds none.
func newLeases(st *store.Store, clock func() time.Time, grown func(context.Context, store.Lease)) *leases {
	return &leases{store: st, clock: clock, held: map[*heldLease]bool{}, grown: grown}
}

// hold begins to keep a lease under which so many messages wait.
func (k *leases) hold(l store.Lease, known int) *heldLease {
	h := &heldLease{lease: l, known: known}
	k.mu.Lock()
	k.held[h] = true
	k.mu.Unlock()
	return h
}

// ours says whether a message may be sent under a lease. One that ran out, because
// the store was away, is asked for once more; one that was lost is let go.
func (k *leases) ours(ctx context.Context, h *heldLease) bool {
	h.mu.Lock()
	alive := !h.ended && h.lease.Held() && !h.isLost()
	if alive && !k.clock().Before(h.lease.Until()) {
		alive = k.renew(ctx, []*heldLease{h}) == nil && h.lease.Held()
	}
	h.mu.Unlock()
	if !alive {
		k.drop(h)
	}
	return alive
}

// end stops keeping a lease, and hands it as it stands to what ends the sending; one
// that was lost has nothing to end.
func (k *leases) end(h *heldLease, sending func(store.Lease) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	k.forget(h)
	if !h.lease.Held() {
		return nil
	}
	return sending(h.lease)
}

// drop stops keeping a lease and sending under it, and does not wait for either.
func (k *leases) drop(h *heldLease) {
	h.lose()
	k.forget(h)
}

// forget lets a lease run out.
func (k *leases) forget(h *heldLease) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.held, h)
}

// keep renews leases until ctx ends; what is still being sent then has as long as
// a lease lasts.
func (k *leases) keep(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			k.renewAll(ctx)
		}
	}
}

// renewAll renews what will end soon.
func (k *leases) renewAll(ctx context.Context) {
	soon := k.clock().Add(sendLease - renewEvery)
	var batch []*heldLease
	flush := func() {
		// While the store is away nobody else can take them either; those that it
		// answered for are renewed, or lost.
		_ = k.renew(ctx, batch)
		var grown []store.Lease
		for _, h := range batch {
			if n := h.lease.Messages(); n > h.known {
				h.known = n
				grown = append(grown, h.lease)
			}
			h.mu.Unlock()
		}
		for _, l := range grown {
			k.grown(ctx, l)
		}
		batch = nil
	}
	for _, h := range k.all() {
		if !h.mu.TryLock() {
			continue // it is being ended
		}
		if h.ended || !h.lease.Held() || h.lease.Until().After(soon) {
			h.mu.Unlock()
			continue
		}
		if batch = append(batch, h); len(batch) == maxRenewed {
			flush()
		}
	}
	flush()
}

// all are the leases that are kept.
func (k *leases) all() []*heldLease {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]*heldLease, 0, len(k.held))
	for h := range k.held {
		out = append(out, h)
	}
	return out
}

// renew renews leases whose mu the caller holds. With an error some may be renewed.
func (k *leases) renew(ctx context.Context, batch []*heldLease) error {
	if len(batch) == 0 {
		return nil
	}
	held := make([]store.Lease, len(batch))
	for i, h := range batch {
		held[i] = h.lease
	}
	renewed, err := k.store.Renew(ctx, held, k.clock(), sendLease)
	for i, h := range batch {
		if h.lease = renewed[i]; !h.lease.Held() {
			h.lose()
		}
	}
	return err
}
