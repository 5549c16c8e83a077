package bot

import (
	"context"

	"github.com/star-house/frontdoor/flows"
)

// Receive receives from one platform, as Run does.
func (s *Service) Receive(ctx context.Context, p Platform) error { return s.receive(ctx, p) }

// BeginReading begins to read the bundle of a conversation, as For does, and returns
// what ends it.
func (l *Library) BeginReading(c flows.Conversation) func(context.Context) {
	_, r, _ := l.find(c)
	return func(ctx context.Context) { l.read(ctx, c.Bundle, r) }
}

// Renew renews the leases that end soon, as Run does.
func (s *Service) Renew(ctx context.Context) { s.out.leases.renewAll(ctx) }
