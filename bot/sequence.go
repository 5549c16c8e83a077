package bot

import (
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Sequence runs pieces of work: those of one key one after the other, in the
// order in which they were added, those of different keys at the same time. It is
// what an adapter hands updates over with.
type Sequence struct {
	mu      sync.Mutex
	work    map[string][]*task
	pending int
	limits  Limits
	late    int // calls of late that run
	idle    *sync.Cond
	log     *slog.Logger
}

// Limits bound what a Sequence holds: in all, and of one key, so that nobody who is
// stuck takes the room of others.
type Limits struct{ All, OfOne int }

// task is one piece of work.
type task struct {
	work  func()
	begun bool
	timer *time.Timer // nil for what did not have to wait
}

// NewSequence is a sequence without work. A piece of work that panics is logged,
// without its value, which may hold words of a person; the next one runs.
func NewSequence(limits Limits, log *slog.Logger) *Sequence {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	q := &Sequence{work: map[string][]*task{}, limits: limits, log: log}
	q.idle = sync.NewCond(&q.mu)
	return q
}

// Add adds a piece of work. It never blocks: it reports false, and does nothing,
// when there is too much work already. When the piece still waits for earlier ones of
// its key after as long as words that call for help may wait, late is called, once;
// it may be nil.
func (q *Sequence) Add(key string, work, late func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting, busy := q.work[key]
	if q.pending >= q.limits.All || len(waiting) >= q.limits.OfOne {
		return false
	}
	q.pending++
	p := &task{work: work}
	q.work[key] = append(waiting, p)
	if !busy {
		go q.run(key)
	} else if late != nil {
		p.timer = time.AfterFunc(hurryTime, func() { q.runLate(p, late) })
	}
	return true
}

// run does the work of a key until there is none. What is being done stands first in
// the line until it is done.
func (q *Sequence) run(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.work[key]) > 0 {
		next := q.work[key][0]
		next.begun = true
		if next.timer != nil {
			next.timer.Stop()
		}
		q.mu.Unlock()
		q.safely(next.work)
		q.mu.Lock()
		q.work[key] = q.work[key][1:]
		q.pending--
	}
	delete(q.work, key)
	q.idle.Broadcast()
}

// runLate calls late for a piece of work that still waits.
func (q *Sequence) runLate(p *task, late func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.begun {
		return
	}
	q.late++
	q.mu.Unlock()
	q.safely(late)
	q.mu.Lock()
	q.late--
	q.idle.Broadcast()
}

// safely keeps a panic from taking the program with it.
func (q *Sequence) safely(work func()) {
	defer func() {
		if recover() != nil {
			q.log.Error("internal error", "stack", string(debug.Stack()))
		}
	}()
	work()
}

// Wait returns when all work is done. Work may be added while somebody waits.
func (q *Sequence) Wait() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.work) > 0 || q.late > 0 {
		q.idle.Wait()
	}
}
