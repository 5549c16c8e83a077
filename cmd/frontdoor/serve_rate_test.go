package main

import (
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestRateOfTheFirstSecond holds that no second brings Telegram many more messages than
// the rate, the first after a quiet time included, and that some may leave at once.
func TestRateOfTheFirstSecond(t *testing.T) {
	t.Parallel()
	for perSecond, want := range map[float64]struct{ atOnce, inASecond int }{
		25: {5, 30}, 30: {6, 36}, 1: {1, 2}, 0.5: {1, 1}, 100: {20, 120},
	} {
		s := &server{telegram: &telegram.Telegram{}}
		s.set.telegram.rate = perSecond
		limiter, ok := s.limiters()[telegram.Name].(*rate.Limiter)
		if !ok {
			t.Fatal("Telegram is not paced")
		}
		leave := func(from, until time.Duration) (n int) {
			for at := from; at <= until; at += time.Millisecond {
				for limiter.AllowN(storetest.Monday.Add(at), 1) {
					n++
				}
			}
			return n
		}
		first := leave(0, 0)
		if n := first + leave(time.Millisecond, time.Second); first != want.atOnce || n > want.inASecond || n < want.inASecond-1 {
			t.Errorf("at %v a second, %d leave at once and %d in the first second; want %+v", perSecond, first, n, want)
		}
	}
}
