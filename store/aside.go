package store

import (
	"context"
	"fmt"
)

// SetAside keeps an update that could not be handled, sealed with its person's
// key, so that it can be looked at and goes when they are erased.
func (s *Store) SetAside(ctx context.Context, p Person, update []byte) error {
	sn, err := s.LoadPerson(ctx, p)
	if err != nil {
		return err
	}
	if sn.fresh {
		return nil // nothing is known about them, and nothing is begun for this
	}
	sealed, err := sn.key.seal(kindPoison, p, update)
	if err != nil {
		return err
	}
	pipe := s.client.Pipeline()
	pipe.RPush(ctx, s.keys.poison(), append([]byte(string(p)+":"), sealed...))
	pipe.LTrim(ctx, s.keys.poison(), -maxPoison, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("set an update of p_%s aside: %w", p.Short(), err)
	}
	return nil
}

// Aside are the updates of a person that were set aside, oldest first.
func (s *Store) Aside(ctx context.Context, p Person) ([][]byte, error) {
	sn, err := s.LoadPerson(ctx, p)
	if err != nil {
		return nil, err
	}
	rows, err := s.client.LRange(ctx, s.keys.poison(), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("updates that were set aside: %w", err)
	}
	var out [][]byte
	for _, row := range rows {
		if len(row) <= len(p) || row[:len(p)] != string(p) {
			continue
		}
		plain, err := sn.key.open(kindPoison, p, []byte(row[len(p)+1:]))
		if err != nil {
			continue // written before the person was erased
		}
		out = append(out, plain)
	}
	return out, nil
}
