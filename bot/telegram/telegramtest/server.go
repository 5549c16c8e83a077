// Package telegramtest is a small Telegram of our own, for tests: the calls that
// the adapter makes, answered as the real one answers them, and a person who
// types and taps. It refuses what Telegram would refuse.
package telegramtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
)

// Token is the secret of the bot.
const Token = "123456:test-token"

// Server is a Telegram.
type Server struct {
	*httptest.Server
	t       testing.TB
	mu      sync.Mutex
	changed *sync.Cond
	next    int64 // id of the next update
	waiting []update
	last    update
	passed  int64 // updates below this one are confirmed
	screens map[int64][]*Message
	message int
	faults  []fault
	calls   map[string]int
	params  map[string]map[string]json.RawMessage // of the first call of each method
	webhook string                                // where updates are posted; "" while they are polled
	secret  string
	closed  bool
}

// Called counts the calls of a method.
func (s *Server) Called(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Sent is a parameter of the first call of a method.
func (s *Server) Sent(method, name string) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.params[method][name]
}

// Registered is the address of the webhook, "" while there is none.
func (s *Server) Registered() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.webhook
}

// update is one that waits to be fetched.
type update struct {
	id   int64
	body map[string]any
}

// Message is one of the bot's on a person's screen.
type Message struct {
	ID       int
	Text     string
	Bold     []string
	Keyboard [][]Button
	Edits    int
}

// Button is one under a message: with data, or with an address that it opens.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
	URL  string `json:"url"`
}

// problem is what Telegram would say against a button, "" for nothing. It takes no
// address of one's own machine.
func (b Button) problem() string {
	switch {
	case b.Text == "":
		return "text buttons are unallowed in the inline keyboard"
	case b.URL == "" && (len(b.Data) == 0 || len(b.Data) > 64):
		return fmt.Sprintf("button data has %d bytes", len(b.Data))
	case b.URL != "" && (b.Data != "" || !strings.HasPrefix(b.URL, "https://") || !strings.Contains(b.URL, ".")):
		return fmt.Sprintf("inline keyboard button URL %q is invalid: Wrong HTTP URL", b.URL)
	}
	return ""
}

// fault is an answer that is given in place of the right one.
type fault struct {
	method string
	kind   Fault
	times  int
}

// Fault is how a call fails.
type Fault string

// The faults: a flood wait of one second, a server error, a blocked bot, a text
// that is refused, and an answer that gets lost after the call was done.
const (
	Flood   Fault = "flood"
	Broken  Fault = "broken"
	Blocked Fault = "blocked"
	Refused Fault = "refused"
	Lost    Fault = "lost"
)

// Start starts a Telegram that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, next: 700_000_001, screens: map[int64][]*Message{}, calls: map[string]int{}, params: map[string]map[string]json.RawMessage{}}
	s.changed = sync.NewCond(&s.mu)
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.mu.Lock()
		s.closed = true
		s.changed.Broadcast()
		s.mu.Unlock()
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// Fail lets the next calls of a method fail.
func (s *Server) Fail(method string, kind Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{method, kind, times})
}

// failing takes a fault for a method, "" when there is none.
func (s *Server) failing(method string) Fault {
	for i := range s.faults {
		if s.faults[i].method == method && s.faults[i].times > 0 {
			s.faults[i].times--
			return s.faults[i].kind
		}
	}
	return ""
}

// serve answers one call.
func (s *Server) serve(rw http.ResponseWriter, r *http.Request) {
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+Token+"/")
	if !ok {
		reply(rw, http.StatusUnauthorized, "Unauthorized", 0)
		return
	}
	params, err := readParams(r)
	if err != nil {
		reply(rw, http.StatusBadRequest, "Bad Request: "+err.Error(), 0)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[method]++; s.calls[method] == 1 {
		s.params[method] = params
	}
	kind := s.failing(method)
	switch kind {
	case Flood:
		reply(rw, http.StatusTooManyRequests, "Too Many Requests: retry after 1", 1)
		return
	case Broken:
		rw.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(rw, "<html>502 Bad Gateway</html>")
		return
	case Blocked:
		reply(rw, http.StatusForbidden, "Forbidden: bot was blocked by the user", 0)
		return
	case Refused:
		reply(rw, http.StatusBadRequest, "Bad Request: message text is odd", 0)
		return
	}
	result, problem := s.call(r, method, params)
	if kind == Lost {
		panic(http.ErrAbortHandler)
	}
	if problem != "" {
		reply(rw, http.StatusBadRequest, "Bad Request: "+problem, 0)
		return
	}
	_ = json.NewEncoder(rw).Encode(map[string]any{"ok": true, "result": result})
}

// reply is an answer that is no.
func reply(rw http.ResponseWriter, code int, text string, after int) {
	rw.WriteHeader(code)
	out := map[string]any{"ok": false, "error_code": code, "description": text}
	if after > 0 {
		out["parameters"] = map[string]any{"retry_after": after}
	}
	_ = json.NewEncoder(rw).Encode(out)
}

// readParams reads the parameters of a call, whatever form they come in.
func readParams(r *http.Request) (map[string]json.RawMessage, error) {
	params := map[string]json.RawMessage{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		err := json.NewDecoder(r.Body).Decode(&params)
		return params, err
	}
	if r.ContentLength == 0 {
		return params, nil
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return params, nil // a call without parameters has no parts
	}
	for name, values := range r.MultipartForm.Value {
		if json.Valid([]byte(values[0])) {
			params[name] = json.RawMessage(values[0])
			continue
		}
		quoted, err := json.Marshal(values[0])
		if err != nil {
			return nil, err
		}
		params[name] = quoted
	}
	return params, nil
}

