package discordtest

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// conn is one connection to the gateway.
type conn struct {
	ws    *websocket.Conn
	mu    sync.Mutex
	seq   int
	ready bool
	// backlog is what a session without a connection has not been told.
	backlog []backlogged
	// silent is a connection over which nothing comes any more.
	silent bool
}

// backlogged is an event that waits for a session to be resumed.
type backlogged struct {
	name string
	data any
}

// send sends one payload.
func (c *conn) send(op int, name string, data any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	payload := map[string]any{"op": op, "d": data}
	if op == 0 {
		c.seq++
		payload["t"], payload["s"] = name, c.seq
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_ = c.ws.WriteJSON(payload) // a connection that is gone hears nothing
}

// gateway is one connection from hello to its end.
func (s *Server) gateway(rw http.ResponseWriter, r *http.Request) {
	ws, err := (&websocket.Upgrader{}).Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	c := &conn{ws: ws}
	s.mu.Lock()
	s.conns[c] = true
	beat := s.Beat
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
		_ = ws.Close()
	}()
	c.send(10, "", map[string]any{"heartbeat_interval": beat})
	for {
		_, body, err := ws.ReadMessage()
		if err != nil {
			return
		}
		s.heard(c, body)
	}
}

// heard answers what a connection said.
func (s *Server) heard(c *conn, body []byte) {
	var in struct {
		Op int `json:"op"`
		D  struct {
			Token   string `json:"token"`
			Intents int    `json:"intents"`
		} `json:"d"`
	}
	_ = json.Unmarshal(body, &in) // a heartbeat's data is a number
	s.mu.Lock()
	silent := c.silent
	s.mu.Unlock()
	switch {
	case silent:
	case in.Op == 1:
		c.send(11, "", nil)
		s.count("heartbeat")
	case in.Op == 2 && in.D.Token != "Bot "+Token:
		_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4004, "Authentication failed."), time.Now().Add(time.Second))
		_ = c.ws.Close()
	case in.Op == 2:
		if in.D.Intents != 1<<12 {
			s.t.Errorf("intents %d", in.D.Intents)
		}
		s.mu.Lock() // so that nothing comes before it
		c.send(0, "READY", map[string]any{"v": 9, "session_id": "s", "user": map[string]any{"id": Application, "bot": true}, "guilds": []any{}})
		c.ready = true
		s.calls["identify"]++
		number := s.calls["identify"]
		s.mu.Unlock()
		if s.Ready != nil {
			s.Ready(number)
		}
	case in.Op == 6:
		s.resume(c)
	}
}

// resume goes on with the session that lost its connection last, or does not.
func (s *Server) resume(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls["resume"]++
	old := s.lost
	s.lost = nil
	if s.OnResume != Resumed || old == nil {
		// The library deadlocks on the first, and begins a session on the second.
		op := 9
		if s.OnResume == Again {
			op = 7
		}
		c.send(op, "", false)
		return
	}
	c.seq, c.ready = old.seq, true
	for _, event := range old.backlog {
		c.send(0, event.name, event.data)
	}
	c.send(0, "RESUMED", map[string]any{})
}

// dispatch sends an event to every session.
func (s *Server) dispatch(name string, data any) {
	s.mu.Lock()
	var to []*conn
	for c := range s.conns {
		if c.ready && !c.silent {
			to = append(to, c)
		}
	}
	if s.lost != nil {
		s.lost.backlog = append(s.lost.backlog, backlogged{name, data})
	}
	s.mu.Unlock()
	for _, c := range to {
		c.send(0, name, data)
	}
}

// Reconnect asks every session to come back, as Discord does every few hours.
func (s *Server) Reconnect() { s.end(7) }

// Invalidate forgets every session, which asks the client to identify anew.
func (s *Server) Invalidate() { s.end(9) }

// end ends every session with a word; its connection stays.
func (s *Server) end(op int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.ready && op == 7 {
			s.lost = &conn{seq: c.seq}
		}
		c.ready = false
		c.send(op, "", false)
	}
}

// Drop cuts every connection.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.ready {
			s.lost = &conn{seq: c.seq}
		}
		c.ready = false
		_ = c.ws.Close()
	}
}

// Silence lets nothing more come over the connections there are, not even the
// answer to a heartbeat, as when a router forgot them.
func (s *Server) Silence() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.silent = true
	}
}

// Sessions is how many sessions are open.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for c := range s.conns {
		if c.ready && !c.silent {
			n++
		}
	}
	return n
}
