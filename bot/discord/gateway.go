package discord

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
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
	// openTime is how long a session may take to open, and resumeTime to be resumed.
	// The library can get stuck there for ever, holding its own lock; then it is left
	// behind.
	openTime   = 30 * time.Second
	resumeTime = 10 * time.Second
	// resumeSoon bounds the pause before a session is resumed, and closeTime how long
	// the library may take to notice that its connection is gone.
	resumeSoon = time.Second
	closeTime  = 5 * time.Second
	// livesFor is how long a session that was resumed has to live to be resumed again.
	livesFor = time.Minute
	// defaultBeat is the usual time between heartbeats, until the gateway names
	// its own.
	defaultBeat = 41250 * time.Millisecond
	// beats is how many heartbeats' time without a byte is too long: each is
	// answered, so a healthy socket is never silent for even one.
	beats = 2.5
	// watchEvery is how often the silence is measured.
	watchEvery = time.Second
)

// session opens one gateway session and stays until it ends for good. It tells p of
// each time that the gateway took our token.
func (d *Discord) session(ctx context.Context, p *pauses) error {
	s, err := d.newSession()
	if err != nil {
		return err
	}
	// Before the session opens: what it brings is newer than what was missed.
	listed := d.listMissed(ctx)
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watched{last: &d.lastByte, clock: d.c.Clock, ended: make(chan struct{}, 1)}
	s.Dialer = &websocket.Dialer{HandshakeTimeout: openTime, NetDialContext: w.dial, NetDialTLSContext: w.dialTLS}
	s.AddHandler(func(*dg.Session, *dg.Disconnect) { w.end() })
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
		w.forgotten.Store(true)
		w.end()
	})
	defer w.close()
	if err := open(ctx, s, openTime); err != nil {
		return err
	}
	return d.stay(ctx, s, w)
}

// stay stays with a session, and resumes it as long as the gateway remembers it.
func (d *Discord) stay(ctx context.Context, s *dg.Session, w *watched) error {
	for again := false; ; again = true {
		since := d.c.Clock()
		err := d.watch(ctx, w)
		if ctx.Err() != nil || w.forgotten.Load() || again && d.c.Clock().Sub(since) < livesFor {
			return err
		}
		d.c.Log.Warn("the Discord gateway ended and is resumed", "error", describe(err))
		if err := resume(ctx, s, w, errors.Is(err, errClosed)); err != nil {
			return err
		}
	}
}

// resume goes on with a session on another connection, so that the gateway brings what
// it had for us meanwhile: somebody who wrote for the first time is in no list of ours.
// closed says that the library has closed its connection already.
func resume(ctx context.Context, s *dg.Session, w *watched, closed bool) error {
	w.hangUp()
	if !closed {
		late := time.NewTimer(closeTime)
		defer late.Stop()
		select {
		case <-w.ended:
		case <-late.C:
			return errStuck
		}
	}
	pause(ctx, rand.N(resumeSoon))
	select {
	case <-w.ended: // said twice
	default:
	}
	w.resuming.Store(true)
	defer w.resuming.Store(false)
	return open(ctx, s, resumeTime)
}

// open opens a session, and gives up on one that does not return in time.
func open(ctx context.Context, s *dg.Session, within time.Duration) error {
	opened := make(chan error, 1)
	go func() { opened <- s.Open() }()
	late := time.NewTimer(within)
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
func (d *Discord) watch(ctx context.Context, w *watched) error {
	d.c.Log.Info("the Discord gateway is open")
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.ended:
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
	every atomic.Int64  // time between heartbeats, 0 until it is known
	over  atomic.Bool   // a connection that opens later is not wanted any more
	ended chan struct{} // hears when the library has closed the connection
	// forgotten says that the gateway does not know the session any more.
	forgotten atomic.Bool
	// resuming says that the answer to RESUME has not come yet.
	resuming atomic.Bool
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

// end says that the session should end.
func (w *watched) end() {
	select {
	case w.ended <- struct{}{}:
	default:
	}
}

// close closes the connection under whatever uses it, and one that the library,
// left behind, still opens.
func (w *watched) close() {
	w.over.Store(true)
	w.hangUp()
}

// hangUp closes the connection under whatever uses it.
func (w *watched) hangUp() {
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

// noResume finds the answers by which the gateway does not resume a session: come back
// on another connection (7), or begin a new session (9). What people write is quoted
// in the words of the gateway, so it cannot look like this.
var noResume = regexp.MustCompile(`"op":\s*[79]\b`)

// maxHead is how much of the beginning is searched.
const maxHead = 4096

// Read notes that something came. A session that is not resumed ends here: the library
// would wait for itself for ever, or begin another one at once and in silence.
func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.w.note()
	}
	if c.w.resuming.Load() && noResume.Match(p[:n]) {
		return 0, errClosed
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
