package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
)

// AddStaff writes who may work; an id that is there is changed.
func (s *Store) AddStaff(ctx context.Context, who flows.Staff) error {
	data, err := json.Marshal(who)
	if err != nil {
		return fmt.Errorf("add staff %s: %w", who.ID, err)
	}
	if err := s.client.HSet(ctx, s.keys.staff(), who.ID, data).Err(); err != nil {
		return fmt.Errorf("add staff %s: %w", who.ID, err)
	}
	return nil
}

// Staff is one member of staff; ErrUnknown when there is none of that id.
func (s *Store) Staff(ctx context.Context, id string) (flows.Staff, error) {
	data, err := s.client.HGet(ctx, s.keys.staff(), id).Bytes()
	if errors.Is(err, redis.Nil) {
		return flows.Staff{}, fmt.Errorf("staff %q: %w", id, ErrUnknown)
	}
	var who flows.Staff
	if err == nil {
		err = json.Unmarshal(data, &who)
	}
	if err != nil {
		return flows.Staff{}, fmt.Errorf("staff %q: %w", id, err)
	}
	return who, nil
}

// AllStaff lists everybody, by id.
func (s *Store) AllStaff(ctx context.Context) ([]flows.Staff, error) {
	all, err := s.client.HGetAll(ctx, s.keys.staff()).Result()
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	out := make([]flows.Staff, 0, len(all))
	for id, data := range all {
		var who flows.Staff
		if err := json.Unmarshal([]byte(data), &who); err != nil {
			return nil, fmt.Errorf("list staff: %q: %w", id, err)
		}
		out = append(out, who)
	}
	slices.SortFunc(out, func(a, b flows.Staff) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}
