package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestLinksEndWithAnErase holds that no link that was given out before a person deleted
// everything leads to what they say afterwards: neither a return link, nor a browser to
// which they had moved, nor a one-time link.
func TestLinksEndWithAnErase(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "links", storetest.Keys(t))
	p, link, browser := b.Who("1001"), b.Who("return-1"), b.Who("browser")
	used, unused := b.Who("ticket-1"), b.Who("ticket-2")
	turn := storetest.Talking(b.Read(p), "before")
	turn.Aliases, turn.Tickets = []store.Person{link}, []store.Person{used, unused}
	b.Turn(turn)
	if err := b.TakeTicket(t.Context(), used, browser); err != nil {
		t.Fatal(err)
	}
	for _, address := range []store.Person{link, browser} {
		if sn, err := b.Load(t.Context(), address); err != nil || sn.Person != p {
			t.Fatalf("before, a link leads to %v: %v", sn, err)
		}
	}
	b.Turn(store.Turn{At: storetest.Monday, From: b.Read(p), Keep: 24 * time.Hour, Erase: true})
	b.Turn(storetest.Talking(b.Read(p), "after"))
	for _, address := range []store.Person{link, browser} {
		sn, err := b.Load(t.Context(), address)
		if err != nil || sn.Person != address || sn.Conversation.ID != "" {
			t.Fatalf("a link from before leads to %v: %v", sn, err)
		}
		b.Turn(storetest.Talking(sn, "somebody else"))
		if sn, err := b.Load(t.Context(), address); err != nil || sn.Person != address || sn.Conversation.ID == "" {
			t.Errorf("who comes by the old link has %v: %v", sn, err)
		}
		if strings.Contains(dump(t, server.URL()), ":a:"+string(address)) {
			t.Error("an alias that leads nowhere is kept")
		}
	}
	if ok, err := b.HasTicket(t.Context(), unused); ok || err != nil {
		t.Errorf("a one-time link from before can be opened: %v", err)
	}
	if err := b.TakeTicket(t.Context(), unused, b.Who("browser-2")); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("a one-time link from before was opened: %v", err)
	}
	turn = storetest.Talking(b.Read(p), "after")
	turn.Aliases = []store.Person{link}
	b.Turn(turn)
	if sn, err := b.Load(t.Context(), link); err != nil || sn.Person != p {
		t.Errorf("a link given out since leads to %v: %v", sn, err)
	}
}

// TestLinksStayInTheirPlace holds that a link that is put in the place of another leads
// nowhere.
func TestLinksStayInTheirPlace(t *testing.T) {
	t.Parallel()
	server := embedded(t)
	b := storetest.Open(t, server.URL(), "places", storetest.Keys(t))
	link, other, ticket := b.Who("return-1"), b.Who("browser"), b.Who("ticket-1")
	turn := storetest.Talking(b.Read(b.Who("1001")), "x")
	turn.Aliases, turn.Tickets = []store.Person{link}, []store.Person{ticket}
	b.Turn(turn)
	client := raw(t, server.URL())
	for _, from := range []string{"a:" + string(link), "ticket:" + string(ticket)} {
		set(t, client, "fd:{places}:a:"+string(other), get(t, client, "fd:{places}:"+from))
		if sn, err := b.Load(t.Context(), other); err != nil || sn.Person != other {
			t.Errorf("%.6s in another place leads to %v: %v", from, sn, err)
		}
	}
}

// TestMovedIsOneRoundTrip holds that somebody who moved is loaded in one command once
// they are known, and that where they were once led does not matter when it changes.
func TestMovedIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	b := storetest.Open(t, server.URL, "moved", storetest.Keys(t))
	one, two, browser := b.Who("1001"), b.Who("1002"), b.Who("browser")
	leads := func(p store.Person) {
		t.Helper()
		turn := storetest.Talking(b.Read(p), "x")
		turn.Aliases = []store.Person{browser}
		b.Turn(turn)
	}
	loads := func(p store.Person, commands int) {
		t.Helper()
		if _, err := server.Do("CONFIG", "RESETSTAT"); err != nil {
			t.Fatal(err)
		}
		sn, err := b.Load(t.Context(), browser)
		if err != nil || sn.Person != p {
			t.Errorf("the browser leads to %v: %v", sn, err)
		}
		stats, err := server.Do("INFO", "commandstats")
		if want := fmt.Sprintf("cmdstat_mget:calls=%d,", commands); err != nil || !strings.Contains(fmt.Sprint(stats), want) {
			t.Errorf("without %s: %v %v", want, stats, err)
		}
	}
	loads(browser, 1)
	leads(one)
	loads(one, 2)
	loads(one, 1)
	leads(two)
	loads(two, 2)
	loads(two, 1)
	erases(b, two, storetest.Monday)
	loads(browser, 1)
}
