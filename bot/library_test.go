package bot_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows"
)

// TestLibraryReadsOnce holds that an older script is read once for all who want it at
// the same time.
func TestLibraryReadsOnce(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	older := reworded(t)
	if err := r.store.SaveBundle(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	began := flows.Conversation{ID: "CHAT0001", Bundle: older.Hash}
	got := make([]*flows.Bundle, 16)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = r.library.For(t.Context(), began); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, b := range got {
		if b != got[0] || b == nil || b.Hash != older.Hash {
			t.Fatalf("it was read more than once, or it is another: %p %p", b, got[0])
		}
	}
}

// TestLibraryWaitsNoLongerThanAsked holds that whoever waits for somebody else's
// reading gives up when their own time is over, and that a reader who gave up does not
// decide for those who wait.
func TestLibraryWaitsNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	older := reworded(t)
	if err := r.store.SaveBundle(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	began := flows.Conversation{ID: "CHAT0001", Bundle: older.Hash}
	finish := r.library.BeginReading(began)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.library.For(over, began); err == nil {
		t.Error("somebody without time waits")
	}
	waits := make(chan error, 1)
	waiting := asked{t.Context(), make(chan struct{}, 9)}
	go func() {
		_, err := r.library.For(waiting, began)
		waits <- err
	}()
	<-waiting.told
	finish(over)
	if err := <-waits; err != nil {
		t.Errorf("they share the fate of a reader who gave up: %v", err)
	}
}

// asked is a context that tells when somebody begins to wait for its end.
type asked struct {
	context.Context
	told chan struct{}
}

// Done tells.
func (a asked) Done() <-chan struct{} {
	select {
	case a.told <- struct{}{}:
	default:
	}
	return a.Context.Done()
}

// TestLibraryKeepsNoOldSafety holds that a script that was being read while a newer
// one was published is not kept under the safety of the one before.
func TestLibraryKeepsNoOldSafety(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	older := reworded(t)
	if err := r.store.SaveBundle(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	began := flows.Conversation{ID: "CHAT0001", Bundle: older.Hash}
	finish := r.library.BeginReading(began)
	files := bottest.Files(t)
	files.Locales["en/cards.yaml"] = []byte(strings.Replace(string(files.Locales["en/cards.yaml"]), "I'm really glad", "I am very glad", 1))
	newest, problems := flows.Parse(files)
	if newest == nil {
		t.Fatal(problems)
	}
	if err := r.library.Publish(t.Context(), newest); err != nil {
		t.Fatal(err)
	}
	finish(t.Context())
	b, err := r.library.For(t.Context(), began)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.PageText("en", "cards.suicide"); !strings.HasPrefix(got, "I am very glad") {
		t.Errorf("the card is an old one: %.40s", got)
	}
}

// reworded is a bundle with another question, for a conversation to begin with.
func reworded(t *testing.T) *flows.Bundle {
	t.Helper()
	files := bottest.Files(t)
	files.Locales["en/gates.yaml"] = []byte(strings.Replace(string(files.Locales["en/gates.yaml"]), "How old are you?", "What is your age?", 1))
	b, problems := flows.Parse(files)
	if b == nil {
		t.Fatal(problems)
	}
	return b
}
