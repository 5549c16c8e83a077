package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// ErrOtherKeys says that a hub's data was begun with another key file. Under this one
// everybody would be a stranger, and nothing that waits could be read.
var ErrOtherKeys = errors.New("the key file (FRONTDOOR_KEYS) is not the one that this hub's data was begun with: put that one back")

// CheckKeys holds the key file against the one that the hub's data was begun with, and
// refuses another with ErrOtherKeys. The first start, which finds nothing, leaves the
// proof for those that follow.
func (s *Store) CheckKeys(ctx context.Context) error {
	what := s.keys.proof()
	// Both halves of the file count: the proof is sealed with one, and says what the
	// other derives.
	derived, err := s.vault.Derive("proof", s.keys.hub)
	if err != nil {
		return err
	}
	proof, err := s.client.Get(ctx, what).Result()
	if errors.Is(err, redis.Nil) {
		proof, err = s.leaveProof(ctx, derived)
	}
	if err != nil {
		return fmt.Errorf("check the keys of hub %s: %w", s.keys.hub, err)
	}
	plain, err := s.vault.seal.Decrypt([]byte(proof), []byte(what))
	if err != nil || string(plain) != derived {
		return fmt.Errorf("check the keys of hub %s: %w", s.keys.hub, ErrOtherKeys)
	}
	return nil
}

// leaveProof stores the proof, unless another process was faster, and returns what is
// stored.
func (s *Store) leaveProof(ctx context.Context, derived string) (string, error) {
	what := s.keys.proof()
	proof, err := s.vault.seal.Encrypt([]byte(derived), []byte(what))
	if err != nil {
		return "", err
	}
	if err := s.client.SetNX(ctx, what, proof, 0).Err(); err != nil {
		return "", err
	}
	return s.client.Get(ctx, what).Result()
}
