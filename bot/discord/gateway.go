package discord

import (
	"bytes"
	"context"
	"errors"
	"net"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	dg "github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
)

// Why a session ended.
var (
	errSilent = errors.New("nothing came over the gateway for too long")
	errClosed = errors.New("the gateway closed the session")
	errStuck  = errors.New("the session did not open")
)

const (
	// openTime is how long a session may take to open. The library can get stuck
	// there for ever, holding its own lock; then it is left behind.
	openTime = 30 * time.Second
	// defaultBeat is the usual time between heartbeats, until the gateway names
	// its own.
	defaultBeat = 41250 * time.Millisecond
	// beats is how many heartbeats' time without a byte is too long: each is
	// answered, so a healthy socket is never silent for even one.
	beats = 2.5
	// watchEvery is how often the silence is measured.
	watchEvery = time.Second
)

// session opens one gateway session and stays until it ends. It tells p of each time
// that the gateway took our token.
func (d *Discord) session(ctx context.Context, p *pauses) error {
	s, err := d.newSession()
	if err != nil {
		return err
	}
	// Before the session opens: what it brings is newer than what was missed.
	listed := d.listMissed(ctx)
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watched{last: &d.lastByte, clock: d.c.Clock}
	s.Dialer = &websocket.Dialer{HandshakeTimeout: openTime, NetDialContext: w.dial, NetDialTLSContext: w.dialTLS}
	ended := make(chan struct{}, 1)
	end := func() {
		select {
		case ended <- struct{}{}:
		default:
		}
	}
	s.AddHandler(func(*dg.Session, *dg.Disconnect) { end() })
	ready := 0 // the handlers are called one after the other
	message := func(m *dg.Message, edited bool) {
		if ready == 1 {
			d.onMessage(ctx, m, edited)
		}
	}
	s.AddHandler(func(_ *dg.Session, m *dg.MessageCreate) { message(m.Message, false) })
	s.AddHandler(func(_ *dg.Session, m *dg.MessageUpdate) { message(m.Message, true) })
	s.AddHandler(func(_ *dg.Session, i *dg.InteractionCreate) { d.onInteraction(ctx, i.Interaction) })
	s.AddHandler(func(*dg.Session, *dg.Ready) {
		p.identified(d.c.Clock())
		if ready++; ready == 1 {
			d.acks.Go(func() { d.recall(within, listed) })
			return
		}
		// The gateway forgot the session, and the library began another one on the
		// same socket. Something is missing in between, and a newer message must not
		// hide it: this session ends, and the next fetches both.
		end()
	})
	defer w.close()
	if err := open(ctx, s); err != nil {
		return err
	}
	return d.watch(ctx, w, ended)
}

// open opens a session, and gives up on one that does not return.
func open(ctx context.Context, s *dg.Session) error {
	opened := make(chan error, 1)
	go func() { opened <- s.Open() }()
	late := time.NewTimer(openTime)
	defer late.Stop()
	select {
	case err := <-opened:
		return err
	case <-late.C:
		return errStuck
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watch stays with an open session. It never touches the session's lock, which
// the library may hold for ever.
func (d *Discord) watch(ctx context.Context, w *watched, ended <-chan struct{}) error {
	d.c.Log.Info("the Discord gateway is open")
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return errClosed
		case <-tick.C:
			if d.Silence() > time.Duration(beats*float64(w.beat())) {
				return errSilent
			}
		}
	}
}

// watched dials the gateway and notes when bytes come over the socket.
type watched struct {
	last  *atomic.Int64
	clock func() time.Time
	conn  atomic.Pointer[net.Conn]
	every atomic.Int64 // time between heartbeats, 0 until it is known
	over  atomic.Bool  // a connection that opens later is not wanted any more
}

// dial opens a plain connection, to a fake of Discord.
func (w *watched) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	return w.wrap(conn, err)
}

// dialTLS opens an encrypted connection. The handshake is done here so that the
// bytes that are seen are the gateway's words.
func (w *watched) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := dialTLS(ctx, network, address)
	return w.wrap(conn, err)
}

// wrap watches a connection.
func (w *watched) wrap(conn net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	w.conn.Store(&conn)
	if w.over.Load() {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	w.note()
	return &watchedConn{Conn: conn, w: w}, nil
}

// note says that something came just now.
func (w *watched) note() { w.last.Store(w.clock().UnixNano()) }

// beat is the time between heartbeats.
func (w *watched) beat() time.Duration {
	if every := w.every.Load(); every > 0 {
		return time.Duration(every)
	}
	return defaultBeat
}

// close closes the connection under whatever uses it, and one that the library,
// left behind, still opens.
func (w *watched) close() {
	w.over.Store(true)
	if conn := w.conn.Load(); conn != nil {
		_ = (*conn).Close() // it may be closed already
	}
}

// watchedConn is a connection whose reads are noted.
type watchedConn struct {
	net.Conn
	w    *watched
	head []byte
}

// hello finds the time between heartbeats in the gateway's first words; the
// library keeps it to itself.
var hello = regexp.MustCompile(`"heartbeat_interval":\s*([0-9]{3,6})`)

// maxHead is how much of the beginning is searched.
const maxHead = 4096

// Read notes that something came.
func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.w.note()
	}
	if n > 0 && c.w.every.Load() == 0 && len(c.head) < maxHead {
		c.head = append(c.head, bytes.Clone(p[:n])...)
		if m := hello.FindSubmatch(c.head); m != nil {
			ms, _ := strconv.Atoi(string(m[1]))
			c.w.every.Store(int64(time.Duration(ms) * time.Millisecond))
		}
	}
	return n, err
}
