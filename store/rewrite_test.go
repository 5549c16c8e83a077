package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// keyOf is somebody's wrapped data key as the server has it.
func keyOf(t *testing.T, client *redis.Client, hub string, p store.Person) []byte {
	t.Helper()
	return []byte(get(t, client, "fd:{"+hub+"}:k:"+string(p)))
}

// erases erases a person at a time.
func erases(b storetest.Bench, p store.Person, at time.Time) {
	b.Turn(store.Turn{At: at, From: b.Read(p), Keep: 24 * time.Hour, Erase: true})
}

// TestErasedKeyLeavesTheDisk holds that some minutes after a person was erased no file of
// a real server has their wrapped data key any more, while others' are there.
func TestErasedKeyLeavesTheDisk(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	b := storetest.Open(t, server.URL, "disk", storetest.Keys(t))
	client := raw(t, server.URL)
	gone, stays := b.Who("1001"), b.Who("1002")
	b.Turn(storetest.Talking(b.Read(gone), "x"))
	b.Turn(storetest.Talking(b.Read(stays), "x"))
	old, other := keyOf(t, client, "disk", gone), keyOf(t, client, "disk", stays)
	erases(b, gone, storetest.Monday)
	rewrite := func(after time.Duration) {
		t.Helper()
		if err := b.Rewrite(t.Context(), storetest.Monday.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(time.Minute)
	if !server.Holds(old) {
		t.Fatal("an erase alone takes the key off the disk: this test proves nothing")
	}
	rewrite(time.Hour)
	storetest.Eventually(t, "the key leaves the disk", func(context.Context) error {
		if server.Holds(old) {
			return errors.New("a file still has it")
		}
		return nil
	})
	if !server.Holds(other) {
		t.Error("somebody else's key is gone too")
	}
}

// TestRewritesAreFew holds that everybody who is erased in the same minutes costs one
// rewrite, that an erase after it brings another, and that a server that cannot do it is
// not asked for ever.
func TestRewritesAreFew(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "few", storetest.Keys(t))
	client, p := raw(t, server.URL()), b.Who("1001")
	waiting := func(want int64) {
		t.Helper()
		if n := client.ZCard(t.Context(), "fd:{few}:erased").Val(); n != want {
			t.Errorf("%d rewrites are to be asked for, want %d", n, want)
		}
	}
	for minute := range 5 {
		b.Turn(storetest.Talking(b.Read(p), "x"))
		erases(b, p, storetest.Monday.Add(time.Duration(minute)*time.Minute))
	}
	waiting(1)
	erases(b, p, storetest.Monday.Add(5*time.Minute))
	waiting(2)
	for _, c := range []struct {
		after time.Duration
		left  int64
	}{{5 * time.Minute, 2}, {6 * time.Minute, 1}, {11 * time.Minute, 0}} {
		if err := b.Rewrite(t.Context(), storetest.Monday.Add(c.after)); err != nil {
			t.Error(err)
		}
		waiting(c.left)
	}
}
