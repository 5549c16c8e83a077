package bot

import "sync"

// Crew counts pieces of work that run by themselves. Unlike a sync.WaitGroup it may
// be given work while somebody waits for it: a platform may still bring something when
// its adapter stops.
type Crew struct {
	mu   sync.Mutex
	idle *sync.Cond
	busy int
}

// NewCrew has nothing to do.
func NewCrew() *Crew {
	c := &Crew{}
	c.idle = sync.NewCond(&c.mu)
	return c
}

// Go runs a piece of work.
func (c *Crew) Go(work func()) {
	c.mu.Lock()
	c.busy++
	c.mu.Unlock()
	go func() {
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.busy--
			c.idle.Broadcast()
		}()
		work()
	}()
}

// Wait returns when there is nothing that runs.
func (c *Crew) Wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.busy > 0 {
		c.idle.Wait()
	}
}
