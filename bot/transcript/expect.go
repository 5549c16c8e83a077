package transcript

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/flows"
)

// expect holds the world against what must be true.
func (p *player) expect(ctx context.Context, e *Expect) error {
	for _, check := range []func(context.Context, *Expect) error{p.expectState, p.expectSent, p.expectAnswers, p.expectQueue} {
		if err := check(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// expectState looks at where the conversation stands.
func (p *player) expectState(ctx context.Context, e *Expect) error {
	sn, err := p.Store.LoadPerson(ctx, p.person)
	if err != nil {
		return err
	}
	c := sn.Conversation
	at := "nowhere"
	if n := len(c.At); n > 0 {
		at = c.At[n-1].String()
	}
	owner := c.Owner
	if owner == flows.OwnerBot {
		owner = "bot"
	}
	switch {
	case e.State != "" && !named(at, e.State):
		return fmt.Errorf("the conversation stands at %s, not %s", at, e.State)
	case e.Over != "" && c.Over != e.Over:
		return fmt.Errorf("the conversation should be over as %q; it is at %s, over as %q", e.Over, at, c.Over)
	case e.Owner != "" && string(owner) != e.Owner:
		return fmt.Errorf("the chat belongs to %q, not %q", owner, e.Owner)
	case e.Erased && (c.ID != "" || len(c.Journal) > 0 || c.Address != "" || sn.Referral != nil):
		return fmt.Errorf("the person should be erased; the conversation stands at %s", at)
	}
	return nil
}

// expectSent looks at what arrived since the last step that did something.
func (p *player) expectSent(_ context.Context, e *Expect) error {
	if e.Silent && len(p.since) > 0 {
		return fmt.Errorf("nothing should be sent; the bot said %v", p.keys())
	}
	if e.SentFirst != "" && !p.first(e.SentFirst) {
		return fmt.Errorf("first should be %q; the bot said %v", e.SentFirst, p.keys())
	}
	for _, key := range e.Sent {
		if !p.sent(key) {
			return fmt.Errorf("%q should be sent; the bot said %v", key, p.keys())
		}
	}
	for _, key := range e.NotSent {
		if p.sent(key) {
			return fmt.Errorf("%q should not be sent; the bot said %v", key, p.keys())
		}
	}
	return nil
}

// keys are what was said, or the words where there are no keys.
func (p *player) keys() []string {
	var out []string
	for _, m := range p.since {
		if m.Keys == nil {
			out = append(out, strconv.Quote(m.Text))
		}
		out = append(out, m.Keys...)
	}
	return out
}

// first says whether the first words are those of a key; "crisis" is any card.
func (p *player) first(key string) bool {
	if len(p.since) == 0 {
		return false
	}
	m := p.since[0]
	if key == "crisis" {
		return p.isCard(m)
	}
	if m.Keys != nil {
		return named(m.Keys[0], key)
	}
	at, _ := p.find(m.Text, key)
	return at == 0
}

// isCard says whether a message begins with a crisis card.
func (p *player) isCard(m Message) bool {
	if m.Keys != nil {
		return strings.HasPrefix(m.Keys[0], "cards.")
	}
	for _, key := range p.Library.Newest().CardKeys() {
		if at, _ := p.find(m.Text, key); at == 0 {
			return true
		}
	}
	return false
}

// sent says whether the words of a key were among what was said.
func (p *player) sent(key string) bool {
	for _, m := range p.since {
		if slices.ContainsFunc(m.Keys, func(k string) bool { return named(k, key) }) || m.From != "" && strings.Contains(m.Text, key) {
			return true
		}
		if m.Keys == nil {
			if at, _ := p.find(m.Text, key); at >= 0 {
				return true
			}
		}
	}
	return false
}

// expectAnswers looks at answers and consents.
func (p *player) expectAnswers(ctx context.Context, e *Expect) error {
	sn, err := p.Store.LoadPerson(ctx, p.person)
	if err != nil {
		return err
	}
	got := map[string][]string{}
	for _, entry := range sn.Conversation.Journal {
		got[entry.Var] = entry.Value
		if entry.Skipped && len(entry.Value) == 0 {
			got[entry.Var] = []string{"skipped"}
		}
	}
	for name, want := range e.Vars {
		have, ok := got[name]
		if !ok {
			have = []string{"unset"}
		}
		if !slices.Equal(have, want) {
			return fmt.Errorf("%s is %v, not %v", name, have, want)
		}
	}
	if e.Consents == nil {
		return nil
	}
	var ids []string
	for _, g := range sn.Conversation.Consents {
		ids = append(ids, g.ID)
	}
	if want := slices.DeleteFunc(slices.Clone(e.Consents), func(id string) bool { return id == "none" }); !slices.Equal(ids, want) {
		return fmt.Errorf("the consents are %v, not %v", ids, want)
	}
	return nil
}

// expectQueue looks at the queue and at what the desk reads.
func (p *player) expectQueue(ctx context.Context, e *Expect) error {
	queue, _, err := p.Desk.Queue(ctx)
	if err != nil {
		return err
	}
	facts := map[string]string{"open": "0", "check": "0", "duty": "0"}
	for _, r := range queue {
		n, _ := strconv.Atoi(facts[string(r.Lane)])
		facts[string(r.Lane)] = strconv.Itoa(n + 1)
		facts["light"], facts["status"], facts["priority"] = string(r.Light), string(r.Status), string(r.Priority)
		facts["reasons"], facts["owner"] = strings.Join(r.Reasons, " "), r.Claim.By
		facts["source"], facts["channel"] = r.Origin.Source, r.Origin.Channel
	}
	for key, want := range e.Queue {
		if facts[key] != want {
			return fmt.Errorf("%s in the queue is %q, not %q", key, facts[key], want)
		}
	}
	if e.Said == nil {
		return nil
	}
	reference, err := p.reference(ctx)
	if err != nil {
		return err
	}
	sn, err := p.Store.Find(ctx, reference)
	if err != nil {
		return err
	}
	messages, _, err := p.Store.Messages(ctx, sn)
	if err != nil {
		return err
	}
	var said []string
	for _, m := range messages {
		said = append(said, m.Text)
	}
	if n := len(said); n < len(e.Said) || !slices.Equal(said[n-len(e.Said):], e.Said) {
		return fmt.Errorf("the desk reads %q, which does not end with %q", said, e.Said)
	}
	return nil
}
