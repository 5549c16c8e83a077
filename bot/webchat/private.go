package webchat

import (
	"errors"
	"net/http"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// oneTime shows what a one-time link is for. Looking at it does not use it up:
// apps fetch links to show what is behind them.
func (w *Web) oneTime(rw http.ResponseWriter, r *http.Request) {
	v := w.view(r, "")
	ticket, ok := w.ticket(r)
	if ok {
		var err error
		if ok, err = w.c.Store.HasTicket(r.Context(), ticket); err != nil {
			w.trouble(rw, r, v)
			return
		}
	}
	if !ok {
		w.render(rw, http.StatusNotFound, "landing", w.view(r, "web.link_used"))
		return
	}
	v.Source = r.PathValue("token")
	w.render(rw, http.StatusOK, "private", v)
}

// moveHere uses a one-time link: the conversation that it was made for goes on in
// this browser.
func (w *Web) moveHere(rw http.ResponseWriter, r *http.Request) {
	ticket, ok := w.ticket(r)
	chat := newChat()
	address, err := w.c.Store.Person(Name, chat)
	if ok && err == nil {
		err = w.c.Store.TakeTicket(r.Context(), ticket, address)
	}
	switch {
	case !ok || errors.Is(err, store.ErrUnknown):
		w.render(rw, http.StatusNotFound, "landing", w.view(r, "web.link_used"))
		return
	case err != nil:
		w.c.Log.Error("open a one-time link", "error", err)
		w.trouble(rw, r, w.view(r, ""))
		return
	}
	w.setChat(rw, chat)
	in := bot.Inbound{Happening: flows.Moved, Channel: Name, Chat: chat, Update: newChat()}
	heard, stop := w.watch(chat)
	defer stop()
	if said, err := w.take(r.Context(), in); err != nil {
		w.c.Log.Error("move a conversation to the page", "error", err)
		w.withoutStore(rw, r, said, w.view(r, ""))
		return
	}
	wait(r.Context(), heard)
	http.Redirect(rw, r, "/", http.StatusSeeOther)
}

// ticket is the one-time link of a request; false for what cannot be one.
func (w *Web) ticket(r *http.Request) (store.Person, bool) {
	token := r.PathValue("token")
	if !tokenForm.MatchString(token) {
		return "", false
	}
	ticket, err := w.c.Store.Person(Name, bot.Ticket(token))
	return ticket, err == nil
}
