package flows_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/scripts"
	"github.com/star-house/frontdoor/locales"
)

// monday is a Monday at ten, when the hub is open.
var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// shippedFiles are the files that ship.
func shippedFiles(t testing.TB) flows.Files {
	t.Helper()
	all, err := scripts.Read(scripts.FS)
	if err != nil {
		t.Fatal(err)
	}
	words, err := scripts.Read(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	structure, _ := scripts.Split(all)
	return flows.Files{Scripts: structure, Locales: words}
}

// readOnce is the bundle that ships, read once: reading takes a while, and a bundle
// never changes.
var readOnce struct {
	sync.Once
	b        *flows.Bundle
	problems error
}

// shipped is the bundle that ships.
func shipped(t testing.TB) *flows.Bundle {
	t.Helper()
	files := shippedFiles(t)
	readOnce.Do(func() {
		b, problems := flows.Parse(files)
		readOnce.b, readOnce.problems = b, problems.Errors()
	})
	if readOnce.b == nil {
		t.Fatal(readOnce.problems)
	}
	return readOnce.b
}

// fewWords is a short list of crisis words of every class: the one that is compiled
// into the program, under other names.
func fewWords() []byte {
	core, err := os.ReadFile("screen/core.yaml")
	if err != nil {
		panic(err)
	}
	return bytes.ReplaceAll(core, []byte("id: core-"), []byte("id: few-"))
}

// with is a copy of files in which some are replaced. A short list stands in for the
// long ones of crisis words, which no test of the scripts needs read again.
func with(files flows.Files, scripts, locales map[string]string) flows.Files {
	out := flows.Files{Scripts: maps.Clone(files.Scripts), Locales: maps.Clone(files.Locales)}
	for name := range out.Locales {
		if strings.Contains(name, "/crisis/") {
			delete(out.Locales, name)
		}
	}
	out.Locales["en/crisis/few.yaml"] = fewWords()
	for name, text := range scripts {
		out.Scripts[name] = []byte(text)
	}
	for name, text := range locales {
		out.Locales[name] = []byte(text)
	}
	return out
}

// chat plays a conversation against the engine alone; between every two inputs
// it is stored and read again.
type chat struct {
	t        testing.TB
	b        *flows.Bundle
	channel  string
	at       time.Time
	c        flows.Conversation
	referral *flows.Referral
	out      flows.Outcome
	updates  int
	last     []flows.Button
	// page says that the hub has a private page and offers it for what is sensitive.
	page bool
}

// newChat is a person who has never written.
func newChat(t testing.TB, b *flows.Bundle, channel string) *chat {
	return &chat{t: t, b: b, channel: channel, at: monday}
}

// do gives the engine an input and keeps what comes of it.
func (c *chat) do(in flows.Input) flows.Outcome {
	c.updates++
	if in.Update == "" {
		in.Update = fmt.Sprint(c.updates)
	}
	in.At, in.Channel, in.Address, in.Referral = c.at, c.channel, "1001", c.referral
	in.Fresh = flows.Fresh{Conversation: fmt.Sprintf("CHAT%04d", c.updates), Reference: "K7QM-2PXD",
		Web: "https://example.org", Return: "https://example.org/r/0"}
	if c.page {
		in.Private, in.Fresh.Page = true, "https://example.org/p/0"
	}
	before := c.encoded(c.c)
	c.out = flows.Advance(c.b, c.c, in)
	if after := c.encoded(c.c); after != before {
		c.t.Fatalf("Advance changed what it was given:\n%s\n%s", before, after)
	}
	c.c = c.stored(c.out.Conversation)
	if c.out.Referral != nil {
		c.referral = c.out.Referral
	}
	if c.out.Erase {
		c.referral = nil
	}
	for _, r := range c.out.Replies {
		c.last = append(append([]flows.Button{}, r.Options...), r.Last...)
		for _, b := range r.Blocks {
			for _, line := range b.Lines {
				c.last = append(c.last, line.Change)
			}
		}
	}
	return c.out
}

// stored is a conversation after being written and read.
func (c *chat) stored(conversation flows.Conversation) flows.Conversation {
	c.t.Helper()
	back, err := flows.DecodeConversation([]byte(c.encoded(conversation)))
	if err != nil {
		c.t.Fatal(err)
	}
	return back
}

// encoded is the stored form of a conversation.
func (c *chat) encoded(conversation flows.Conversation) string {
	c.t.Helper()
	data, err := conversation.Encode()
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

// says types words.
func (c *chat) says(text string) flows.Outcome {
	return c.do(flows.Input{Happening: flows.Typed, Text: text})
}

// taps taps buttons of the last message by their names.
func (c *chat) taps(names ...string) flows.Outcome {
	c.t.Helper()
	for _, name := range names {
		found := false
		for _, b := range c.last {
			if b.ID == name {
				tap, _ := flows.ParseTap(b.Data)
				c.do(flows.Input{Happening: flows.Tapped, Tap: tap})
				found = true
				break
			}
		}
		if !found {
			c.t.Fatalf("there is no button %q among %v", name, c.last)
		}
	}
	return c.out
}

// toScreening walks to the first streetlight question.
func (c *chat) toScreening() {
	c.t.Helper()
	c.says("/start")
	c.taps("me")
	c.says("17")
	c.taps("here", "skip", "agree")
}

// toReview walks to the review of a green person.
func (c *chat) toReview() {
	c.t.Helper()
	c.toScreening()
	c.taps("yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
	c.taps("lonely", "done", "creative", "done", "yes", "skip")
	c.says("Sam")
	c.taps("chat", "any", "nothing")
}
