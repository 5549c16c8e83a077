package bot

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// outgoing is a message in the outbox.
type outgoing struct {
	ID      string      `json:"id"`
	Channel string      `json:"ch"`
	Chat    string      `json:"to"`
	Reply   flows.Reply `json:"r"`
	// Reference and Said name a worker's message whose delivery is followed.
	Reference string `json:"ref,omitempty"`
	Said      string `json:"said,omitempty"`
	// Hide says that our earlier messages should be taken back first.
	Hide bool `json:"hide,omitempty"`
}

// class orders it among others.
func (o outgoing) class() flows.Class { return o.Reply.Class }

// effects turns an outcome into what the store has to write. It is the one place
// where each part of an outcome is looked at.
func (s *turns) effects(sn *store.Snapshot, in flows.Input, out flows.Outcome) (store.Turn, []outgoing) {
	hub, at := s.library.Newest().Hub, in.At
	turn := store.Turn{
		At: at, From: sn, Conversation: out.Conversation, Keep: hub.Keep.Unfinished, PurgeAfter: hub.Keep.Closed,
		Referral: out.Referral, Timers: out.Timers, Counts: out.Counts, Forget: out.Forget, Erase: out.Erase,
		Must: out.Ends, Call: out.Alert != "",
	}
	r := out.Referral
	if r == nil {
		r = sn.Referral
	}
	if r != nil && !r.Status.Over() && !out.Erase {
		turn.Keep = 0
	}
	if turn.Keep > 0 {
		turn.Keep = out.Conversation.Lifetime(at, turn.Keep)
	}
	turn.Recall = s.recalls[out.Conversation.Channel]
	for _, text := range out.Said {
		turn.Said = append(turn.Said, store.Said{ID: token(), At: at, From: "person", Text: text})
	}
	turn.Audit = auditOf(sn, out, at)
	channel, chat := in.Channel, in.Address
	if chat == "" {
		channel, chat = sn.Conversation.Channel, sn.Conversation.Address
	}
	queue := make([]outgoing, len(out.Replies))
	for i, reply := range out.Replies {
		queue[i] = outgoing{ID: token()[:24], Channel: channel, Chat: chat, Reply: reply, Hide: out.Hide && i == 0}
	}
	if b := out.Back; b != nil {
		queue = append(queue, outgoing{ID: token()[:24], Channel: b.Channel, Chat: b.Address, Reply: b.Reply})
	}
	return turn, queue
}

// auditOf are the lines that a turn of a person leaves: that a referral came,
// changed or went, never what was said.
func auditOf(sn *store.Snapshot, out flows.Outcome, at time.Time) []store.Line {
	var lines []store.Line
	if out.Erase {
		for _, reference := range sn.References() {
			lines = append(lines, store.Line{At: at, What: "erased", Reference: reference, By: "person"})
		}
	}
	r := out.Referral
	if r == nil && out.Erase {
		r = sn.Referral
	}
	if r == nil {
		return lines
	}
	before := 0
	if sn.Referral != nil {
		before = len(sn.Referral.Events)
	}
	for _, e := range r.Events[min(before, len(r.Events)):] {
		lines = append(lines, store.Line{At: e.At, What: e.What, Reference: r.Reference, By: e.By})
	}
	if out.Erase {
		lines = append(lines, store.Line{At: at, What: "erased", Reference: r.Reference, By: "person"})
	}
	return lines
}

// pack puts the messages of a turn into the form of the outbox.
func pack(turn *store.Turn, queue []outgoing) error {
	for _, o := range queue {
		body, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("write a message: %w", err)
		}
		turn.Out = append(turn.Out, store.Outgoing{Body: body})
	}
	return nil
}

// unpack reads a message of the outbox.
func unpack(body []byte) (outgoing, error) {
	var o outgoing
	if err := json.Unmarshal(body, &o); err != nil {
		return o, fmt.Errorf("read a message of the outbox: %w", err)
	}
	return o, nil
}

// unpackAll reads the first messages of an outbox: the first must be readable, those
// behind it are left out if they are not.
func unpackAll(p store.Pending) ([]outgoing, error) {
	if p.Err != nil {
		return nil, p.Err
	}
	first, err := unpack(p.Body)
	if err != nil {
		return nil, err
	}
	queue := []outgoing{first}
	for _, body := range p.Behind {
		if out, err := unpack(body); err == nil {
			queue = append(queue, out)
		}
	}
	return queue, nil
}

// mostUrgent is the class of the first message that should be sent.
func mostUrgent(queue []outgoing) flows.Class {
	classes := make([]flows.Class, len(queue))
	for i, o := range queue {
		classes[i] = o.class()
	}
	return slices.Min(classes)
}
