package discord

import "sync"

// crew counts pieces of work that run by themselves. Unlike a sync.WaitGroup it may
// be given work while somebody waits for it: the library may still call when we
// stop.
type crew struct {
	mu   sync.Mutex
	idle *sync.Cond
	busy int
}

// newCrew has nothing to do.
func newCrew() *crew {
	c := &crew{}
	c.idle = sync.NewCond(&c.mu)
	return c
}

// Go runs a piece of work.
func (c *crew) Go(work func()) {
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
func (c *crew) Wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.busy > 0 {
		c.idle.Wait()
	}
}
