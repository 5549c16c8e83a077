package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// wantAside holds which updates of a person are set aside.
func wantAside(t *testing.T, b storetest.Bench, address store.Person, want ...string) {
	t.Helper()
	kept, err := b.Aside(t.Context(), address)
	var got []string
	for _, update := range kept {
		got = append(got, string(update))
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("set aside: %v %v, want %v", got, err, want)
	}
}

// TestSetAsideOfAnybody holds that an update is kept whoever it is of: somebody who
// never wrote before, and somebody who has moved to another address, under whose person
// it then is. Who was erased has none, and none is kept for ever.
func TestSetAsideOfAnybody(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "aside", storetest.Keys(t))
	stranger, p, browser := b.Who("1001"), b.Who("1002"), b.Who("browser")
	turn := storetest.Talking(b.Read(p), "x")
	turn.Aliases = []store.Person{browser}
	b.Turn(turn)
	for i, address := range []store.Person{stranger, browser, stranger} {
		if err := b.SetAside(t.Context(), address, fmt.Append(nil, "update ", i)); err != nil {
			t.Fatal(err)
		}
	}
	wantAside(t, b, stranger, "update 0", "update 2")
	wantAside(t, b, p, "update 1")
	wantAside(t, b, browser, "update 1")
	if b.Read(stranger).Conversation.ID != "" {
		t.Error("setting an update aside began a conversation")
	}
	b.Turn(storetest.Talking(b.Read(stranger), "x"))
	server.Pass(6 * 24 * time.Hour)
	wantAside(t, b, stranger, "update 0", "update 2")
	wantAside(t, b, p, "update 1")
	b.Turn(store.Turn{At: storetest.Monday, From: b.Read(p), Keep: 24 * time.Hour, Erase: true})
	wantAside(t, b, p)
	if err := b.Rewrite(t.Context(), storetest.Monday.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	server.Pass(7 * 24 * time.Hour)
	if names := raw(t, server.URL()).Keys(t.Context(), "*").Val(); !slices.Equal(names, []string{"fd:{aside}:a:" + string(browser)}) {
		t.Errorf("beside the link, which lives longer, there is left: %v", names)
	}
}

// TestSetAsideIsBounded holds that of very many updates the newest are kept.
func TestSetAsideIsBounded(t *testing.T) {
	t.Parallel()
	b := storetest.Open(t, embedded(t).URL(), "many", storetest.Keys(t))
	const most = 200
	for i := range most + 5 {
		if err := b.SetAside(t.Context(), b.Who("1001"), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := b.Aside(t.Context(), b.Who("1001"))
	if err != nil || len(kept) != most || string(kept[0]) != "5" {
		t.Errorf("%d updates are kept: %v", len(kept), err)
	}
}
