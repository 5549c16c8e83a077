package webchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/store"
)

// Name is the channel's name in scripts and in the queue.
const Name = "web"

// Config is what the web chat needs.
type Config struct {
	// Public is the address that people see, such as https://chat.example.org.
	Public  string
	Store   *store.Store
	Library *bot.Library
	Log     *slog.Logger
}

// Web is the platform: pages on one side, the service on the other.
type Web struct {
	c       Config
	public  *url.URL
	accept  atomic.Pointer[bot.Accept]
	started chan struct{} // closed when the service first receives
	begin   func()        // closes it, once
	pages   *template.Template
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // who watches a chat
	flight  map[string][]*caught              // by chat, the updates that are being taken
}

// caught are messages that could not be written to the page while an update was
// being taken; its own answer carries them.
type caught struct {
	replies []flows.Reply
	some    chan struct{} // hears of the first
}

// soon is how long help may take to the page while somebody waits for an answer.
const soon = 100 * time.Millisecond

// New makes the web chat.
func New(c Config) (*Web, error) {
	public, err := url.Parse(c.Public)
	if err != nil || public.Host == "" {
		return nil, fmt.Errorf("the public address should be like https://chat.example.org")
	}
	pages, err := parsePages(c.Library)
	if err != nil {
		return nil, err
	}
	started := make(chan struct{})
	return &Web{c: c, public: public, pages: pages, started: started, begin: sync.OnceFunc(func() { close(started) }),
		waiting: map[string]map[chan struct{}]bool{}, flight: map[string][]*caught{}}, nil
}

// Channel has no limits: a page scrolls.
func (w *Web) Channel() bot.Channel { return bot.Channel{Name: Name} }

// Receive lets the handler take updates until ctx ends.
func (w *Web) Receive(ctx context.Context, accept bot.Accept) error {
	w.accept.Store(&accept)
	w.begin()
	<-ctx.Done()
	w.accept.Store(nil)
	return nil
}

// Send puts a message on the chat's page. A page whose person is erased is gone.
func (w *Web) Send(ctx context.Context, chat string, m bot.Message) (string, error) {
	body, err := json.Marshal(m.Reply)
	if err != nil {
		return "", fmt.Errorf("write a message for the page: %w", err)
	}
	address, err := w.c.Store.Person(Name, chat)
	if err != nil {
		return "", err
	}
	err = w.show(ctx, chat, address, m.Reply.Class, body)
	if err != nil && w.catch(chat, m.Reply) {
		return "", nil
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = w.c.Store.Show(ctx, address, body) // nobody waits for it any more
	}
	if errors.Is(err, store.ErrUnknown) {
		return "", &bot.SendError{Fate: bot.Gone}
	}
	w.notify(chat)
	return "", err
}

// show writes a message to the page. Help that somebody waits for is tried for a
// short time only: the answer to their update can carry it.
func (w *Web) show(ctx context.Context, chat string, address store.Person, class flows.Class, body []byte) error {
	w.mu.Lock()
	waits := len(w.flight[chat]) > 0 && class == flows.ClassCrisis
	w.mu.Unlock()
	if waits {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, soon)
		defer cancel()
	}
	return w.c.Store.Show(ctx, address, body)
}

// catch keeps a message for the answers to the updates of a chat that are being taken:
// for each, since nobody can tell which of a person's windows is being looked at.
func (w *Web) catch(chat string, r flows.Reply) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.flight[chat] {
		if c.replies = append(c.replies, r); len(c.replies) == 1 {
			close(c.some)
		}
	}
	return len(w.flight[chat]) > 0
}

// watch returns a channel that hears of new messages of a chat, and what ends
// it.
func (w *Web) watch(chat string) (<-chan struct{}, func()) {
	heard := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting[chat] == nil {
		w.waiting[chat] = map[chan struct{}]bool{}
	}
	w.waiting[chat][heard] = true
	return heard, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting[chat], heard)
		if len(w.waiting[chat]) == 0 {
			delete(w.waiting, chat)
		}
	}
}

