package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
)

// from is a person as Telegram shows them.
func from(chat int64) map[string]any {
	return map[string]any{"id": chat, "is_bot": false, "first_name": "Canary", "username": "canary", "language_code": "en"}
}

// private is a person's chat with the bot.
func private(chat int64) map[string]any { return map[string]any{"id": chat, "type": "private"} }

// Says types words in a chat.
func (s *Server) Says(chat int64, text string) int64 {
	return s.Update("message", map[string]any{"message_id": 1, "date": 1, "from": from(chat), "chat": private(chat), "text": text})
}

// Shows sends something that is not text.
func (s *Server) Shows(chat int64, caption string) int64 {
	return s.Update("message", map[string]any{"message_id": 1, "date": 1, "from": from(chat), "chat": private(chat),
		"caption": caption, "photo": []any{map[string]any{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}}})
}

// Edits changes an earlier message.
func (s *Server) Edits(chat int64, text string) int64 {
	return s.Update("edited_message", map[string]any{"message_id": 1, "date": 1, "edit_date": 2, "from": from(chat), "chat": private(chat), "text": text})
}

// Taps taps a button by its data; the newest message that has it is the one that
// is tapped, and one that is gone is given as inaccessible.
func (s *Server) Taps(chat int64, data string) int64 {
	message := map[string]any{"message_id": 1, "date": 0, "chat": private(chat)}
	s.mu.Lock()
	for _, m := range s.screens[chat] {
		for _, row := range m.Keyboard {
			for _, b := range row {
				if b.Data == data {
					message = shown(chat, m)
				}
			}
		}
	}
	s.mu.Unlock()
	return s.Update("callback_query", map[string]any{"id": "q", "from": from(chat), "chat_instance": "c", "data": data, "message": message})
}

// Blocks blocks the bot, or lets it in again.
func (s *Server) Blocks(chat int64, blocked bool) int64 {
	status := func(b bool) map[string]any {
		member := map[string]any{"status": "member", "user": from(123456)}
		if b {
			member = map[string]any{"status": "kicked", "user": from(123456), "until_date": 0}
		}
		return member
	}
	return s.Update("my_chat_member", map[string]any{"chat": private(chat), "from": from(chat), "date": 1,
		"old_chat_member": status(!blocked), "new_chat_member": status(blocked)})
}

// Update queues any update and returns its id.
func (s *Server) Update(kind string, body map[string]any) int64 {
	s.mu.Lock()
	id := s.next
	s.next++
	s.mu.Unlock()
	s.Deliver(id, kind, body)
	return id
}

// Deliver queues an update under an id that the test chooses.
func (s *Server) Deliver(id int64, kind string, body map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = update{id, map[string]any{"update_id": id, kind: body}}
	s.waiting = append(s.waiting, s.last)
	s.changed.Broadcast()
}

// Again queues the last update once more under its old id, as happens when a
// confirmation is lost, and returns the id.
func (s *Server) Again() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, s.last)
	s.passed = 0
	s.changed.Broadcast()
	return s.last.id
}

// errNotYet is a wait that goes on.
var errNotYet = errors.New("not yet")

// Confirmed waits until an update was confirmed by a poll.
func (s *Server) Confirmed(ctx context.Context, id int64) error {
	stop := context.AfterFunc(ctx, s.changed.Broadcast)
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.passed <= id {
		if ctx.Err() != nil || s.closed {
			return fmt.Errorf("update %d was not taken: %w", id, errNotYet)
		}
		s.changed.Wait()
	}
	return nil
}

// Post posts the first waiting update to the webhook and says what was answered;
// one that was answered 200 is done.
func (s *Server) Post(ctx context.Context) (int, error) {
	s.mu.Lock()
	if len(s.waiting) == 0 {
		s.mu.Unlock()
		return 0, errNotYet
	}
	first, to, secret := s.waiting[0], s.webhook, s.secret
	s.mu.Unlock()
	body, err := json.Marshal(first.body)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		s.mu.Lock()
		s.waiting = s.waiting[1:]
		s.mu.Unlock()
	}
	return response.StatusCode, nil
}

// Person is the person's side of a chat on this Telegram, for transcripts and for
// the exercise of all platforms.
type Person struct {
	s        *Server
	platform *noting
	chat     int64
	seen     int
	edits    map[int]int
}

// noting passes everything on to the adapter and notes the names of buttons,
// which Telegram does not carry.
type noting struct {
	bot.Platform
	names map[string]flows.Button
	from  map[string]string
}

// Send notes what a button is called in the script.
func (n *noting) Send(ctx context.Context, chat string, m bot.Message) (string, error) {
	for _, b := range append(append([]flows.Button{}, m.Reply.Options...), m.Reply.Last...) {
		n.names[b.Data] = b
	}
	for _, block := range m.Reply.Blocks {
		for _, line := range block.Lines {
			n.names[line.Change.Data] = line.Change
		}
	}
	n.from[m.Text] = m.Reply.From
	return n.Platform.Send(ctx, chat, m)
}

// NewPerson is a person in a chat, over an adapter that talks to this Telegram.
func (s *Server) NewPerson(chat int64, adapter bot.Platform) *Person {
	return &Person{s: s, chat: chat, edits: map[int]int{}, seen: len(s.Screen(chat)),
		platform: &noting{Platform: adapter, names: map[string]flows.Button{}, from: map[string]string{}}}
}

// Platform is the adapter.
func (p *Person) Platform() bot.Platform { return p.platform }

// Chat is the person's chat.
func (p *Person) Chat() string { return fmt.Sprint(p.chat) }

// Act does one thing and waits until it was taken.
func (p *Person) Act(ctx context.Context, a transcript.Act) error {
	var id int64
	switch a.Happening {
	case flows.Opened:
		text := "/start"
		if a.Link != "" {
			text += " " + a.Link
		}
		id = p.s.Says(p.chat, text)
	case flows.Tapped:
		id = p.s.Taps(p.chat, a.Button.Data)
	case flows.Media:
		id = p.s.Shows(p.chat, a.Text)
	case flows.Edited:
		id = p.s.Edits(p.chat, a.Text)
	case flows.Blocked, flows.Unblocked:
		id = p.s.Blocks(p.chat, a.Happening == flows.Blocked)
	default:
		id = p.s.Says(p.chat, a.Text)
	}
	return p.s.Confirmed(ctx, id)
}

// Seen are the messages that are new on the screen, or were changed.
func (p *Person) Seen() []transcript.Message {
	var out []transcript.Message
	for i, m := range p.s.Screen(p.chat) {
		if i < p.seen && p.edits[m.ID] == m.Edits {
			continue
		}
		p.edits[m.ID] = m.Edits
		msg := transcript.Message{Text: m.Text, From: p.platform.from[m.Text]}
		for _, row := range m.Keyboard {
			for _, b := range row {
				if b.URL != "" {
					continue // it leads out of the chat
				}
				known := p.platform.names[b.Data]
				msg.Buttons = append(msg.Buttons, flows.Button{Label: b.Text, Data: b.Data, ID: known.ID})
			}
		}
		out = append(out, msg)
	}
	p.seen = len(p.s.Screen(p.chat))
	return out
}
