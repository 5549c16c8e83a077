package store_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// everywhere runs a test on each server that the store may stand on.
func everywhere(t *testing.T, run func(t *testing.T, b storetest.Bench)) {
	t.Helper()
	for name, url := range map[string]func(testing.TB) string{
		"embedded": func(t testing.TB) string { return embedded(t).URL() },
		"redis":    func(t testing.TB) string { return storetest.Start(t).URL },
		"cluster":  func(t testing.TB) string { return storetest.Cluster(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, storetest.Open(t, url(t), "outbox", storetest.Keys(t)))
		})
	}
}

// queue puts messages into the outbox of somebody, and takes the lease.
func queue(b storetest.Bench, id string, messages ...string) store.Lease {
	turn := storetest.Talking(b.Read(b.Who(id)), "x")
	turn.Lease = storetest.Lease
	for _, m := range messages {
		turn.Out = append(turn.Out, store.Outgoing{Body: []byte(m)})
	}
	return b.Turn(turn)
}

// direct is a client of the test's own.
func direct(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// TestHasten holds that a message is taken before its time, with what waits behind
// it, when its chat was put off after a failure or its sender died; and not from
// somebody who sends, nor before a time that the platform asked for.
func TestHasten(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b storetest.Bench) {
		at, soon := storetest.Monday, storetest.Monday.Add(time.Second)
		for name, c := range map[string]struct {
			put  func(store.Lease) error
			when time.Time
			want bool
		}{
			"somebody sends":     {func(store.Lease) error { return nil }, soon, false},
			"the sender died":    {func(store.Lease) error { return nil }, at.Add(2 * storetest.Lease), true},
			"put off":            {func(l store.Lease) error { return b.Later(t.Context(), l, at.Add(time.Minute)) }, soon, true},
			"the platform asked": {func(l store.Lease) error { return b.NotBefore(t.Context(), l, at.Add(time.Minute)) }, soon, false},
			"it asked long ago":  {func(l store.Lease) error { return b.NotBefore(t.Context(), l, soon) }, at.Add(time.Minute), true},
		} {
			l := queue(b, name, "1", "2", "3")
			if err := c.put(l); err != nil {
				t.Fatal(err)
			}
			got, err := b.Hasten(t.Context(), b.Who(name), c.when, storetest.Lease)
			if err != nil || got.Held() != c.want {
				t.Fatalf("%s: taken: %v, %v", name, got.Held(), err)
			}
			if c.want && (string(got.Body) != "1" || len(got.Behind) != 2 || string(got.Behind[1]) != "3") {
				t.Errorf("%s: took %q and %q", name, got.Body, got.Behind)
			}
			if next, err := b.Done(t.Context(), l, c.when, storetest.Lease, ""); err != nil || next.Held() != (name == "somebody sends") {
				t.Errorf("%s: the sender before goes on: %v, %v", name, next.Held(), err)
			}
		}
		if got, err := b.Hasten(t.Context(), b.Who("nobody"), at, storetest.Lease); err != nil || got.Held() {
			t.Errorf("nothing waits, and yet: %v, %v", got, err)
		}
	})
}

// TestDoneTakesOnlyWhatWasSent holds that a message which was not sent stays, even
// when the one that was is gone.
func TestDoneTakesOnlyWhatWasSent(t *testing.T) {
	t.Parallel()
	url := embedded(t).URL()
	b := storetest.Open(t, url, "seal", storetest.Keys(t))
	l := queue(b, "1", "sent", "not sent")
	if err := direct(t, url).LPop(t.Context(), "fd:{seal}:out:"+string(b.Who("1"))).Err(); err != nil {
		t.Fatal(err)
	}
	next, err := b.Done(t.Context(), l, storetest.Monday, storetest.Lease, "id")
	if err != nil || string(next.Body) != "not sent" {
		t.Errorf("next is %q, %v", next.Body, err)
	}
}

// TestEraseSaysWhoSends holds that the lease of a confirmation says whether somebody
// may be sending still.
func TestEraseSaysWhoSends(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, b storetest.Bench) {
		for name, c := range map[string]struct {
			before func(p string)
			want   bool
		}{
			"nobody":          {func(p string) { b.Turn(storetest.Talking(b.Read(b.Who(p)), "x")) }, false},
			"somebody":        {func(p string) { queue(b, p, "1") }, true},
			"nobody any more": {func(p string) { _ = b.Later(t.Context(), queue(b, p, "1"), storetest.Monday.Add(time.Hour)) }, false},
		} {
			c.before(name)
			last := store.Turn{At: storetest.Monday, From: b.Read(b.Who(name)), Keep: time.Hour, Erase: true, Lease: storetest.Lease,
				Conversation: flows.Conversation{}, Out: []store.Outgoing{{Body: []byte("It's deleted.")}}}
			l := b.Turn(last)
			if l.TakenOver(storetest.Monday) != c.want || l.TakenOver(storetest.Monday.Add(time.Minute)) {
				t.Errorf("%s: %v, and after a minute %v", name, l.TakenOver(storetest.Monday), l.TakenOver(storetest.Monday.Add(time.Minute)))
			}
			if next, err := b.Done(t.Context(), l, storetest.Monday, storetest.Lease, ""); err != nil || !next.Held() || next.Body != nil {
				t.Errorf("%s: after the confirmation: %q, %v", name, next.Body, err)
			}
		}
	})
}

