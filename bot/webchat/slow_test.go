package webchat_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/webchat"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// crisisWords bring the card about suicide, whose text begins with cardWords.
const (
	crisisWords = "i want to kill myself"
	cardWords   = "really glad you told me"
)

// wantCard wants the card on a page that came without the store.
func (b *browser) wantCard(r *http.Response) {
	b.s.t.Helper()
	if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(b.page, cardWords) || !strings.Contains(b.page, "tel:999") {
		b.s.t.Errorf("%d\n%s", r.StatusCode, b.page)
	}
}

// TestCardDoesNotWaitForTheStore holds that a page whose store has stopped answering
// gets the card while the store still does not answer; and that what was asked is not
// lost.
func TestCardDoesNotWaitForTheStore(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	s := newSite(t, server.URL)
	b := s.newBrowser()
	b.start("/")
	b.taps("Me")
	page := b.page
	server.Freeze()
	b.wantCard(b.says(crisisWords)) // the store is waited for much longer than the test lasts
	server.Thaw()
	b.page = page
	b.says("hello")
	if !strings.Contains(b.page, cardWords) || !strings.Contains(b.page, "Talk to a person") {
		t.Errorf("when the store answers again:\n%s", b.page)
	}
}

// TestCardForSomebodyNew is the same for somebody whom nobody knows, and a store that
// never answered.
func TestCardForSomebodyNew(t *testing.T) {
	t.Parallel()
	hole, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, "redis://"+hole.Addr().String())
	b := s.newBrowser()
	b.wantCard(b.post("/say", url.Values{"text": {crisisWords}}))
	if err := hole.Close(); err != nil {
		t.Error(err)
	}
}

// TestCardBeforeTheStart holds that a page that is served before the service runs,
// or when it has ended, answers words of crisis with their card.
func TestCardBeforeTheStart(t *testing.T) {
	t.Parallel()
	st, err := store.Open(store.Config{URL: "redis://127.0.0.1:1", Hub: "star-house", Keys: storetest.Keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewUnstartedServer(nil)
	public := "http://" + server.Listener.Addr().String()
	web, err := webchat.New(webchat.Config{Public: public, Store: st, Library: bot.NewLibrary(st, bottest.Bundle(t)), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = web.Handler()
	server.Start()
	t.Cleanup(server.Close)
	b := (&site{t: t, url: public, store: st}).newBrowser()
	b.wantCard(b.post("/say", url.Values{"text": {crisisWords}}))
}
