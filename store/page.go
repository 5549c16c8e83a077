package store

import (
	"context"
	"fmt"
	"regexp"

	"github.com/redis/go-redis/v9"
)

// Shown is one message of a web page, with the id to go on from.
type Shown struct {
	ID   string
	Body []byte
}

// Show adds a message to the page that belongs to an address.
func (s *Store) Show(ctx context.Context, address Person, body []byte) error {
	sn, err := s.Load(ctx, address)
	if err != nil {
		return err
	}
	p := sn.Person
	if sn.fresh {
		return fmt.Errorf("page of p_%s: %w", p.Short(), ErrUnknown)
	}
	sealed, err := sn.key.seal(kindPage, p, body)
	if err != nil {
		return err
	}
	pipe := s.client.Pipeline()
	pipe.XAdd(ctx, &redis.XAddArgs{Stream: s.keys.page(p), MaxLen: maxPage, Values: []any{"m", sealed}})
	pipe.Expire(ctx, s.keys.page(p), pageLife)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("page of p_%s: %w", p.Short(), err)
	}
	return nil
}

// pageID is the form of a stream's ids; a browser may send anything.
var pageID = regexp.MustCompile(`^[0-9]{1,15}-[0-9]{1,9}$`)

// Page reads the messages of an address's page after an id; "" reads all that are
// kept.
func (s *Store) Page(ctx context.Context, address Person, after string) ([]Shown, error) {
	sn, err := s.Load(ctx, address)
	if err != nil {
		return nil, err
	}
	p := sn.Person
	from := "-"
	if pageID.MatchString(after) {
		from = "(" + after
	}
	rows, err := s.client.XRange(ctx, s.keys.page(p), from, "+").Result()
	if err != nil {
		return nil, fmt.Errorf("page of p_%s: %w", p.Short(), err)
	}
	out := make([]Shown, 0, len(rows))
	for _, row := range rows {
		sealed, _ := row.Values["m"].(string)
		body, err := sn.key.open(kindPage, p, []byte(sealed))
		if err != nil {
			continue // written before the person was erased
		}
		out = append(out, Shown{ID: row.ID, Body: body})
	}
	return out, nil
}
