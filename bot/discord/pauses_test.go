package discord

import (
	"testing"
	"time"
)

// TestPausesBetweenSessions holds that after a session that opened the next one comes
// within five seconds, ten times an hour; that one which does not open is tried less
// and less often; and that one which always opens and ends, even twice each time, stays
// far from the thousand a day after which Discord takes the token away.
func TestPausesBetweenSessions(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for times, most := range map[int]int{1: 600, 2: 800} {
		var p pauses
		now, sessions := begin, 0
		for now.Sub(begin) < 24*time.Hour {
			for range times {
				p.identified(now)
				sessions++
			}
			wait := p.next(now)
			if wait < time.Second || sessions <= 10 && wait > 5*time.Second {
				t.Errorf("after %d sessions it waits %v", sessions, wait)
			}
			now = now.Add(wait)
		}
		if sessions > most || sessions < most/4 {
			t.Errorf("%d sessions in a day", sessions)
		}
		now = now.Add(time.Hour)
		if p.identified(now); p.next(now) > 5*time.Second {
			t.Error("after a good hour the pause is still long")
		}
		var waits []time.Duration
		for range 9 {
			waits = append(waits, p.next(now))
		}
		if waits[0] != time.Second || waits[1] != 2*time.Second || waits[8] != 90*time.Second {
			t.Errorf("while none opens it waits %v", waits)
		}
		if p.identified(now); p.next(now) > 5*time.Second {
			t.Error("after one that opened the pause is long")
		}
	}
}
