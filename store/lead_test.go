package store_test

import (
	"testing"
	"time"

	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestKnownWithoutTheUnreadable holds that one person whose data cannot be opened is
// counted, and that everybody else of their platform is still known.
func TestKnownWithoutTheUnreadable(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "known", storetest.Keys(t))
	people := []store.Person{b.Who("1001"), b.Who("1002"), b.Who("1003"), b.Who("1004")}
	for _, p := range people {
		turn := storetest.Talking(b.Read(p), "x")
		turn.Recall = true
		b.Turn(turn)
	}
	client := raw(t, server.URL())
	set(t, client, "fd:{known}:c:"+string(people[0]), "short")
	set(t, client, "fd:{known}:c:"+string(people[1]), get(t, client, "fd:{known}:c:"+string(people[2])))
	if err := client.Del(t.Context(), "fd:{known}:k:"+string(people[3])).Err(); err != nil {
		t.Fatal(err)
	}
	known, unreadable, err := b.Known(t.Context(), "telegram", storetest.Monday.Add(-time.Hour))
	if err != nil || unreadable != 3 || len(known) != 1 || known[0].Person != people[2] {
		t.Errorf("known: %v, %d unreadable, %v", known, unreadable, err)
	}
	server.Fail("LOADING Redis is loading the dataset in memory")
	if _, _, err := b.Known(t.Context(), "telegram", storetest.Monday.Add(-time.Hour)); err == nil {
		t.Error("a store that is away knows everybody")
	}
}
