package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Embedded is a Redis-protocol server inside the process. Others may connect to
// it over TCP while the process lives; nothing outlives it.
type Embedded struct{ server *miniredis.Miniredis }

// Embed starts a server on a port that the kernel picks, on the loopback
// address.
func Embed() (*Embedded, error) {
	server := miniredis.NewMiniRedis()
	server.ClockTTL(true)
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the embedded store: %w", err)
	}
	return &Embedded{server: server}, nil
}

// URL is the address to open.
func (e *Embedded) URL() string { return "redis://" + e.server.Addr() }

// Pass lets time go by for the lifetimes of keys, which the embedded server does
// not count by itself.
func (e *Embedded) Pass(d time.Duration) { e.server.FastForward(d) }

// Fail lets the server refuse every command with this message, as a real one does
// that is full or still loads; "" ends it.
func (e *Embedded) Fail(message string) { e.server.SetError(message) }

// FailWrites lets the server refuse every script with this message, and answer what is
// only read: turns can be decided then, and not committed. "" ends it.
func (e *Embedded) FailWrites(message string) {
	refuse := func(c *server.Peer, command string, _ ...string) bool {
		script := message != "" && strings.HasPrefix(strings.ToUpper(command), "EVAL")
		if script {
			c.WriteError(message)
		}
		return script
	}
	e.server.Server().SetPreHook(refuse)
}

// Close stops the server.
func (e *Embedded) Close() { e.server.Close() }
