package webchat

import (
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"regexp"

	"github.com/star-house/frontdoor/bot"
)

// chatForm is the form of a chat's id: 128 random bits, or a return link's.
var chatForm = regexp.MustCompile(`^(return-)?[0-9a-f]{32}$`)

// tokenForm is the form of a return link's secret.
var tokenForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// cookieName is neutral; over https it is bound to this host by its prefix.
func (w *Web) cookieName() string {
	if w.public.Scheme == "https" {
		return "__Host-chat"
	}
	return "chat"
}

// chat is the chat that the browser's cookie names, "" without one.
func (w *Web) chat(r *http.Request) string {
	c, err := r.Cookie(w.cookieName())
	if err != nil || !chatForm.MatchString(c.Value) {
		return ""
	}
	return c.Value
}

// setChat gives the browser a cookie that ends with it; "" takes it away.
func (w *Web) setChat(rw http.ResponseWriter, chat string) {
	c := &http.Cookie{
		Name: w.cookieName(), Value: chat, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: w.public.Scheme == "https",
	}
	if chat == "" {
		c.MaxAge = -1
	}
	http.SetCookie(rw, c)
}

// newChat draws a chat's id.
func newChat() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// isLoopback says whether a host is this machine.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// comeBack shows what a private return link is for. It opens nothing yet: somebody
// else may have put the link there, to read what is written next.
func (w *Web) comeBack(rw http.ResponseWriter, r *http.Request) {
	token, ok := w.returnToken(r)
	if !ok {
		w.render(rw, http.StatusNotFound, "landing", w.view(r, "web.no_link"))
		return
	}
	notice := ""
	if chat := w.chat(r); chat != "" && chat != bot.ReturnChat(token) {
		notice = "web.return_other"
	}
	v := w.view(r, notice)
	v.Source = token
	w.render(rw, http.StatusOK, "return", v)
}

// goBack opens a private return link: the browser gets the chat that it stands for,
// and the address leaves the history.
func (w *Web) goBack(rw http.ResponseWriter, r *http.Request) {
	token, ok := w.returnToken(r)
	if !ok {
		w.render(rw, http.StatusNotFound, "landing", w.view(r, "web.no_link"))
		return
	}
	w.setChat(rw, bot.ReturnChat(token))
	http.Redirect(rw, r, "/", http.StatusSeeOther)
}

// returnToken is the return link of a request; false for one that leads nowhere.
func (w *Web) returnToken(r *http.Request) (string, bool) {
	token := r.PathValue("token")
	return token, tokenForm.MatchString(token) && w.known(r, bot.ReturnChat(token))
}

// known says whether a chat leads to a conversation.
func (w *Web) known(r *http.Request, chat string) bool {
	address, err := w.c.Store.Person(Name, chat)
	if err != nil {
		return false
	}
	sn, err := w.c.Store.Load(r.Context(), address)
	return err == nil && sn.Conversation.ID != ""
}

// leave drops the cookie and goes to a neutral page.
func (w *Web) leave(rw http.ResponseWriter, r *http.Request) {
	w.setChat(rw, "")
	rw.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(rw, r, w.leaveTo().String(), http.StatusSeeOther)
}
