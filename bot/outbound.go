package bot

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

const (
	// sendTime is how long one attempt to send may take.
	sendTime = 10 * time.Second
	// giveBackTime bounds how long giving back takes at the end; what is left then
	// waits for its lease to end.
	giveBackTime = time.Second
	// maxBatch is how many chats are picked up from the store at once.
	maxBatch = 128
	// maxWait is how long the longest wait between two attempts is, maxUrgentWait that
	// of a chat in which a crisis card waits. A platform may ask for more.
	maxWait       = time.Minute
	maxUrgentWait = 5 * time.Second
)

// outbound sends what is committed: lease, render, send, and then done, later or
// buried. A chat's messages leave one after the other, by one sender; chats do not
// wait for each other.
type outbound struct {
	s        *Service
	channels map[string]*dispatcher // those that this process serves
	mu       sync.Mutex
	// waiting is the head of each chat that waits for its turn, active that which is
	// being sent: at most one each.
	waiting, active map[store.Person]*head
	over            bool // nobody dispatches any more
	number          int
	// tries counts failed attempts in a row, by person.
	tries  map[store.Person]int
	leases *leases
	// sweeping is held while heads come from the store: who looks for the head of a
	// chat finds it here, or knows that nobody is bringing it.
	sweeping sync.RWMutex
	sealed   bool // the last sweep met messages that the key file does not open
}

// newOutbound sends nothing yet.
func newOutbound(s *Service, limiters map[string]Limiter) *outbound {
	o := &outbound{s: s, channels: map[string]*dispatcher{}, tries: map[store.Person]int{},
		waiting: map[store.Person]*head{}, active: map[store.Person]*head{}}
	o.leases = newLeases(s.store, s.clock, o.look)
	for name := range s.platforms {
		o.channels[name] = newDispatcher(limiters[name])
	}
	return o
}

// sendNow has the messages of a turn sent that was just committed: by us if the lease
// is ours, by whoever has it otherwise. The last turns may end when nobody dispatches
// any more.
func (o *outbound) sendNow(ctx context.Context, res result) {
	switch {
	case res.turn.From != nil && res.turn.Erase:
		o.afterErase(ctx, res)
	case len(res.queue) == 0:
	case res.lease.Held():
		o.admit(ctx, res.lease, res.queue, nil)
	case mostUrgent(res.queue) <= flows.ClassWorker:
		o.hasten(ctx, res.turn.From.Person, mostUrgent(res.queue))
	}
	if o.ended() {
		ctx := context.WithoutCancel(ctx)
		o.flush(ctx, true)
		o.giveBack(ctx)
	}
}

// afterErase has the confirmation sent that everything is deleted, as the last thing
// that the person gets: what waits here is dropped, what is being sent is cut off and
// the confirmation waits for its end. Where another process may be sending it waits
// for as long as that process needs to see that its lease is lost.
func (o *outbound) afterErase(ctx context.Context, res result) {
	o.sweeping.RLock()
	defer o.sweeping.RUnlock()
	ours := o.abandon(res.turn.From.Person)
	switch now := o.s.clock(); {
	case !res.lease.Held():
	case !ours && res.lease.TakenOver(now):
		if err := o.s.store.NotBefore(ctx, res.lease, now.Add(sendLease)); err != nil {
			o.log(res.lease.Person, err)
		}
	default:
		o.admit(ctx, res.lease, res.queue, nil)
	}
}

// abandon drops what waits for a person and cuts off what is being sent. It reports
// whether there was anything.
func (o *outbound) abandon(p store.Person) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	old, active := o.waiting[p], o.active[p]
	if old != nil {
		o.channels[old.Channel].take(old)
		delete(o.waiting, p)
		o.leases.drop(old.lease)
	}
	if active != nil {
		active.lease.lose()
	}
	return old != nil || active != nil
}

// hasten makes a chat as urgent as what was just committed for it, whose messages wait
// behind others: here, or in the store, where the chat may have been put off.
func (o *outbound) hasten(ctx context.Context, p store.Person, class flows.Class) {
	o.sweeping.RLock()
	defer o.sweeping.RUnlock()
	o.failed(p, false) // the wait between attempts begins anew
	if o.raise(p, class) {
		return
	}
	next, err := o.s.store.Hasten(ctx, p, o.s.clock(), sendLease)
	if err != nil {
		o.log(p, err)
		return
	}
	o.proceed(ctx, next, nil)
}

