package bot

import (
	"context"
	"fmt"
	"sync"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// maxBundles is how many older bundles a process keeps parsed.
const maxBundles = 8

// Library holds the newest bundle and those that conversations began with.
type Library struct {
	store  *store.Store
	mu     sync.Mutex
	newest *flows.Bundle
	older  map[string]*flows.Bundle
}

// NewLibrary is a library with its newest bundle.
func NewLibrary(st *store.Store, newest *flows.Bundle) *Library {
	return &Library{store: st, newest: newest, older: map[string]*flows.Bundle{}}
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
	return nil
}

// For is the bundle that a conversation goes on with: the one it began with,
// under the newest safety, or the newest when it has not begun or has ended.
func (l *Library) For(ctx context.Context, c flows.Conversation) (*flows.Bundle, error) {
	newest := l.Newest()
	if c.ID == "" || c.Over != "" || c.Bundle == newest.Hash {
		return newest, nil
	}
	l.mu.Lock()
	b := l.older[c.Bundle]
	l.mu.Unlock()
	if b != nil {
		return b, nil
	}
	files, err := l.store.BundleFiles(ctx, c.Bundle)
	if err != nil {
		return nil, fmt.Errorf("find the script of a conversation: %w", err)
	}
	b, problems := flows.Parse(files)
	if b == nil {
		return nil, fmt.Errorf("read bundle %.8s: %d problems: %w", c.Bundle, len(problems), problems.Errors()[0])
	}
	b = b.Under(newest)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.older) >= maxBundles {
		clear(l.older)
	}
	l.older[c.Bundle] = b
	return b, nil
}
