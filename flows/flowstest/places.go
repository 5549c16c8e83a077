package flowstest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/source"
)

// Channels are those of bot.yaml.
func Channels() []string { return []string{"telegram", "discord", "web", "terminal"} }

// Places walks the scripts on every channel: from each conversation found so far
// it does whatever a person, a worker or the time could do next, and keeps one
// conversation for each place where somebody may write. It fails the test when a
// state that waits was never met.
func Places(t testing.TB, b *flows.Bundle) map[string]*Chat {
	t.Helper()
	found := map[string]*Chat{}
	met := map[string]bool{}
	var todo []*Chat
	add := func(c *Chat) {
		if name := c.Place(); found[name] == nil {
			found[name] = c
			todo = append(todo, c)
		}
		if n := len(c.Conversation.At); n > 0 {
			met[c.Conversation.At[n-1].String()] = true
		}
	}
	concern := ConcernWords(t, b)
	for _, channel := range Channels() {
		add(NewChat(t, b, channel))
		if channel == "telegram" {
			private := NewChat(t, b, channel)
			private.Page = true
			add(private)
		}
	}
	for len(todo) > 0 {
		from := todo[0]
		todo = todo[1:]
		for _, step := range from.steps(concern) {
			next := *from
			step(&next)
			add(&next)
		}
	}
	if len(found) < 500 {
		t.Errorf("only %d places were found", len(found))
	}
	for _, state := range resting(t, b) {
		if !met[state] {
			t.Errorf("no walk comes to %s", state)
		}
	}
	return found
}

// Place names where a conversation stands: on which channel, in which state, and
// whose words the person gets.
func (c *Chat) Place() string {
	name := []string{c.Channel}
	if c.Page {
		name = append(name, "with a page")
	}
	switch n := len(c.Conversation.At); {
	case n > 0:
		name = append(name, c.Conversation.At[n-1].String())
	case c.Conversation.Over != "":
		name = append(name, "over", c.Conversation.Over)
	default:
		name = append(name, "nobody")
	}
	if len(c.Conversation.Ask.Picked) > 0 {
		name = append(name, "picked")
	}
	if c.Conversation.Paused != nil {
		name = append(name, "paused")
	}
	if c.Conversation.Stay {
		name = append(name, "stays away from "+c.Conversation.Home.Channel)
	}
	return strings.TrimSpace(strings.Join(append(name, string(c.Conversation.Owner), string(c.Conversation.Silence)), " "))
}

// steps are what could happen next. Concern are words of concern.
func (c *Chat) steps(concern string) []func(*Chat) {
	out := []func(*Chat){(*Chat).changesChannel}
	for _, b := range c.Last {
		out = append(out, func(c *Chat) { c.Taps(b.ID) }, func(c *Chat) {
			if c.Taps(b.ID); slices.ContainsFunc(c.Last, func(b flows.Button) bool { return b.ID == "done" }) {
				c.Taps("done")
			} else if !c.Conversation.CheckIn.IsZero() {
				c.Later(flows.TimerCheckIn)
			}
		})
	}
	for _, text := range c.texts(concern) {
		out = append(out, func(c *Chat) { c.Says(text) })
	}
	out = append(out, func(c *Chat) { c.Later(flows.TimerExpire) })
	for _, a := range []flows.Action{{Verb: flows.DoClaim}, {Verb: flows.DoHold}, {Verb: flows.DoRelease}, {Verb: flows.DoClose, Outcome: "completed"}} {
		if c.Referral != nil {
			out = append(out, func(c *Chat) { c.Worker(a) })
		}
	}
	if c.Conversation.Paused == nil && len(c.Conversation.At) > 0 {
		out = append(out, func(c *Chat) { c.Says("banana"); c.Says("banana"); c.Says("banana"); c.Says("banana") })
	}
	return out
}

// texts are what could be typed next: answers where something is to be typed, and
// the words that interrupt where nothing is interrupted yet.
func (c *Chat) texts(concern string) []string {
	var out []string
	if n := len(c.Out.Replies); n > 0 && c.Out.Replies[n-1].Hint != "" {
		out = append(out, "14", "17", "12", "S10", "Sam", "07700 900123", "sam@example.org")
	}
	if c.Conversation.Paused == nil {
		out = append(out, "delete", "withdraw", "language", "human", "help", concern, "i want to die", "/start", "stop")
	}
	return out
}

// Later lets time go by until a timer is due.
func (c *Chat) Later(name flows.TimerName) {
	c.At = c.At.Add(61 * time.Hour)
	if name == flows.TimerCheckIn {
		c.At = c.Conversation.CheckIn
	}
	c.Do(flows.Input{Happening: flows.TimeIsUp, Timer: name})
}

// changesChannel opens the private page, or comes back from it.
func (c *Chat) changesChannel() {
	switch {
	case c.Conversation.Home.Channel != "":
		c.Channel = c.Conversation.Home.Channel
		c.Do(flows.Input{Happening: flows.Opened})
	case c.Page && c.Channel != "web" && c.Conversation.ID != "":
		c.Channel = "web"
		c.Do(flows.Input{Happening: flows.Moved})
	}
}

// Worker does something to the referral, where that is allowed.
func (c *Chat) Worker(a flows.Action) {
	a.By, a.At = flows.Staff{ID: "sam", Name: "Sam", Role: flows.RoleDuty}, c.At
	verb := c.Referral.Meant(a)
	r, err := c.Referral.Apply(c.Bundle.Hub, a)
	if err != nil {
		return
	}
	c.Referral = &r
	c.Do(flows.Input{Happening: flows.StaffDone, Staff: flows.StaffAct{Verb: verb, Name: "Sam"}})
}

// resting are the states of a bundle in which a conversation rests, as the files
// have them.
func resting(t testing.TB, b *flows.Bundle) []string {
	t.Helper()
	var out []string
	var problems source.Problems
	for file, data := range b.Files().Scripts {
		flow, states := "", (*source.Node)(nil)
		for key, value := range source.Read(file, data, &problems).Pairs() {
			switch key.Raw() {
			case "flow":
				flow = value.Raw()
			case "states":
				states = value
			}
		}
		for name, state := range states.Pairs() {
			for kind := range state.Pairs() {
				if slices.Contains([]string{"choose", "ask", "consent", "crisis", "review", "refer"}, kind.Raw()) {
					out = append(out, flow+"."+name.Raw())
				}
			}
		}
	}
	if len(problems) > 0 || len(out) < 30 {
		t.Fatalf("%d states wait: %v", len(out), problems)
	}
	return out
}
