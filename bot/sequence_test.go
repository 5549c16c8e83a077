package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestSequenceKeepsOrder holds that work of one key is done one piece after the
// other, in the order in which it was added, whoever adds for other keys meanwhile.
func TestSequenceKeepsOrder(t *testing.T) {
	t.Parallel()
	const pieces = 500
	q := bot.NewSequence(bot.Limits{All: 4 * pieces, OfOne: pieces}, nil)
	done := make([][]int, 4) // one writer a key, unless order is lost: the race detector sees that
	var adding sync.WaitGroup
	for key := range done {
		adding.Go(func() {
			for i := range pieces {
				if !q.Add(fmt.Sprint(key), func() { done[key] = append(done[key], i) }, nil) {
					t.Errorf("piece %d of %d was refused", i, key)
				}
			}
		})
	}
	adding.Wait()
	q.Wait()
	for key, got := range done {
		if len(got) != pieces || !slices.IsSorted(got) {
			t.Errorf("key %d: %d pieces, in order: %v", key, len(got), slices.IsSorted(got))
		}
	}
}

// TestSequenceKeysAreSideBySide holds that one key does not wait for another: each
// piece of work here ends only when all of them have begun.
func TestSequenceKeysAreSideBySide(t *testing.T) {
	t.Parallel()
	const keys = 20
	q := bot.NewSequence(bot.Limits{All: keys, OfOne: 1}, nil)
	var begun sync.WaitGroup
	begun.Add(keys)
	for key := range keys {
		if !q.Add(fmt.Sprint(key), func() { begun.Done(); begun.Wait() }, nil) {
			t.Fatal("refused")
		}
	}
	ended := make(chan struct{})
	go func() { q.Wait(); close(ended) }()
	storetest.Eventually(t, "all keys are worked on at the same time", func(context.Context) error {
		select {
		case <-ended:
			return nil
		default:
			return errors.New("one waits for another")
		}
	})
}

// TestSequenceIsBounded holds that there is never more work than was agreed, that
// what is refused is not done, and that there is room again when work is done.
func TestSequenceIsBounded(t *testing.T) {
	t.Parallel()
	q := bot.NewSequence(bot.Limits{All: 3, OfOne: 3}, nil)
	hold, done := make(chan struct{}), make(chan int, 10)
	for i, want := range []bool{true, true, true, false, false} {
		work := func() { <-hold; done <- i }
		if got := q.Add(fmt.Sprint(i%2), work, nil); got != want {
			t.Errorf("piece %d is taken: %v", i, got)
		}
	}
	close(hold)
	q.Wait()
	if len(done) != 3 {
		t.Errorf("%d pieces were done", len(done))
	}
	if !q.Add("0", func() { done <- 9 }, nil) {
		t.Error("there is no room when everything is done")
	}
	q.Wait()
	if len(done) != 4 {
		t.Errorf("%d pieces were done in the end", len(done))
	}
}

// TestSequenceSurvivesAPanic holds that work that breaks takes neither the program nor
// the work behind it along, and that its value, which may be words of a person, is not
// logged.
func TestSequenceSurvivesAPanic(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	q := bot.NewSequence(bot.Limits{All: 3, OfOne: 3}, slog.New(slog.NewTextHandler(&log, nil)))
	hold, done := make(chan struct{}), false
	q.Add("a", func() { <-hold; panic("secret words") }, nil)
	q.Add("a", func() { done = true }, nil)
	close(hold)
	q.Wait()
	if !done || !strings.Contains(log.String(), "internal error") || strings.Contains(log.String(), "secret") {
		t.Errorf("the next was done: %v; logged: %s", done, log.String())
	}
}

// TestSequenceSaysWhatIsLate holds that work which waits behind other work of its key is
// said to be late after a moment, once, and what does not wait never.
func TestSequenceSaysWhatIsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := bot.NewSequence(bot.Limits{All: 9, OfOne: 3}, nil)
		var late []string
		var mu sync.Mutex
		add := func(key, name string, takes time.Duration) {
			if !q.Add(key, func() { <-time.After(takes) }, func() {
				mu.Lock()
				defer mu.Unlock()
				late = append(late, name)
			}) {
				t.Errorf("%s was refused", name)
			}
		}
		add("a", "first", 10*time.Second)
		add("a", "second", time.Second)
		add("a", "third", time.Second)
		add("b", "alone", 10*time.Second)
		add("c", "quick", time.Second/4)
		add("c", "soon", time.Second)
		<-time.After(900 * time.Millisecond)
		mu.Lock()
		slices.Sort(late)
		if !slices.Equal(late, []string{"second", "third"}) {
			t.Errorf("late: %v", late)
		}
		mu.Unlock()
		if q.Add("a", func() {}, nil) {
			t.Error("one key holds more than its share")
		}
		q.Wait()
		if len(late) != 2 {
			t.Errorf("in the end: %v", late)
		}
	})
}
