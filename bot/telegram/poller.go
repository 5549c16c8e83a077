package telegram

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"

	"github.com/star-house/frontdoor/bot"
)

const (
	// againAfter is how soon Telegram is asked again while some updates are not taken:
	// it then answers at once, and a new call for help must be seen within a second.
	againAfter = 150 * time.Millisecond
	// lastTry is the longest pause before an update is tried again.
	lastTry = 5 * time.Second
	// maxHeld bounds the updates that wait here, maxHeldOfOne those of one chat.
	maxHeld      = 20_000
	maxHeldOfOne = 1_000
	// maxBroken is how often an update may break the adapter.
	maxBroken = 3
)

// poller knows which updates are being handed over. Each chat's are handed over in
// order, one by one, each until it is taken, with pauses of the chat's own: whoever is
// stuck holds nobody else up. None is handed over twice, however often Telegram brings
// it because an earlier one was not taken.
//
// Telegram shows no more than a hundred updates from the offset on. When as many were
// tried and not taken, because the store is away, nobody behind them would be heard,
// also not who calls for help. Then, and only then, the offset moves past them while
// they wait here; their people were told that there is trouble.
type poller struct {
	t      *Telegram
	accept bot.Accept
	work   *bot.Sequence
	// changed has something when an update was taken, or tried.
	changed chan struct{}

	mu      sync.Mutex
	next    int64                 // after the last update that came; 0 for none
	stop    int64                 // the first update for which there was no room; 0 for none
	open    map[int64]*openUpdate // not taken yet
	done    map[int64]bool        // taken, and not before the offset yet
	failing map[string]bool       // chats whose first open update was tried and not taken
}

// openUpdate is an update that was not taken yet.
type openUpdate struct {
	chat   string
	passed bool // the offset is past it
}

// newPoller knows of no updates.
func newPoller(t *Telegram, accept bot.Accept) *poller {
	return &poller{
		t: t, accept: accept, work: bot.NewSequence(bot.Limits{All: maxHeld, OfOne: maxHeldOfOne}, t.c.Log),
		changed: make(chan struct{}, 1), open: map[int64]*openUpdate{}, done: map[int64]bool{}, failing: map[string]bool{},
	}
}

// offset is where to go on: nothing before it still has to come from Telegram.
func (p *poller) offset() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	low := p.next
	if p.stop > 0 {
		low = min(low, p.stop)
	}
	for id, o := range p.open {
		if !o.passed {
			low = min(low, id)
		}
	}
	for id := range p.done {
		if id < low {
			delete(p.done, id)
		}
	}
	return low
}

// forget begins without an offset. Nothing waits at Telegram, so nothing can be lost;
// and after a quiet week the ids begin anew at random, maybe below the old offset.
func (p *poller) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next, p.stop = 0, 0
	clear(p.done)
}

// hand begins to hand over what is new in a batch, and reports whether anything was. A
// server that does not mind the offset, from, brings the same for ever.
func (p *poller) hand(ctx context.Context, updates []*models.Update, from int64) (news bool) {
	slices.SortFunc(updates, func(a, b *models.Update) int { return int(a.ID - b.ID) })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop = 0
	full := map[string]bool{}
	for _, u := range updates {
		if p.open[u.ID] != nil || p.done[u.ID] {
			continue
		}
		chat := chatOf(u)
		if full[chat] || !p.begin(ctx, u, chat) {
			full[chat] = true // what comes after it would not be in order
			if p.stop == 0 {
				p.stop = u.ID
			}
			continue
		}
		p.next, news = max(p.next, u.ID+1), news || u.ID >= from
	}
	if len(updates) >= maxBatch {
		p.pass()
	}
	return news
}

// begin puts one update into the line of its chat; false when there is no room.
func (p *poller) begin(ctx context.Context, u *models.Update, chat string) bool {
	if !p.work.Add(chat, func() { p.take(ctx, u) }, func() { p.late(ctx, u) }) {
		return false
	}
	p.open[u.ID] = &openUpdate{chat: chat}
	return true
}

// pass moves the offset past all that is open, unless some of it still has to be tried.
func (p *poller) pass() {
	var held []*openUpdate
	for _, o := range p.open {
		if o.passed {
			continue
		}
		if !p.failing[o.chat] {
			return
		}
		held = append(held, o)
	}
	if len(held) == 0 {
		return
	}
	p.t.c.Log.Error("too many updates cannot be stored: they are kept in memory, so that others are heard", "updates", len(held))
	for _, o := range held {
		o.passed = true
	}
}

// settle waits until everything that came is taken, but not for long.
func (p *poller) settle(ctx context.Context) {
	late := time.NewTimer(againAfter)
	defer late.Stop()
	for p.waits() {
		select {
		case <-p.changed:
		case <-late.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// waits says whether something is open that Telegram would bring again.
func (p *poller) waits() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.open {
		if !o.passed {
			return true
		}
	}
	return false
}

// take hands an update over until it is taken. When ctx ends it is left to whoever
// polls next, unless the offset is past it: then it is tried once more.
func (p *poller) take(ctx context.Context, u *models.Update) {
	if ctx.Err() != nil && !p.passed(u.ID) {
		p.late(ctx, u) // a call for help does not wait for the next process
		return
	}
	broken := 0
	for wait := firstPause; ctx.Err() == nil || p.passed(u.ID); wait = min(2*wait, lastTry) {
		err := p.try(ctx, u)
		if errors.Is(err, errBroken) {
			if broken++; broken == maxBroken {
				err = nil
			}
		}
		p.tried(u.ID, err == nil)
		if err == nil || ctx.Err() != nil {
			return
		}
		pause(ctx, wait)
	}
}

// errBroken is an update that breaks the adapter.
var errBroken = errors.New("internal error")

// try hands an update over once.
func (p *poller) try(ctx context.Context, u *models.Update) (err error) {
	defer func() {
		if recover() != nil {
			p.t.c.Log.Error("internal error", "channel", Name, "stack", string(debug.Stack()))
			err = errBroken
		}
	}()
	return p.t.take(ctx, u, p.accept)
}

// tried notes what a try came to.
func (p *poller) tried(id int64, taken bool) {
	p.mu.Lock()
	o := p.open[id]
	if taken {
		delete(p.open, id)
		delete(p.failing, o.chat)
		p.done[id] = true
	} else {
		p.failing[o.chat] = true
	}
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// passed says whether the offset is past an update.
func (p *poller) passed(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open[id].passed
}

// late has a call for help answered that waits behind an earlier update of its chat.
func (p *poller) late(ctx context.Context, u *models.Update) {
	if in, ok := decode(u); ok {
		in.Behind = true
		_ = p.accept(ctx, in) // it is never taken this way
	}
}
