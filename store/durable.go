package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// durable are the settings without which Redis may lose what it confirmed:
// `everysec` lost 15 % of confirmed writes when the disk was slow, and eviction
// throws conversations away (promises.md, P2 and P3).
func durable() [][2]string {
	return [][2]string{{"appendonly", "yes"}, {"appendfsync", "always"}, {"maxmemory-policy", "noeviction"}}
}

// Durable asks Redis how it is set up and lists what is unsafe, a sentence each. An
// error means that Redis could not be reached; one that answers and does not say is
// a problem like the others.
func (s *Store) Durable(ctx context.Context) (problems []string, err error) {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return unsafeSettings(ctx, s.client)
	}
	var mu sync.Mutex
	seen := map[string]bool{}
	err = cluster.ForEachMaster(ctx, func(ctx context.Context, one *redis.Client) error {
		found, err := unsafeSettings(ctx, one)
		mu.Lock()
		defer mu.Unlock()
		for _, p := range found {
			if !seen[p] {
				seen[p] = true
				problems = append(problems, p)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask Redis how it is set up: %w", err)
	}
	return problems, nil
}

// unsafeSettings asks one server.
func unsafeSettings(ctx context.Context, client redis.Cmdable) (problems []string, err error) {
	for _, want := range durable() {
		got, err := client.ConfigGet(ctx, want[0]).Result()
		switch refused := redis.Error(nil); {
		case errors.As(err, &refused) && strings.HasPrefix(refused.Error(), "LOADING"):
			return nil, fmt.Errorf("ask Redis how it is set up: %w", err)
		case errors.As(err, &refused):
			return []string{"Redis does not say how it is set up (CONFIG GET is refused)"}, nil
		case err != nil:
			return nil, fmt.Errorf("ask Redis how it is set up: %w", err)
		case got[want[0]] != want[1]:
			problems = append(problems, fmt.Sprintf("Redis has %s %s, and needs %s", want[0], got[want[0]], want[1]))
		}
	}
	return problems, nil
}
