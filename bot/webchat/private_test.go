package webchat_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// app is a chat app beside the page.
type app struct {
	mu   sync.Mutex
	sent []bot.Message
}

// Channel is that of an app with a minimum age of 16, see hub.yaml.
func (a *app) Channel() bot.Channel {
	return bot.Channel{Name: "telegram", MaxText: 4096, MaxLabel: 64}
}

// Receive has nothing to receive.
func (a *app) Receive(ctx context.Context, _ bot.Accept) error {
	<-ctx.Done()
	return nil
}

// Send keeps a message.
func (a *app) Send(_ context.Context, _ string, m bot.Message) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = append(a.sent, m)
	return "", nil
}

// last waits for a message that has some words, and returns it.
func (a *app) last(t *testing.T, words string) bot.Message {
	t.Helper()
	var found bot.Message
	storetest.Eventually(t, words, func(context.Context) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		if n := len(a.sent); n == 0 || !strings.Contains(a.sent[n-1].Text, words) {
			return fmt.Errorf("not yet: %d messages", n)
		}
		found = a.sent[len(a.sent)-1]
		return nil
	})
	return found
}

// phone is a person with the app and a browser.
type phone struct {
	*browser
	*app
	n int
}

// newPhone serves a site with an app beside it.
func newPhone(t *testing.T) *phone {
	t.Helper()
	server, err := store.Embed()
	must(t, err)
	t.Cleanup(server.Close)
	a := &app{}
	return &phone{browser: newSite(t, server.URL(), a).newBrowser(), app: a}
}

// writes types words in the app.
func (p *phone) writes(text string) {
	p.s.t.Helper()
	p.n++
	must(p.s.t, p.s.service.Accept(p.s.t.Context(), bot.Inbound{Happening: flows.Typed, Channel: "telegram", Chat: "1001",
		Update: fmt.Sprint(p.n), Text: text}))
}

// presses taps a button of the message in the app that has some words.
func (p *phone) presses(words, name string) {
	p.s.t.Helper()
	m := p.last(p.s.t, words)
	i := slices.IndexFunc(m.Reply.Options, func(b flows.Button) bool { return b.ID == name })
	if i < 0 {
		p.s.t.Fatalf("no button %q under %q", name, m.Text)
	}
	p.n++
	must(p.s.t, p.s.service.Accept(p.s.t.Context(), bot.Inbound{Happening: flows.Tapped, Channel: "telegram", Chat: "1001",
		Update: fmt.Sprint(p.n), Tap: m.Reply.Options[i].Data}))
}

// oneTime finds the link to the private page.
var oneTime = regexp.MustCompile(`/p/[0-9a-f]{32}`)

// link is the link in the message in the app that has some words.
func (p *phone) link(words string) string {
	p.s.t.Helper()
	link := oneTime.FindString(p.last(p.s.t, words).Text)
	if link == "" {
		p.s.t.Fatalf("no link in %q", p.last(p.s.t, words).Text)
	}
	return link
}

// opens opens a one-time link and goes on.
func (p *phone) opens(link string) {
	p.s.t.Helper()
	p.get(link)
	p.post(link, nil)
}

// TestPrivatePage holds that the questions about health move to the page by a link
// that works once, that the same conversation goes on there, and that it comes back
// to the chat with the reference and nothing of what was written.
func TestPrivatePage(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.writes("/start p42")
	p.presses("Who is this for?", "me")
	p.writes("19")
	p.writes("S10")
	p.presses("Is it OK to ask", "agree")
	link := p.link("private page")
	p.opens(link)
	if !strings.Contains(p.page, "are you safe right now?") {
		t.Fatalf("the page does not go on:\n%s", p.page)
	}
	stranger := p.s.newBrowser()
	if r := stranger.post(link, nil); r.StatusCode != http.StatusNotFound || !strings.Contains(stranger.page, "used already") {
		t.Errorf("the link works twice: %d", r.StatusCode)
	}
	p.taps("Yes, I", "No", "No", "No", "No", "No", "No", "No", "A bit", "No")
	p.taps("Feeling lonely", "Done", "I just want to talk", "Yes please", "Skip")
	p.says("Kit")
	p.taps("Here in this chat", "Mornings", "Nothing to add", "Send it")
	if !strings.Contains(p.page, "Your reference is") {
		t.Fatalf("no reference on the page:\n%s", p.page)
	}
	m := p.last(t, "You are back in this chat")
	if !regexp.MustCompile(`reference is [2-9A-Z]{4}-[2-9A-Z]{4}`).MatchString(m.Text) || strings.Contains(m.Text, "Kit") {
		t.Errorf("in the app: %q", m.Text)
	}
	queue, _, err := p.s.desk.Queue(t.Context())
	if err != nil || len(queue) != 1 || queue[0].Origin.Channel != "telegram" || queue[0].Origin.Source != "p42" {
		t.Fatalf("the queue: %v %v", queue, err)
	}
	must(t, p.s.store.AddStaff(t.Context(), flows.Staff{ID: "sam", Name: "Sam", Role: flows.RoleWorker}))
	for _, w := range []bot.Work{{Verb: flows.DoClaim}, {Verb: flows.DoReply, Text: "Hi Kit"}} {
		w.Reference, w.By = queue[0].Reference, "sam"
		_, err := p.s.desk.Do(t.Context(), w)
		must(t, err)
	}
	p.last(t, "Hi Kit")
	for _, m := range p.sent {
		if strings.Contains(m.Text, "safe right now") || strings.Contains(m.Text, "hurt yourself") {
			t.Errorf("a private question is in the app: %q", m.Text)
		}
	}
}

// TestPrivatePageIsOffered holds that somebody may answer in the chat instead, and
// that a link that is looked at is not used up.
func TestPrivatePageIsOffered(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.writes("/start")
	p.presses("Who is this for?", "me")
	p.writes("19")
	p.writes("S10")
	p.presses("Is it OK to ask", "agree")
	link := p.link("private page")
	for range 3 {
		if r := p.get(link); r.StatusCode != http.StatusOK {
			t.Fatalf("looking at the link uses it up: %d", r.StatusCode)
		}
	}
	p.presses("private page", "here")
	p.last(t, "are you safe right now?")
	p.opens(link)
	p.writes("hello again")
	if m := p.last(t, "are you safe right now?"); len(m.Reply.Options) == 0 {
		t.Error("writing in the chat does not bring the question back there")
	}
}

// TestTooYoungForTheApp holds that somebody of 14 goes on on the page from the
// question of age, that the app says nothing more of it, and that help is there in
// the app all the same.
func TestTooYoungForTheApp(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.writes("/start")
	p.presses("Who is this for?", "me")
	p.writes("14")
	p.opens(p.link("ages 16 and over"))
	p.taps("Rather not say", "Yes")
	p.writes("can we talk here")
	p.last(t, "ages 16 and over")
	p.writes("i want to kill myself")
	if m := p.last(t, "999"); m.Reply.Blocks[0].Key != "cards.suicide" {
		t.Errorf("crisis words in the app bring %q", m.Reply.Blocks[0].Key)
	}
	p.get("/")
	if !strings.Contains(p.page, "Is it OK to ask?") {
		t.Errorf("the page lost its place:\n%s", p.page)
	}
}
