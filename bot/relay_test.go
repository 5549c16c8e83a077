package bot_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// relay stands between a store and its server and holds every answer for a while;
// without a server it takes connections and never answers.
type relay struct {
	t        *testing.T
	listener net.Listener
	server   string // its network and address, such as "unix /tmp/redis.sock"
	hold     time.Duration
	leads    atomic.Int32 // how often somebody asked to lead
	mu       sync.Mutex
	open     []net.Conn
	closed   bool
	running  sync.WaitGroup
}

// newRelay starts a relay, which ends with the test.
func newRelay(t *testing.T, server string, hold time.Duration) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{t: t, listener: listener, server: server, hold: hold}
	r.running.Go(r.serve)
	t.Cleanup(r.close)
	return r
}

// url is the address to open.
func (r *relay) url() string { return "redis://" + r.listener.Addr().String() }

// close hangs up on everybody; a second time does nothing.
func (r *relay) close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		_ = r.listener.Close()
		for _, c := range r.open {
			_ = c.Close()
		}
	}
	r.mu.Unlock()
	r.running.Wait()
}

// keep notes a connection, to be closed in the end; false when that was already.
func (r *relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		_ = c.Close()
		return false
	}
	r.open = append(r.open, c)
	return true
}

// serve takes connections until the relay is closed.
func (r *relay) serve() {
	for {
		c, err := r.listener.Accept()
		if err != nil || !r.keep(c) {
			return
		}
		if r.server == "" {
			continue // nobody will ever answer
		}
		network, address, _ := strings.Cut(r.server, " ")
		s, err := net.Dial(network, address)
		if err != nil || !r.keep(s) {
			_ = c.Close()
			continue
		}
		r.running.Go(func() { _, _ = io.Copy(leadCount{s, &r.leads}, c); _ = s.Close() })
		r.running.Go(func() { r.answers(c, s) })
	}
}

// leadCount counts what is written about leaders.
type leadCount struct {
	io.Writer
	leads *atomic.Int32
}

// Write counts and writes.
func (c leadCount) Write(p []byte) (int, error) {
	c.leads.Add(int32(bytes.Count(p, []byte("leader:"))))
	return c.Writer.Write(p)
}

// delayed is a part of an answer and when it may go on.
type delayed struct {
	data []byte
	at   time.Time
}

// answers hands answers on in their order, each so much later.
func (r *relay) answers(to io.WriteCloser, from io.Reader) {
	parts := make(chan delayed, 1024)
	r.running.Go(func() {
		for part := range parts {
			<-time.NewTimer(time.Until(part.at)).C
			if _, err := to.Write(part.data); err != nil && !errors.Is(err, net.ErrClosed) {
				continue // the other side has gone
			}
		}
		_ = to.Close()
	})
	defer close(parts)
	for {
		data := make([]byte, 64<<10)
		n, err := from.Read(data)
		if n > 0 {
			parts <- delayed{data[:n], time.Now().Add(r.hold)}
		}
		if err != nil {
			return
		}
	}
}
