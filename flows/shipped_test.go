package flows_test

import (
	"bytes"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/scripts"
)

// monday is a Monday at ten, when the hub is open.
var monday = flowstest.Monday

// shippedFiles are the files that ship.
func shippedFiles(t testing.TB) flows.Files {
	t.Helper()
	all, err := scripts.Read(scripts.FS)
	if err != nil {
		t.Fatal(err)
	}
	words, err := scripts.Read(os.DirFS("../locales")) // flows imports nothing of ours, its tests neither
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

// chat is a flowstest.Chat whose parts have short names, for the tests of this package
// say little else.
type chat struct {
	t        testing.TB
	b        *flows.Bundle
	channel  string
	at       time.Time
	c        flows.Conversation
	referral *flows.Referral
	kept     []flows.Kept
	out      flows.Outcome
	last     []flows.Button
	card     string
	updates  int
	page     bool
}

// newChat is a person who has never written.
func newChat(t testing.TB, b *flows.Bundle, channel string) *chat {
	return short(flowstest.NewChat(t, b, channel))
}

// short is a chat as these tests have it.
func short(c *flowstest.Chat) *chat {
	return &chat{t: c.T, b: c.Bundle, channel: c.Channel, at: c.At, c: c.Conversation, referral: c.Referral, kept: c.Kept,
		out: c.Out, last: c.Last, card: c.Card, updates: c.Updates, page: c.Page}
}

// plays lets something happen to a chat.
func (c *chat) plays(happens func(*flowstest.Chat) flows.Outcome) flows.Outcome {
	c.t.Helper()
	long := &flowstest.Chat{T: c.t, Bundle: c.b, Channel: c.channel, At: c.at, Conversation: c.c, Referral: c.referral, Kept: c.kept,
		Out: c.out, Last: c.last, Card: c.card, Updates: c.updates, Page: c.page}
	out := happens(long)
	*c = *short(long)
	return out
}

// do gives the engine an input and keeps what comes of it.
func (c *chat) do(in flows.Input) flows.Outcome {
	c.t.Helper()
	return c.plays(func(c *flowstest.Chat) flows.Outcome { return c.Do(in) })
}

// says types words.
func (c *chat) says(text string) flows.Outcome {
	c.t.Helper()
	return c.plays(func(c *flowstest.Chat) flows.Outcome { return c.Says(text) })
}

// taps taps buttons of the last message by their names.
func (c *chat) taps(names ...string) flows.Outcome {
	c.t.Helper()
	return c.plays(func(c *flowstest.Chat) flows.Outcome { return c.Taps(names...) })
}

// later lets time go by until a timer is due.
func (c *chat) later(name flows.TimerName) {
	c.plays(func(c *flowstest.Chat) flows.Outcome {
		c.Later(name)
		return c.Out
	})
}

// worker does something to the referral, where that is allowed.
func (c *chat) worker(a flows.Action) {
	c.plays(func(c *flowstest.Chat) flows.Outcome {
		c.Worker(a)
		return c.Out
	})
}

// toScreening walks to the first streetlight question.
func (c *chat) toScreening() {
	c.t.Helper()
	c.says("/start")
	c.taps("me")
	c.says("17")
	c.taps("skip", "here", "agree")
}

// toContact walks a green person to the question after their name.
func (c *chat) toContact() {
	c.t.Helper()
	c.toScreening()
	c.taps("yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
	c.taps("lonely", "done", "creative", "done", "yes", "skip")
	c.says("Sam")
}

// toReview walks to the review of a green person.
func (c *chat) toReview() {
	c.t.Helper()
	c.toContact()
	c.taps("chat", "any", "nothing")
}
