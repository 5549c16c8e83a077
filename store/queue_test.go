package store_test

import (
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestQueueWithoutTheUnreadable holds that requests that cannot be opened are counted,
// and that all others are still in the queue, in their order.
func TestQueueWithoutTheUnreadable(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	keys := storetest.Keys(t)
	b := storetest.Open(t, server.URL(), "queue", keys)
	for i, reference := range []string{"AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC", "DDDD-DDDD", "EEEE-EEEE"} {
		b.Refer(b.Who(reference), reference, flows.Routine, storetest.Monday.Add(time.Duration(i)*time.Minute))
	}
	key := func(kind, reference string) string { return "fd:{queue}:" + kind + ":" + string(b.Who(reference)) }
	client := raw(t, server.URL())
	set(t, client, key("r", "AAAA-AAAA"), "short")
	set(t, client, key("r", "BBBB-BBBB"), get(t, client, key("r", "CCCC-CCCC")))
	if err := client.Del(t.Context(), key("k", "DDDD-DDDD"), key("r", "EEEE-EEEE")).Err(); err != nil {
		t.Fatal(err)
	}
	queue, unreadable, err := b.Queue(t.Context())
	if err != nil || unreadable != 3 || len(queue) != 1 || queue[0].Reference != "CCCC-CCCC" {
		t.Errorf("the queue: %v, %d unreadable, %v", queue, unreadable, err)
	}
	stranger := storetest.Open(t, server.URL(), "queue", storetest.Keys(t))
	if queue, unreadable, err := stranger.Queue(t.Context()); err != nil || unreadable != 4 || len(queue) > 0 {
		t.Errorf("under another key file: %v, %d unreadable, %v", queue, unreadable, err)
	}
	server.Fail("LOADING Redis is loading the dataset in memory")
	if _, _, err := b.Queue(t.Context()); err == nil {
		t.Error("a store that is away has a queue")
	}
}
