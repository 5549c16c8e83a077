package flows_test

import (
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// TestHelloIsKeptTwoDaysAtMost holds the promise of the hello at every hour at which
// somebody may say yes to it: it comes the next day, never in the quiet hours, and
// what is kept for it is gone before two days are over, also where the store has to
// let it expire.
func TestHelloIsKeptTwoDaysAtMost(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for hour := range 48 {
		c := newChat(t, shipped(t), "telegram")
		c.at = monday.Add(time.Duration(hour) * 30 * time.Minute)
		agreed, said := c.at, time.Time{}
		c.says("/start")
		c.taps("me")
		c.says("i want to die")
		c.taps("not_now", "yes")
		for len(c.out.Timers) > 0 {
			c.next()
			if len(c.out.Replies) > 0 && c.out.Replies[0].Blocks[0].Key == "crisis.hello" {
				said = c.at
			}
			if c.c.Over != "" || !said.IsZero() {
				if gone := c.at.Add(c.c.Lifetime(c.at, day)); c.c.ID != "" && gone.After(agreed.Add(2*day-2*time.Hour)) {
					t.Errorf("yes at %s: kept until %s", agreed, gone)
				}
			}
		}
		local := said.In(c.b.Hub.Zone)
		if said.IsZero() || said.Sub(agreed) < 20*time.Hour || said.Sub(agreed) > 36*time.Hour || local.Hour() >= 21 || local.Hour() < 8 {
			t.Errorf("yes at %s: hello at %s", agreed, local)
		}
		if c.c.ID != "" || c.c.Address != "" || c.at.Sub(agreed) > 2*day {
			t.Errorf("yes at %s: at %s %q is still kept", agreed, c.at, c.c.Address)
		}
	}
}

// TestAnsweredHelloIsAChat holds that somebody who answers the hello is not forgotten
// in the middle of it.
func TestAnsweredHelloIsAChat(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	c.says("i want to die")
	c.taps("not_now", "yes")
	for c.top() != "crisis.hello" {
		c.next()
	}
	c.taps("not_great")
	if !c.c.Forget.IsZero() || c.c.Lifetime(c.at, 24*time.Hour) != 24*time.Hour {
		t.Errorf("forgotten at %s", c.c.Forget)
	}
}

// next lets time go by until the first timer.
func (c *chat) next() {
	first := c.out.Timers[0]
	for _, x := range c.out.Timers {
		if x.At.Before(first.At) {
			first = x
		}
	}
	c.at = first.At
	c.do(flows.Input{Happening: flows.TimeIsUp, Timer: first.Name})
}
