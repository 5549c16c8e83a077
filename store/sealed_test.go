package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// raw is a client that reads and changes what a server holds behind the store's back.
func raw(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// get reads one string of a server.
func get(t *testing.T, client *redis.Client, key string) string {
	t.Helper()
	value, err := client.Get(t.Context(), key).Result()
	if err != nil {
		t.Fatal(key, err)
	}
	return value
}

// set writes one string of a server.
func set(t *testing.T, client *redis.Client, key, value string) {
	t.Helper()
	if err := client.Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(key, err)
	}
}

// ends closes a person's open referral.
func ends(b storetest.Bench, p store.Person, at time.Time, purgeAfter time.Duration) {
	turn := storetest.Talking(b.Read(p), "x")
	r := *turn.From.Referral
	r.Status = flows.Completed
	turn.At, turn.Referral, turn.PurgeAfter = at, &r, purgeAfter
	b.Turn(turn)
}

// TestMovedValuesDoNotOpen holds that a sealed value is bound to its person: put
// in another's place it is refused, and so is anything under another key file.
func TestMovedValuesDoNotOpen(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	keys := storetest.Keys(t)
	b := storetest.Open(t, server.URL(), "bound", keys)
	one, two := b.Who("1001"), b.Who("1002")
	b.Turn(storetest.Talking(b.Read(one), "mine"))
	b.Turn(storetest.Talking(b.Read(two), "theirs"))
	client := raw(t, server.URL())
	for _, kind := range []string{"c", "k"} {
		value := client.Get(t.Context(), "fd:{bound}:"+kind+":"+string(one)).Val()
		client.Set(t.Context(), "fd:{bound}:"+kind+":"+string(two), value, 0)
		if _, err := b.LoadPerson(t.Context(), two); !errors.Is(err, store.ErrSealed) {
			t.Errorf("another's %s opens: %v", kind, err)
		}
	}
	stranger := storetest.Open(t, server.URL(), "bound", storetest.Keys(t))
	if _, err := stranger.LoadPerson(t.Context(), one); !errors.Is(err, store.ErrSealed) {
		t.Errorf("another key file opens it: %v", err)
	}
}

// revision is how long the revision before a sealed value is.
const revision = 16

// TestOldValuesDoNotOpen holds that what a person said before cannot be put back
// under the revision of what they said since, nor a referral that is over in the
// place of one that is open.
func TestOldValuesDoNotOpen(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "rollback", storetest.Keys(t))
	client, p := raw(t, server.URL()), b.Who("1001")
	for _, kind := range []string{"c", "r"} {
		b.Refer(p, "AAAA-AAAA", flows.Routine, storetest.Monday)
		name := "fd:{rollback}:" + kind + ":" + string(p)
		old := get(t, client, name)
		turn := storetest.Talking(b.Read(p), "withdrawn")
		r := *turn.From.Referral
		turn.Referral, turn.Keep = &r, 0
		b.Turn(turn)
		now := get(t, client, name)
		set(t, client, name, now[:revision]+old[revision:])
		if _, err := b.LoadPerson(t.Context(), p); !errors.Is(err, store.ErrSealed) {
			t.Errorf("an older %s opens under a newer revision: %v", kind, err)
		}
		set(t, client, name, now)
		ends(b, p, storetest.Monday, time.Hour)
		if err := client.Del(t.Context(), "fd:{rollback}:ref:AAAA-AAAA").Err(); err != nil {
			t.Fatal(err)
		}
	}
	over := get(t, client, "fd:{rollback}:closed:AAAA-AAAA")
	b.Refer(p, "BBBB-BBBB", flows.Routine, storetest.Monday)
	set(t, client, "fd:{rollback}:r:"+string(p), over)
	if _, err := b.LoadPerson(t.Context(), p); !errors.Is(err, store.ErrSealed) {
		t.Errorf("a referral that is over opens as one that is open: %v", err)
	}
}

// TestNewRevisionsAreNew holds that a conversation that begins anew does not use
// revisions of the one before, which the same data key sealed.
func TestNewRevisionsAreNew(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "again", storetest.Keys(t))
	client, p := raw(t, server.URL()), b.Who("1001")
	name := "fd:{again}:c:" + string(p)
	b.Turn(storetest.Talking(b.Read(p), "before"))
	old := get(t, client, name)
	if err := client.Del(t.Context(), name).Err(); err != nil {
		t.Fatal(err)
	}
	b.Turn(storetest.Talking(b.Read(p), "after"))
	if now := get(t, client, name); now[:revision] == old[:revision] {
		t.Error("two conversations have the same revision")
	}
}

// TestMessagesKeepTheirReferral holds that a message about one referral does not open
// as one about another of the same person.
func TestMessagesKeepTheirReferral(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "said", storetest.Keys(t))
	client, p := raw(t, server.URL()), b.Who("1001")
	for _, reference := range []string{"AAAA-AAAA", "BBBB-BBBB"} {
		turn := storetest.Talking(b.Refer(p, reference, flows.Routine, storetest.Monday), "x")
		turn.Keep, turn.Said = 0, []store.Said{{ID: "1", At: storetest.Monday, From: "person", Text: "about " + reference}}
		b.Turn(turn)
		ends(b, p, storetest.Monday, time.Hour)
	}
	first, err := client.LIndex(t.Context(), "fd:{said}:said:AAAA-AAAA", 0).Result()
	if err == nil {
		err = client.RPush(t.Context(), "fd:{said}:said:BBBB-BBBB", first).Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	sn, err := b.Find(t.Context(), "BBBB-BBBB")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Messages(t.Context(), sn); !errors.Is(err, store.ErrSealed) {
		t.Errorf("a message about another referral opens: %v", err)
	}
}

// TestOtherKeys holds that a hub that was begun with one key file takes no other, nor
// one of which only a half is right, and that hubs do not mind each other.
func TestOtherKeys(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	keys, other := storetest.Keys(t), storetest.Keys(t)
	for _, hub := range []string{"one", "two"} {
		b := storetest.Open(t, server.URL(), hub, keys)
		for range 2 {
			if err := b.CheckKeys(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for name, wrong := range map[string]*store.Keys{"another": other, "half": halves(t, keys, other), "the other half": halves(t, other, keys)} {
			if err := storetest.Open(t, server.URL(), hub, wrong).CheckKeys(t.Context()); !errors.Is(err, store.ErrOtherKeys) {
				t.Errorf("%s key file is taken: %v", name, err)
			}
		}
		if err := b.CheckKeys(t.Context()); err != nil {
			t.Errorf("after another was tried, the right one is refused: %v", err)
		}
	}
	server.Fail("LOADING Redis is loading the dataset in memory")
	if err := storetest.Open(t, server.URL(), "one", keys).CheckKeys(t.Context()); err == nil || errors.Is(err, store.ErrOtherKeys) {
		t.Errorf("a store that is away: %v", err)
	}
}

// halves is a key file that seals with the keys of one and names with those of another.
func halves(t *testing.T, seals, names *store.Keys) *store.Keys {
	t.Helper()
	var files [2]map[string]json.RawMessage
	for i, keys := range []*store.Keys{seals, names} {
		var file bytes.Buffer
		if err := keys.Write(&file); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(file.Bytes(), &files[i]); err != nil {
			t.Fatal(err)
		}
	}
	files[0]["names"] = files[1]["names"]
	data, err := json.Marshal(files[0])
	if err != nil {
		t.Fatal(err)
	}
	out, err := store.ReadKeys(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
