// Package platformtest is the contract of a platform as one exercise: every
// adapter must pass it over a fake of its platform. It goes through the whole
// service, so what it holds is what a person on that platform gets.
package platformtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// bench is a world on a platform.
type bench struct {
	*transcript.World
	t     *testing.T
	place Place
	shown []flows.Button
}

// newBench opens a world.
func newBench(t *testing.T, place Place) *bench {
	t.Helper()
	w, err := transcript.NewWorld(bottest.Bundle(t), storetest.Monday, func(accept bot.Accept) transcript.Driver { return place.Open(t, accept) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{World: w, t: t, place: place}
}

// does one thing and sends what comes of it.
func (b *bench) does(a transcript.Act) []transcript.Message {
	b.t.Helper()
	if err := b.Driver.Act(b.t.Context(), a); err != nil {
		b.t.Fatal(err)
	}
	return b.sends()
}

// sends lets everything out and looks at the screen.
func (b *bench) sends() []transcript.Message {
	b.t.Helper()
	if err := b.Service.Sweep(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.Service.Flush(b.t.Context())
	seen := b.Driver.Seen()
	for _, m := range seen {
		b.shown = append(b.shown, m.Buttons...)
	}
	return seen
}

// types types words.
func (b *bench) types(text string) []transcript.Message {
	b.t.Helper()
	return b.does(transcript.Act{Happening: flows.Typed, Text: text})
}

// taps taps the newest button of a name.
func (b *bench) taps(names ...string) (seen []transcript.Message) {
	b.t.Helper()
	for _, name := range names {
		found := false
		for _, button := range slices.Backward(b.shown) {
			if button.ID == name {
				seen = b.does(transcript.Act{Happening: flows.Tapped, Button: button})
				found = true
				break
			}
		}
		if !found {
			b.t.Fatalf("no button %q was shown", name)
		}
	}
	return seen
}

// starts opens the chat.
func (b *bench) starts() []transcript.Message {
	b.t.Helper()
	return b.does(transcript.Act{Happening: flows.Opened})
}

// refers walks to a referral and returns its reference.
func (b *bench) refers() string {
	b.t.Helper()
	if len(b.shown) == 0 {
		b.starts()
	}
	b.taps("me")
	b.types("19")
	b.taps("skip", "here", "agree", "yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
	b.taps("lonely", "done", "just_talk", "yes", "skip")
	b.types("Alex")
	if b.Driver.Platform().Channel().Name == "web" {
		b.taps("email")
		b.types("alex@example.org")
	} else {
		b.taps("chat")
	}
	b.taps("any", "nothing", "submit")
	queue, _, err := b.Desk.Queue(b.t.Context())
	if err != nil || len(queue) != 1 {
		b.t.Fatalf("the queue: %v %v", queue, err)
	}
	return queue[0].Reference
}

// works does something as a member of staff.
func (b *bench) works(w bot.Work) bot.Done {
	b.t.Helper()
	if w.By == "" {
		w.By = "sam"
	}
	done, err := b.Desk.Do(b.t.Context(), w)
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

// messages are what the desk reads.
func (b *bench) messages(reference string) ([]store.Said, map[string]store.Delivery) {
	b.t.Helper()
	file, err := b.Desk.Show(b.t.Context(), reference, "cory")
	if err != nil {
		b.t.Fatal(err)
	}
	return file.Messages, file.Delivery
}

// has says whether a text was among what was seen.
func has(seen []transcript.Message, text string) bool {
	return slices.ContainsFunc(seen, func(m transcript.Message) bool { return strings.Contains(m.Text, text) })
}

// Exercise is the contract. newPlace makes a fake platform for one test.
func Exercise(t *testing.T, newPlace func(t *testing.T) Place) {
	t.Helper()
	for name, run := range map[string]func(*bench){
		"send": send, "press": press, "stale press": stalePress, "refuse": refuse, "retry": retry, "block": block,
		"order": order, "duplicate update": duplicate, "restart in the middle": restart, "hostile words": hostile,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(newBench(t, newPlace(t)))
		})
	}
}

// send holds that what the bot says and a worker writes arrives word for word,
// with a way to help under it.
func send(b *bench) {
	seen := b.starts()
	if !has(seen, "Who is this for?") {
		b.t.Fatalf("the first message: %v", seen)
	}
	last := seen[len(seen)-1]
	if n := len(last.Buttons); n < 5 || last.Buttons[n-1].ID != "help" {
		b.t.Errorf("under the message: %v", last.Buttons)
	}
	reference := b.refers()
	b.works(bot.Work{Reference: reference, Verb: flows.DoClaim})
	b.works(bot.Work{Reference: reference, Verb: flows.DoReply, Text: "Hi Alex.\nHow about Friday, 3pm?"})
	if seen := b.sends(); !has(seen, "Hi Alex.\nHow about Friday, 3pm?") {
		b.t.Errorf("the worker's words: %v", seen)
	}
	if _, delivery := b.messages(reference); len(delivery) != 1 {
		b.t.Errorf("deliveries: %v", delivery)
	}
}

// press holds that a tap is an answer, that several may be switched on, and that
// every message is about the question that is open.
func press(b *bench) {
	b.starts()
	if seen := b.taps("me"); !has(seen, "How old are you?") {
		b.t.Errorf("after the tap: %v", seen)
	}
	b.types("19")
	b.taps("skip", "here", "agree", "yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no", "lonely", "friends")
	if seen := b.taps("done"); !has(seen, "like to try") {
		b.t.Errorf("after several: %v", seen)
	}
}

// stalePress holds that an old button brings a kind sentence and the question
// that is open, and changes nothing.
func stalePress(b *bench) {
	if fleeting(b.place) {
		b.t.Skip("on this platform old buttons are gone")
	}
	b.starts()
	old := b.shown
	b.taps("me")
	seen := b.does(transcript.Act{Happening: flows.Tapped, Button: old[1]})
	if !has(seen, "older question") || !has(seen, "How old are you?") {
		b.t.Errorf("after an old button: %v", seen)
	}
}

// refuse holds that a message that the platform will never take is set aside and
// the next one arrives.
func refuse(b *bench) {
	b.starts()
	if !b.place.Refuse(bot.Rejected, 1) {
		b.t.Skip("this platform refuses nothing")
	}
	b.taps("me")
	if seen := b.types("19"); !has(seen, "first part of your postcode") {
		b.t.Errorf("after the refused message: %v", seen)
	}
}

// retry holds that a message that was put off arrives later, once, and before
// those that came after it.
func retry(b *bench) {
	b.starts()
	if !b.place.Refuse(bot.RetryLater, 1) {
		b.t.Skip("this platform puts nothing off")
	}
	b.taps("me")
	if seen := b.types("19"); len(seen) > 0 {
		b.t.Fatalf("before its time: %v", seen)
	}
	if err := b.Pass(b.t.Context(), 10*time.Minute); err != nil {
		b.t.Fatal(err)
	}
	seen := b.Driver.Seen()
	if len(seen) != 2 || !has(seen[:1], "How old are you?") || !has(seen[1:], "first part of your postcode") {
		b.t.Errorf("after the wait: %v", seen)
	}
}

// block holds that somebody who cannot be reached is left alone, that the desk
// sees it, and that they are reached again when they write.
func block(b *bench) {
	reference := b.refers()
	b.works(bot.Work{Reference: reference, Verb: flows.DoClaim})
	b.sends()
	if !b.place.Refuse(bot.Gone, 1) {
		b.t.Skip("on this platform nobody is out of reach")
	}
	b.works(bot.Work{Reference: reference, Verb: flows.DoReply, Text: "hello"})
	b.sends()
	if done := b.works(bot.Work{Reference: reference, Verb: flows.DoReply, Text: "are you there"}); !done.Silent {
		b.t.Error("a message to somebody out of reach is not reported")
	}
	said, delivery := b.messages(reference)
	for _, m := range said {
		if delivery[m.ID] != store.Refused {
			b.t.Errorf("%q is %q", m.Text, delivery[m.ID])
		}
	}
	b.types("I'm here")
	if b.works(bot.Work{Reference: reference, Verb: flows.DoReply, Text: "good"}); !has(b.sends(), "good") {
		b.t.Error("after they wrote, nothing reaches them")
	}
}

// burst is how many messages come in a row.
const burst = 25

// order holds that a person's messages reach the desk in the order in which they
// were typed, and a worker's the person.
func order(b *bench) {
	reference := b.refers()
	b.works(bot.Work{Reference: reference, Verb: flows.DoClaim})
	b.sends()
	for i := range burst {
		if err := b.Driver.Act(b.t.Context(), transcript.Act{Happening: flows.Typed, Text: fmt.Sprintf("message %d", i)}); err != nil {
			b.t.Fatal(err)
		}
	}
	said, _ := b.messages(reference)
	for i, m := range said {
		if m.Text != fmt.Sprintf("message %d", i) {
			b.t.Fatalf("message %d is %q", i, m.Text)
		}
	}
	if len(said) != burst {
		b.t.Errorf("%d of %d messages arrived", len(said), burst)
	}
	for i := range burst {
		b.works(bot.Work{Reference: reference, Verb: flows.DoReply, Text: fmt.Sprintf("answer %d", i)})
	}
	for i, m := range b.sends() {
		if !strings.HasSuffix(strings.TrimSpace(m.Text), fmt.Sprintf("answer %d", i)) {
			b.t.Fatalf("answer %d is %q", i, m.Text)
		}
	}
}

// duplicate holds that an update that comes twice counts once.
func duplicate(b *bench) {
	reference := b.refers()
	b.types("only once")
	if !b.place.Again(b.t, b.Driver) {
		b.t.Skip("on this platform nothing comes twice")
	}
	b.sends()
	if said, _ := b.messages(reference); len(said) != 1 {
		b.t.Errorf("%d messages", len(said))
	}
}

// restart holds that a program that was started anew goes on where the old one
// was, with the buttons that are on the screen.
func restart(b *bench) {
	b.starts()
	b.taps("me")
	b.types("19")
	old := b.shown
	next, err := b.Again(bottest.Bundle(b.t), func(accept bot.Accept) transcript.Driver { return b.place.Open(b.t, accept) })
	if err != nil {
		b.t.Fatal(err)
	}
	again := &bench{World: next, t: b.t, place: b.place, shown: old}
	b.t.Cleanup(func() {
		if err := next.Store.Close(); err != nil {
			b.t.Error(err)
		}
	})
	if seen := again.taps("skip"); !has(seen, "live, learn") {
		b.t.Errorf("after the restart: %v", seen)
	}
}

// hostile holds that odd names and texts reach the desk as they were typed and
// are shown to their person as they were typed, whatever they mean to the
// platform.
func hostile(b *bench) {
	b.starts()
	b.taps("me")
	b.types("19")
	b.taps("skip", "here", "agree", "yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
	b.taps("lonely", "done", "just_talk", "yes")
	b.types(words)
	const name = "@everyone <b>*_`~|#"
	b.types(name)
	if b.Driver.Platform().Channel().Name == "web" {
		b.taps("email")
		b.types("alex@example.org")
	} else {
		b.taps("chat")
	}
	seen := b.taps("any", "nothing")
	all := ""
	for _, m := range seen {
		all += m.Text + "\n"
	}
	if !strings.Contains(all, name) || !strings.Contains(all, words) {
		b.t.Errorf("the review shows %q", all)
	}
	b.taps("submit")
	queue, _, err := b.Desk.Queue(b.t.Context())
	if err != nil || len(queue) != 1 || queue[0].Sent.Answers["nickname"] != name || queue[0].Sent.Answers["own_words"] != words {
		b.t.Errorf("the desk reads %v %v", queue, err)
	}
}

// words is a text with something in it for every platform.
const words = "<script>alert(1)</script> **bold** [x](https://evil.example) <@123> @here ||spoiler|| `code` \\ مرحبا שלום 👩‍👩‍👧 " +
	"__init__ # head > quote ~~no~~ &amp; {name} %s https://a_b.example/x_y_z"
