package discordtest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
)

// serverID and serverChannel are a server that the bot is in.
const serverID, serverChannel = "8000", "8001"

// Says writes in a private channel and returns the message's id.
func (s *Server) Says(user, text string) string {
	s.mu.Lock()
	m := &Message{ID: s.id(), Content: text, Author: user}
	s.screens[Chat(user)] = append(s.screens[Chat(user)], m)
	s.mu.Unlock()
	s.dispatch("MESSAGE_CREATE", asJSON(Chat(user), m))
	return m.ID
}

// SaysInServer writes in a channel of a server.
func (s *Server) SaysInServer(user, text string) {
	s.mu.Lock()
	body := asJSON(serverChannel, &Message{ID: s.id(), Content: text, Author: user})
	s.mu.Unlock()
	body["guild_id"] = serverID
	s.dispatch("MESSAGE_CREATE", body)
}

// Shows sends a picture.
func (s *Server) Shows(user string) string {
	s.mu.Lock()
	m := &Message{ID: s.id(), Author: user}
	s.mu.Unlock()
	body := asJSON(Chat(user), m)
	body["attachments"] = []any{map[string]any{"id": "1", "filename": "x.png", "url": "https://cdn.example/x.png"}}
	s.dispatch("MESSAGE_CREATE", body)
	return m.ID
}

// Edits changes a message of the person's.
func (s *Server) Edits(user, text string) string {
	s.mu.Lock()
	m := &Message{ID: s.id(), Content: text, Author: user}
	s.mu.Unlock()
	body := asJSON(Chat(user), m)
	body["edited_timestamp"] = "2026-11-23T10:01:00.000000+00:00"
	s.dispatch("MESSAGE_UPDATE", body)
	return m.ID + "e20261123100100.000"
}

// Repeats brings a message once more, as a gateway may after it lost a session.
func (s *Server) Repeats(user, id string) {
	s.mu.Lock()
	var body map[string]any
	for _, m := range s.screens[Chat(user)] {
		if m.ID == id {
			body = asJSON(Chat(user), m)
		}
	}
	s.mu.Unlock()
	s.dispatch("MESSAGE_CREATE", body)
}

// interaction begins an interaction and returns its id, which is its token too.
func (s *Server) interaction(user string, kind int, data map[string]any, inServer bool) string {
	s.mu.Lock()
	id := s.id()
	chat := Chat(user)
	who := map[string]any{"id": user, "username": "canary"}
	body := map[string]any{"id": id, "token": id, "application_id": Application, "type": kind, "data": data, "channel_id": chat,
		"version": 1, "locale": "en-GB", "user": who}
	if inServer {
		delete(body, "user")
		body["guild_id"], body["channel_id"], body["member"] = serverID, serverChannel, map[string]any{"user": who}
	}
	s.channels[id] = chat
	s.mu.Unlock()
	s.dispatch("INTERACTION_CREATE", body)
	return id
}

// Interaction is the body of an interaction, for posting it to the endpoint; it
// reaches no gateway.
func (s *Server) Interaction(user string, kind int, data map[string]any) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.id()
	s.channels[id] = Chat(user)
	return map[string]any{"id": id, "token": id, "application_id": Application, "type": kind, "data": data, "channel_id": Chat(user),
		"version": 1, "locale": "en-GB", "user": map[string]any{"id": user, "username": "canary"}}
}

// Command uses a slash command, in private or in a server.
func (s *Server) Command(user, name, source string, inServer bool) string {
	data := map[string]any{"id": "1", "name": name, "type": 1}
	if source != "" {
		data["options"] = []any{map[string]any{"name": "source", "type": 3, "value": source}}
	}
	return s.interaction(user, 2, data, inServer)
}

// Presses presses a button, or picks from a list.
func (s *Server) Presses(user, id string, values ...string) string {
	data := map[string]any{"custom_id": id, "component_type": 2}
	if len(values) > 0 {
		data["component_type"], data["values"] = 3, values
	}
	return s.interaction(user, 3, data, false)
}

// PressesInServer presses a button under a message in a server.
func (s *Server) PressesInServer(user, id string) string {
	return s.interaction(user, 3, map[string]any{"custom_id": id, "component_type": 2}, true)
}

// Submits fills in a form.
func (s *Server) Submits(user, id, text string) string {
	field := map[string]any{"type": 4, "custom_id": "text", "value": text}
	return s.interaction(user, 5, map[string]any{"custom_id": id,
		"components": []any{map[string]any{"type": 1, "components": []any{field}}}}, false)
}

// Person is the person's side of a chat on this Discord, for transcripts and for
// the exercise of all platforms.
type Person struct {
	s        *Server
	platform *noting
	user     string
	seen     map[string]int // messages, and how often each was changed
	mu       sync.Mutex
	taken    map[string]int // how often, by update
	heard    *sync.Cond
	picked   []string // places switched on in the list that is open
	lastID   string
}

// noting passes everything on to the adapter and notes the names of buttons,
// which Discord does not carry.
type noting struct {
	bot.Platform
	mu    sync.Mutex
	names map[string]string
	from  map[string]string
}

// Send notes what each button is called in the script.
func (n *noting) Send(ctx context.Context, chat string, m bot.Message) (string, error) {
	n.mu.Lock()
	for _, b := range append(append([]flows.Button{}, m.Reply.Options...), m.Reply.Last...) {
		n.names[b.Data] = b.ID
	}
	for _, block := range m.Reply.Blocks {
		for _, line := range block.Lines {
			n.names[line.Change.Data] = line.Change.ID
		}
	}
	n.from[m.Text] = m.Reply.From
	n.mu.Unlock()
	return n.Platform.Send(ctx, chat, m)
}

