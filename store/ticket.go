package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// TakeTicket opens a one-time link: from now on an address leads to the person for
// whom the link was made. It works once; ErrUnknown when the link was used, is too
// old, or was never made.
func (s *Store) TakeTicket(ctx context.Context, ticket, address Person) error {
	err := s.scripts.ticket.Run(ctx, s.client, []string{s.keys.ticket(ticket), s.keys.alias(address)}, aliasLife.Milliseconds()).Err()
	if errors.Is(err, redis.Nil) {
		return fmt.Errorf("open a one-time link: %w", ErrUnknown)
	}
	if err != nil {
		return fmt.Errorf("open a one-time link: %w", err)
	}
	return nil
}

// HasTicket says whether a one-time link can still be opened; it does not use it.
func (s *Store) HasTicket(ctx context.Context, ticket Person) (bool, error) {
	n, err := s.client.Exists(ctx, s.keys.ticket(ticket)).Result()
	if err != nil {
		return false, fmt.Errorf("look for a one-time link: %w", err)
	}
	return n == 1, nil
}
