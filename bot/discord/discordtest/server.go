// Package discordtest is a small Discord of our own, for tests: the gateway and
// the calls that the adapter makes, answered as the real ones answer, and a person
// who types, taps and picks. It refuses what Discord would refuse.
package discordtest

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
	"unicode/utf8"
)

// Token and Application are those of the bot.
const (
	Token       = "test-token"
	Application = "900000000000000001"
)

// Server is a Discord.
type Server struct {
	*httptest.Server
	t        testing.TB
	mu       sync.Mutex
	next     int64 // the next id
	screens  map[string][]*Message
	nonces   map[string]*Message
	answers  map[string]map[string]any // first answers, by interaction token
	channels map[string]string         // the chat of each interaction token
	conns    map[*conn]bool
	faults   []fault
	calls    map[string]int
	commands []any
	// Beat is the time between heartbeats, in milliseconds.
	Beat int
	// Mute lets the gateway answer nothing more.
	mute bool
}

// Message is one on a person's screen, or one of their own.
type Message struct {
	ID, Content, Author string
	Components          []any
	Own                 bool // the bot's
	Edits               int
}

// Fault is how a call fails.
type Fault string

// The faults: a wait that is asked for, a server error, a person who takes no
// messages, a text that is refused, and an answer that gets lost after the call
// was done.
const (
	Flood   Fault = "flood"
	Broken  Fault = "broken"
	Closed  Fault = "closed"
	Refused Fault = "refused"
	Lost    Fault = "lost"
)

// fault is an answer that is given in place of the right one.
type fault struct {
	method string
	kind   Fault
	times  int
}

// Start starts a Discord that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, next: 1_100_000_000_000_000_000, screens: map[string][]*Message{}, nonces: map[string]*Message{},
		answers: map[string]map[string]any{}, channels: map[string]string{}, conns: map[*conn]bool{}, calls: map[string]int{}, Beat: 41250}
	mux := http.NewServeMux()
	mux.HandleFunc("/gateway/", s.gateway)
	mux.HandleFunc("/api/v9/", s.rest)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		s.mu.Lock()
		for c := range s.conns {
			_ = c.ws.Close()
		}
		s.mu.Unlock()
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// id draws the next id. The caller holds the lock.
func (s *Server) id() string {
	s.next++
	return strconv.FormatInt(s.next, 10)
}

// Fail lets the next calls fail; method is the call's name in this fake.
func (s *Server) Fail(method string, kind Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{method, kind, times})
}

// Called counts the calls of a name.
func (s *Server) Called(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Commands are those that were registered last.
func (s *Server) Commands() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands
}

// route names a call.
func route(method, path string) (name string, parts []string) {
	parts = strings.Split(strings.TrimPrefix(path, "/api/v9/"), "/")
	switch {
	case path == "/api/v9/gateway":
		return "gateway", parts
	case parts[0] == "interactions":
		return "callback", parts
	case parts[0] == "webhooks":
		return "original", parts
	case parts[0] == "applications":
		return "commands", parts
	case parts[0] == "users":
		return "openDM", parts
	case parts[0] == "channels" && method == http.MethodPost:
		return "send", parts
	case parts[0] == "channels" && method == http.MethodGet:
		return "list", parts
	case parts[0] == "channels" && method == http.MethodDelete:
		return "delete", parts
	}
	return "", parts
}

