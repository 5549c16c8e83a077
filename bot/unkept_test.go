package bot_test

import (
	"errors"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/store/storetest"
)

// TestCardFromMemoryIsTriedAgain holds that a card from memory, which is kept nowhere
// else, is tried again when the platform does not take it at first; and that one which
// did not get through is not taken for answered when its update comes again.
func TestCardFromMemoryIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{
		"a limit":           &bot.SendError{Fate: bot.RetryLater, After: time.Millisecond, Code: 429},
		"an unclear answer": errors.New("502"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := storetest.Start(t)
			r := newRig(t, server.URL, storetest.Keys(t))
			server.Kill()
			left := 1
			r.platform.refuse = func(string) error {
				if left--; left >= 0 {
					return refusal
				}
				return nil
			}
			if err := r.says("1001", help); err == nil {
				t.Error("an update that was not stored was acknowledged")
			}
			if got := r.platform.last(t, "1001").Reply.Blocks[0].Key; got != "cards.suicide" {
				t.Errorf("the person reads %s", got)
			}
		})
	}
}

// TestWhatDidNotGetThroughIsNoAnswer holds that an update whose answer from memory was
// refused is answered when it comes again, and once.
func TestWhatDidNotGetThroughIsNoAnswer(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	r := newRig(t, server.URL, storetest.Keys(t))
	server.Kill()
	in := bot.Inbound{Happening: "typed", Channel: "telegram", Chat: "1001", Update: "7", Text: "hello"}
	r.platform.refuse = func(string) error { return errors.New("502") }
	for range 3 {
		if err := r.Accept(t.Context(), in); err == nil {
			t.Error("an update that was not stored was acknowledged")
		}
		r.platform.refuse = nil
	}
	if n := len(r.platform.texts("1001")); n != 1 {
		t.Errorf("told of the trouble %d times", n)
	}
}
