package discord

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	// firstPause is the shortest pause between sessions, and shortPause the longest
	// while sessions end as they usually do: Discord asks for 1 to 5 seconds.
	firstPause = time.Second
	shortPause = 5 * time.Second
	// failPause is the longest pause while no session opens.
	failPause = 90 * time.Second
	// fewSessions is how many sessions an hour are usual. Discord asks clients to come
	// back every few hours and may do so several times in a row; but it takes away the
	// token of one that begins more than 1,000 sessions a day.
	fewSessions = 10
	// longPause is the longest pause while sessions open and end. With it there are at
	// most about 20 an hour.
	longPause = 5 * time.Minute
)

// pauses says how long to wait between sessions. A session that opened and ended is
// normal, and people wait: crisis words are read late, and buttons fail for all to
// see. So the pause stays short until there are too many of them.
type pauses struct {
	mu     sync.Mutex
	recent []time.Time // sessions that began within the last hour
	opened bool        // the last one began
	failed int         // how many in a row did not
}

// identified notes that a session began.
func (p *pauses) identified(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recent, p.opened = append(p.recent, now), true
}

// next is how long to wait before the next session.
func (p *pauses) next(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.opened {
		p.failed++
		return doubled(p.failed-1, failPause)
	}
	p.opened, p.failed = false, 0
	p.recent = slices.DeleteFunc(p.recent, func(at time.Time) bool { return now.Sub(at) >= time.Hour })
	if many := len(p.recent) - fewSessions; many > 0 {
		return doubled(many, longPause)
	}
	return firstPause + rand.N(shortPause-firstPause)
}

// doubled is the first pause, doubled so many times, within a limit.
func doubled(times int, most time.Duration) time.Duration {
	return min(firstPause<<min(times, 20), most)
}
