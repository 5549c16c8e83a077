package bot

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

const (
	// sendTime is how long one attempt to send may take.
	sendTime = 10 * time.Second
	// maxSending is how many chats are sent to at the same time; crisis cards do
	// not wait for a place.
	maxSending = 64
	// giveBackTime bounds how long giving back takes at the end; what is left then
	// waits for its lease to end.
	giveBackTime = time.Second
	// maxBatch is how many chats are picked up from the store at once.
	maxBatch = 128
)

// Limiter paces the sending of one channel.
type Limiter interface {
	// Wait returns when one message may be sent, or with ctx's error. It is called
	// by one goroutine.
	Wait(ctx context.Context) error
}

// outbound sends what is committed: lease, render, send, and then done, later or
// buried. A chat's messages leave one after the other; chats do not wait for
// each other.
type outbound struct {
	s        *Service
	limiters map[string]Limiter
	mu       sync.Mutex
	ready    heads
	busy     int
	over     bool // nobody dispatches any more
	wake     chan struct{}
	number   int
	// tries counts failed attempts in a row, by person.
	tries  map[store.Person]int
	leases *leases
}

// head is the first message of a chat whose lease we hold.
type head struct {
	outgoing
	number int    // the order of admission
	sent   string // the platform's id of what was sent
	person store.Person
	lease  *heldLease
}

// newOutbound sends nothing yet.
func newOutbound(s *Service, limiters map[string]Limiter) *outbound {
	return &outbound{s: s, limiters: limiters, wake: make(chan struct{}, 1), tries: map[store.Person]int{},
		leases: newLeases(s.store, s.clock)}
}

// sendNow queues the messages of a turn that was just committed, if the lease is
// ours; otherwise whoever has it will send them. The last turns may end when nobody
// dispatches any more.
func (o *outbound) sendNow(ctx context.Context, res result) {
	if !res.lease.Held() || len(res.queue) == 0 {
		return
	}
	first := res.queue[0]
	// The whole chat is as urgent as its most urgent message, since they leave
	// in order.
	first.Reply.Class = mostUrgent(res.queue)
	o.admit(res.lease, first)
	if o.ended() {
		ctx := context.WithoutCancel(ctx)
		o.flush(ctx, true)
		o.giveBack(ctx)
	}
}

// admit queues the head of a chat.
func (o *outbound) admit(lease store.Lease, out outgoing) {
	h := head{outgoing: out, person: lease.Person, lease: o.leases.hold(lease)}
	o.mu.Lock()
	o.number++
	h.number = o.number
	heap.Push(&o.ready, h)
	o.mu.Unlock()
	o.nudge()
}

// nudge lets the dispatcher look again.
func (o *outbound) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// ended says whether nobody dispatches any more.
func (o *outbound) ended() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.over
}

// next takes the most urgent chat, if there is a place for it; a crisis card or
// nothing, if so asked.
func (o *outbound) next(cardsOnly bool) (head, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	cardsOnly = cardsOnly || o.busy >= maxSending
	if len(o.ready) == 0 || cardsOnly && o.ready[0].class() != flows.ClassCrisis {
		return head{}, false
	}
	o.busy++
	return heap.Pop(&o.ready).(head), true
}

// free gives a place back.
func (o *outbound) free() {
	o.mu.Lock()
	o.busy--
	o.mu.Unlock()
	o.nudge()
}

// run dispatches until ctx ends, and then lets what is being sent finish. Crisis
// cards do not wait for another process: those that are ready still leave.
func (o *outbound) run(ctx context.Context) {
	finish, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var sending sync.WaitGroup
	keeping := make(chan struct{})
	go func() {
		defer close(keeping)
		o.leases.keep(finish)
	}()
	for ctx.Err() == nil {
		h, ok := o.next(false)
		if !ok {
			select {
			case <-ctx.Done():
			case <-o.wake:
			}
			continue
		}
		if !o.leases.ours(finish, h.lease) {
			o.free() // somebody else sends it
			continue
		}
		if limiter := o.limiters[h.Channel]; limiter != nil && limiter.Wait(ctx) != nil && h.class() != flows.ClassCrisis {
			o.leases.end(h.lease, func(l store.Lease) { o.putOff(finish, h, l, o.s.clock()) })
			o.free()
			break
		}
		sending.Go(func() {
			defer o.free()
			o.send(finish, h)
		})
	}
	stop := time.AfterFunc(drainTime, cancel)
	defer stop.Stop()
	o.flush(finish, true)
	sending.Wait()
	o.flush(finish, true) // what came behind the messages that were being sent
	cancel()
	<-keeping
	o.giveBack(context.WithoutCancel(ctx))
}

// giveBack lets other processes send at once what this one did not get to.
func (o *outbound) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, giveBackTime)
	defer cancel()
	o.mu.Lock()
	left := o.ready
	o.ready, o.over = nil, true
	o.mu.Unlock()
	for _, h := range left {
		o.leases.end(h.lease, func(l store.Lease) { o.putOff(ctx, h, l, o.s.clock()) })
	}
}

// putOff lets a message be sent at a time, by whoever comes first.
func (o *outbound) putOff(ctx context.Context, h head, l store.Lease, at time.Time) {
	if err := o.s.store.Later(ctx, l, at); err != nil {
		o.log(h, err)
	}
}

