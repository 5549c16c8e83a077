package bot_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// pulse is a service whose heartbeats are counted.
type pulse struct {
	*rig
	beats atomic.Int64
	fail  atomic.Bool // the monitor is away
}

// newPulse gives a rig a monitor, and places to alert.
func newPulse(r *rig, clock func() time.Time, places ...bot.Alerter) *pulse {
	r.t.Helper()
	p := &pulse{rig: r}
	beat := func(context.Context) error {
		p.beats.Add(1)
		if p.fail.Load() {
			return errors.New("the monitor is away")
		}
		return nil
	}
	if clock == nil {
		clock = func() time.Time { return r.now }
	}
	var err error
	r.Service, err = bot.New(bot.Config{Store: r.store, Library: r.library, Platforms: []bot.Platform{r.platform}, Clock: clock,
		Log: slog.New(slog.NewTextHandler(r.log, nil)), TurnTime: store.PatientTimeout, Alerters: places, Beat: beat})
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// after lets time pass, with what a service does by itself, and wants as many more
// heartbeats.
func (p *pulse) after(d time.Duration, want int64) {
	p.t.Helper()
	p.now = p.now.Add(d)
	// Away, stuck or well: the heartbeat must tell.
	_, _ = p.Sweep(p.t.Context()), p.Watch(p.t.Context())
	before := p.beats.Load()
	p.Heartbeat(p.t.Context())
	if got := p.beats.Load() - before; got != want {
		p.t.Fatalf("at %s %d heartbeats, want %d\n%s", p.now.Format("15:04:05"), got, want, p.log)
	}
}

// TestHeartbeat holds that the monitor hears from us once a minute, not from one
// that does not sweep, and not while the store is away.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	p := newPulse(newRig(t, server.URL, storetest.Keys(t)), nil)
	p.Heartbeat(t.Context())
	if p.beats.Load() != 0 {
		t.Fatal("a heartbeat of a service that did nothing yet")
	}
	p.after(0, 1)
	p.after(59*time.Second, 0)
	p.after(time.Second, 1)
	p.fail.Store(true)
	p.after(time.Minute, 1)
	p.after(5*time.Second, 0) // it is not asked at once again
	p.fail.Store(false)
	p.after(time.Minute, 1)
	server.Kill()
	p.after(time.Minute, 0)
	p.after(time.Hour, 0)
	if log := p.log.String(); strings.Count(log, "the store is away") != 1 || strings.Count(log, "the monitor is away") != 1 {
		t.Errorf("the log says %s", log)
	}
	server.Again()
	p.after(5*time.Second, 1)
	p.now = p.now.Add(2 * time.Minute)
	p.Heartbeat(t.Context())
	if p.beats.Load() != 5 || !strings.Contains(p.log.String(), "no sweep went well lately") {
		t.Errorf("%d heartbeats of a service that does not sweep any more: %s", p.beats.Load(), p.log)
	}
}

// TestNoHeartbeatWithoutAlerts holds that the monitor raises the alarm when no
// place takes an alert, and that all is well again when one does.
func TestNoHeartbeatWithoutAlerts(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	place := &corner{board: &noticeboard{}, name: "telegram"}
	post := &post{rig: r}
	post.duty("1001", "Alex")
	p := newPulse(r, nil, place)
	p.after(0, 1)
	place.err = errors.New("away")
	p.after(10*time.Minute, 0)
	p.after(62*time.Second, 0)
	place.err = nil
	p.after(62*time.Second, 1)
	place.err = errors.New("away")
	p.after(10*time.Minute, 0)
	if err := p.store.Seen(t.Context(), p.only(), p.now); err != nil {
		t.Fatal(err)
	}
	p.after(90*time.Second, 0)
	p.after(31*time.Second, 1) // nothing more waits for that place
}

// only is the reference of the only referral.
func (p *pulse) only() string {
	p.t.Helper()
	queue, _, err := p.desk.Queue(p.t.Context())
	if err != nil || len(queue) != 1 {
		p.t.Fatal(queue, err)
	}
	return queue[0].Reference
}

// quiet is a platform of which one process receives, and which may fall silent.
type quiet struct {
	fakePlatform
	silence  atomic.Int64
	received chan struct{}
}

// Channel is like Discord's.
func (q *quiet) Channel() bot.Channel { return bot.Channel{Name: "discord", Exclusive: true} }

// Silence is what the test says.
func (q *quiet) Silence() time.Duration { return time.Duration(q.silence.Load()) }

// Receive says that it receives.
func (q *quiet) Receive(ctx context.Context, accept bot.Accept) error {
	q.received <- struct{}{}
	return q.fakePlatform.Receive(ctx, accept)
}

// TestSilentPlatform holds that a gateway from which nothing comes ends the
// heartbeat, also when it never opened, while one that another process has does
// not.
func TestSilentPlatform(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	var now atomic.Int64
	now.Store(storetest.Monday.UnixNano())
	clock := func() time.Time { return time.Unix(0, now.Load()) }
	q := &quiet{received: make(chan struct{}, 10)}
	beats := 0
	s, err := bot.New(bot.Config{Store: r.store, Library: r.library, Platforms: []bot.Platform{q}, Clock: clock,
		TurnTime: store.PatientTimeout, Beat: func(context.Context) error { beats++; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	step := func(d, silence time.Duration, want bool) {
		t.Helper()
		now.Add(int64(d))
		q.silence.Store(int64(silence))
		before := beats
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Heartbeat(t.Context())
		if (beats > before) != want {
			t.Errorf("after %s, silent for %s: a heartbeat is %v", d, silence, beats > before)
		}
	}
	step(0, time.Hour, true) // nobody receives here
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Receive(ctx, q) }()
	<-q.received
	step(2*time.Minute, 0, true) // it has some time to open
	step(2*time.Minute, 0, false)
	step(time.Minute, 50*time.Second, true)
	step(time.Minute, 4*time.Minute, false)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	step(time.Hour, 2*time.Hour, true) // another process has it now
}
