package bot_test

import (
	"testing"
	"testing/synctest"

	"github.com/star-house/frontdoor/bot"
)

// TestCrewTakesWorkWhileSomebodyWaits holds that waiting ends when there is nothing that
// runs, what was added meanwhile included, and that it can be done again.
func TestCrewTakesWorkWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		crew, first, second := bot.NewCrew(), make(chan struct{}), make(chan struct{})
		crew.Wait()
		for range 2 {
			waited := false
			crew.Go(func() { <-first })
			go func() {
				crew.Wait()
				waited = true
			}()
			synctest.Wait()
			crew.Go(func() { <-second })
			first <- struct{}{}
			synctest.Wait()
			if waited {
				t.Error("the wait ended before what was added to it")
			}
			second <- struct{}{}
			synctest.Wait()
			if !waited {
				t.Error("the wait does not end")
			}
		}
	})
}
