package terminal

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

// Name is the channel's name in scripts.
const Name = "terminal"

// chat is the id of the one chat that a terminal has.
const chat = "terminal"

// Recorder is told what happens, so that a transcript can be written of it.
type Recorder interface {
	// Did is called with what the person did, before the answer comes: a tap has a
	// button, all else has text.
	Did(text string, button flows.Button)
	// Said is called with each reply of the bot.
	Said(r flows.Reply)
}

// Config is what a terminal needs.
type Config struct {
	In  io.Reader
	Out io.Writer
	// Recorder may be nil.
	Recorder Recorder
}

// Terminal is the platform.
type Terminal struct {
	c       Config
	mu      sync.Mutex
	buttons []flows.Button // those of the last message, as they are numbered
	last    []flows.Button
}

// New makes a terminal.
func New(c Config) *Terminal { return &Terminal{c: c} }

// Channel has no limits.
func (t *Terminal) Channel() bot.Channel { return bot.Channel{Name: Name} }

// maxLine is the longest line that is read, in bytes.
const maxLine = 1 << 20

// Receive opens the chat and takes lines until the input or ctx ends.
func (t *Terminal) Receive(ctx context.Context, accept bot.Accept) error {
	// Another program counted its own lines, in the same chat.
	program, updates := rand.Text(), 1
	err := accept(ctx, bot.Inbound{Happening: flows.Opened, Channel: Name, Chat: chat, Update: program + "1"})
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(t.c.In)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		updates++
		in := bot.Inbound{Happening: flows.Typed, Channel: Name, Chat: chat, Update: program + strconv.Itoa(updates), Text: line}
		button, tapped := t.button(line)
		if tapped {
			in.Happening, in.Text, in.Tap = flows.Tapped, "", button.Data
		}
		if t.c.Recorder != nil {
			t.c.Recorder.Did(in.Text, button)
		}
		if err := accept(ctx, in); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the terminal: %w", err)
	}
	return nil
}

// button is the one that a line means: its number or its label.
func (t *Terminal) button(line string) (flows.Button, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(t.buttons) {
		return t.buttons[n-1], true
	}
	for _, b := range slices.Concat(t.buttons, t.last) {
		if strings.EqualFold(b.Label, line) {
			return b, true
		}
	}
	return flows.Button{}, false
}

// Send prints a message with its choices.
func (t *Terminal) Send(_ context.Context, _ string, m bot.Message) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s\n", m.Text)
	t.buttons, t.last = nil, m.Last
	for _, row := range m.Rows {
		t.buttons = append(t.buttons, row...)
	}
	shown := m.Last
	if len(m.Lines) > 0 {
		// The lines of a review are numbered in its text, so a number is a line: its
		// buttons have none, and go by their labels.
		shown = slices.Concat(t.buttons, m.Last)
		t.buttons, t.last = nil, slices.Concat(shown, m.Lines)
	}
	if len(t.buttons) > 0 {
		out.WriteByte('\n')
	}
	for i, b := range t.buttons {
		fmt.Fprintf(&out, "  %d) %s\n", i+1, b.Label)
	}
	var labels []string
	for _, b := range shown {
		labels = append(labels, "["+b.Label+"]")
	}
	fmt.Fprintf(&out, "\n  %s\n\n> ", strings.Join(labels, " "))
	if t.c.Recorder != nil {
		t.c.Recorder.Said(m.Reply)
	}
	if _, err := io.WriteString(t.c.Out, out.String()); err != nil {
		return "", fmt.Errorf("print a message: %w", err)
	}
	return "", nil
}
