package webchat

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

//go:embed *.html
var templates embed.FS

//go:embed chat.css
var css []byte

//go:embed chat.js
var js []byte

// parsePages reads the templates. The numbers in a text are looked up when it is shown.
func parsePages(library *bot.Library) (*template.Template, error) {
	// Only these schemes leave us as links; html/template drops tel: and sms:
	// otherwise.
	safe := func(href string) template.URL {
		for _, scheme := range []string{"tel:", "sms:", "https://", "http://"} {
			if strings.HasPrefix(href, scheme) {
				return template.URL(href)
			}
		}
		return ""
	}
	tappable := func(text string) []textPart { return parts(text, library.Newest().Hub.Contacts) }
	t, err := template.New("pages").Funcs(template.FuncMap{"href": safe, "parts": tappable}).ParseFS(templates, "*.html")
	if err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	return t, nil
}

// view is what the templates read.
type view struct {
	words  func(key string) string
	Lang   string
	Dir    string
	Notice string
	Source string
	Nonce  string
	Shown  []shown
	Live   *shown // the message whose buttons can be tapped
	Last   string // the id to go on from
	Leave  string
	Card   *flows.Reply
	QR     template.HTML
	URL    string
}

// MaxTyped is how much may be typed at once.
func (v view) MaxTyped() int { return maxTyped }

// Word is a text of the page by its key.
func (v view) Word(key string) string { return v.words(key) }

// shown is one message on the page.
type shown struct {
	ID string
	flows.Reply
	View view `json:"-"`
}

// Who names who speaks, for screen readers and eyes alike. A worker's message
// begins with a block that says so.
func (s shown) Who() string {
	if s.From != "" && len(s.Blocks) > 0 {
		return s.Blocks[0].Text
	}
	return s.View.Word("web.bot")
}

// Words are the blocks below the name.
func (s shown) Words() []flows.Block {
	if s.From != "" && len(s.Blocks) > 0 {
		return s.Blocks[1:]
	}
	return s.Blocks
}

// rightToLeft are the languages that are written from right to left.
func rightToLeft(lang string) bool { return lang == "ar" || lang == "ur" }

// view begins a page in the reader's language.
func (w *Web) view(r *http.Request, notice string) view {
	b := w.c.Library.Newest()
	lang := b.Language(r.Header.Get("Accept-Language"))
	v := view{words: func(key string) string { return b.PageText(lang, key) }, Lang: lang, Dir: "ltr",
		Nonce: newChat(), Leave: w.leaveTo().String()}
	if rightToLeft(lang) {
		v.Dir = "rtl"
	}
	if notice != "" {
		v.Notice = v.Word(notice)
	}
	return v
}

// render answers with a page.
func (w *Web) render(rw http.ResponseWriter, status int, name string, v view) {
	var page strings.Builder
	if err := w.pages.ExecuteTemplate(&page, name, v); err != nil {
		w.c.Log.Error("render a page", "page", name, "error", err)
		http.Error(rw, "", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	_, err := rw.Write([]byte(page.String()))
	if err != nil {
		w.c.Log.Debug("write a page", "error", err)
	}
}

// home shows the chat, or the door to it.
func (w *Web) home(rw http.ResponseWriter, r *http.Request) {
	v := w.withNumbers(w.view(r, ""))
	v.Source = r.PathValue("source")
	chat := w.chat(r)
	if chat == "" {
		w.render(rw, http.StatusOK, "landing", v)
		return
	}
	messages, err := w.messages(r.Context(), chat, "", v)
	switch {
	case err != nil:
		w.c.Log.Error("read a page", "error", err)
		w.trouble(rw, r, v)
	case len(messages) == 0:
		w.render(rw, http.StatusOK, "landing", v)
	default:
		w.render(rw, http.StatusOK, "chat", v.with(messages))
	}
}

// with is the view with messages; only the newest has live buttons, and of a
// question that was drawn several times only the last drawing is kept.
func (v view) with(messages []shown) view {
	for i, m := range messages {
		if next := i + 1; next < len(messages) && messages[next].Redraws && messages[next].Seq == m.Seq {
			continue
		}
		v.Shown = append(v.Shown, m)
	}
	if n := len(v.Shown); n > 0 {
		v.Live, v.Last = &v.Shown[n-1], v.Shown[n-1].ID
	}
	return v
}

// messages reads what the page has after an id.
func (w *Web) messages(ctx context.Context, chat, after string, v view) ([]shown, error) {
	address, err := w.c.Store.Person(Name, chat)
	if err != nil {
		return nil, err
	}
	rows, err := w.c.Store.Page(ctx, address, after)
	if err != nil {
		return nil, err
	}
	out := make([]shown, len(rows))
	for i, row := range rows {
		out[i] = shown{ID: row.ID, View: v}
		if err := json.Unmarshal(row.Body, &out[i].Reply); err != nil {
			return nil, fmt.Errorf("read a message of a page: %w", err)
		}
	}
	return out, nil
}

// trouble shows the way to help while nothing can be read.
func (w *Web) trouble(rw http.ResponseWriter, r *http.Request, v view) {
	reply, _ := flows.Fallback(w.c.Library.Newest(), flows.Input{Channel: Name, Locale: v.Lang})
	v.Card = &reply
	rw.Header().Set("Retry-After", "10")
	w.render(rw, http.StatusServiceUnavailable, "help", v)
}

// help shows the numbers. It needs nothing but the words, so it works whatever
// else does not.
func (w *Web) help(rw http.ResponseWriter, r *http.Request) {
	w.render(rw, http.StatusOK, "help", w.withNumbers(w.view(r, "")))
}

// desk is where the link of an alert leads: it tells staff how to open the queue, and
// shows nothing of it.
func (w *Web) desk(rw http.ResponseWriter, r *http.Request) {
	w.render(rw, http.StatusOK, "desk", w.view(r, ""))
}

// withNumbers puts the ways to get help on a page.
func (w *Web) withNumbers(v view) view {
	card := flows.HelpCard(w.c.Library.Newest(), flows.Input{Channel: Name, Locale: v.Lang})
	v.Card = &card
	return v
}

// asset serves a file that is compiled in.
func asset(kind string, data []byte) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", kind)
		rw.Header().Set("Cache-Control", "no-cache")
		_, _ = rw.Write(data) // the browser went away: nothing to do
	}
}
