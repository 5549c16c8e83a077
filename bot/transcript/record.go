package transcript

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/flows"
)

// Recorder writes a transcript of a chat as it happens. It writes what was typed
// word for word: a recording is a test, never of a real person.
type Recorder struct {
	to   io.Writer
	keys []string
	err  error
}

// NewRecorder begins a transcript.
func NewRecorder(to io.Writer, name, channel string) *Recorder {
	r := &Recorder{to: to}
	r.print("test: %s\nchannel: %s\nsteps:\n  - start: true\n", strconv.Quote(name), channel)
	return r
}

// Did writes what the bot had said, and then what the person did.
func (r *Recorder) Did(text string, button flows.Button) {
	r.flush()
	switch {
	case button.ID != "" && strings.HasPrefix(flowsIndex(button), "x"):
		r.print("  - edit: %s\n", button.ID)
	case button.ID != "":
		r.print("  - tap: %s\n", strconv.Quote(button.ID))
	default:
		r.print("  - type: %s\n", strconv.Quote(text))
	}
}

// flowsIndex is the index in a button's data: a review's lines begin with x.
func flowsIndex(b flows.Button) string {
	tap, _ := flows.ParseTap(b.Data)
	return tap.Index
}

// Said keeps the keys of a reply until the next thing happens.
func (r *Recorder) Said(reply flows.Reply) {
	for _, b := range reply.Blocks {
		if b.Key != "" {
			r.keys = append(r.keys, b.Key)
		}
	}
}

// Close writes what the bot said last, and returns the first error of the
// recording.
func (r *Recorder) Close() error {
	r.flush()
	return r.err
}

// flush writes what the bot said.
func (r *Recorder) flush() {
	if len(r.keys) > 0 {
		r.print("  - bot: [%s]\n", strings.Join(r.keys, ", "))
	}
	r.keys = nil
}

// print writes unless an earlier write failed.
func (r *Recorder) print(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.to, format, args...)
	}
}
