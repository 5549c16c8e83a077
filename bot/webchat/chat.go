package webchat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

const (
	// answerTime is how long a browser without script waits for the answer.
	answerTime = 3 * time.Second
	// pollEvery is how often a watched page looks for messages that another
	// process put there.
	pollEvery = 2 * time.Second
)

// start opens the chat.
func (w *Web) start(rw http.ResponseWriter, r *http.Request) {
	w.update(rw, r, bot.Inbound{Happening: flows.Opened, Source: r.PostFormValue("source")})
}

// say takes what was typed or tapped.
func (w *Web) say(rw http.ResponseWriter, r *http.Request) {
	var large *http.MaxBytesError
	if err := r.ParseForm(); errors.As(err, &large) {
		w.tooLong(rw, r)
		return
	}
	in := bot.Inbound{Happening: flows.Typed, Text: strings.TrimSpace(r.PostFormValue("text"))}
	if tap := r.PostFormValue("tap"); tap != "" {
		in.Happening, in.Tap = flows.Tapped, tap
	}
	if in.Happening == flows.Typed && in.Text == "" {
		http.Redirect(rw, r, "/", http.StatusSeeOther)
		return
	}
	w.update(rw, r, in)
}

// update hands one update over and answers: with nothing for a page that
// listens, with the page itself for one that has no script.
func (w *Web) update(rw http.ResponseWriter, r *http.Request, in bot.Inbound) {
	chat := w.chat(r)
	if chat == "" {
		chat = newChat()
		w.setChat(rw, chat)
	}
	v := w.view(r, "")
	in.Channel, in.Chat, in.Update, in.Locale = Name, chat, updateID(nonce(r), in), v.Lang
	heard, stop := w.watch(chat)
	defer stop()
	said, err := w.take(r.Context(), in)
	listens := r.Header.Get("X-Listens") != ""
	switch {
	case err != nil:
		w.c.Log.Error("take an update of the page", "error", err)
		w.withoutStore(rw, r, said, v)
	case listens:
		rw.WriteHeader(http.StatusNoContent)
	default:
		wait(r.Context(), heard)
		http.Redirect(rw, r, "/", http.StatusSeeOther)
	}
}

// nonce is the page's random name for one form. A page that sends none gets one each
// time.
func nonce(r *http.Request) string {
	n := r.PostFormValue("nonce")
	if !tokenForm.MatchString(n) {
		return newChat()
	}
	return n
}

// updateID is the id of what a form sent. The same form sent twice is one update;
// with other words in it, as after going back in a browser that has no script, it is
// another one: words that call for help must never pass for a repeat.
func updateID(nonce string, in bot.Inbound) string {
	sum := sha256.Sum256([]byte(nonce + "\x00" + in.Tap + "\x00" + in.Text))
	return hex.EncodeToString(sum[:16])
}

// wait returns when a message arrived, or after a while.
func wait(ctx context.Context, heard <-chan struct{}) {
	late := time.NewTimer(answerTime)
	defer late.Stop()
	select {
	case <-heard:
	case <-late.C:
	case <-ctx.Done():
	}
}

// withoutStore answers with what was said without the store: the card, or word
// of the trouble.
func (w *Web) withoutStore(rw http.ResponseWriter, r *http.Request, said []flows.Reply, v view) {
	if len(said) == 0 {
		w.trouble(rw, r, v)
		return
	}
	v.Card = &said[0]
	w.answerWith(rw, r, http.StatusServiceUnavailable, v)
}

// answerWith answers with a card: as a piece of page to one that listens, and as a
// page of its own otherwise.
func (w *Web) answerWith(rw http.ResponseWriter, r *http.Request, status int, v view) {
	name := "help"
	if r.Header.Get("X-Listens") != "" {
		name = "card"
	}
	w.render(rw, status, name, v)
}

// tooLong answers what does not fit: nobody reads it, so the numbers come with it.
func (w *Web) tooLong(rw http.ResponseWriter, r *http.Request) {
	v := w.withNumbers(w.view(r, ""))
	v.Card.Blocks = append([]flows.Block{{Text: v.Word("bot.too_long")}}, v.Card.Blocks...)
	w.answerWith(rw, r, http.StatusRequestEntityTooLarge, v)
}

// events is the live stream of a chat's messages, each as a piece of page.
func (w *Web) events(rw http.ResponseWriter, r *http.Request) {
	chat := w.chat(r)
	if chat == "" {
		rw.WriteHeader(http.StatusNoContent) // tells the browser not to come again
		return
	}
	control := http.NewResponseController(rw)
	rw.Header().Set("Content-Type", "text/event-stream")
	rw.Header().Set("X-Accel-Buffering", "no")
	heard, stop := w.watch(chat)
	defer stop()
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("after")
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	v := w.view(r, "")
	for {
		messages, err := w.messages(r.Context(), chat, last, v)
		if err == nil {
			last, err = w.push(rw, messages, last)
		}
		if err != nil || control.Flush() != nil {
			return // the browser comes back by itself
		}
		select {
		case <-r.Context().Done():
			return
		case <-heard:
		case <-tick.C:
		}
	}
}

// push writes messages to a stream and returns the id of the last.
func (w *Web) push(rw http.ResponseWriter, messages []shown, last string) (string, error) {
	if len(messages) == 0 {
		_, err := fmt.Fprint(rw, ": here\n\n")
		return last, err
	}
	for _, m := range messages {
		var page strings.Builder
		v := m.View
		v.Live = &m
		if err := w.pages.ExecuteTemplate(&page, "live", v); err != nil {
			return last, fmt.Errorf("render a message: %w", err)
		}
		if _, err := fmt.Fprintf(rw, "id: %s\n", m.ID); err != nil {
			return last, err
		}
		for line := range strings.Lines(page.String()) {
			if _, err := fmt.Fprintf(rw, "data: %s\n", strings.TrimRight(line, "\n")); err != nil {
				return last, err
			}
		}
		if _, err := fmt.Fprint(rw, "\n"); err != nil {
			return last, err
		}
		last = m.ID
	}
	return last, nil
}
