package bot

import "sync"

// Sequence runs pieces of work: those of one key one after the other, in the
// order in which they were added, those of different keys at the same time. It is
// what an adapter hands updates over with.
type Sequence struct {
	mu      sync.Mutex
	work    map[string][]func()
	pending int
	most    int
	idle    *sync.Cond
}

// NewSequence holds so many pieces of work at most.
func NewSequence(most int) *Sequence {
	q := &Sequence{work: map[string][]func(){}, most: most}
	q.idle = sync.NewCond(&q.mu)
	return q
}

// Add adds a piece of work. It never blocks: it reports false, and does nothing,
// when there is too much work already.
func (q *Sequence) Add(key string, work func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pending >= q.most {
		return false
	}
	q.pending++
	waiting, busy := q.work[key]
	q.work[key] = append(waiting, work)
	if !busy {
		go q.run(key)
	}
	return true
}

// run does the work of a key until there is none.
func (q *Sequence) run(key string) {
	for {
		q.mu.Lock()
		if len(q.work[key]) == 0 {
			delete(q.work, key)
			q.idle.Broadcast()
			q.mu.Unlock()
			return
		}
		next := q.work[key][0]
		q.work[key] = q.work[key][1:]
		q.mu.Unlock()
		next()
		q.mu.Lock()
		q.pending--
		q.mu.Unlock()
	}
}

// Wait returns when all work is done. Work may be added while somebody waits.
func (q *Sequence) Wait() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.work) > 0 {
		q.idle.Wait()
	}
}