// flush sends everything that is queued, or the crisis cards only, in the calling
// goroutine.
func (o *outbound) flush(ctx context.Context, cardsOnly bool) {
	for {
		h, ok := o.next(cardsOnly)
		if !ok {
			return
		}
		if o.leases.ours(ctx, h.lease) {
			o.send(ctx, h)
		}
		o.free()
	}
}

// send makes one attempt to send a head and does what its outcome asks for.
func (o *outbound) send(ctx context.Context, h head) {
	id, err := o.deliver(ctx, h)
	h.sent = id
	var refusal *SendError
	switch {
	case err == nil:
		o.finish(ctx, h, store.Sent)
	case errors.As(err, &refusal) && refusal.Fate == Rejected:
		o.log(h, err)
		o.finish(ctx, h, store.Refused)
	case errors.As(err, &refusal) && refusal.Fate == Gone:
		o.log(h, err)
		o.bury(ctx, h)
	case errors.Is(err, errBroken) && !o.s.poison.again(string(h.person)+h.ID):
		o.finish(ctx, h, store.Refused) // it must not block its chat for ever
	default:
		o.log(h, err)
		o.later(ctx, h, refusal)
	}
}

// deliver renders a message and hands it to its platform; it returns the
// platform's id of what was sent.
func (o *outbound) deliver(ctx context.Context, h head) (id string, err error) {
	defer o.s.mend(h.person, &err)
	platform := o.s.platforms[h.Channel]
	if platform == nil {
		return "", &SendError{Fate: RetryLater, After: time.Minute} // another process serves it
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if h.Hide {
		o.hide(ctx, h, platform)
	}
	for i, m := range Render(h.Reply, platform.Channel()) {
		m.ID = h.ID + string(rune('a'+i%26))
		if id, err = platform.Send(ctx, h.Chat, m); err != nil {
			return "", err
		}
	}
	return id, nil
}

// hide asks the platform, where it can, to take our earlier messages back.
func (o *outbound) hide(ctx context.Context, h head, platform Platform) {
	hider, ok := platform.(Hider)
	if !ok {
		return
	}
	ids, err := o.s.store.TakeSent(ctx, h.person)
	if err == nil && len(ids) > 0 {
		err = hider.Hide(ctx, h.Chat, ids)
	}
	if err != nil {
		o.log(h, err)
	}
}

// finish takes a message off the outbox and goes on with the chat's next one.
func (o *outbound) finish(ctx context.Context, h head, fate store.Delivery) {
	o.failed(h.person, false)
	o.delivered(ctx, h, fate)
	var next store.Pending
	var err error
	o.leases.end(h.lease, func(l store.Lease) { next, err = o.s.store.Done(ctx, l, o.s.clock(), sendLease, h.sent) })
	if err != nil {
		// It stays in the outbox and goes out once more after the lease: at least
		// once.
		o.log(h, err)
		return
	}
	o.proceed(next)
}

// proceed queues the next message of a chat, if there is one.
func (o *outbound) proceed(next store.Pending) {
	if next.Body == nil {
		return
	}
	out, err := unpack(next.Body)
	if err != nil {
		o.s.log.Error("outbox", "person", "p_"+next.Person.Short(), "error", err)
		return
	}
	o.admit(next.Lease, out)
}

// bury gives up on a chat that the platform will never reach: nothing more is
// tried until the person writes again.
func (o *outbound) bury(ctx context.Context, h head) {
	o.delivered(ctx, h, store.Refused)
	var err error
	o.leases.end(h.lease, func(l store.Lease) { _, err = o.s.store.Drop(ctx, l) })
	if err != nil {
		o.log(h, err)
		return
	}
	if err := o.s.blocked(ctx, h.person); err != nil {
		o.log(h, err)
	}
}

// later puts a chat off: as long as the platform asks, or longer with each
// failed try.
func (o *outbound) later(ctx context.Context, h head, refusal *SendError) {
	wait := min(time.Second<<min(o.failed(h.person, true), 6), time.Minute)
	if refusal != nil && refusal.After > 0 {
		wait = refusal.After
	}
	o.leases.end(h.lease, func(l store.Lease) { o.putOff(ctx, h, l, o.s.clock().Add(wait)) })
}

// failed counts a failed attempt, or forgets them all after a success, and
// returns how many there were before.
func (o *outbound) failed(p store.Person, again bool) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.tries[p]
	if again && len(o.tries) < maxAway {
		o.tries[p]++
	} else {
		delete(o.tries, p)
	}
	return n
}

// delivered notes how a worker's message fared.
func (o *outbound) delivered(ctx context.Context, h head, fate store.Delivery) {
	if h.Reference == "" {
		return
	}
	if err := o.s.store.Delivered(ctx, h.Reference, h.Said, fate); err != nil {
		o.log(h, err)
	}
}

// log notes trouble with a chat.
func (o *outbound) log(h head, err error) {
	o.s.log.Warn("send", "person", "p_"+h.person.Short(), "channel", h.Channel, "error", err)
}

// heads is a heap: the most urgent class first, then who was admitted first.
type heads []head

// Len is part of heap.Interface.
func (h heads) Len() int { return len(h) }

// Less is part of heap.Interface.
func (h heads) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].class(), h[j].class()), cmp.Compare(h[i].number, h[j].number)) < 0
}

// Swap is part of heap.Interface.
func (h heads) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is part of heap.Interface.
func (h *heads) Push(x any) { *h = append(*h, x.(head)) }

// Pop is part of heap.Interface.
func (h *heads) Pop() any {
	last := (*h)[len(*h)-1]
	*h = slices.Delete(*h, len(*h)-1, len(*h))
	return last
}