// raise makes a chat more urgent. It reports whether its head is here.
func (o *outbound) raise(p store.Person, class flows.Class) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, active := o.waiting[p], o.active[p]
	if active != nil {
		active.arrived = min(active.arrived, class)
	}
	if h != nil {
		h.class = min(h.class, class)
		d := o.channels[h.Channel]
		if h.place != outside {
			heap.Fix(&d.ready, h.place)
		}
		d.nudge()
	}
	return h != nil || active != nil
}

// look makes a chat as urgent as what others added to its messages.
func (o *outbound) look(ctx context.Context, l store.Lease) {
	all, err := o.s.store.Look(ctx, l)
	if err != nil {
		o.log(l.Person, err)
		return
	}
	if queue, err := unpackAll(all); err == nil && len(queue) > 1 {
		o.raise(l.Person, mostUrgent(queue[1:]))
	}
}

// admit lets the first of a person's messages wait for its turn. after is the one that
// was sent before it, nil for none: if that was abandoned, so is this. A message for a
// channel that this process does not serve is left to one that does.
func (o *outbound) admit(ctx context.Context, lease store.Lease, queue []outgoing, after *head) {
	d := o.channels[queue[0].Channel]
	if d == nil {
		if err := o.s.store.Later(ctx, lease, o.s.clock()); err != nil {
			o.log(lease.Person, err)
		}
		return
	}
	h := &head{outgoing: queue[0], person: lease.Person, lease: o.leases.hold(lease, len(queue)), behind: len(queue) - 1,
		class: mostUrgent(queue), arrived: flows.ClassReminder, since: o.s.clock(), place: outside}
	o.mu.Lock()
	defer o.mu.Unlock()
	if after != nil && after.lease.isLost() {
		o.leases.drop(h.lease)
		return
	}
	if after != nil {
		h.class = min(h.class, after.arrived)
	}
	if old := o.waiting[h.person]; old != nil { // its lease was lost, or we would not have a new one
		o.channels[old.Channel].take(old)
		o.leases.drop(old.lease)
	}
	o.number++
	h.number = o.number
	o.waiting[h.person] = h
	if o.active[h.person] == nil {
		heap.Push(&d.ready, h)
		d.nudge()
	}
}

// ended says whether nobody dispatches any more.
func (o *outbound) ended() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.over
}

// send makes one attempt to send a head, if its lease is still ours, and does what its
// outcome asks for.
func (o *outbound) send(ctx context.Context, h *head) {
	id, err := o.deliver(ctx, h)
	if ctx.Err() != nil {
		// The end of the program cut the attempt off; what came of it is still noted, so
		// that another process goes on at once.
		var cancel func()
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), giveBackTime)
		defer cancel()
	}
	var refusal *SendError
	switch {
	case h.lease.isLost():
		o.leases.drop(h.lease) // somebody else sends it, or nobody may
	case err == nil:
		o.finish(ctx, h, store.Sent, id)
	case errors.As(err, &refusal) && refusal.Fate == Rejected:
		o.log(h.person, err, "channel", h.Channel)
		o.finish(ctx, h, store.Refused, "")
	case errors.As(err, &refusal) && refusal.Fate == Gone:
		o.log(h.person, err, "channel", h.Channel)
		o.bury(ctx, h)
	case errors.Is(err, errBroken) && !o.s.poison.again(string(h.person)+h.ID):
		o.finish(ctx, h, store.Refused, "") // it must not block its chat for ever
	default:
		o.log(h.person, err, "channel", h.Channel)
		o.later(ctx, h, refusal)
	}
}

// errLost is a lease that is no longer ours.
var errLost = errors.New("the lease is lost")

// deliver renders a message and hands it to its platform, part by part while the lease
// is ours; it returns the platform's id of what was sent last.
func (o *outbound) deliver(ctx context.Context, h *head) (id string, err error) {
	defer o.s.mend(h.person, &err)
	if !o.leases.ours(ctx, h.lease) {
		return "", errLost
	}
	platform := o.s.platforms[h.Channel]
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	h.lease.whenLost(cancel)
	if h.Hide {
		o.hide(ctx, h, platform)
	}
	for i, m := range Render(h.Reply, platform.Channel()) {
		m.ID = h.ID + string(rune('a'+i%26))
		if !o.leases.ours(ctx, h.lease) {
			return "", errLost
		}
		if id, err = platform.Send(ctx, h.Chat, m); err != nil {
			return "", err
		}
	}
	return id, nil
}

