package bot_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// redisOf is a client of a rig's own Redis, to do harm with.
func redisOf(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// damaged is a rig whose only chat, 1001, has something of it replaced in the store:
// "c" is its conversation, "k" its data key, "r" its referral.
func damaged(t *testing.T, prepare func(*rig), kind string) *rig {
	t.Helper()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	r := newRig(t, server.URL(), storetest.Keys(t))
	prepare(r)
	person, err := r.store.Person("telegram", "1001")
	if err != nil {
		t.Fatal(err)
	}
	client := redisOf(t, server.URL())
	name := "fd:{star-house}:" + kind + ":" + string(person)
	value, err := client.Get(t.Context(), name).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	value[len(value)-1] ^= 1
	if err := client.Set(t.Context(), name, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestUnreadableConversationBeginsAnew holds that somebody whose conversation, data key
// or referral cannot be read is not stuck: after three tries it is set aside, they hear
// that it is not their doing, and the chat goes on; crisis words bring the card from the
// first try on. The log says that it happened, and no words.
func TestUnreadableConversationBeginsAnew(t *testing.T) {
	t.Parallel()
	begun := func(r *rig) { r.taps1001("/start", "me") }
	refers := func(r *rig) { r.refers("1001") }
	for name, c := range map[string]struct {
		prepare func(*rig)
		kind    string
	}{"the conversation": {begun, "c"}, "the data key": {begun, "k"}, "the referral": {refers, "r"}, "the key of a referral": {refers, "k"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := damaged(t, c.prepare, c.kind)
			before := len(r.platform.texts("1001"))
			in := bot.Inbound{Happening: flows.Typed, Channel: "telegram", Chat: "1001", Update: "u", Text: "hello again"}
			for try := range 3 {
				if err := r.Accept(t.Context(), in); (err == nil) != (try == 2) {
					t.Fatalf("try %d: %v", try, err)
				}
			}
			r.Flush(t.Context())
			got := r.platform.sent["1001"][before:]
			if len(got) != 2 || got[0].Reply.Blocks[0].Key != "bot.trouble" {
				t.Fatalf("they got %d messages", len(got))
			}
			if c.kind != "r" && got[1].Reply.Blocks[0].Key != "bot.fault" {
				t.Errorf("then they read %s", got[1].Reply.Blocks[0].Key)
			}
			person, _ := r.store.Person("telegram", "1001")
			if lost, err := r.store.Lost(t.Context(), person); err != nil || len(lost) != 1 {
				t.Errorf("%d things are set aside: %v", len(lost), err)
			}
			if err := r.says("1001", "/start"); err != nil {
				t.Error(err)
			}
			if log := r.log.String(); !strings.Contains(log, "they begin anew") || strings.Contains(log, "hello again") {
				t.Errorf("the log: %s", log)
			}
		})
	}
}

// taps1001 types the first of some steps in chat 1001 and taps the others.
func (r *rig) taps1001(first string, then ...string) {
	r.t.Helper()
	if err := r.says("1001", first); err != nil {
		r.t.Fatal(err)
	}
	r.Flush(r.t.Context())
	r.taps("1001", then...)
}

// TestUnreadableBringsTheCard holds that words of crisis are answered from the first
// try on while their conversation cannot be read.
func TestUnreadableBringsTheCard(t *testing.T) {
	t.Parallel()
	r := damaged(t, func(r *rig) { r.taps1001("/start") }, "c")
	for i := range 4 {
		if err := r.says("1001", "i want to kill myself"); (err == nil) != (i >= 2) {
			t.Errorf("%d: %v", i, err)
		}
		r.Flush(t.Context())
		want := "cards.suicide"
		if i == 3 {
			want = "cards.more" // that card is open, and can be read again
		}
		if got := r.platform.last(t, "1001").Reply.Blocks[0].Key; got != want {
			t.Errorf("%d: the person reads %s", i, got)
		}
	}
}

// TestReferralOutlivesItsConversation holds that whoever has a referral open still
// reaches their worker when their conversation could not be read.
func TestReferralOutlivesItsConversation(t *testing.T) {
	t.Parallel()
	var reference string
	r := damaged(t, func(r *rig) { reference = r.refers("1001") }, "c")
	for range 3 {
		_ = r.says("1001", "are you there") // each is new, as on the web: the third one is taken
	}
	sn, err := r.store.Find(t.Context(), reference)
	if err != nil {
		t.Fatal(err)
	}
	said, _, err := r.store.Messages(t.Context(), sn)
	if err != nil || len(said) != 1 || said[0].Text != "are you there" {
		t.Errorf("the worker reads %+v: %v", said, err)
	}
}

// TestAwayIsNotUnreadable holds that nobody begins anew because the store is away.
func TestAwayIsNotUnreadable(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	r := newRig(t, server.URL, storetest.Keys(t))
	r.taps1001("/start", "me")
	server.Kill()
	for range 5 {
		if err := r.says("1001", "19"); err == nil || store.Unreadable(err) {
			t.Fatalf("taken, or read as damaged: %v", err)
		}
	}
	server.Again()
	r.taps1001("19", "skip")
	person, _ := r.store.Person("telegram", "1001")
	if lost, err := r.store.Lost(t.Context(), person); err != nil || len(lost) > 0 {
		t.Errorf("%d things are set aside: %v", len(lost), err)
	}
}

// TestScriptThatCannotBeRead holds that an open referral is not stuck when the script
// it began with is gone from the store or can no longer be read: the person goes on
// with the newest, it is logged, and it is said once.
func TestScriptThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"gone": "", "damaged": "x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := store.Embed()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			keys := storetest.Keys(t)
			one := newRig(t, server.URL(), keys)
			older := reworded(t)
			if err := one.library.Publish(t.Context(), older); err != nil {
				t.Fatal(err)
			}
			reference := one.refers("1001")
			two := newRig(t, server.URL(), keys)
			two.updates = 1000
			key := "fd:{star-house}:bundle:" + older.Hash
			if value == "" {
				redisOf(t, server.URL()).Del(t.Context(), key)
			} else {
				redisOf(t, server.URL()).Set(t.Context(), key, value, 0)
			}
			for _, text := range []string{"are you there", "still there"} {
				if err := two.says("1001", text); err != nil {
					t.Fatal(err)
				}
			}
			sn, err := two.store.Find(t.Context(), reference)
			if err != nil {
				t.Fatal(err)
			}
			if said, _, err := two.store.Messages(t.Context(), sn); err != nil || len(said) != 2 {
				t.Errorf("the worker reads %d messages: %v", len(said), err)
			}
			if n := strings.Count(two.log.String(), "lost script"); n != 1 || strings.Contains(two.log.String(), "there") {
				t.Errorf("the log says it %d times: %s", n, two.log)
			}
		})
	}
}
