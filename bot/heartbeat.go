package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// beatEvery is how often a monitor hears that all is well.
	beatEvery = time.Minute
	// lookEvery is how often it is looked whether all is well.
	lookEvery = 5 * time.Second
	// beatTime is how long the monitor may take, pingTime the store.
	beatTime = 5 * time.Second
	pingTime = 2 * time.Second
	// maxIdle is how long ago the last sweep that went well may be, and the last
	// round of alerts; each happens every second or so.
	maxIdle = time.Minute
	// maxSilence is how long a platform may say nothing at all while we receive: a
	// poll of Telegram's is answered within a minute, a heartbeat of Discord's too,
	// and both get some time to try anew.
	maxSilence = 3 * time.Minute
)

// Listener is a platform that knows how long it has heard nothing from the other
// side, not even that there is nothing new.
type Listener interface {
	// Silence is how long that is, 0 before it ever heard something. It must not
	// block.
	Silence() time.Duration
}

// health is what is known about whether this process does its work.
type health struct {
	beat func(context.Context) error
	// swept is when a sweep last went well, beaten when the monitor was last told,
	// in Unix nanoseconds.
	swept, beaten atomic.Int64
	mu            sync.Mutex
	since         map[string]time.Time // since when this process receives, by channel
	said          string               // what was wrong when it was last looked
}

// newHealth knows nothing yet.
func newHealth(beat func(context.Context) error) *health {
	return &health{beat: beat, since: map[string]time.Time{}}
}

// receives notes that this process is the one that receives from a platform, until
// what it returns is called.
func (h *health) receives(channel string, now time.Time) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since[channel] = now
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.since, channel)
	}
}

// says notes what is wrong, "" for nothing, and reports whether that is new.
func (h *health) says(what string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	isNew := h.said != what
	h.said = what
	return isNew
}

// beatLoop tells the monitor until ctx ends.
func (s *Service) beatLoop(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.Heartbeat(ctx)
		}
	}
}

// Heartbeat tells the monitor that all is well, if it is and the last time was a
// minute ago. What is wrong stands in the log, once; the monitor notices that it
// hears nothing.
func (s *Service) Heartbeat(ctx context.Context) {
	h, now := s.health, s.clock()
	if h.beat == nil || now.Sub(time.Unix(0, h.beaten.Load())) < beatEvery {
		return
	}
	err := s.healthy(ctx, now)
	if err == nil {
		h.beaten.Store(now.UnixNano())
		within, cancel := context.WithTimeout(ctx, beatTime)
		defer cancel()
		err = h.beat(within)
	}
	what := ""
	if err != nil {
		what = err.Error()
	}
	if h.says(what) && err != nil && ctx.Err() == nil {
		s.log.Error("no heartbeat", "error", err)
	}
}

// healthy says what is wrong with this process: with the store, its sweeps, its
// alerts, or what it should hear from a platform.
func (s *Service) healthy(ctx context.Context, now time.Time) error {
	within, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	if s.store.Ping(within) != nil {
		return errors.New("the store is away")
	}
	if now.Sub(time.Unix(0, s.health.swept.Load())) > maxIdle {
		return errors.New("no sweep went well lately")
	}
	return errors.Join(s.watch.health(now), s.hears(now))
}

// hears says from which platform nothing has come for too long. Where another
// process receives, that is for the other to say.
func (s *Service) hears(now time.Time) error {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	var silent []string
	for channel, since := range s.health.since {
		listener, ok := s.platforms[channel].(Listener)
		if !ok {
			continue
		}
		silence := now.Sub(since)
		if heard := listener.Silence(); heard > 0 {
			silence = min(silence, heard)
		}
		if silence > maxSilence {
			silent = append(silent, channel)
		}
	}
	if len(silent) > 0 {
		slices.Sort(silent)
		return fmt.Errorf("nothing comes from %v any more", silent)
	}
	return nil
}
