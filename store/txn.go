package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/commit.lua
var commitLua string

// ErrConflict says that what was read has changed since; read again and decide
// again.
var ErrConflict = errors.New("changed by somebody else meanwhile")

// txn collects checks and writes that are applied together by commit.lua.
type txn struct {
	keys   []string
	index  map[string]int
	checks []any
	writes []any
	nCheck int
	nWrite int
}

// newTxn is an empty transaction.
func newTxn() *txn { return &txn{index: map[string]int{}} }

// key is the place of a key in KEYS.
func (t *txn) key(name string) int {
	i, ok := t.index[name]
	if !ok {
		t.keys = append(t.keys, name)
		i = len(t.keys)
		t.index[name] = i
	}
	return i
}

// expect lets the transaction fail unless the string at a key begins with a
// revision; "" means that the key must not exist.
func (t *txn) expect(key, revision string) {
	t.checks = append(t.checks, t.key(key), revision)
	t.nCheck++
}

// do adds a write and returns its place among the replies.
func (t *txn) do(command, key string, args ...any) int {
	t.writes = append(t.writes, command, t.key(key), len(args))
	t.writes = append(t.writes, args...)
	t.nWrite++
	return t.nWrite
}

// run applies the transaction. The replies are those of the writes, from 1.
func (t *txn) run(ctx context.Context, on redis.Scripter, script *redis.Script) ([]any, error) {
	args := append([]any{t.nCheck}, t.checks...)
	args = append(append(args, t.nWrite), t.writes...)
	replies, err := script.Run(ctx, on, t.keys, args...).Slice()
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	if failed, ok := replies[0].(int64); !ok || failed != 0 {
		return nil, ErrConflict
	}
	return replies, nil
}

// revisionLength is that of the revision before each value that is checked.
const revisionLength = 16

// nextRevision follows a revision. What is new begins anywhere, not at 1: a value is
// sealed under its revision, and one that was there before must not fit again.
func nextRevision(revision string) string {
	n, err := strconv.ParseUint(revision, 16, 64)
	if err != nil {
		n = rand.Uint64N(1 << 62)
	}
	return fmt.Sprintf("%016x", n+1)
}

// split takes a stored value apart: its revision and the rest.
func split(value string) (revision string, rest []byte, err error) {
	if len(value) < revisionLength {
		return "", nil, fmt.Errorf("a stored value of %d bytes has no revision: %w", len(value), ErrForm)
	}
	return value[:revisionLength], []byte(value[revisionLength:]), nil
}
