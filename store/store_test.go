package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// embedded is an embedded server that ends with the test.
func embedded(t testing.TB) *store.Embedded {
	t.Helper()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// opener opens hubs on one server with one key file.
func opener(t testing.TB, url string) func(testing.TB, string) storetest.Bench {
	t.Helper()
	keys := storetest.Keys(t)
	return func(t testing.TB, hub string) storetest.Bench { return storetest.Open(t, url, hub, keys) }
}

// TestEmbedded runs the contract on the embedded server.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, opener(t, embedded(t).URL()))
}

// TestRedis runs the contract on a real redis-server.
func TestRedis(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, opener(t, storetest.Start(t).URL))
}

// TestCluster runs the contract on three real masters.
func TestCluster(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, opener(t, storetest.Cluster(t)))
}

// TestSurvivesACrash holds that what was committed is there after the server was
// killed and started again.
func TestSurvivesACrash(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	keys := storetest.Keys(t)
	b := storetest.Open(t, server.URL, "crash", keys)
	for _, reference := range []string{"AAAA-AAAA", "BBBB-BBBB"} {
		b.Refer(b.Who(reference), reference, flows.Routine, storetest.Monday)
	}
	server.Kill()
	if _, err := b.LoadPerson(t.Context(), b.Who("AAAA-AAAA")); err == nil {
		t.Error("read from a dead server")
	}
	server.Again()
	again := storetest.Open(t, server.URL, "crash", keys)
	queue, _, err := again.Queue(t.Context())
	if err != nil || len(queue) != 2 || queue[0].Sent.Answers["own_words"] != "words of AAAA-AAAA" {
		t.Errorf("after the crash: %v %v", queue, err)
	}
}

// TestOutOfMemory holds that a turn that does not fit is refused whole.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--maxmemory", "3mb")
	b := storetest.Open(t, server.URL, "full", storetest.Keys(t))
	var last error
	stored := 0
	for i := range 2000 {
		turn := storetest.Talking(b.Read(b.Who(strings.Repeat("x", i+1))), strings.Repeat("words ", 300))
		turn.Out = []store.Outgoing{{Body: []byte("y")}}
		if _, last = b.Commit(t.Context(), turn); last != nil {
			break
		}
		stored++
	}
	if last == nil || errors.Is(last, store.ErrConflict) {
		t.Fatalf("%d turns fit into 3 MB: %v", stored, last)
	}
	pending, err := b.Waiting(t.Context(), storetest.Monday.Add(time.Hour), storetest.Lease, 5000)
	if err == nil && len(pending) != stored {
		t.Errorf("%d turns were taken and %d messages stored", stored, len(pending))
	}
}

// TestFull holds that a Redis that is full refuses the turns of people whom it knows
// as it does those of strangers, whole, and that it takes what ends something.
func TestFull(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	b := storetest.Open(t, server.URL, "full", storetest.Keys(t))
	known, fan := b.Who("1001"), b.Who("1002")
	b.Turn(storetest.Talking(b.Read(known), "before"))
	b.Refer(fan, "K7QM-2PXD", flows.Routine, storetest.Monday)
	if _, err := server.Do("CONFIG", "SET", "maxmemory", "1"); err != nil {
		t.Fatal(err)
	}
	for _, p := range []store.Person{known, fan, b.Who("1003")} {
		turn := storetest.Talking(b.Read(p), "after")
		turn.Out, turn.Counts = []store.Outgoing{{Body: []byte("y")}}, []string{"after"}
		turn.Timers = []flows.Timer{{Name: flows.TimerExpire, At: storetest.Monday}}
		if turn.From.Referral != nil {
			turn.Keep = 0
		}
		if _, err := b.Commit(t.Context(), turn); err == nil || !strings.Contains(err.Error(), "OOM") {
			t.Errorf("a turn that does not fit: %v", err)
		}
	}
	if got := b.Read(known).Conversation.Journal[0].Value[0]; got != "before" {
		t.Errorf("a refused turn wrote %q", got)
	}
	if all := dump(t, server.URL); strings.Contains(all, ":counts:") || strings.Contains(all, ":out:") || strings.Contains(all, ":timers") {
		t.Errorf("a refused turn left something:\n%q", all)
	}
	stop := storetest.Talking(b.Read(known), "stopped")
	stop.Must = true
	b.Turn(stop)
	b.Turn(store.Turn{At: storetest.Monday, From: b.Read(fan), Keep: 24 * time.Hour, Erase: true})
	if b.Read(known).Conversation.Journal[0].Value[0] != "stopped" || b.Read(fan).Referral != nil {
		t.Error("a full Redis does not take what ends something")
	}
	if queue, _, err := b.Queue(t.Context()); err != nil || len(queue) > 0 {
		t.Errorf("the queue: %v %v", queue, err)
	}
}

