package bot

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

const (
	// maxSending is how many chats of one channel are sent to at the same time; crisis
	// cards do not wait for a place.
	maxSending = 64
	// patience is how much longer than a first reply a message of an open conversation
	// waits, one class after the other: whoever has waited for longer goes first.
	patience = 5 * time.Second
)

// Limiter paces the sending of one channel.
type Limiter interface {
	// Wait returns when one message may be sent, or with ctx's error. It is called
	// by one goroutine.
	Wait(ctx context.Context) error
}

// dispatcher decides what leaves next on one channel. Channels have nothing to do
// with each other: one that is slow, or refuses, holds no other up.
type dispatcher struct {
	limiter Limiter // nil for none
	ready   heads
	busy    int
	wake    chan struct{}
}

// newDispatcher has nothing to send.
func newDispatcher(limiter Limiter) *dispatcher {
	return &dispatcher{limiter: limiter, wake: make(chan struct{}, 1)}
}

// nudge lets it look again.
func (d *dispatcher) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// may says whether its most urgent chat may be sent to: whether there is a place, or
// it is about a crisis card. The caller holds mu.
func (d *dispatcher) may(cardsOnly bool) bool {
	return len(d.ready) > 0 && (d.ready[0].class == flows.ClassCrisis || !cardsOnly && d.busy < maxSending)
}

// pace waits until the channel takes one more message. It reports whether ctx still
// holds.
func (d *dispatcher) pace(ctx context.Context) bool {
	return d.limiter == nil || d.limiter.Wait(ctx) == nil
}

// head is the first message of a chat whose lease we hold.
type head struct {
	outgoing
	person store.Person
	lease  *heldLease
	behind int // how many messages waited behind it
	// class is that of the most urgent message of the chat, since they leave in order;
	// arrived is that of what came while this one was being sent.
	class, arrived flows.Class
	number         int       // the order of admission
	since          time.Time // when it was admitted
	place          int       // in its heap, outside for none
}

// outside is the place of a head that is in no heap.
const outside = -1

// take takes a head out of the heap. The caller holds mu.
func (d *dispatcher) take(h *head) {
	if h.place != outside {
		heap.Remove(&d.ready, h.place)
	}
}

// await waits until something may be sent on a channel, or reports that ctx ended.
func (o *outbound) await(ctx context.Context, d *dispatcher) bool {
	for ctx.Err() == nil {
		o.mu.Lock()
		may := d.may(false)
		o.mu.Unlock()
		if may {
			return true
		}
		select {
		case <-ctx.Done():
		case <-d.wake:
		}
	}
	return false
}

// next takes the most urgent chat of a channel, if there is a place for it; a crisis
// card or nothing, if so asked. It is chosen when it can leave, and not before.
func (o *outbound) next(d *dispatcher, cardsOnly bool) (*head, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !d.may(cardsOnly) {
		return nil, false
	}
	h := heap.Pop(&d.ready).(*head)
	delete(o.waiting, h.person)
	o.active[h.person] = h
	d.busy++
	return h, true
}

// free gives a place back, and lets the person's next message wait for one.
func (o *outbound) free(d *dispatcher, h *head) {
	o.mu.Lock()
	delete(o.active, h.person)
	d.busy--
	if next := o.waiting[h.person]; next != nil && next.place == outside {
		channel := o.channels[next.Channel]
		heap.Push(&channel.ready, next)
		defer channel.nudge()
	}
	o.mu.Unlock()
	d.nudge()
}

// run dispatches until ctx ends, and then lets what is being sent finish. Crisis
// cards do not wait for another process: those that are ready still leave.
func (o *outbound) run(ctx context.Context) {
	finish, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	keeping := make(chan struct{})
	go func() {
		defer close(keeping)
		o.leases.keep(finish)
	}()
	var dispatching, sending sync.WaitGroup
	for _, d := range o.channels {
		dispatching.Go(func() {
			for o.await(ctx, d) && d.pace(ctx) {
				if h, ok := o.next(d, false); ok {
					sending.Go(func() {
						defer o.free(d, h)
						o.send(finish, h)
					})
				}
			}
		})
	}
	dispatching.Wait()
	stop := time.AfterFunc(drainTime, cancel)
	defer stop.Stop()
	o.flush(finish, true)
	sending.Wait()
	o.flush(finish, true) // what came behind the messages that were being sent
	cancel()
	<-keeping
	o.giveBack(context.WithoutCancel(ctx))
}

// flush sends everything that is queued, or the crisis cards only, in the calling
// goroutine.
func (o *outbound) flush(ctx context.Context, cardsOnly bool) {
	for again := true; again; {
		again = false
		for _, d := range o.channels {
			h, ok := o.next(d, cardsOnly)
			for ok {
				again = true // what comes next may be for another channel
				o.send(ctx, h)
				o.free(d, h)
				h, ok = o.next(d, cardsOnly)
			}
		}
	}
}

// giveBack lets other processes send at once what this one did not get to.
func (o *outbound) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, giveBackTime)
	defer cancel()
	o.mu.Lock()
	left := o.waiting
	o.waiting, o.over = map[store.Person]*head{}, true
	for _, d := range o.channels {
		d.ready = nil
	}
	o.mu.Unlock()
	for _, h := range left {
		o.leases.end(h.lease, func(l store.Lease) error { return o.s.store.Later(ctx, l, o.s.clock()) })
	}
}

// heads is a heap: the most urgent first.
type heads []*head

// Len is part of heap.Interface.
func (h heads) Len() int { return len(h) }

// Less is part of heap.Interface. Cards and then a worker's words go first. All others
// go by how long they have waited, of which the more patient classes lose some.
func (h heads) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(min(h[i].class, flows.ClassFirst), min(h[j].class, flows.ClassFirst)),
		h[i].counts().Compare(h[j].counts()), cmp.Compare(h[i].number, h[j].number)) < 0
}

// counts is from when on a head's waiting counts.
func (h *head) counts() time.Time {
	return h.since.Add(patience * time.Duration(max(0, h.class-flows.ClassFirst)))
}

// Swap is part of heap.Interface.
func (h heads) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is part of heap.Interface.
func (h *heads) Push(x any) {
	one := x.(*head)
	one.place = len(*h)
	*h = append(*h, one)
}

// Pop is part of heap.Interface.
func (h *heads) Pop() any {
	last := (*h)[len(*h)-1]
	last.place = outside
	*h = slices.Delete(*h, len(*h)-1, len(*h))
	return last
}
