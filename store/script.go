package store

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// freeing is a script that Redis runs even when it has no memory left, because what
// it does frees memory in the end: it says so in its first line. The embedded server
// does not read that line and never runs out; it gets the script without it.
type freeing struct {
	marked, plain *redis.Script
	unmarked      atomic.Bool // the server does not read the line
}

// newFreeing is the script of a source that begins with such a line.
func newFreeing(source string) *freeing {
	_, rest, _ := strings.Cut(source, "\n")
	return &freeing{marked: redis.NewScript(source), plain: redis.NewScript(rest)}
}

// script is the form that the server takes, as far as that is known.
func (f *freeing) script() *redis.Script {
	if f.unmarked.Load() {
		return f.plain
	}
	return f.marked
}

// Run runs the script.
func (f *freeing) Run(ctx context.Context, on redis.Scripter, names []string, args ...any) *redis.Cmd {
	cmd := f.script().Run(ctx, on, names, args...)
	if f.refused(cmd.Err()) {
		cmd = f.plain.Run(ctx, on, names, args...)
	}
	return cmd
}

// refused says that the server does not read the first line, and remembers it. The
// script has not run then.
func (f *freeing) refused(err error) bool {
	is := err != nil && strings.Contains(err.Error(), "Error compiling script")
	if is {
		f.unmarked.Store(true)
	}
	return is
}
