package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/star-house/frontdoor/store"
)

// Config is what a service needs.
type Config struct {
	Store     *store.Store
	Library   *Library
	Platforms []Platform
	// Clock tells the time; nil is the real one.
	Clock func() time.Time
	// Web is the public address of the web page, "" without one.
	Web string
	// Private are the channels on which questions about health are asked on the
	// private page, which needs Web.
	Private map[string]bool
	// Log gets what operators should know: person keys and references, never
	// words, names, numbers or chat ids. nil drops it.
	Log *slog.Logger
	// Limiters pace sending, by channel name; a channel without one is not paced.
	Limiters map[string]Limiter
	// Alerters are told when staff should look at the queue, in this order: the next
	// one when nobody looks for a while, or when one does not take it.
	Alerters []Alerter
	// Desk is the address of the desk, for alerts; "" without a public one.
	Desk string
	// Beat tells a monitor that all is well; it is called each minute while it is.
	// nil tells nobody. Its error repeats no address.
	Beat func(context.Context) error
	// TurnTime is how long a turn may wait for the store before the person is
	// answered from memory; 0 is three seconds.
	TurnTime time.Duration
}

// Defaults fills in what was left out.
func (c Config) Defaults() Config {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.TurnTime = cmp.Or(c.TurnTime, defaultTurnTime)
	return c
}

// Validate says what is missing.
func (c Config) Validate() error {
	if c.Store == nil || c.Library == nil {
		return errors.New("the service needs a store and a library")
	}
	seen := map[string]bool{}
	for _, p := range c.Platforms {
		name := p.Channel().Name
		if seen[name] {
			return fmt.Errorf("two platforms are called %q", name)
		}
		seen[name] = true
	}
	return nil
}

// Service takes updates, runs turns and sends messages.
type Service struct {
	turns
	platforms map[string]Platform
	log       *slog.Logger
	people    keyedLock
	out       *outbound
	away      *away
	poison    *poison
	watch     *watch
	health    *health
	turnTime  time.Duration
	process   string // names this process among those of the hub
}

// New is a service; Run starts it.
func New(c Config) (*Service, error) {
	c = c.Defaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Service{
		turns:     turns{store: c.Store, library: c.Library, clock: c.Clock, web: c.Web, recalls: map[string]bool{}, private: c.Private},
		platforms: map[string]Platform{}, log: c.Log,
		people: newKeyedLock(), away: newAway(), turnTime: c.TurnTime, poison: newPoison(), process: token(),
	}
	for _, p := range c.Platforms {
		s.platforms[p.Channel().Name] = p
		s.recalls[p.Channel().Name] = p.Channel().Recalls
	}
	s.out, s.watch, s.health = newOutbound(s, c.Limiters), newWatch(c), newHealth(c.Beat)
	return s, nil
}

const (
	// sweepEvery is how often timers and left-over messages are looked for.
	sweepEvery = 500 * time.Millisecond
	// receiveTime is how long those who receive may take to finish at the end.
	receiveTime = 2500 * time.Millisecond
	// drainTime is how long messages that are being sent may take after that.
	drainTime = 3 * time.Second
	// drainSpare is what stopping may take beside the waits that it bounds itself.
	drainSpare = 500 * time.Millisecond
)

// Run serves until ctx ends or a platform fails: it receives, sends, wakes what is
// due, and alerts staff. It returns when everything that was begun is finished or given
// back, and seven seconds after ctx ended at the latest, whatever a platform does.
func (s *Service) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(s.platforms))
	var running sync.WaitGroup
	for _, p := range s.platforms {
		running.Go(func() {
			if err := s.receive(ctx, p); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("%s: %w", p.Channel().Name, err)
				cancel()
			}
		})
	}
	running.Go(func() { s.sweepLoop(ctx) })
	running.Go(func() { s.watchLoop(ctx) })
	running.Go(func() { s.beatLoop(ctx) })
	// Sending ends last, so that what the last turns have to say still goes out.
	sendCtx, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	sending := make(chan struct{})
	go func() {
		defer close(sending)
		s.out.run(sendCtx)
	}()
	<-ctx.Done()
	received := make(chan struct{})
	go func() {
		defer close(received)
		running.Wait()
	}()
	if !within(receiveTime, received) {
		s.log.Warn("something that receives does not stop, and is left behind")
	}
	stopSending()
	if !within(drainTime+giveBackTime+drainSpare, sending) {
		s.log.Warn("something that is being sent does not stop, and is left behind")
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// within waits for something that ends, and reports false when it takes too long.
func within(d time.Duration, ended <-chan struct{}) bool {
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case <-ended:
		return true
	case <-late.C:
		return false
	}
}

// sweepLoop sweeps until ctx ends.
func (s *Service) sweepLoop(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("sweep", "error", err)
			}
		}
	}
}
