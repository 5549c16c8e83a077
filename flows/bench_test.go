package flows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/looplab/fsm"

	"github.com/star-house/frontdoor/flows"
)

// halfWay is a conversation in the middle of the streetlight questions, with the
// ids of as many updates as are kept.
func halfWay(b *testing.B) *chat {
	c := newChat(b, shipped(b), "telegram")
	c.toScreening()
	for i := range 64 {
		c.do(flows.Input{Happening: flows.Typed, Text: "privacy", Update: fmt.Sprintf("%09d", 812_000_000+i)})
	}
	return c
}

// BenchmarkAdvance is one turn of the engine: read the stored form, decide, find
// the words, write the stored form. Performance.md, 5, beside BenchmarkAnchor.
func BenchmarkAdvance(b *testing.B) {
	c := halfWay(b)
	stored, err := c.c.Encode()
	if err != nil {
		b.Fatal(err)
	}
	in := flows.Input{Happening: flows.Tapped, Tap: flows.Tap{Conversation: c.c.ID, Seq: c.c.Ask.Seq, Index: "0"},
		At: monday, Update: "1", Channel: "telegram", Address: "1001"}
	b.ReportAllocs()
	for b.Loop() {
		read, err := flows.DecodeConversation(stored)
		if err != nil {
			b.Fatal(err)
		}
		out := flows.Advance(c.b, read, in)
		if len(out.Replies) != 1 {
			b.Fatal("no reply")
		}
		if _, err := out.Conversation.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnchor is what BenchmarkAdvance is held against: the machine library
// by itself with 40 transitions, built and fired once, and the same state read and
// written as plain JSON.
func BenchmarkAnchor(b *testing.B) {
	c := halfWay(b)
	plain, err := json.Marshal(c.c)
	if err != nil {
		b.Fatal(err)
	}
	var events fsm.Events
	for i := range 40 {
		events = append(events, fsm.EventDesc{Name: fmt.Sprint("e", i), Src: []string{fmt.Sprint("s", i)}, Dst: fmt.Sprint("s", i+1)})
	}
	b.ReportAllocs()
	for b.Loop() {
		var state flows.Conversation
		if err := json.Unmarshal(plain, &state); err != nil {
			b.Fatal(err)
		}
		machine := fsm.NewFSM("s0", events, nil)
		if err := machine.Event(context.Background(), "e0"); err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(state); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse is what a start, or a save in `try`, costs.
func BenchmarkParse(b *testing.B) {
	files := shippedFiles(b)
	for b.Loop() {
		if parsed, problems := flows.Parse(files); parsed == nil {
			b.Fatal(problems)
		}
	}
}