// hide asks the platform, where it can, to take our earlier messages back.
func (o *outbound) hide(ctx context.Context, h *head, platform Platform) {
	hider, ok := platform.(Hider)
	if !ok {
		return
	}
	ids, err := o.s.store.TakeSent(ctx, h.person)
	if err == nil && len(ids) > 0 {
		err = hider.Hide(ctx, h.Chat, ids)
	}
	if err != nil {
		o.log(h.person, err)
	}
}

// finish takes a message off the outbox and goes on with the chat's next one.
func (o *outbound) finish(ctx context.Context, h *head, fate store.Delivery, sent string) {
	o.failed(h.person, false)
	o.delivered(ctx, h.person, h.outgoing, fate)
	next, err := o.done(ctx, h, sent)
	if err != nil {
		// It stays in the outbox and goes out once more after the lease: at least
		// once.
		o.log(h.person, err)
		return
	}
	o.proceed(ctx, next, h)
}

// done ends the sending of a head and hands out what comes next.
func (o *outbound) done(ctx context.Context, h *head, sent string) (store.Pending, error) {
	var next store.Pending
	err := o.leases.end(h.lease, func(l store.Lease) (err error) {
		next, err = o.s.store.Done(ctx, l, o.s.clock(), sendLease, sent)
		return err
	})
	return next, err
}

// proceed goes on with the next message of a chat, if there is one. One that cannot be
// read, now or ever, is given up: it must not block its chat.
func (o *outbound) proceed(ctx context.Context, next store.Pending, after *head) {
	for next.Body != nil || next.Err != nil {
		queue, err := unpackAll(next)
		if err == nil {
			o.admit(ctx, next.Lease, queue, after)
			return
		}
		o.s.log.Error("a message is given up", "person", "p_"+next.Person.Short(), "error", err)
		person := next.Person
		if next, err = o.s.store.Done(ctx, next.Lease, o.s.clock(), sendLease, ""); err != nil {
			o.log(person, err)
			return
		}
	}
}

// bury gives up on a chat that the platform does not reach, with all messages that
// waited when this one was begun: nothing more is tried until the person writes again.
func (o *outbound) bury(ctx context.Context, h *head) {
	o.delivered(ctx, h.person, h.outgoing, store.Refused)
	next, err := o.done(ctx, h, "")
	for range h.behind {
		if err != nil || next.Body == nil && next.Err == nil {
			break
		}
		if out, unread := unpack(next.Body); unread == nil {
			o.delivered(ctx, h.person, out, store.Refused)
		}
		next, err = o.s.store.Done(ctx, next.Lease, o.s.clock(), sendLease, "")
	}
	if err != nil {
		o.log(h.person, err)
		return
	}
	if !next.Held() {
		return // the lease was lost: what is said about the person is no longer ours to say
	}
	if err := o.s.blocked(ctx, h.person); err != nil {
		o.log(h.person, err)
	}
	o.proceed(ctx, next, h)
}

// later puts a chat off: as long as the platform asks, or longer with each failed try.
func (o *outbound) later(ctx context.Context, h *head, refusal *SendError) {
	err := o.leases.end(h.lease, func(l store.Lease) error {
		if refusal != nil && refusal.After > 0 {
			return o.s.store.NotBefore(ctx, l, o.s.clock().Add(refusal.After))
		}
		longest := maxWait
		if min(h.class, h.arrived) == flows.ClassCrisis {
			longest = maxUrgentWait
		}
		wait := min(time.Second<<min(o.failed(h.person, true), 6), longest)
		return o.s.store.Later(ctx, l, o.s.clock().Add(wait))
	})
	if err != nil {
		o.log(h.person, err)
	}
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
func (o *outbound) delivered(ctx context.Context, p store.Person, m outgoing, fate store.Delivery) {
	if m.Reference == "" {
		return
	}
	if err := o.s.store.Delivered(ctx, m.Reference, m.Said, fate); err != nil {
		o.log(p, err)
	}
}

// log notes trouble with a chat.
func (o *outbound) log(p store.Person, err error, more ...any) {
	o.s.log.Warn("send", append([]any{"person", "p_" + p.Short(), "error", err}, more...)...)
}
