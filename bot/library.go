package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// maxBundles is how many older bundles a process keeps parsed.
const maxBundles = 8

// Library holds the newest bundle and those that conversations began with.
type Library struct {
	store   *store.Store
	mu      sync.Mutex
	newest  *flows.Bundle
	older   map[string]*flows.Bundle
	reading map[string]*reading // by hash
}

// reading is an older bundle that somebody reads; whoever else wants it waits.
type reading struct {
	under  *flows.Bundle // the newest when it began
	done   chan struct{}
	bundle *flows.Bundle
	err    error
}

// NewLibrary is a library with its newest bundle.
func NewLibrary(st *store.Store, newest *flows.Bundle) *Library {
	return &Library{store: st, newest: newest, older: map[string]*flows.Bundle{}, reading: map[string]*reading{}}
}

// Newest is the bundle that new conversations begin with.
func (l *Library) Newest() *flows.Bundle {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.newest
}

// Publish makes a bundle the newest, and keeps its files in the store so that
// conversations can finish on it.
func (l *Library) Publish(ctx context.Context, b *flows.Bundle) error {
	if err := l.store.SaveBundle(ctx, b); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.newest = b
	clear(l.older) // they carried the safety of the one before
	clear(l.reading)
	return nil
}

// For is the bundle that a conversation goes on with: the one it began with,
// under the newest safety, or the newest when it has not begun or has ended. The
// newest also stands in for one that is gone or can no longer be read; the engine
// then says that the script is lost. An error means that the store is away.
func (l *Library) For(ctx context.Context, c flows.Conversation) (*flows.Bundle, error) {
	for {
		b, r, mine := l.find(c)
		if b != nil {
			return b, nil
		}
		if mine {
			l.read(ctx, c.Bundle, r)
			return r.bundle, r.err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for bundle %.8s: %w", c.Bundle, ctx.Err())
		case <-r.done:
		}
		if r.err != nil && !errors.Is(r.err, context.DeadlineExceeded) && !errors.Is(r.err, context.Canceled) {
			return nil, r.err
		}
		if r.err == nil && r.under == l.Newest() {
			return r.bundle, nil
		}
		// Whoever read it had less time than we have, or it is under an older safety.
	}
}

// find is a bundle that is there already, or its reading; mine says that the caller
// has to read it.
func (l *Library) find(c flows.Conversation) (b *flows.Bundle, r *reading, mine bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.ID == "" || c.Over != "" || c.Bundle == l.newest.Hash {
		return l.newest, nil, false
	}
	if b = l.older[c.Bundle]; b != nil {
		return b, nil, false
	}
	r = l.reading[c.Bundle]
	if r == nil {
		r, mine = &reading{under: l.newest, done: make(chan struct{}), err: errBroken}, true
		l.reading[c.Bundle] = r
	}
	return nil, r, mine
}

// read reads an older bundle for all who wait for it, and keeps it unless a newer one
// was published meanwhile.
func (l *Library) read(ctx context.Context, hash string, r *reading) {
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.reading[hash] == r {
			delete(l.reading, hash)
		}
		if r.err == nil && l.newest == r.under {
			if len(l.older) >= maxBundles {
				clear(l.older)
			}
			l.older[hash] = r.bundle
		}
		close(r.done)
	}()
	files, err := l.store.BundleFiles(ctx, hash)
	if err != nil && !errors.Is(err, store.ErrUnknown) && !store.Unreadable(err) {
		r.err = fmt.Errorf("find the script of a conversation: %w", err)
		return
	}
	if err == nil {
		r.bundle, _ = flows.ParseStored(files, r.under)
	}
	if r.bundle == nil {
		r.bundle = r.under
	}
	r.err = nil
}
