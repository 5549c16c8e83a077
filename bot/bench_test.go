package bot_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// BenchmarkTurn is a whole turn against a real Redis: read, decide, write, send.
func BenchmarkTurn(b *testing.B) {
	for _, fsync := range []string{"no", "always"} {
		b.Run("fsync="+fsync, func(b *testing.B) {
			server := storetest.Start(b, "--appendfsync", fsync)
			st, err := store.Open(store.Config{URL: server.URL, Hub: "bench", Keys: storetest.Keys(b)})
			if err != nil {
				b.Fatal(err)
			}
			defer st.Close()
			platform := &fakePlatform{sent: map[string][]bot.Message{}}
			service, err := bot.New(bot.Config{Store: st, Library: bot.NewLibrary(st, bottest.Bundle(b)), Platforms: []bot.Platform{platform}})
			if err != nil {
				b.Fatal(err)
			}
			var chats atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				chat := fmt.Sprint(chats.Add(1))
				for i := 0; pb.Next(); i++ {
					in := bot.Inbound{Happening: flows.Typed, Channel: "telegram", Chat: chat, Update: fmt.Sprint(i), Text: "privacy"}
					if err := service.Accept(b.Context(), in); err != nil {
						b.Error(err)
						return
					}
					service.Flush(b.Context())
				}
			})
		})
	}
}

// counting is a way to a store that counts round trips: each time the client
// speaks after the server has answered is one.
type counting struct {
	trips atomic.Int64
	url   string
}

// countTrips opens a way to a store.
func countTrips(t *testing.T, to string) *counting {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	c := &counting{url: "redis://" + listener.Addr().String()}
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
			go c.carry(client, server)
		}
	}()
	return c
}

// carry carries one connection.
func (c *counting) carry(client, server net.Conn) {
	var answered atomic.Bool
	answered.Store(true)
	go func() {
		_, _ = io.Copy(client, readerFunc(func(p []byte) (int, error) {
			n, err := server.Read(p)
			answered.Store(true)
			return n, err
		}))
		_ = client.Close()
	}()
	_, _ = io.Copy(server, readerFunc(func(p []byte) (int, error) {
		n, err := client.Read(p)
		if n > 0 && answered.Swap(false) {
			c.trips.Add(1)
		}
		return n, err
	}))
	_ = server.Close()
}

// readerFunc is a reader that is one function.
type readerFunc func([]byte) (int, error)

// Read calls the function.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestTwoRoundTrips holds that a turn reads once and writes once before its reply
// leaves. Performance.md, 4.
func TestTwoRoundTrips(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	way := countTrips(t, server.URL())
	r := newRig(t, way.url, storetest.Keys(t))
	for range 2 { // the first turn also loads the scripts of Redis and shakes hands
		if err := r.says("1001", "/start"); err != nil {
			t.Fatal(err)
		}
		r.Flush(context.Background())
	}
	var before int64
	var atSend int64
	r.platform.refuse = func(string) error { atSend = way.trips.Load(); return nil }
	before = way.trips.Load()
	if err := r.says("1001", "privacy"); err != nil {
		t.Fatal(err)
	}
	r.Flush(context.Background())
	if n := atSend - before; n != 2 {
		t.Errorf("the reply left after %d round trips, not 2", n)
	}
	if n := way.trips.Load() - before; n != 3 {
		t.Errorf("the whole turn took %d round trips, not 3", n)
	}
}
