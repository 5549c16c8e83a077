package bot

import (
	"context"
	"sync"
)

// keyedLock is a lock for each key, kept only while somebody holds or wants it.
// Whoever asked first gets it first.
type keyedLock struct {
	mu   *sync.Mutex
	keys map[string]*turnstile
}

// turnstile is the lock of one key.
type turnstile struct {
	free    chan struct{} // holds one token while nobody has the lock
	waiting int
}

// newKeyedLock is a lock that nobody holds.
func newKeyedLock() keyedLock { return keyedLock{mu: &sync.Mutex{}, keys: map[string]*turnstile{}} }

// lock waits for a key and returns what gives it back, or ctx's error.
func (k keyedLock) lock(ctx context.Context, key string) (func(), error) {
	k.mu.Lock()
	t := k.keys[key]
	if t == nil {
		t = &turnstile{free: make(chan struct{}, 1)}
		t.free <- struct{}{}
		k.keys[key] = t
	}
	t.waiting++
	k.mu.Unlock()
	select {
	case <-t.free:
		return func() { t.free <- struct{}{}; k.leave(key, t) }, nil
	case <-ctx.Done():
		k.leave(key, t)
		return nil, ctx.Err()
	}
}

// leave forgets a key that nobody wants any more.
func (k keyedLock) leave(key string, t *turnstile) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t.waiting--; t.waiting == 0 {
		delete(k.keys, key)
	}
}