// call does what a method does. problem is what Telegram would say against it.
func (s *Server) call(r *http.Request, method string, params map[string]json.RawMessage) (result any, problem string) {
	switch method {
	case "getUpdates":
		return s.getUpdates(r, params)
	case "sendMessage":
		return s.sendMessage(params)
	case "editMessageText":
		return s.editMessage(params)
	case "deleteMessages":
		return s.deleteMessages(params)
	case "setWebhook":
		s.webhook, s.secret = text(params["url"]), text(params["secret_token"])
		return true, ""
	case "deleteWebhook":
		s.webhook = ""
		return true, ""
	case "answerCallbackQuery", "setMyCommands", "setMyDescription", "setMyShortDescription", "leaveChat":
		return true, ""
	}
	s.t.Errorf("the fake knows no %s", method)
	return nil, "unknown method"
}

// text is a parameter that is a string.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return strings.Trim(string(raw), `"`)
	}
	return s
}

// number is a parameter that is a number.
func number(raw json.RawMessage) int64 {
	n, _ := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	return n
}

// getUpdates waits for updates from an offset on; those before it are confirmed.
func (s *Server) getUpdates(r *http.Request, params map[string]json.RawMessage) (any, string) {
	offset := number(params["offset"])
	if !strings.Contains(string(params["allowed_updates"]), "callback_query") {
		return nil, "the list of updates was forgotten"
	}
	for len(s.waiting) > 0 && s.waiting[0].id < offset {
		s.waiting = s.waiting[1:]
	}
	if offset > s.passed {
		s.passed = offset
		s.changed.Broadcast()
	}
	late := time.AfterFunc(time.Duration(number(params["timeout"]))*time.Second, s.changed.Broadcast)
	defer late.Stop()
	gone := r.Context()
	stop := time.AfterFunc(time.Hour, func() {})
	defer stop.Stop()
	go func() { <-gone.Done(); s.changed.Broadcast() }()
	end := time.Now().Add(time.Duration(number(params["timeout"])) * time.Second)
	for len(s.waiting) == 0 && !s.closed && gone.Err() == nil && time.Now().Before(end) {
		s.changed.Wait()
	}
	out := []any{}
	for _, u := range s.waiting[:min(len(s.waiting), 100)] {
		out = append(out, u.body)
	}
	return out, ""
}

// sendMessage puts a message on a screen.
func (s *Server) sendMessage(params map[string]json.RawMessage) (any, string) {
	m := &Message{}
	if problem := fill(m, params); problem != "" {
		return nil, problem
	}
	chat := number(params["chat_id"])
	s.message++
	m.ID = s.message
	s.screens[chat] = append(s.screens[chat], m)
	s.changed.Broadcast()
	return shown(chat, m), ""
}

// shown is a message as Telegram gives it back.
func shown(chat int64, m *Message) map[string]any {
	return map[string]any{"message_id": m.ID, "date": 1, "chat": map[string]any{"id": chat, "type": "private"}, "text": m.Text}
}

// fill reads text, entities and keyboard, and says what is wrong with them.
func fill(m *Message, params map[string]json.RawMessage) string {
	m.Text = text(params["text"])
	var entities []struct {
		Type           string
		Offset, Length int
	}
	var markup struct {
		Keyboard [][]Button `json:"inline_keyboard"`
	}
	_ = json.Unmarshal(params["entities"], &entities)
	_ = json.Unmarshal(params["reply_markup"], &markup)
	encoded := utf16.Encode([]rune(m.Text))
	switch {
	case len(encoded) == 0 || len(encoded) > 4096:
		return "message is too long or empty"
	case params["parse_mode"] != nil:
		return "a text of ours is never parsed"
	}
	for _, e := range entities {
		if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > len(encoded) {
			return "an entity stands outside the text"
		}
		m.Bold = append(m.Bold, string(utf16.Decode(encoded[e.Offset:e.Offset+e.Length])))
	}
	for _, row := range markup.Keyboard {
		if len(row) > 8 {
			return fmt.Sprintf("a row of %d buttons", len(row))
		}
		for _, b := range row {
			if problem := b.problem(); problem != "" {
				return problem
			}
		}
	}
	m.Keyboard = markup.Keyboard
	return ""
}

// editMessage changes a message on a screen.
func (s *Server) editMessage(params map[string]json.RawMessage) (any, string) {
	chat, id := number(params["chat_id"]), int(number(params["message_id"]))
	for _, m := range s.screens[chat] {
		if m.ID != id {
			continue
		}
		changed := &Message{ID: id, Edits: m.Edits + 1}
		if problem := fill(changed, params); problem != "" {
			return nil, problem
		}
		if changed.Text == m.Text && fmt.Sprint(changed.Keyboard) == fmt.Sprint(m.Keyboard) {
			return nil, "message is not modified: specified new message content and reply markup are exactly the same"
		}
		*m = *changed
		s.changed.Broadcast()
		return shown(chat, m), ""
	}
	return nil, "message to edit not found"
}

// deleteMessages takes messages off a screen.
func (s *Server) deleteMessages(params map[string]json.RawMessage) (any, string) {
	var ids []int
	if err := json.Unmarshal(params["message_ids"], &ids); err != nil || len(ids) == 0 || len(ids) > 100 {
		return nil, "message identifiers are not specified"
	}
	chat := number(params["chat_id"])
	var left []*Message
	for _, m := range s.screens[chat] {
		gone := false
		for _, id := range ids {
			gone = gone || m.ID == id
		}
		if !gone {
			left = append(left, m)
		}
	}
	s.screens[chat] = left
	return true, ""
}

// Screen is what a person sees of the bot's messages, oldest first.
func (s *Server) Screen(chat int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.screens[chat] {
		out = append(out, *m)
	}
	return out
}
