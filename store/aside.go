package store

import (
	"context"
	"errors"
	"fmt"
)

// asideTries is how often setting an update aside begins anew because a turn of the
// same person was faster.
const asideTries = 5

// SetAside keeps an update that could not be handled, sealed with the data key of the
// person to whom its address leads, so that it can be looked at and cannot be read any
// more when they are erased. Somebody unknown gets a data key for it.
func (s *Store) SetAside(ctx context.Context, address Person, update []byte) (err error) {
	for range asideTries {
		if err = s.setAside(ctx, address, update); !errors.Is(err, ErrConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("set an update of p_%s aside: %w", address.Short(), err)
	}
	return nil
}

// setAside tries it once.
func (s *Store) setAside(ctx context.Context, address Person, update []byte) error {
	sn, err := s.Load(ctx, address)
	if err != nil {
		return err
	}
	p := sn.Person
	sealed, err := sn.key.seal(kindPoison, p, update)
	if err != nil {
		return err
	}
	tx, poison, key := newTxn(), s.keys.poison(), s.keys.dataKey(p)
	tx.expect(key, sn.mark)
	tx.do("RPUSH", poison, append([]byte(string(p)+":"), sealed...))
	tx.do("LTRIM", poison, -maxPoison, -1)
	tx.do("PEXPIRE", poison, poisonLife.Milliseconds())
	if sn.fresh {
		tx.do("SET", key, sn.key.wrapped, "PX", poisonLife.Milliseconds())
	} else {
		tx.do("PEXPIRE", key, poisonLife.Milliseconds(), "GT")
	}
	_, err = tx.run(ctx, s.client, s.scripts.commit)
	return err
}

// Aside are the updates of the person to whom an address leads that were set aside,
// oldest first.
func (s *Store) Aside(ctx context.Context, address Person) ([][]byte, error) {
	sn, err := s.Load(ctx, address)
	if err != nil {
		return nil, err
	}
	p := sn.Person
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
