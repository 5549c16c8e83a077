package store

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Lead makes a process the only one that receives for a platform, or keeps it so
// for a while longer. It reports whether the process is the one.
func (s *Store) Lead(ctx context.Context, platform, process string, lease time.Duration) (bool, error) {
	n, err := s.scripts.lead.Run(ctx, s.client, []string{s.keys.leader(platform)}, process, lease.Milliseconds()).Int()
	if err != nil {
		return false, fmt.Errorf("lead %s: %w", platform, err)
	}
	return n == 1, nil
}

// Resign lets another process receive at once.
func (s *Store) Resign(ctx context.Context, platform, process string) error {
	_, err := s.Lead(ctx, platform, process, 0)
	return err
}

// Known are the people of a platform who were heard of since a time, and whose
// conversation is still there. Those whose conversation is gone are forgotten.
func (s *Store) Known(ctx context.Context, channel string, since time.Time) ([]*Snapshot, error) {
	name := s.keys.known(channel)
	people, err := s.client.ZRangeByScore(ctx, name, &redis.ZRangeBy{Min: fmt.Sprint(micros(since)), Max: "+inf"}).Result()
	if err != nil {
		return nil, fmt.Errorf("people of %s: %w", channel, err)
	}
	var out []*Snapshot
	for _, p := range people {
		sn, err := s.LoadPerson(ctx, Person(p))
		if Unreadable(err) {
			continue // one of them must not keep the rest from being listed
		}
		if err != nil {
			return nil, err
		}
		if sn.Conversation.Address != "" && sn.Conversation.Channel == channel {
			out = append(out, sn)
			continue
		}
		if err := s.client.ZRem(ctx, name, p).Err(); err != nil {
			return nil, fmt.Errorf("people of %s: %w", channel, err)
		}
	}
	err = s.client.ZRemRangeByScore(ctx, name, "-inf", fmt.Sprint(micros(since.Add(-aliasLife)))).Err()
	if err != nil {
		return nil, fmt.Errorf("people of %s: %w", channel, err)
	}
	return out, nil
}

// maxPoison is how many updates that could not be handled are kept.
const maxPoison = 200

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