// rest answers one call.
func (s *Server) rest(rw http.ResponseWriter, r *http.Request) {
	name, parts := route(r.Method, r.URL.Path)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	open := name == "gateway" || name == "callback" || name == "original"
	if !open && r.Header.Get("Authorization") != "Bot "+Token {
		refuse(rw, http.StatusUnauthorized, 0, "401: Unauthorized")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[name]++
	kind := s.failing(name)
	switch kind {
	case Flood:
		rw.Header().Set("Retry-After", "1")
		rw.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(rw, `{"message":"You are being rate limited.","retry_after":1.0,"global":false}`)
		return
	case Broken:
		rw.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(rw, "<html>502 Bad Gateway</html>")
		return
	case Closed:
		refuse(rw, http.StatusForbidden, 50007, "Cannot send messages to this user")
		return
	case Refused:
		refuse(rw, http.StatusBadRequest, 50035, "Invalid Form Body")
		return
	}
	status, result := s.call(name, parts, r, body)
	if kind == Lost {
		panic(http.ErrAbortHandler)
	}
	if text, ok := result.(string); ok && status >= http.StatusBadRequest {
		refuse(rw, status, 0, text)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	if status != http.StatusNoContent {
		_ = json.NewEncoder(rw).Encode(result)
	}
}

// failing takes a fault for a call, "" when there is none.
func (s *Server) failing(name string) Fault {
	for i := range s.faults {
		if s.faults[i].method == name && s.faults[i].times > 0 {
			s.faults[i].times--
			return s.faults[i].kind
		}
	}
	return ""
}

// refuse is an answer that is no.
func refuse(rw http.ResponseWriter, status, code int, text string) {
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(map[string]any{"message": text, "code": code})
}

// call does what a call says.
func (s *Server) call(name string, parts []string, r *http.Request, body []byte) (int, any) {
	switch name {
	case "gateway":
		return http.StatusOK, map[string]any{"url": "ws" + strings.TrimPrefix(s.URL, "http") + "/gateway"}
	case "commands":
		return s.register(body)
	case "openDM":
		var to struct {
			Recipient string `json:"recipient_id"`
		}
		_ = json.Unmarshal(body, &to)
		return http.StatusOK, map[string]any{"id": Chat(to.Recipient), "type": 1}
	case "callback":
		return s.answer(parts[2], body)
	case "original":
		return s.original(parts[2], body)
	case "send":
		return s.send(parts[1], body)
	case "list":
		return http.StatusOK, s.list(parts[1], r.URL.Query().Get("after"))
	case "delete":
		return s.remove(parts[1], parts[3])
	}
	s.t.Errorf("the fake knows no %s %s", r.Method, r.URL.Path)
	return http.StatusNotFound, "404: Not Found"
}

// Chat is the private channel of a user.
func Chat(user string) string { return "7" + user }

// register keeps the commands.
func (s *Server) register(body []byte) (int, any) {
	if err := json.Unmarshal(body, &s.commands); err != nil {
		return http.StatusBadRequest, "not a list"
	}
	return http.StatusOK, s.commands
}

// answer is the first answer to an interaction.
func (s *Server) answer(token string, body []byte) (int, any) {
	var a map[string]any
	switch chat, known := s.channels[token]; {
	case !known:
		return http.StatusNotFound, "Unknown interaction"
	case s.answers[token] != nil:
		return http.StatusBadRequest, "Interaction has already been acknowledged."
	case json.Unmarshal(body, &a) != nil:
		return http.StatusBadRequest, "not JSON"
	case a["type"] == 5.0:
		m := &Message{ID: s.id(), Content: "thinking", Own: true}
		s.screens[chat] = append(s.screens[chat], m)
		a["message"] = m
	}
	s.answers[token] = a
	return http.StatusNoContent, nil
}

// original puts a message in the place of a first answer that shows "thinking".
func (s *Server) original(token string, body []byte) (int, any) {
	m, ok := s.answers[token]["message"].(*Message)
	if !ok {
		return http.StatusNotFound, "Unknown Webhook"
	}
	if problem := fill(m, body); problem != "" {
		return http.StatusBadRequest, problem
	}
	m.Edits++
	return http.StatusOK, map[string]any{"id": m.ID}
}

// send puts a message on a screen; one with a nonce that was used is the same.
func (s *Server) send(chat string, body []byte) (int, any) {
	var how struct {
		Nonce   string `json:"nonce"`
		Enforce bool   `json:"enforce_nonce"`
		Mention *struct {
			Parse []string `json:"parse"`
		} `json:"allowed_mentions"`
	}
	_ = json.Unmarshal(body, &how)
	if !how.Enforce || how.Nonce == "" || len(how.Nonce) > 25 || how.Mention == nil || len(how.Mention.Parse) > 0 {
		return http.StatusBadRequest, "a message without a nonce, or that may mention"
	}
	if m := s.nonces[how.Nonce]; m != nil {
		return http.StatusOK, map[string]any{"id": m.ID}
	}
	m := &Message{ID: s.id(), Own: true}
	if problem := fill(m, body); problem != "" {
		return http.StatusBadRequest, problem
	}
	s.nonces[how.Nonce] = m
	s.screens[chat] = append(s.screens[chat], m)
	return http.StatusOK, map[string]any{"id": m.ID}
}

// fill reads a message's content and components, and says what is wrong with
// them.
func fill(m *Message, body []byte) string {
	var in struct {
		Content    string
		Components []any
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return "not JSON"
	}
	if n := utf8.RuneCountInString(in.Content); n == 0 || n > 2000 {
		return fmt.Sprintf("content of %d characters", n)
	}
	if len(in.Components) > 5 {
		return fmt.Sprintf("%d rows", len(in.Components))
	}
	seen := map[string]bool{}
	for _, r := range in.Components {
		inRow, _ := r.(map[string]any)["components"].([]any)
		if len(inRow) == 0 || len(inRow) > 5 {
			return fmt.Sprintf("%d components in a row", len(inRow))
		}
		for _, c := range inRow {
			if problem := checkComponent(c.(map[string]any), seen); problem != "" {
				return problem
			}
		}
	}
	m.Content, m.Components = in.Content, in.Components
	return ""
}

// checkComponent says what is wrong with a button or a list.
func checkComponent(c map[string]any, seen map[string]bool) string {
	id, _ := c["custom_id"].(string)
	label, _ := c["label"].(string)
	options, _ := c["options"].([]any)
	switch {
	case id == "" || len(id) > 100 || seen[id]:
		return fmt.Sprintf("custom_id %q", id)
	case c["type"] == 2.0 && (label == "" || utf8.RuneCountInString(label) > 80):
		return fmt.Sprintf("label %q", label)
	case c["type"] == 3.0 && (len(options) == 0 || len(options) > 25):
		return fmt.Sprintf("%d options", len(options))
	}
	seen[id] = true
	return ""
}

// list is what was written in a channel after an id, newest first.
func (s *Server) list(chat, after string) []any {
	out := []any{}
	from, _ := strconv.ParseInt(after, 10, 64)
	for i := len(s.screens[chat]) - 1; i >= 0; i-- {
		m := s.screens[chat][i]
		if id, _ := strconv.ParseInt(m.ID, 10, 64); id > from {
			out = append(out, asJSON(chat, m))
		}
	}
	return out
}

// asJSON is a message as Discord gives it.
func asJSON(chat string, m *Message) map[string]any {
	author := map[string]any{"id": m.Author, "username": "canary"}
	if m.Own {
		author = map[string]any{"id": Application, "username": "bot", "bot": true}
	}
	return map[string]any{"id": m.ID, "channel_id": chat, "content": m.Content, "author": author, "type": 0,
		"timestamp": "2026-11-23T10:00:00.000000+00:00", "attachments": []any{}, "mentions": []any{}, "embeds": []any{}}
}

// remove takes one of the bot's messages off a screen.
func (s *Server) remove(chat, id string) (int, any) {
	for i, m := range s.screens[chat] {
		if m.ID == id && m.Own {
			s.screens[chat] = append(s.screens[chat][:i:i], s.screens[chat][i+1:]...)
			return http.StatusNoContent, nil
		}
	}
	return http.StatusNotFound, "Unknown Message"
}

// Screen is what a person sees of the bot's messages, oldest first.
func (s *Server) Screen(chat string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.screens[chat] {
		if m.Own {
			out = append(out, *m)
		}
	}
	return out
}

// Answer is the first answer that an interaction got, nil while there is none.
func (s *Server) Answer(token string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[token]
}

// Plain is what a person reads of a content: bold marks gone, escapes resolved.
func Plain(content string) string {
	var out strings.Builder
	for i := 0; i < len(content); i++ {
		switch {
		case content[i] == '\\' && i+1 < len(content) && strings.IndexByte("\\*_~|`>#[]()<@", content[i+1]) >= 0:
			i++
			out.WriteByte(content[i])
		case strings.HasPrefix(content[i:], "**"):
			i++
		default:
			out.WriteByte(content[i])
		}
	}
	return out.String()
}
