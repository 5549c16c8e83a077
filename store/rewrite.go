package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// eraseSpan is how often Redis is asked at most to rewrite its append-only file:
	// once for everybody who was erased in a span.
	eraseSpan = 5 * time.Minute
	// eraseGrace is how long after its span's end an erase may still be stored.
	eraseGrace = time.Minute
	// rewriteAgain is when a rewrite that was refused is asked for again.
	rewriteAgain = time.Minute
)

// Rewrite asks Redis to rewrite its append-only file if somebody was erased: until then
// their wrapped data key stands in it. It is asked for once for all who were erased in
// the same five minutes. A server that cannot do it is not asked again; one that is
// busy is, later.
func (s *Store) Rewrite(ctx context.Context, now time.Time) error {
	due, err := s.take(ctx, s.keys.erased(), micros(now), micros(now.Add(rewriteAgain)), 100)
	if err != nil || len(due) == 0 {
		return err
	}
	err = s.eachMaster(ctx, func(ctx context.Context, one redis.Cmdable) error { return one.BgRewriteAOF(ctx).Err() })
	if refusal := redis.Error(nil); errors.As(err, &refusal) {
		text := strings.ToLower(refusal.Error())
		if !strings.Contains(text, "unknown command") && !strings.Contains(text, "noperm") {
			return nil // another rewrite is under way; the span comes back
		}
		err = nil
	}
	if err == nil {
		err = s.client.ZRem(ctx, s.keys.erased(), due).Err()
	}
	if err != nil {
		return fmt.Errorf("ask Redis to rewrite its append-only file: %w", err)
	}
	return nil
}

// eachMaster does something on every server that takes writes.
func (s *Store) eachMaster(ctx context.Context, do func(context.Context, redis.Cmdable) error) error {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return do(ctx, s.client)
	}
	return cluster.ForEachMaster(ctx, func(ctx context.Context, one *redis.Client) error { return do(ctx, one) })
}