// TestNothingInClear holds that no key, value, score or hash field shows what a
// person said, who they are on their platform, or what they are called.
func TestNothingInClear(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "sealed", storetest.Keys(t))
	const secret = "a-secret-that-nobody-may-read"
	p, err := b.Person("telegram", secret)
	if err != nil {
		t.Fatal(err)
	}
	turn := storetest.Talking(b.Read(p), secret)
	turn.Conversation.Address, turn.Keep = secret, 0
	turn.Referral = &flows.Referral{Reference: "K7QM-2PXD", Status: flows.Received, Lane: flows.LaneDuty, Reasons: []string{secret},
		Sent: flows.Snapshot{Answers: map[string]any{"x": secret}, Contact: map[string]string{"phone": secret}}}
	turn.Said = []store.Said{{ID: "1", From: "person", Text: secret}}
	turn.Out = []store.Outgoing{{Body: []byte(secret)}}
	turn.Timers = []flows.Timer{{Name: flows.TimerExpire, At: storetest.Monday}}
	b.Turn(turn)
	if err := b.Show(t.Context(), p, []byte(secret)); err != nil {
		t.Fatal(err)
	}
	if all := dump(t, server.URL()); strings.Contains(all, secret) || !strings.Contains(all, "K7QM-2PXD") {
		t.Errorf("in clear: %v", strings.Contains(all, secret))
	}
}

// dump is everything that a server holds.
func dump(t *testing.T, url string) string {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	var all strings.Builder
	names, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(names) == 0 {
		t.Fatal("nothing is stored", err)
	}
	for _, name := range names {
		all.WriteString(name + "\n")
		kind := client.Type(t.Context(), name).Val()
		var values any
		switch kind {
		case "string":
			values = client.Get(t.Context(), name).Val()
		case "list":
			values = client.LRange(t.Context(), name, 0, -1).Val()
		case "hash":
			values = client.HGetAll(t.Context(), name).Val()
		case "zset":
			values = client.ZRangeWithScores(t.Context(), name, 0, -1).Val()
		case "stream":
			values = client.XRange(t.Context(), name, "-", "+").Val()
		default:
			t.Fatalf("%s is a %s", name, kind)
		}
		all.WriteString(fmt.Sprint(values) + "\n")
	}
	return all.String()
}

// TestLifetimes holds that an unfinished conversation goes by itself, with its
// key, and that an open referral keeps both.
func TestLifetimes(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "lives", storetest.Keys(t))
	b.Turn(storetest.Talking(b.Read(b.Who("gone")), "x"))
	b.Refer(b.Who("stays"), "K7QM-2PXD", flows.Routine, storetest.Monday)
	server.Pass(27 * time.Hour)
	if b.Read(b.Who("gone")).Conversation.ID != "" {
		t.Error("an unfinished conversation is still there after a day")
	}
	server.Pass(100 * 24 * time.Hour)
	if b.Read(b.Who("stays")).Referral == nil {
		t.Error("an open referral was lost")
	}
	if all := dump(t, server.URL()); strings.Contains(all, string(b.Who("gone"))) {
		t.Errorf("a trace is left: %s", all)
	}
}

// TestKeyFile holds that keys can be written and read, and that nothing else is
// taken for them.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	keys := storetest.Keys(t)
	var file bytes.Buffer
	if err := keys.Write(&file); err != nil {
		t.Fatal(err)
	}
	again, err := store.ReadKeys(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	one, err := keys.Derive("x", "y")
	if err != nil {
		t.Fatal(err)
	}
	two, err := again.Derive("x", "y")
	if other, _ := keys.Derive("xy", ""); err != nil || one != two || other == one {
		t.Errorf("the same keys name differently: %s %s %s %v", one, two, other, err)
	}
	for _, bad := range []string{"", "{}", `{"format":2}`, `{"format":1,"seal":{},"names":{}}`, "not json"} {
		if _, err := store.ReadKeys(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read as keys", bad)
		}
	}
}

// TestOpenRefuses holds that wrong settings are named, and that no error repeats
// a password.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	keys := storetest.Keys(t)
	for _, c := range []store.Config{
		{URL: "redis://localhost:1", Hub: "star-house"},
		{URL: "redis://localhost:1", Hub: "Star House", Keys: keys},
		{URL: "redis://localhost:1", Hub: "", Keys: keys},
		{URL: "", Hub: "h", Keys: keys},
		{URL: "http://localhost", Hub: "h", Keys: keys},
		{URL: "redis://user:hunter2@local host:1", Hub: "h", Keys: keys},
		{URL: "redis://:hunter2@h1:1,h2", Hub: "h", Keys: keys},
	} {
		_, err := store.Open(c)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q, %q: %v", c.URL, c.Hub, err)
		}
	}
}

// TestAway holds that a store whose server is gone says so quickly, and is there
// again when the server is.
func TestAway(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	b := storetest.Open(t, server.URL, "away", storetest.Keys(t))
	b.Turn(storetest.Talking(b.Read(b.Who("1001")), "x"))
	server.Kill()
	if err := b.Ping(t.Context()); err == nil {
		t.Error("a dead server answers")
	}
	server.Again()
	if got := b.Read(b.Who("1001")).Conversation.ID; got == "" {
		t.Error("the conversation is lost")
	}
}
