package discordtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Message is one on a person's screen, or one of their own.
type Message struct {
	ID, Content, Author string
	Components          []any
	Own                 bool // the bot's
	Edits               int
}

// Thinking is what a screen shows of a command that was not answered yet.
const Thinking = "thinking"

// Chat is the private channel of a user.
func Chat(user string) string { return "7" + user }

// invalid is Discord's answer to what it cannot take.
func invalid(problem string) refusal {
	return refusal{http.StatusBadRequest, 50035, "Invalid Form Body: " + problem}
}

// answer is the first answer to an interaction.
func (s *Server) answer(token string, body []byte) any {
	var a map[string]any
	chat, known := s.channels[token]
	switch {
	case !known:
		return refusal{http.StatusNotFound, 10062, "Unknown interaction"}
	case s.answers[token] != nil:
		return refusal{http.StatusBadRequest, 40060, "Interaction has already been acknowledged."}
	case json.Unmarshal(body, &a) != nil:
		return invalid("not JSON")
	}
	data, _ := a["data"].(map[string]any)
	if problem := checkAnswer(a["type"], data); problem != "" {
		return invalid(problem)
	}
	if a["type"] == 5.0 {
		m := &Message{ID: s.id(), Content: Thinking, Own: true}
		s.screens[chat] = append(s.screens[chat], m)
		a["message"] = m
	}
	s.answers[token] = a
	return nil
}

// checkAnswer says what is wrong with a first answer.
func checkAnswer(kind any, data map[string]any) string {
	switch kind {
	case 4.0:
		raw, _ := json.Marshal(data)
		return fill(&Message{}, raw)
	case 9.0:
		id, _ := data["custom_id"].(string)
		title, _ := data["title"].(string)
		rows, _ := data["components"].([]any)
		if id == "" || len(id) > 100 || title == "" || utf8.RuneCountInString(title) > 45 || len(rows) == 0 || len(rows) > 5 {
			return fmt.Sprintf("a form %q called %q with %d rows", id, title, len(rows))
		}
	}
	return ""
}

// Posted takes the body that answered an interaction at the endpoint as its first
// answer, as Discord does.
func (s *Server) Posted(token string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if no, refused := s.answer(token, body).(refusal); refused {
		s.t.Errorf("answer %s: %s", body, no.text)
	}
}

// original puts a message in the place of a first answer that shows "thinking".
func (s *Server) original(token string, body []byte) any {
	m, ok := s.answers[token]["message"].(*Message)
	if !ok {
		return refusal{http.StatusNotFound, 10015, "Unknown Webhook"}
	}
	if problem := fill(m, body); problem != "" {
		return invalid(problem)
	}
	m.Edits++
	return map[string]any{"id": m.ID}
}

// send puts a message on a screen; one with a nonce that was used is the same.
func (s *Server) send(chat string, body []byte) any {
	var how struct {
		Nonce   string `json:"nonce"`
		Enforce bool   `json:"enforce_nonce"`
	}
	_ = json.Unmarshal(body, &how)
	if !how.Enforce || how.Nonce == "" || len(how.Nonce) > 25 {
		return invalid(fmt.Sprintf("nonce %q", how.Nonce))
	}
	if m := s.nonces[how.Nonce]; m != nil {
		return map[string]any{"id": m.ID}
	}
	m := &Message{ID: s.id(), Own: true}
	if problem := fill(m, body); problem != "" {
		return invalid(problem)
	}
	s.nonces[how.Nonce] = m
	s.screens[chat] = append(s.screens[chat], m)
	return map[string]any{"id": m.ID}
}

// fill reads a message's content and components, and says what is wrong with
// them. That it may mention nobody is a rule of ours.
func fill(m *Message, body []byte) string {
	var in struct {
		Content    string
		Components []any
		Mention    *struct {
			Parse []string `json:"parse"`
		} `json:"allowed_mentions"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return "not JSON"
	}
	// Nobody says how Discord counts, so the longer count holds.
	if n := len(utf16.Encode([]rune(in.Content))); strings.TrimSpace(in.Content) == "" || n > 2000 {
		return fmt.Sprintf("content of %d characters", n)
	}
	if in.Mention == nil || in.Mention.Parse == nil || len(in.Mention.Parse) > 0 {
		return "a message that may mention somebody"
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
	switch address, _ := c["url"].(string); {
	case c["style"] == 5.0:
		if c["custom_id"] != nil || !strings.HasPrefix(address, "https://") || len(address) > 512 || label == "" || utf8.RuneCountInString(label) > 80 {
			return fmt.Sprintf("a link button %q to %q", label, address)
		}
		return ""
	case address != "":
		return "an address on a button that is no link"
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

// list is what was written in a channel next after an id, newest first.
func (s *Server) list(chat string, query url.Values) any {
	out := []any{}
	from, _ := strconv.ParseInt(query.Get("after"), 10, 64)
	most, _ := strconv.Atoi(query.Get("limit"))
	if most < 1 || most > 100 {
		return invalid("limit " + query.Get("limit"))
	}
	for _, m := range s.screens[chat] {
		if id, _ := strconv.ParseInt(m.ID, 10, 64); id > from && len(out) < most {
			out = append(out, asJSON(chat, m))
		}
	}
	slices.Reverse(out)
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
func (s *Server) remove(chat, id string) any {
	for i, m := range s.screens[chat] {
		if m.ID == id && m.Own {
			s.screens[chat] = append(s.screens[chat][:i:i], s.screens[chat][i+1:]...)
			return nil
		}
	}
	return refusal{http.StatusNotFound, 10008, "Unknown Message"}
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
