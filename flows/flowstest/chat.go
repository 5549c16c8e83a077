package flowstest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// Monday is a Monday at ten, when the hub is open. Every Chat begins then.
var Monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// Chat plays a conversation against the engine alone; between every two inputs it is
// stored and read again. A copy of a Chat goes on by itself.
type Chat struct {
	T            testing.TB
	Bundle       *flows.Bundle
	Channel      string
	At           time.Time
	Conversation flows.Conversation
	Referral     *flows.Referral
	Kept         []flows.Kept
	// Out is what the last input came to, Last the buttons of its last message, Card
	// the key of the card that was shown last.
	Out     flows.Outcome
	Last    []flows.Button
	Card    string
	Updates int
	// Page says that the hub has a private page and offers it for what is sensitive.
	Page bool
}

// NewChat is a person who has never written.
func NewChat(t testing.TB, b *flows.Bundle, channel string) *Chat {
	return &Chat{T: t, Bundle: b, Channel: channel, At: Monday}
}

// Do gives the engine an input and keeps what comes of it.
func (c *Chat) Do(in flows.Input) flows.Outcome {
	c.T.Helper()
	c.Updates++
	if in.Update == "" {
		in.Update = fmt.Sprint(c.Updates)
	}
	in.At, in.Channel, in.Address, in.Referral, in.Kept = c.At, c.Channel, "1001", c.Referral, c.Kept
	in.Fresh = flows.Fresh{Conversation: fmt.Sprintf("CHAT%04d", c.Updates), Reference: "K7QM-2PXD",
		Web: "https://example.org", Return: "https://example.org/r/0"}
	if c.Page {
		in.Private, in.Fresh.Page = true, "https://example.org/p/0"
	}
	before := c.encoded(c.Conversation)
	c.Out = flows.Advance(c.Bundle, c.Conversation, in)
	if after := c.encoded(c.Conversation); after != before {
		c.T.Fatalf("Advance changed what it was given:\n%s\n%s", before, after)
	}
	c.Conversation = c.stored(c.Out.Conversation)
	if c.Out.Referral != nil {
		c.Referral = c.Out.Referral
	}
	if c.Out.Erase {
		c.Referral = nil
	}
	c.shows()
	return c.Out
}

// shows notes the buttons and the card of what was sent.
func (c *Chat) shows() {
	for _, r := range c.Out.Replies {
		c.Last = append(append([]flows.Button{}, r.Options...), r.Last...)
		for _, b := range r.Blocks {
			if strings.HasPrefix(b.Key, "cards.") && b.Key != "cards.foot" && b.Key != "cards.more" {
				c.Card = b.Key
			}
			for _, line := range b.Lines {
				c.Last = append(c.Last, line.Change)
			}
		}
	}
}

// stored is a conversation after being written and read.
func (c *Chat) stored(conversation flows.Conversation) flows.Conversation {
	c.T.Helper()
	back, err := flows.DecodeConversation([]byte(c.encoded(conversation)))
	if err != nil {
		c.T.Fatal(err)
	}
	return back
}

// encoded is the stored form of a conversation.
func (c *Chat) encoded(conversation flows.Conversation) string {
	c.T.Helper()
	data, err := conversation.Encode()
	if err != nil {
		c.T.Fatal(err)
	}
	return string(data)
}

// Says types words.
func (c *Chat) Says(text string) flows.Outcome {
	c.T.Helper()
	return c.Do(flows.Input{Happening: flows.Typed, Text: text})
}

// Taps taps buttons of the last message by their names.
func (c *Chat) Taps(names ...string) flows.Outcome {
	c.T.Helper()
	for _, name := range names {
		found := false
		for _, b := range c.Last {
			if b.ID == name {
				tap, _ := flows.ParseTap(b.Data)
				c.Do(flows.Input{Happening: flows.Tapped, Tap: tap})
				found = true
				break
			}
		}
		if !found {
			c.T.Fatalf("there is no button %q among %v", name, c.Last)
		}
	}
	return c.Out
}
