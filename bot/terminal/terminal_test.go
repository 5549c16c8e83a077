package terminal_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/terminal"
	"github.com/star-house/frontdoor/flows"
)

// types types lines into a terminal that shows a reply after each, and wants the
// updates that they become and what the screen begins with.
func types(t *testing.T, reply flows.Reply, lines, screen string, want ...string) {
	t.Helper()
	var out strings.Builder
	term := terminal.New(terminal.Config{In: strings.NewReader(lines), Out: &out})
	var got []string
	err := term.Receive(t.Context(), func(ctx context.Context, in bot.Inbound) error {
		got = append(got, string(in.Happening)+" "+in.Text+in.Tap)
		for _, m := range bot.Render(reply, term.Channel()) {
			if _, err := term.Send(ctx, in.Chat, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
	if !strings.HasPrefix(out.String(), screen) {
		t.Errorf("the screen is %q, want %q", out.String(), screen)
	}
}

// TestLinesBecomeUpdates holds what each line means: a number or a label is a
// tap, all else is words.
func TestLinesBecomeUpdates(t *testing.T) {
	t.Parallel()
	reply := flows.Reply{Blocks: []flows.Block{{Text: "Well?"}},
		Options: []flows.Button{{Label: "Yes", Data: "1.A.1.0"}, {Label: "No", Data: "1.A.1.1"}},
		Last:    []flows.Button{{Label: "Get help now", Data: "1.-.0.h"}}}
	types(t, reply, "1\nno\n\n  hello  \n3\nGET HELP NOW\n", "\nWell?\n\n  1) Yes\n  2) No\n\n  [Get help now]\n\n> ",
		"opened ", "tapped 1.A.1.0", "tapped 1.A.1.1", "typed hello", "typed 3", "tapped 1.-.0.h")
}

// TestNumbersAreLines holds that at a review a number is a line of it: the buttons
// that send or drop everything have no number, and go by their labels.
func TestNumbersAreLines(t *testing.T) {
	t.Parallel()
	reply := flows.Reply{
		Blocks: []flows.Block{{Text: "Look:", Lines: []flows.Item{
			{Line: flows.Line{Label: "Name", Text: "Sam"}, Change: flows.Button{Label: "Name", Data: "1.A.1.x0"}}}}},
		Options: []flows.Button{{Label: "Send it", Data: "1.A.1.0"}, {Label: "Don't send", Data: "1.A.1.1"}},
		Last:    []flows.Button{{Label: "Back", Data: "1.A.1.b"}}}
	types(t, reply, "1\n1\n2\nname\nsend it\n", "\nLook:\n1. Name: Sam\n\n  [Send it] [Don't send] [Back]\n\n> ",
		"opened ", "typed 1", "typed 1", "typed 2", "tapped 1.A.1.x0", "tapped 1.A.1.0")
}

// TestReceiveEndsWithTheService holds that a line that was not taken ends the
// chat with its reason.
func TestReceiveEndsWithTheService(t *testing.T) {
	t.Parallel()
	term := terminal.New(terminal.Config{In: strings.NewReader("hello\n"), Out: &strings.Builder{}})
	broken := errors.New("broken")
	if err := term.Receive(t.Context(), func(context.Context, bot.Inbound) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("ended with %v", err)
	}
}