// notify wakes whoever watches a chat.
func (w *Web) notify(chat string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for heard := range w.waiting[chat] {
		select {
		case heard <- struct{}{}:
		default:
		}
	}
}

// errLate is an update that is still being taken when its answer is ready.
var errLate = errors.New("the store does not answer in time")

// take hands an update to the service. What had to be said without the store is
// returned with the error, and at once: the update may then still be being taken.
func (w *Web) take(ctx context.Context, in bot.Inbound) ([]flows.Reply, error) {
	accept := w.receiver(ctx, in.Text)
	if accept == nil {
		reply, _ := flows.Fallback(w.c.Library.Newest(), flows.Input{Channel: Name, Locale: in.Locale, Text: in.Text})
		return []flows.Reply{reply}, errors.New("the service is not running")
	}
	c := &caught{some: make(chan struct{})}
	w.mu.Lock()
	w.flight[in.Chat] = append(w.flight[in.Chat], c)
	w.mu.Unlock()
	ended := make(chan error, 1)
	go func() { ended <- (*accept)(ctx, in) }()
	err := errLate
	select {
	case err = <-ended:
	case <-c.some:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	others := slices.DeleteFunc(w.flight[in.Chat], func(o *caught) bool { return o == c })
	if w.flight[in.Chat] = others; len(others) == 0 {
		delete(w.flight, in.Chat)
	}
	return c.replies, err
}

// receiver is what takes updates, nil while nothing does. The port is open a moment
// before the service receives: an update that comes in between waits for it, unless
// it calls for help, which is in memory.
func (w *Web) receiver(ctx context.Context, text string) *bot.Accept {
	select {
	case <-w.started:
	default:
		if w.c.Library.Newest().Screen(text).Tier == screen.None {
			select {
			case <-w.started:
			case <-ctx.Done():
			}
		}
	}
	return w.accept.Load()
}

// Handler serves the chat.
func (w *Web) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.home)
	mux.HandleFunc("GET /s/{source}", w.home)
	mux.HandleFunc("GET /r/{token}", w.comeBack)
	mux.HandleFunc("POST /r/{token}", w.goBack)
	mux.HandleFunc("GET /q/{source}", w.poster)
	mux.HandleFunc("GET /p/{token}", w.oneTime)
	mux.HandleFunc("POST /p/{token}", w.moveHere)
	mux.HandleFunc("GET /help", w.help)
	mux.HandleFunc("GET /desk", w.desk)
	mux.HandleFunc("GET /events", w.events)
	mux.HandleFunc("POST /start", w.start)
	mux.HandleFunc("POST /say", w.say)
	mux.HandleFunc("POST /leave", w.leave)
	mux.HandleFunc("GET /favicon.ico", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /chat.css", asset("text/css; charset=utf-8", css))
	mux.HandleFunc("GET /chat.js", asset("text/javascript; charset=utf-8", js))
	return w.guard(http.NewCrossOriginProtection().Handler(mux))
}

const (
	// maxBody is more than any form of ours holds, in bytes.
	maxBody = 64 << 10
	// maxTyped is how many UTF-16 units a browser lets somebody type at once: as
	// many as Telegram does. Written as a form it stays below maxBody.
	maxTyped = 4096
)

// guard sets the headers that every answer has, and leads people who came by
// another name of this machine to the public one, where their cookie is.
func (w *Web) guard(next http.Handler) http.Handler {
	leave := w.leaveTo()
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + leave.Scheme + "://" + leave.Host
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if w.public.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if r.Method == http.MethodGet && r.Host != w.public.Host && isLoopback(r.Host) && isLoopback(w.public.Host) {
			http.Redirect(rw, r, w.c.Public+r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return
		}
		r.Body = http.MaxBytesReader(rw, r.Body, maxBody)
		next.ServeHTTP(rw, r)
	})
}

// leaveTo is the neutral page that "Leave quickly" goes to.
func (w *Web) leaveTo() *url.URL {
	to, err := url.Parse(w.c.Library.Newest().Hub.LeaveTo)
	if err != nil {
		return &url.URL{Scheme: "https", Host: "www.bbc.co.uk", Path: "/weather"}
	}
	return to
}