// NewPerson is a person who talks to an adapter of this Discord. Taken must be
// told of every update that the service took.
func (s *Server) NewPerson(user string, adapter bot.Platform) *Person {
	p := &Person{s: s, user: user, seen: map[string]int{}, taken: map[string]int{},
		platform: &noting{Platform: adapter, names: map[string]string{}, from: map[string]string{}}}
	p.heard = sync.NewCond(&p.mu)
	for _, m := range s.Screen(Chat(user)) {
		p.seen[m.ID] = m.Edits + 1
	}
	return p
}

// Taken is told of an update that was taken.
func (p *Person) Taken(update string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[update]++
	p.heard.Broadcast()
}

// Wait waits until an update was taken.
func (p *Person) Wait(ctx context.Context, update string) error { return p.wait(ctx, update, 1) }

// Again brings the last message once more and waits until that was taken, too.
func (p *Person) Again(ctx context.Context) error {
	update := "m" + p.lastID
	p.mu.Lock()
	times := p.taken[update]
	p.mu.Unlock()
	p.s.Repeats(p.user, p.lastID)
	return p.wait(ctx, update, times+1)
}

// wait waits until an update was taken so many times.
func (p *Person) wait(ctx context.Context, update string, times int) error {
	stop := context.AfterFunc(ctx, p.heard.Broadcast)
	defer stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.taken[update] < times {
		if ctx.Err() != nil {
			return fmt.Errorf("update %s was not taken", update)
		}
		p.heard.Wait()
	}
	return nil
}

// Platform is the adapter.
func (p *Person) Platform() bot.Platform { return p.platform }

// Chat is the private channel.
func (p *Person) Chat() string { return Chat(p.user) }

// Last is the id of the last message that the person wrote.
func (p *Person) Last() string { return p.lastID }

// Act does one thing and waits until it was taken.
func (p *Person) Act(ctx context.Context, a transcript.Act) error {
	switch a.Happening {
	case flows.Opened:
		return p.Wait(ctx, "i"+p.s.Command(p.user, "start", a.Link, false))
	case flows.Tapped:
		return p.tap(ctx, a.Button)
	case flows.Media:
		return p.Wait(ctx, "m"+p.s.Shows(p.user))
	case flows.Edited:
		return p.Wait(ctx, "m"+p.s.Edits(p.user, a.Text))
	}
	p.lastID = p.s.Says(p.user, a.Text)
	return p.Wait(ctx, "m"+p.lastID)
}

// tap presses a button. Options of a list are collected until the list is closed,
// which is what "done" stands for here.
func (p *Person) tap(ctx context.Context, b flows.Button) error {
	tap, _ := flows.ParseTap(b.Data)
	switch {
	case strings.HasPrefix(tap.Index, "+") || strings.HasPrefix(tap.Index, "-"):
		p.picked = append(p.picked, tap.Index[1:])
		return nil
	case b.ID == "done" && len(p.picked) > 0:
		tap.Index = "+0"
		values := p.picked
		p.picked = nil
		return p.Wait(ctx, "i"+p.s.Presses(p.user, "pick:"+tap.String(), values...))
	case strings.HasPrefix(tap.Index, "x"):
		return p.Wait(ctx, "i"+p.s.Presses(p.user, "line:0", b.Data))
	}
	return p.Wait(ctx, "i"+p.s.Presses(p.user, b.Data))
}

// Seen are the messages that are new on the screen, or were changed.
func (p *Person) Seen() []transcript.Message {
	var out []transcript.Message
	for _, m := range p.s.Screen(p.Chat()) {
		if p.seen[m.ID] == m.Edits+1 || m.Content == Thinking {
			continue
		}
		p.seen[m.ID] = m.Edits + 1
		text, _ := Read(m.Content)
		msg := transcript.Message{Text: text, From: p.platform.from[text]}
		for _, r := range m.Components {
			inRow, _ := r.(map[string]any)["components"].([]any)
			for _, c := range inRow {
				msg.Buttons = append(msg.Buttons, p.buttons(c.(map[string]any))...)
			}
		}
		out = append(out, msg)
	}
	return out
}

// buttons are what a component offers, each with its name in the script.
func (p *Person) buttons(c map[string]any) []flows.Button {
	id, _ := c["custom_id"].(string)
	if id == "" {
		return nil // a link leads out of the chat
	}
	p.platform.mu.Lock()
	defer p.platform.mu.Unlock()
	options, _ := c["options"].([]any)
	if len(options) == 0 {
		label, _ := c["label"].(string)
		return []flows.Button{{Label: label, Data: id, ID: p.platform.names[id]}}
	}
	var out []flows.Button
	like, picks := strings.CutPrefix(id, "pick:")
	for _, o := range options {
		option := o.(map[string]any)
		value, _ := option["value"].(string)
		label, _ := option["label"].(string)
		if picks {
			tap, _ := flows.ParseTap(like)
			tap.Index = "+" + value
			value = tap.String()
		}
		name := p.platform.names[value]
		if name == "" { // it was on, and so was written as off
			name = p.platform.names[strings.Replace(value, ".+", ".-", 1)]
		}
		out = append(out, flows.Button{Label: label, Data: value, ID: name})
	}
	if picks {
		tap, _ := flows.ParseTap(like)
		tap.Index = "d"
		out = append(out, flows.Button{Label: "Done", Data: tap.String(), ID: "done"})
	}
	return out
}
