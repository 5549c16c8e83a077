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
// conversation is still there. Those whose conversation is gone are forgotten; those
// whose data cannot be opened are left out and counted, for they must not keep the
// others from being heard.
func (s *Store) Known(ctx context.Context, channel string, since time.Time) (out []*Snapshot, unreadable int, err error) {
	name := s.keys.known(channel)
	people, err := s.client.ZRangeByScore(ctx, name, &redis.ZRangeBy{Min: fmt.Sprint(micros(since)), Max: "+inf"}).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("people of %s: %w", channel, err)
	}
	for _, p := range people {
		values, err := s.client.MGet(ctx, s.aboutPerson(Person(p))...).Result()
		if err != nil {
			return nil, 0, fmt.Errorf("people of %s: %w", channel, err)
		}
		sn, err := s.snapshot(Person(p), values)
		if err != nil {
			unreadable++
			continue
		}
		if sn.Conversation.Address != "" && sn.Conversation.Channel == channel {
			out = append(out, sn)
			continue
		}
		if err := s.client.ZRem(ctx, name, p).Err(); err != nil {
			return nil, 0, fmt.Errorf("people of %s: %w", channel, err)
		}
	}
	err = s.client.ZRemRangeByScore(ctx, name, "-inf", fmt.Sprint(micros(since.Add(-aliasLife)))).Err()
	if err != nil {
		return nil, 0, fmt.Errorf("people of %s: %w", channel, err)
	}
	return out, unreadable, nil
}
