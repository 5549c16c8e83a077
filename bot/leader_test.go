package bot_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// exclusive is a platform that lets one process receive at a time, and counts.
type exclusive struct {
	onChannel
	now, most *atomic.Int32 // of all processes
	mine      atomic.Int32
}

// Receive counts while it lasts.
func (p *exclusive) Receive(ctx context.Context, _ bot.Accept) error {
	p.mine.Add(1)
	n := p.now.Add(1)
	for most := p.most.Load(); n > most && !p.most.CompareAndSwap(most, n); most = p.most.Load() {
	}
	<-ctx.Done()
	p.now.Add(-1)
	p.mine.Add(-1)
	return nil
}

// hub is processes that share a platform.
type hub struct {
	t         *testing.T
	server    *store.Embedded
	keys      *store.Keys
	now, most atomic.Int32
}

// newHub has nobody in it.
func newHub(t *testing.T) *hub {
	t.Helper()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return &hub{t: t, server: server, keys: storetest.Keys(t)}
}

// process is one that wants to receive; leave ends it.
type process struct {
	*front
	*exclusive
	wire  *relay
	leave func()
}

// joins starts a process, which ends with the test.
func (c *hub) joins() *process {
	c.t.Helper()
	p := &process{exclusive: &exclusive{now: &c.now, most: &c.most}}
	p.onChannel = onChannel{&fakePlatform{sent: map[string][]bot.Message{}}, bot.Channel{Name: "telegram", Exclusive: true}}
	p.wire = newRelay(c.t, strings.Replace(c.server.URL(), "redis://", "tcp ", 1), 0)
	p.front = newFront(c.t, p.wire.url(), c.keys, func(config *bot.Config) {
		config.Platforms, config.Clock = []bot.Platform{p.exclusive}, time.Now
	})
	ctx, cancel := context.WithCancel(c.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	p.leave = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			c.t.Error(err)
		}
	})
	c.t.Cleanup(p.leave)
	return p
}

// asks waits until a process has asked to receive so many times more.
func (p *process) asks(times int32) {
	p.t.Helper()
	before := p.wire.leads.Load()
	p.until("it asks to receive", func() bool { return p.wire.leads.Load() >= before+times })
}

// until waits for something that happens by itself.
func (p *process) until(what string, so func() bool) {
	p.t.Helper()
	storetest.Eventually(p.t, what, func(context.Context) error {
		if !so() {
			return errors.New("not yet")
		}
		return nil
	})
}

// receives says whether a process receives.
func (p *process) receives() bool { return p.mine.Load() == 1 }

// TestOneReceives holds that of two processes one receives from a platform that
// allows one, for as long as it runs, and that the other goes on when it resigns.
func TestOneReceives(t *testing.T) {
	t.Parallel()
	c := newHub(t)
	one := c.joins()
	one.until("the first receives", one.receives)
	two := c.joins()
	two.asks(3)
	if two.receives() || !one.receives() {
		t.Error("the second took over from one that lives")
	}
	one.leave()
	two.until("the second receives", two.receives)
	if n := c.most.Load(); n != 1 {
		t.Errorf("%d received at the same time", n)
	}
}

// TestResigns holds that a process that ends leaves the platform to others at once.
func TestResigns(t *testing.T) {
	t.Parallel()
	c := newHub(t)
	one := c.joins()
	one.until("it receives", one.receives)
	one.leave()
	next := storetest.Open(t, c.server.URL(), "star-house", c.keys)
	if held, err := next.Lead(t.Context(), "telegram", "next", time.Hour); err != nil || !held {
		t.Errorf("the next one receives: %v, %v", held, err)
	}
}

// TestNextReceivesAfterACrash holds that a process that died without a word keeps
// the others waiting for a few seconds and no longer.
func TestNextReceivesAfterACrash(t *testing.T) {
	t.Parallel()
	c := newHub(t)
	dead := storetest.Open(t, c.server.URL(), "star-house", c.keys)
	if held, err := dead.Lead(t.Context(), "telegram", "dead", time.Hour); err != nil || !held {
		t.Fatal(held, err)
	}
	next := c.joins()
	next.asks(2)
	if next.receives() {
		t.Fatal("it receives while another has the right to")
	}
	c.server.Pass(2 * time.Hour)
	next.until("it receives", next.receives)
}

// TestAllReceiveWithoutTheStore holds that while nobody can tell who receives,
// everybody does, so that people are answered from memory; and that all but one stop
// when the store is well again.
func TestAllReceiveWithoutTheStore(t *testing.T) {
	t.Parallel()
	c := newHub(t)
	other := storetest.Open(t, c.server.URL(), "star-house", c.keys)
	if held, err := other.Lead(t.Context(), "telegram", "other", time.Hour); err != nil || !held {
		t.Fatal(held, err)
	}
	c.server.Fail("LOADING Redis is loading the dataset in memory")
	one := c.joins()
	one.until("it receives without the store", one.receives)
	c.server.Fail("")
	one.until("it lets go", func() bool { return !one.receives() })
}
