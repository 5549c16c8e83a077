package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestSequenceKeepsOrder holds that work of one key is done one piece after the
// other, in the order in which it was added, whoever adds for other keys meanwhile.
func TestSequenceKeepsOrder(t *testing.T) {
	t.Parallel()
	const pieces = 500
	q := bot.NewSequence(4 * pieces)
	done := make([][]int, 4) // one writer a key, unless order is lost: the race detector sees that
	var adding sync.WaitGroup
	for key := range done {
		adding.Go(func() {
			for i := range pieces {
				if !q.Add(fmt.Sprint(key), func() { done[key] = append(done[key], i) }) {
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
	q := bot.NewSequence(keys)
	var begun sync.WaitGroup
	begun.Add(keys)
	for key := range keys {
		if !q.Add(fmt.Sprint(key), func() { begun.Done(); begun.Wait() }) {
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
	q := bot.NewSequence(3)
	hold, done := make(chan struct{}), make(chan int, 10)
	for i, want := range []bool{true, true, true, false, false} {
		work := func() { <-hold; done <- i }
		if got := q.Add(fmt.Sprint(i%2), work); got != want {
			t.Errorf("piece %d is taken: %v", i, got)
		}
	}
	close(hold)
	q.Wait()
	if len(done) != 3 {
		t.Errorf("%d pieces were done", len(done))
	}
	if !q.Add("0", func() { done <- 9 }) {
		t.Error("there is no room when everything is done")
	}
	q.Wait()
	if len(done) != 4 {
		t.Errorf("%d pieces were done in the end", len(done))
	}
}