// TestUnreadableMessage holds that a message that cannot be read does not keep its
// chat: it is handed out as such, and the next one comes when it is done.
func TestUnreadableMessage(t *testing.T) {
	t.Parallel()
	url := embedded(t).URL()
	b := storetest.Open(t, url, "odd", storetest.Keys(t))
	queue(b, "1", "torn", "whole")
	if err := direct(t, url).LSet(t.Context(), "fd:{odd}:out:"+string(b.Who("1")), 0, "a torn message of some length").Err(); err != nil {
		t.Fatal(err)
	}
	later := storetest.Monday.Add(time.Minute)
	pending, err := b.Waiting(t.Context(), later, storetest.Lease, 10)
	if err != nil || len(pending) != 1 || !errors.Is(pending[0].Err, store.ErrSealed) || pending[0].Body != nil {
		t.Fatalf("waiting: %v, %v", pending, err)
	}
	next, err := b.Done(t.Context(), pending[0].Lease, later, storetest.Lease, "")
	if err != nil || next.Err != nil || string(next.Body) != "whole" {
		t.Errorf("next is %q, %v, %v", next.Body, next.Err, err)
	}
}

// TestOnlyAGoneKeyDrops holds that an outbox is thrown away when its person's data key
// is gone, and that it stays when it cannot be read just now: with another key file,
// or because Redis refuses. Others are handed out all the same.
func TestOnlyAGoneKeyDrops(t *testing.T) {
	t.Parallel()
	url := embedded(t).URL()
	b := storetest.Open(t, url, "keys", storetest.Keys(t))
	client := direct(t, url)
	now := storetest.Monday.Add(time.Minute)
	stays := func(name string, with storetest.Bench, sealed bool) {
		t.Helper()
		pending, err := with.Waiting(t.Context(), now, storetest.Lease, 10)
		others := !slices.ContainsFunc(pending, func(p store.Pending) bool { return string(p.Body) != "for another" })
		if !others || len(pending) == 0 != sealed || err == nil || errors.Is(err, store.ErrSealed) != sealed {
			t.Errorf("%s: %v, %v", name, pending, err)
		}
		now = now.Add(time.Minute)
	}
	queue(b, "1", "a worker's words")
	queue(b, "2", "for another")
	stays("another key file", storetest.Open(t, url, "keys", storetest.Keys(t)), true)
	outbox, dataKey := "fd:{keys}:out:"+string(b.Who("1")), "fd:{keys}:k:"+string(b.Who("1"))
	wrapped := client.Get(t.Context(), dataKey).Val()
	client.Del(t.Context(), dataKey)
	client.HSet(t.Context(), dataKey, "not", "a string")
	stays("Redis refuses the key", b, false)
	client.Del(t.Context(), dataKey)
	client.Set(t.Context(), dataKey, wrapped, 0)
	client.Rename(t.Context(), outbox, "{keys}aside")
	client.Set(t.Context(), outbox, "not a list", 0)
	stays("Redis refuses the messages", b, false)
	client.Rename(t.Context(), "{keys}aside", outbox)
	pending, err := b.Waiting(t.Context(), now, storetest.Lease, 10)
	if err != nil || len(pending) != 2 {
		t.Fatalf("in the end: %v, %v", pending, err)
	}
	client.Del(t.Context(), dataKey)
	if pending, err = b.Waiting(t.Context(), now.Add(time.Minute), storetest.Lease, 10); err != nil || len(pending) != 1 {
		t.Errorf("without the data key: %v, %v", pending, err)
	}
	if n := client.Exists(t.Context(), outbox).Val() + client.ZCard(t.Context(), "fd:{keys}:sending").Val(); n != 1 {
		t.Error("what nobody can read is still there")
	}
}

// full is a Redis that has no memory left, with messages "1", "2" and "3" to somebody
// whose lease is taken, and a referral that staff should look at.
func full(t *testing.T) (storetest.Bench, store.Lease) {
	t.Helper()
	server := storetest.Start(t)
	b := storetest.Open(t, server.URL, "full", storetest.Keys(t))
	b.Refer(b.Who("2"), "AAAA-AAAA", flows.Routine, storetest.Monday)
	alert := storetest.Talking(b.Read(b.Who("2")), "x")
	alert.Referral, alert.Call, alert.Keep = alert.From.Referral, true, 0
	b.Turn(alert)
	l := queue(b, "1", "1", "2", "3")
	if _, err := server.Do("CONFIG", "SET", "maxmemory", "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Do("SET", "x", "y"); err == nil {
		t.Fatal("there is memory left")
	}
	return b, l
}

// wantNext holds which message comes next.
func wantNext(t *testing.T, got store.Pending, err error, want string) {
	t.Helper()
	if err != nil || string(got.Body) != want {
		t.Fatalf("next is %q and not %q: %v", got.Body, want, err)
	}
}

