// Package discordtest is a small Discord of our own, for tests: the gateway and
// the calls that the adapter makes, answered as the real ones answer, and a person
// who types, taps and picks. It refuses what Discord would refuse.
package discordtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
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
	held     map[string]chan struct{} // closed when a call may go on, by its name
	calls    map[string]int
	commands []Command
	// Beat is the time between heartbeats, in milliseconds.
	Beat int
	// OnResume is how RESUME is answered.
	OnResume string
	lost     *conn // the session that may be resumed
	// Ready, if there is one, is called right after a session was opened, with how
	// many there were.
	Ready func(number int)
}

// What may come of RESUME: the session is forgotten, the client should come back on
// another connection, or it goes on.
const (
	Forgotten = ""
	Again     = "again"
	Resumed   = "resumed"
)

// Fault is how a call fails.
type Fault string

// The faults: none, for a call before the one that fails; a wait that is asked
// for, in this bucket or of the whole bot; a call that is done and is the last for an
// hour; server errors with and without words, a person who takes no messages, a
// channel that is gone or not for us, a token that is not taken, a text that is
// refused, and an answer that gets lost after the call was done.
const (
	None         Fault = ""
	Flood        Fault = "flood"
	Global       Fault = "global"
	Spent        Fault = "spent"
	Broken       Fault = "broken"
	Down         Fault = "down"
	Closed       Fault = "closed"
	NoChannel    Fault = "no channel"
	Forbidden    Fault = "forbidden"
	Unauthorized Fault = "unauthorized"
	Refused      Fault = "refused"
	Lost         Fault = "lost"
)

// refusal is what Discord answers in place of the right thing.
type refusal struct {
	status, code int
	text         string
}

// refusals are what the faults look like.
func refusals() map[Fault]refusal {
	return map[Fault]refusal{
		Down:         {http.StatusInternalServerError, 0, "500: Internal Server Error"},
		Closed:       {http.StatusForbidden, 50007, "Cannot send messages to this user"},
		NoChannel:    {http.StatusNotFound, 10003, "Unknown Channel"},
		Forbidden:    {http.StatusForbidden, 0, "403: Forbidden"},
		Unauthorized: {http.StatusUnauthorized, 0, "401: Unauthorized"},
		Refused:      {http.StatusBadRequest, 50035, "Invalid Form Body"},
	}
}

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
		answers: map[string]map[string]any{}, channels: map[string]string{}, conns: map[*conn]bool{}, calls: map[string]int{},
		held: map[string]chan struct{}{}, Beat: 41250}
	mux := http.NewServeMux()
	mux.HandleFunc("/gateway/", s.gateway)
	mux.HandleFunc("/api/v9/", s.rest)
	s.Server = httptest.NewUnstartedServer(mux)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			s.count("closed")
		}
	}
	s.Server.Start()
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

// Called counts the calls of a name, and what happens at the gateway: "identify"
// and "heartbeat". "closed" are connections that carried no gateway to its end.
func (s *Server) Called(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Hold lets the calls of a name wait until what it returns is called; "list " and
// a chat holds the calls for that chat alone.
func (s *Server) Hold(method string) (release func()) {
	gate := make(chan struct{})
	s.mu.Lock()
	s.held[method] = gate
	s.mu.Unlock()
	release = sync.OnceFunc(func() { close(gate) })
	s.t.Cleanup(release)
	return release
}

// count counts something that happened.
func (s *Server) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[what]++
}

// pass waits while a call is held, and counts it before that.
func (s *Server) pass(name string, parts []string) {
	s.mu.Lock()
	s.calls[name]++
	gate := s.held[name]
	if name == "list" && gate == nil {
		gate = s.held["list "+parts[1]]
	}
	s.mu.Unlock()
	if gate != nil {
		<-gate
	}
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
		refuse(rw, refusals()[Unauthorized])
		return
	}
	s.pass(name, parts)
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := s.failing(name)
	if faulty(rw, kind) {
		return
	}
	result := s.call(name, parts, r, body)
	if kind == Lost {
		panic(http.ErrAbortHandler)
	}
	switch result := result.(type) {
	case refusal:
		refuse(rw, result)
	case nil:
		rw.WriteHeader(http.StatusNoContent)
	default:
		_ = json.NewEncoder(rw).Encode(result)
	}
}

// faulty answers with a fault, and reports whether that is all of the answer.
func faulty(rw http.ResponseWriter, kind Fault) bool {
	switch kind {
	case Flood:
		rw.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(rw, `{"message":"You are being rate limited.","retry_after":1.5,"global":false}`)
		return true
	case Global:
		rw.Header().Set("X-RateLimit-Global", "true")
		rw.Header().Set("Retry-After", "3600")
		rw.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(rw, `{"message":"You are being rate limited.","retry_after":3600,"global":true}`)
		return true
	case Spent:
		rw.Header().Set("X-RateLimit-Remaining", "0")
		rw.Header().Set("X-RateLimit-Reset-After", "3600.5")
	case Broken:
		rw.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(rw, "<html>502 Bad Gateway</html>")
		return true
	}
	no, ok := refusals()[kind]
	if ok {
		refuse(rw, no)
	}
	return ok
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
func refuse(rw http.ResponseWriter, no refusal) {
	rw.WriteHeader(no.status)
	_ = json.NewEncoder(rw).Encode(map[string]any{"message": no.text, "code": no.code})
}

// call does what a call says. Its result is a refusal, or what Discord answers,
// nil for an answer without words.
func (s *Server) call(name string, parts []string, r *http.Request, body []byte) any {
	switch name {
	case "gateway":
		return map[string]any{"url": "ws" + strings.TrimPrefix(s.URL, "http") + "/gateway"}
	case "commands":
		return s.register(body)
	case "openDM":
		var to struct {
			Recipient string `json:"recipient_id"`
		}
		_ = json.Unmarshal(body, &to)
		return map[string]any{"id": Chat(to.Recipient), "type": 1}
	case "callback":
		return s.answer(parts[2], body)
	case "original":
		return s.original(parts[2], body)
	case "send":
		return s.send(parts[1], body)
	case "list":
		return s.list(parts[1], r.URL.Query())
	case "delete":
		return s.remove(parts[1], parts[3])
	}
	s.t.Errorf("the fake knows no %s %s", r.Method, r.URL.Path)
	return refusal{http.StatusNotFound, 0, "404: Not Found"}
}
