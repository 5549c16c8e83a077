package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
)

// maxBundle bounds what a stored bundle may unpack to.
const maxBundle = 64 << 20

// SaveBundle keeps a bundle's files, so that conversations that began with them
// can finish on them. A bundle that is there already is left as it is.
func (s *Store) SaveBundle(ctx context.Context, b *flows.Bundle) error {
	var packed bytes.Buffer
	// There are few bundles, and somebody waits for a start: fast rather than small.
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("pack bundle %.8s: %w", b.Hash, err)
	}
	if err := json.NewEncoder(zip).Encode(b.Files()); err != nil {
		return fmt.Errorf("pack bundle %.8s: %w", b.Hash, err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("pack bundle %.8s: %w", b.Hash, err)
	}
	if err := s.client.SetNX(ctx, s.keys.bundle(b.Hash), packed.Bytes(), 0).Err(); err != nil {
		return fmt.Errorf("save bundle %.8s: %w", b.Hash, err)
	}
	return nil
}

// BundleFiles are the files of a bundle by its hash; ErrUnknown when it was
// never saved.
func (s *Store) BundleFiles(ctx context.Context, hash string) (flows.Files, error) {
	var files flows.Files
	packed, err := s.client.Get(ctx, s.keys.bundle(hash)).Bytes()
	if errors.Is(err, redis.Nil) {
		return files, fmt.Errorf("bundle %.8s: %w", hash, ErrUnknown)
	}
	if err != nil {
		return files, fmt.Errorf("bundle %.8s: %w", hash, err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return files, fmt.Errorf("unpack bundle %.8s: %w", hash, ErrForm)
	}
	if err := json.NewDecoder(io.LimitReader(zip, maxBundle)).Decode(&files); err != nil {
		return files, fmt.Errorf("unpack bundle %.8s: %w", hash, ErrForm)
	}
	return files, nil
}
