package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// BenchmarkClaim is one claim and one release while so many wait: what it costs
// must not grow with the queue. Performance.md, 6.
func BenchmarkClaim(b *testing.B) {
	for _, waiting := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			bench := storetest.Open(b, storetest.Start(b, "--appendfsync", "no").URL, "claims", storetest.Keys(b))
			p := fillQueue(b, bench, waiting)
			for b.Loop() {
				claimAndRelease(b, bench, p)
			}
		})
	}
}

// fillQueue puts so many referrals into the open lane and returns somebody in the
// middle.
func fillQueue(b *testing.B, bench storetest.Bench, n int) store.Person {
	b.Helper()
	const workers = 16
	done := make(chan error, workers)
	for w := range workers {
		go func() {
			for i := w; i < n; i += workers {
				reference := fmt.Sprintf("%04d-%04d", i/10_000, i%10_000)
				p, err := bench.Person("telegram", reference)
				if err == nil {
					err = refer(b.Context(), bench, p, reference, i)
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range workers {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	return bench.Who(fmt.Sprintf("%04d-%04d", n/2/10_000, n/2%10_000))
}

// refer stores one open referral.
func refer(ctx context.Context, bench storetest.Bench, p store.Person, reference string, i int) error {
	sn, err := bench.LoadPerson(ctx, p)
	if err != nil {
		return err
	}
	turn := storetest.Talking(sn, "x")
	turn.Keep = 0
	turn.Referral = &flows.Referral{Reference: reference, Status: flows.Received, Lane: flows.LaneOpen,
		Priority: flows.Routine, Since: storetest.Monday.Add(time.Duration(i) * time.Second)}
	_, err = bench.Commit(ctx, turn)
	return err
}

// claimAndRelease takes a referral on and gives it back.
func claimAndRelease(b *testing.B, bench storetest.Bench, p store.Person) {
	b.Helper()
	for _, by := range []string{"sam", ""} {
		sn := bench.Read(p)
		r := *sn.Referral
		r.Status, r.Claim = flows.Accepted, flows.Claim{By: by, Number: r.Claim.Number + 1, Until: storetest.Monday}
		if by == "" {
			r.Status = flows.Received
		}
		turn := storetest.Talking(sn, "x")
		turn.Referral, turn.Keep = &r, 0
		bench.Turn(turn)
	}
}

// BenchmarkBytes reports what an open conversation takes in Redis, and what the
// same state takes as one string of plain msgpack. Performance.md, 10.
func BenchmarkBytes(b *testing.B) {
	server := storetest.Start(b)
	bench := storetest.Open(b, server.URL, "bytes", storetest.Keys(b))
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.URL[len("unix://"):]})
	defer client.Close()
	p := bench.Who("1001")
	turn := storetest.Talking(bench.Read(p), "x")
	for i := range 24 {
		e := turn.Conversation.Journal[0]
		e.Seq, e.Var, e.At = i, fmt.Sprintf("question_%d", i), []flows.Frame{{Flow: "referral", State: "screening"}, {Flow: "screening", State: e.Var}}
		turn.Conversation.Journal = append(turn.Conversation.Journal, e)
	}
	for i := range 64 {
		turn.Conversation.Seen = append(turn.Conversation.Seen, fmt.Sprintf("%09d", 812_000_000+i))
	}
	turn.Timers = []flows.Timer{{Name: flows.TimerExpire, At: storetest.Monday}}
	for b.Loop() {
		turn.From = bench.Read(p)
		bench.Turn(turn)
	}
	var plain bytes.Buffer
	enc := msgpack.NewEncoder(&plain)
	enc.SetCustomStructTag("json") // the same short names as ours
	enc.SetOmitEmpty(true)
	if err := enc.Encode(turn.Conversation); err != nil {
		b.Fatal(err)
	}
	anchor := "conversation:" + string(p)
	if err := client.Set(b.Context(), anchor, plain.Bytes(), time.Hour).Err(); err != nil {
		b.Fatal(err)
	}
	ours := usage(b, client, "fd:{bytes}:c:"+string(p)) + usage(b, client, "fd:{bytes}:k:"+string(p))
	b.ReportMetric(float64(ours), "bytes")
	b.ReportMetric(float64(ours)/float64(usage(b, client, anchor)), "ratio")
}

// usage is what a key takes in Redis, its name included.
func usage(b *testing.B, client *redis.Client, key string) int64 {
	b.Helper()
	n, err := client.MemoryUsage(b.Context(), key).Result()
	if err != nil {
		b.Fatal(errors.Join(err, errors.New(key)))
	}
	return n
}
