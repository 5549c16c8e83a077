package store_test

import (
	"bytes"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestBeginAnew holds that exactly what cannot be read of a person is moved away, as
// it was, that they can then begin anew, and that erasing them takes it too.
func TestBeginAnew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, breaks             string
		conversation, ref, keyed bool
	}{
		{"nothing", "", false, false, false},
		{"the conversation", "c", true, false, false},
		{"the referral", "r", false, true, false},
		{"the data key", "k", true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := embedded(t)
			b := storetest.Open(t, server.URL(), "anew", storetest.Keys(t))
			p := b.Who("1001")
			b.Refer(p, "K7QM-2PXD", flows.Routine, storetest.Monday)
			damage(t, server.URL(), "fd:{anew}:"+c.breaks+":"+string(p))
			if _, err := b.LoadPerson(t.Context(), p); store.Unreadable(err) != (c.breaks != "") {
				t.Fatalf("it is read: %v", err)
			}
			lost, err := b.BeginAnew(t.Context(), p, storetest.Monday)
			if err != nil || (lost.Conversation != nil) != c.conversation || (lost.Referral != nil) != c.ref || (lost.Key != nil) != c.keyed {
				t.Errorf("moved: %+v, %v", lost, err)
			}
			kept, err := b.Lost(t.Context(), p)
			if err != nil || c.breaks == "" && len(kept) > 0 || c.breaks != "" && !bytes.Equal(kept[0].Conversation, lost.Conversation) {
				t.Errorf("kept: %+v, %v", kept, err)
			}
			sn := b.Read(p)
			if (sn.Conversation.ID == "") != c.conversation || (sn.Referral == nil) != c.ref {
				t.Errorf("afterwards: %+v, %v", sn.Conversation, sn.Referral)
			}
			turn := storetest.Talking(sn, "again")
			turn.Erase = true
			b.Turn(turn)
			if kept, err := b.Lost(t.Context(), p); err != nil || len(kept) > 0 {
				t.Errorf("after erasing: %d, %v", len(kept), err)
			}
		})
	}
}

// damage changes the last byte of a string in Redis, if it is there.
func damage(t *testing.T, url, name string) {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	value, err := client.Get(t.Context(), name).Bytes()
	if err != nil {
		return
	}
	value[len(value)-1] ^= 1
	if err := client.Set(t.Context(), name, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}
