package bot

import (
	"context"
	"time"
)

const (
	// leadFor is how long a process that died keeps others from receiving.
	leadFor = 4 * time.Second
	// leadEvery is how often the one that receives says that it lives, and how
	// often the others ask.
	leadEvery = leadFor / 4
)

// receive receives from a platform until ctx ends: at once from one that any
// process may receive from, and in turn from one that allows a single process.
func (s *Service) receive(ctx context.Context, p Platform) error {
	if !p.Channel().Exclusive {
		return p.Receive(ctx, s.Accept)
	}
	for ctx.Err() == nil {
		held, err := s.store.Lead(ctx, p.Channel().Name, s.process, leadFor)
		// Without the store nobody can tell who receives; two that do are better
		// than none, because people are still answered from memory.
		if held || err != nil {
			if err := s.receiveAlone(ctx, p); err != nil {
				return err
			}
		}
		pause(ctx, leadEvery)
	}
	return nil
}

// receiveAlone receives for as long as the lease holds.
func (s *Service) receiveAlone(ctx context.Context, p Platform) error {
	name := p.Channel().Name
	defer s.health.receives(name, s.clock())()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- p.Receive(ctx, s.Accept) }()
	tick := time.NewTicker(leadEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return s.resign(context.WithoutCancel(ctx), name, err)
		case <-tick.C:
			if held, err := s.store.Lead(ctx, name, s.process, leadFor); err == nil && !held {
				s.log.Warn("another process receives now", "channel", name)
				cancel()
				return <-ended
			}
		}
	}
}

// resign gives the lease up, so that another process goes on at once.
func (s *Service) resign(ctx context.Context, name string, err error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if lost := s.store.Resign(ctx, name, s.process); lost != nil {
		s.log.Warn("resign", "channel", name, "error", lost)
	}
	return err
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
