package bot_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// later is a clock that several processes share.
type later struct{ passed atomic.Int64 }

// now is what it says.
func (l *later) now() time.Time { return storetest.Monday.Add(time.Duration(l.passed.Load())) }

// pass lets time go by.
func (l *later) pass(d time.Duration) { l.passed.Add(int64(d)) }

// pair is two processes of a hub on one store and one clock.
type pair struct {
	one, two *front
	clock    *later
	raw      *redis.Client
}

// newPair starts neither.
func newPair(t *testing.T) pair {
	t.Helper()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys := storetest.Keys(t)
	clock := &later{}
	change := func(c *bot.Config) { c.Clock = clock.now }
	return pair{newFront(t, server.URL(), keys, change), newFront(t, server.URL(), keys, change), clock, rawClient(t, server.URL())}
}

// rawClient reads and changes what a server holds behind the store's back.
func rawClient(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	raw := redis.NewClient(options)
	t.Cleanup(func() {
		if err := raw.Close(); err != nil {
			t.Error(err)
		}
	})
	return raw
}

// leaseEnds is when the lease of the only message ends.
func (p pair) leaseEnds(ctx context.Context) (float64, error) {
	all, err := p.raw.ZRangeWithScores(ctx, "fd:{star-house}:sending", 0, -1).Result()
	if err != nil || len(all) != 1 {
		return 0, fmt.Errorf("%d messages wait: %w", len(all), err)
	}
	return all[0].Score, nil
}

// sends sends what a process finds to send.
func (f *front) sends() {
	f.t.Helper()
	if err := f.Sweep(f.t.Context()); err != nil {
		f.t.Error(err)
	}
	f.Flush(f.t.Context())
}

// got is how many messages a process sent to the chat.
func (f *front) got() int { return len(f.platforms["telegram"].texts(chat)) }

// afterLease is longer than any lease of a sender, its jitter included.
const afterLease = 7 * time.Second

// TestLostLeaseSendsNothing holds that a message whose lease ran out and was taken
// by another process is sent by that one only.
func TestLostLeaseSendsNothing(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	one, two, clock := p.one, p.two, p.clock
	if err := one.Accept(t.Context(), one.typed("telegram", chat, "hello")); err != nil {
		t.Fatal(err)
	}
	two.sends()
	if two.got() > 0 {
		t.Fatal("the other process sent under a lease that was not its own")
	}
	clock.pass(afterLease)
	two.sends()
	one.Flush(t.Context())
	if one.got() != 0 || two.got() != 1 {
		t.Errorf("the first sent %d, the second %d", one.got(), two.got())
	}
}

// TestRenewedLeaseKeepsOthersOff holds that a message that waited longer than its
// lease, while nobody took it, is sent under a new lease: others find nothing while
// it is on its way.
func TestRenewedLeaseKeepsOthersOff(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	one, two, clock := p.one, p.two, p.clock
	if err := one.Accept(t.Context(), one.typed("telegram", chat, "hello")); err != nil {
		t.Fatal(err)
	}
	clock.pass(afterLease)
	sending := 0
	one.platforms["telegram"].refuse = func(string) error {
		sending++
		two.sends()
		return nil
	}
	one.Flush(t.Context())
	if sending != 1 || one.got() != 1 || two.got() != 0 {
		t.Errorf("the first sent %d in %d goes, the second %d", one.got(), sending, two.got())
	}
}

// TestLeaseIsRenewedWhileSending holds that a process that lives renews the lease of
// a message that takes long to send, so that nobody else sends it, however long it
// takes.
func TestLeaseIsRenewedWhileSending(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	one, two, clock := p.one, p.two, p.clock
	sending, arrived := make(chan struct{}), make(chan struct{})
	one.platforms["telegram"].refuse = func(string) error {
		close(sending)
		<-arrived
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- one.Run(ctx) }()
	if err := one.Accept(t.Context(), one.typed("telegram", chat, "hello")); err != nil {
		t.Fatal(err)
	}
	<-sending
	for range 3 {
		before, err := p.leaseEnds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		clock.pass(4 * time.Second)
		storetest.Eventually(t, "the lease is renewed", func(ctx context.Context) error {
			if ends, err := p.leaseEnds(ctx); err != nil || ends <= before {
				return fmt.Errorf("it ends at %v: %w", ends, err)
			}
			return nil
		})
		two.sends()
	}
	close(arrived)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if one.got() != 1 || two.got() != 0 {
		t.Errorf("the first sent %d, the second %d", one.got(), two.got())
	}
}
