package terminal_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/platformtest"
	"github.com/star-house/frontdoor/bot/terminal"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
)

// typist is a person at a terminal: they type lines and read what is printed.
type typist struct {
	*terminal.Terminal
	keys  *io.PipeWriter
	taken chan error // one for each update
	mu    sync.Mutex
	seen  []transcript.Message
	shown []flows.Button // under the last message, as they are numbered
	other []flows.Button // those that have no number
	begin func()
	began bool
}

// newTypist starts a terminal program, which ends with the test or when what is
// returned is called.
func newTypist(t *testing.T, accept bot.Accept) (*typist, func()) {
	in, keys := io.Pipe()
	p := &typist{keys: keys, taken: make(chan error, 1)}
	p.Terminal = terminal.New(terminal.Config{In: in, Out: p, Recorder: p})
	ended := make(chan error, 1)
	p.begin = sync.OnceFunc(func() {
		go func() {
			ended <- p.Receive(context.Background(), func(ctx context.Context, in bot.Inbound) error {
				err := accept(ctx, in)
				p.taken <- err
				return err
			})
		}()
	})
	stop := sync.OnceFunc(func() {
		_ = keys.Close()
		if !p.began {
			return
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return p, stop
}

// Write is what the terminal prints; the choices under a message are not its words.
func (p *typist) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	words := strings.TrimPrefix(string(text), "\n")
	for _, choices := range []string{"\n\n  1) ", "\n\n  ["} {
		words, _, _ = strings.Cut(words, choices)
	}
	p.seen[len(p.seen)-1].Text = words
	return len(text), nil
}

// Did is part of terminal.Recorder.
func (*typist) Did(string, flows.Button) {}

// Said notes what the terminal is about to print: its buttons have no names there.
func (p *typist) Said(r flows.Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := transcript.Message{From: r.From}
	for _, block := range r.Blocks {
		for _, line := range block.Lines {
			m.Buttons = append(m.Buttons, line.Change)
		}
	}
	p.shown, p.other = r.Options, append(slices.Clone(r.Last), m.Buttons...)
	if len(m.Buttons) > 0 { // numbers are lines of the review
		p.shown, p.other = nil, append(p.other, r.Options...)
	}
	m.Buttons = append(append(m.Buttons, r.Options...), r.Last...)
	p.seen = append(p.seen, m)
}

// Platform is the terminal.
func (p *typist) Platform() bot.Platform { return p.Terminal }

// Chat is the only one there is.
func (*typist) Chat() string { return "terminal" }

// Act types a line, and waits until it was taken. The program opens the chat itself.
func (p *typist) Act(_ context.Context, a transcript.Act) error {
	if !p.began {
		p.began = true
		p.begin()
		if err := <-p.taken; err != nil || a.Happening == flows.Opened {
			return err
		}
	}
	line := a.Text
	switch a.Happening {
	case flows.Opened:
		line = "/start"
	case flows.Tapped:
		line = p.line(a.Button)
	case flows.Typed:
	default:
		return fmt.Errorf("a terminal has no way to do this: %s", a.Happening)
	}
	if strings.TrimSpace(line) == "" || strings.Contains(line, "\n") {
		return fmt.Errorf("not a line: %q", line)
	}
	if _, err := io.WriteString(p.keys, line+"\n"); err != nil {
		return err
	}
	return <-p.taken
}

// line is how a button is pressed: by its number, or by its label.
func (p *typist) line(b flows.Button) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, shown := range p.shown {
		if shown.Data == b.Data {
			return strconv.Itoa(i + 1)
		}
	}
	return b.Label
}

// Seen takes what was printed.
func (p *typist) Seen() []transcript.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.seen
	p.seen = nil
	return out
}

// place is a terminal for the exercise of all platforms. It refuses nothing, nothing
// comes twice, and what scrolled away cannot be pressed.
type place struct{ stop func() }

// Open starts the program; the one before it ends first.
func (p *place) Open(t *testing.T, accept bot.Accept) transcript.Driver {
	if p.stop != nil {
		p.stop()
	}
	person, stop := newTypist(t, accept)
	p.stop = stop
	return person
}

// Refuse says that nothing is refused.
func (*place) Refuse(bot.Fate, int) bool { return false }

// Again says that nothing comes twice.
func (*place) Again(*testing.T, transcript.Driver) bool { return false }

// Fleeting says that old buttons are gone.
func (*place) Fleeting() {}

// TestPlatform runs the exercise of all platforms.
func TestPlatform(t *testing.T) {
	t.Parallel()
	platformtest.Exercise(t, func(*testing.T) platformtest.Place { return &place{} })
}

// TestTranscripts plays every transcript of the main job in a terminal.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	bottest.Play(t, func(t *testing.T, _ string) func(bot.Accept) transcript.Driver {
		return func(accept bot.Accept) transcript.Driver { return (&place{}).Open(t, accept) }
	}, inATerminal)
}

// onlyElsewhere are the transcripts of what a terminal does not have, or does in
// another way.
func onlyElsewhere() map[string]string {
	const old, web, opens = "what scrolled away cannot be pressed", "it is about the page", "a terminal opens the chat by itself"
	return map[string]string{
		"stale-tap": old, "double-tap": old, "old-chat-button": old, "double-send": old, "web-contact": web, "red-on-the-web": web, "red-with-number": web, "teach-back": web,
		"edit-says-once-young": web, "person-out-of-hours": opens,
		"media": "a terminal takes no pictures", "gate-under-channel": "a terminal is for every age that the door is for",
		"crisis-first-message": opens,
	}
}

// inATerminal makes a transcript that was written for another channel one for the
// terminal, which is opened without a link. What it returns says why that cannot be
// done.
func inATerminal(name string, script *transcript.Transcript) string {
	script.Channel = terminal.Name
	for _, step := range script.Steps {
		if step.Expect != nil && step.Expect.Queue["channel"] != "" {
			step.Expect.Queue["channel"] = terminal.Name
		}
		if step.Expect != nil {
			delete(step.Expect.Queue, "source")
		}
	}
	return onlyElsewhere()[name]
}
