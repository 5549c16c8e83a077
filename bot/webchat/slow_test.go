package webchat_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// crisisWords bring the card about suicide, whose text begins with cardWords.
const (
	crisisWords = "i want to kill myself"
	cardWords   = "really glad you told me"
	// maxLooks is how often a page is looked at for what must come to it: much longer
	// than it ever takes.
	maxLooks = 5000
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

// TestCardBehindAnEarlierMessage holds the same while an earlier message of the same
// chat, from another tab, waits for the store; and for somebody else.
func TestCardBehindAnEarlierMessage(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	arrived := make(chan struct{}, 1)
	s := openSite(t, server.URL, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.FormValue("text") == "hello" {
				arrived <- struct{}{}
			}
			next.ServeHTTP(rw, r)
		})
	})
	s.run()
	b, other := s.newBrowser(), s.newBrowser()
	b.start("/")
	b.taps("Me")
	tab := *b
	server.Freeze()
	taken := make(chan *http.Response, 1)
	go func() {
		defer close(taken)
		taken <- tab.says("hello")
	}()
	<-arrived
	b.wantCard(b.says(crisisWords))
	other.wantCard(other.post("/say", url.Values{"text": {crisisWords}}))
	server.Thaw()
	if r := <-taken; r != nil && r.StatusCode != http.StatusOK { // the card may have come here too
		tab.wantCard(r)
	}
	b.get("/")
	b.says("17")
	// The page may have come back with the answer to an earlier message.
	for n := 0; n < maxLooks && !strings.Contains(b.page, cardWords); n++ {
		b.get("/")
	}
	if !strings.Contains(b.page, cardWords) {
		t.Errorf("what was asked is lost:\n%s", b.page)
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

// TestCardBeforeTheStart holds that a page that is served before the service runs
// answers words of crisis with their card, at once.
func TestCardBeforeTheStart(t *testing.T) {
	t.Parallel()
	b := openSite(t, "redis://127.0.0.1:1", nil).newBrowser()
	b.wantCard(b.post("/say", url.Values{"text": {crisisWords}}))
}

// TestTheStartIsWaitedFor holds that somebody who opens the chat in the moment
// between the opening of the port and the start of the service gets the first
// question, not word of trouble.
func TestTheStartIsWaitedFor(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	arrived := make(chan struct{}, 8)
	s := openSite(t, server.URL(), func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			arrived <- struct{}{}
			next.ServeHTTP(rw, r)
		})
	})
	answered := make(chan *browser)
	go func() {
		b := s.newBrowser()
		b.post("/start", nil)
		answered <- b
	}()
	<-arrived
	s.run()
	if b := <-answered; !strings.Contains(b.page, "Who is this for?") {
		t.Errorf("the page:\n%s", b.page)
	}
}
