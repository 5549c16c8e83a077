package transcript

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/source"
	"github.com/star-house/frontdoor/store"
)

// player is one run of a transcript.
type player struct {
	*World
	person store.Person
	// since are the messages of the last step that did something.
	since []Message
	// shown are all buttons ever shown, newest last, by state and option.
	shown  []shownButton
	tapped flows.Button
}

// shownButton remembers where a button was shown.
type shownButton struct {
	state string
	flows.Button
}

// Run plays a transcript and returns what went otherwise, with its place in the
// file; nil when all went as written.
func (w *World) Run(ctx context.Context, t *Transcript) error {
	p := &player{World: w}
	person, err := w.Store.Person(t.Channel, w.Driver.Chat())
	if err != nil {
		return err
	}
	p.person = person
	for _, step := range t.Steps {
		if err := p.step(ctx, step); err != nil {
			return source.Problem{Pos: step.At, Code: "TRANSCRIPT", Severity: "error", Message: err.Error(), Path: []string{t.Name}}
		}
	}
	return nil
}

// step plays one step.
func (p *player) step(ctx context.Context, s Step) error {
	switch {
	case s.Expect != nil:
		return p.expect(ctx, s.Expect)
	case s.Bot != nil:
		return p.bot(s.Bot)
	}
	p.since = nil
	if err := p.do(ctx, s); err != nil {
		return err
	}
	if err := p.Service.Sweep(ctx); err != nil {
		return err
	}
	p.Service.Flush(ctx)
	p.look(ctx)
	return nil
}

// do does what a step says.
func (p *player) do(ctx context.Context, s Step) error {
	switch {
	case s.Start != nil:
		return p.Driver.Act(ctx, Act{Happening: flows.Opened, Link: s.Start.Link})
	case s.Type != "":
		return p.Driver.Act(ctx, Act{Happening: flows.Typed, Text: s.Type})
	case s.Media != "":
		return p.Driver.Act(ctx, Act{Happening: flows.Media})
	case s.Edited != "":
		return p.Driver.Act(ctx, Act{Happening: flows.Edited, Text: s.Edited})
	case s.Tap != "":
		return p.tap(ctx, "", s.Tap)
	case s.Edit != "":
		return p.tap(ctx, "", s.Edit)
	case s.Stale != nil:
		return p.tap(ctx, s.Stale.State, s.Stale.Option)
	case s.Double:
		return p.Driver.Act(ctx, Act{Happening: flows.Tapped, Button: p.tapped})
	case s.Worker != nil:
		return p.worker(ctx, s.Worker)
	}
	length := s.Wait.Length
	if s.Wait.WorkingDays > 0 {
		length = p.Library.Newest().Hub.After(p.now, s.Wait).Sub(p.now)
	}
	return p.Pass(ctx, length)
}

// tap taps the newest button of that name; a state narrows it to one that was
// shown there.
func (p *player) tap(ctx context.Context, state, option string) error {
	for _, b := range slices.Backward(p.shown) {
		if b.ID == option && (state == "" || named(b.state, state)) {
			p.tapped = b.Button
			return p.Driver.Act(ctx, Act{Happening: flows.Tapped, Button: b.Button})
		}
	}
	return fmt.Errorf("no button %q was shown; the last message has %s", option, p.buttons())
}

// buttons names those of the last message, for an error.
func (p *player) buttons() string {
	if len(p.since) == 0 {
		return "none"
	}
	var out []string
	for _, b := range p.since[len(p.since)-1].Buttons {
		out = append(out, b.ID)
	}
	return strings.Join(out, ", ")
}

// look collects what arrived and remembers its buttons.
func (p *player) look(ctx context.Context) {
	p.since = append(p.since, p.Driver.Seen()...)
	state := ""
	if sn, err := p.Store.LoadPerson(ctx, p.person); err == nil && len(sn.Conversation.At) > 0 {
		state = sn.Conversation.At[len(sn.Conversation.At)-1].String()
	}
	for _, m := range p.since {
		for _, b := range m.Buttons {
			p.shown = append(p.shown, shownButton{state, b})
		}
	}
}

// refusals are the words for what may come of a staff action.
func refusals() map[string]error {
	return map[string]error{"taken": flows.ErrTaken, "role": flows.ErrRole, "holder": flows.ErrHolder,
		"over": flows.ErrOver, "stale": flows.ErrStale, "cannot": flows.ErrAction, "unknown": store.ErrUnknown}
}

// worker plays a member of staff, on the referral of this person.
func (p *player) worker(ctx context.Context, w *Worker) error {
	reference, err := p.reference(ctx)
	if err != nil {
		return err
	}
	_, err = p.Desk.Do(ctx, bot.Work{Reference: reference, Verb: w.Verb, By: w.ID, To: w.To, Text: w.Text, Outcome: w.Outcome, Light: w.Light})
	want, known := refusals()[w.Want]
	switch {
	case w.Want == "ok" && err != nil:
		return fmt.Errorf("%s could not %s: %w", w.ID, w.Verb, err)
	case w.Want != "ok" && !known:
		return fmt.Errorf("%q is not an outcome of a staff action", w.Want)
	case w.Want != "ok" && !errors.Is(err, want):
		return fmt.Errorf("%s should be refused (%s), and got: %v", w.ID, w.Want, err)
	}
	return nil
}

// reference is that of the person's open referral, or the last one seen.
func (p *player) reference(ctx context.Context) (string, error) {
	sn, err := p.Store.LoadPerson(ctx, p.person)
	if err != nil {
		return "", err
	}
	if sn.Referral == nil {
		return "", errors.New("there is no open referral")
	}
	return sn.Referral.Reference, nil
}

// bot holds what was said against keys. A key without its flow stands for any
// flow's.
func (p *player) bot(want []string) error {
	var got []string
	for _, m := range p.since {
		got = append(got, m.Keys...)
		if m.Keys == nil {
			return p.botByWords(want)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("the bot said %v, not %v", got, want)
	}
	for i := range want {
		if !named(got[i], want[i]) {
			return fmt.Errorf("the bot said %v, not %v", got, want)
		}
	}
	return nil
}

// botByWords is bot for a driver that sees only words: every text must be there,
// in order.
func (p *player) botByWords(want []string) error {
	all := ""
	for _, m := range p.since {
		all += m.Text + "\n"
	}
	for _, key := range want {
		at, size := p.find(all, key)
		if at < 0 {
			return fmt.Errorf("the bot did not say %q", key)
		}
		all = all[at+size:]
	}
	return nil
}

// find looks for the text of a key: where it begins and how long it is.
func (p *player) find(all, key string) (at, size int) {
	for _, text := range p.Library.Newest().Texts(key) {
		first := -1
		rest := all
		done := 0
		for _, part := range text {
			i := strings.Index(rest, part)
			if i < 0 {
				first = -1
				break
			}
			if first < 0 {
				first = i
			}
			rest = rest[i+len(part):]
			done += i + len(part)
		}
		if first >= 0 {
			return first, done - first
		}
	}
	return -1, 0
}

// named says whether a full key or place goes by a name: itself, or its last
// part.
func named(full, name string) bool {
	return full == name || strings.HasSuffix(full, "."+name)
}