// TestSendsOutOfMemory holds that a Redis that has no memory left still takes what
// frees some: messages are taken, put off, and leave, and the ids that their platform
// gave are kept.
func TestSendsOutOfMemory(t *testing.T) {
	t.Parallel()
	b, l := full(t)
	ctx, now, later := t.Context(), storetest.Monday, storetest.Monday.Add(time.Minute)
	next, err := b.Done(ctx, l, now, storetest.Lease, "id-1")
	wantNext(t, next, err, "2")
	renewed, err := b.Renew(ctx, []store.Lease{next.Lease}, now, storetest.Lease)
	if err == nil {
		err = b.Later(ctx, renewed[0], later)
	}
	if err != nil {
		t.Fatal(err)
	}
	next, err = b.Hasten(ctx, b.Who("1"), now, storetest.Lease)
	wantNext(t, next, err, "2")
	pending, err := b.Waiting(ctx, later, storetest.Lease, 10)
	if err != nil || len(pending) != 1 {
		t.Fatalf("waiting: %v, %v", pending, err)
	}
	next, err = b.Done(ctx, pending[0].Lease, later, storetest.Lease, "id-2")
	wantNext(t, next, err, "3")
	if ids, err := b.TakeSent(ctx, b.Who("1")); err != nil || strings.Join(ids, " ") != "id-1 id-2" {
		t.Errorf("sent: %v, %v", ids, err)
	}
}

// TestAlertsOutOfMemory holds that staff are alerted, once, and that one process leads,
// while Redis has no memory left.
func TestAlertsOutOfMemory(t *testing.T) {
	t.Parallel()
	b, _ := full(t)
	ctx, now := t.Context(), storetest.Monday.Add(time.Minute)
	due, err := b.DueAlerts(ctx, now, time.Minute, 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("alerts: %v, %v", due, err)
	}
	if ok, err := b.Alerted(ctx, due[0], store.Marks{Told: now, Why: "called"}, now.Add(time.Hour)); err != nil || !ok {
		t.Errorf("alerted: %v, %v", ok, err)
	}
	if ok, err := b.Lead(ctx, "telegram", "one", time.Minute); err != nil || !ok {
		t.Errorf("leads: %v, %v", ok, err)
	}
}

// cut is a way to a server that loses answers when it is told to.
type cut struct {
	url string
	// left is how many bytes of answers come through, all while it is negative.
	left atomic.Int64
}

// newCut opens a way to a server that loses nothing yet.
func newCut(t *testing.T, to string) *cut {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	c := &cut{url: "redis://" + listener.Addr().String()}
	c.left.Store(-1)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", strings.TrimPrefix(to, "redis://"))
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go c.answers(client, server)
		}
	}()
	return c
}

// answers carries answers as far as they come through.
func (c *cut) answers(client, server net.Conn) {
	defer client.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		if left := c.left.Load(); left >= 0 {
			_, _ = client.Write(buffer[:min(int64(n), left)])
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// TestRenewedInPart holds that when the connection breaks while leases are renewed,
// those that were answered for are renewed, and that the others can be used whatever
// became of them: ended, and renewed again.
func TestRenewedInPart(t *testing.T) {
	t.Parallel()
	url := embedded(t).URL()
	way := newCut(t, url)
	keys := storetest.Keys(t)
	b, frail := storetest.Open(t, url, "renew", keys), storetest.Open(t, way.url, "renew", keys)
	leases := []store.Lease{queue(b, "1", "a", "b"), queue(b, "2", "a", "b"), queue(b, "3", "a", "b"), queue(b, "4", "a", "b")}
	// The server learns of the script, and so does the store of the server.
	if _, err := frail.Renew(t.Context(), leases[3:], storetest.Monday, storetest.Lease); err != nil {
		t.Fatal(err)
	}
	now := storetest.Monday.Add(5 * time.Second)
	way.left.Store(int64(len(":3\r\n"))) // one answer: two messages wait
	got, err := frail.Renew(t.Context(), leases[:3], now, storetest.Lease)
	way.left.Store(-1)
	if err == nil || len(got) != 3 {
		t.Fatalf("no answers, and yet: %v, %v", got, err)
	}
	if got[0].Messages() != 2 || !got[0].Until().After(leases[0].Until()) || !got[1].Until().Equal(leases[1].Until()) {
		t.Errorf("%d messages; they end at %v and %v", got[0].Messages(), got[0].Until(), got[1].Until())
	}
	again, err := frail.Renew(t.Context(), got[2:], now, storetest.Lease)
	if err != nil || !again[0].Held() || !again[0].Until().After(leases[2].Until()) {
		t.Fatalf("renewed again: %v, %v", again, err)
	}
	for _, l := range []store.Lease{got[0], got[1], again[0]} {
		if next, err := b.Done(context.WithoutCancel(t.Context()), l, now, storetest.Lease, ""); err != nil || string(next.Body) != "b" {
			t.Errorf("next is %q, %v", next.Body, err)
		}
	}
}
