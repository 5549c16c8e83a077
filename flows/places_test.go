package flows_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// channels are those of bot.yaml.
func channels() []string { return []string{"telegram", "discord", "web", "terminal"} }

// places walks the scripts on every channel: from each conversation found so far
// it does whatever a person, a worker or the time could do next, and keeps one
// conversation for each place where somebody may write. It fails the test when a
// state that waits was never met.
func places(t *testing.T, b *flows.Bundle) map[string]*chat {
	t.Helper()
	found := map[string]*chat{}
	met := map[string]bool{}
	var todo []*chat
	add := func(c *chat) {
		if name := c.place(); found[name] == nil {
			found[name] = c
			todo = append(todo, c)
		}
		if n := len(c.c.At); n > 0 {
			met[c.c.At[n-1].String()] = true
		}
	}
	concern := concernWords(t, b)
	for _, channel := range channels() {
		add(newChat(t, b, channel))
		if channel == "telegram" {
			private := newChat(t, b, channel)
			private.page = true
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

// place names where a conversation stands: on which channel, in which state, and
// whose words the person gets.
func (c *chat) place() string {
	name := []string{c.channel}
	if c.page {
		name = append(name, "with a page")
	}
	switch n := len(c.c.At); {
	case n > 0:
		name = append(name, c.c.At[n-1].String())
	case c.c.Over != "":
		name = append(name, "over", c.c.Over)
	default:
		name = append(name, "nobody")
	}
	if len(c.c.Ask.Picked) > 0 {
		name = append(name, "picked")
	}
	if c.c.Paused != nil {
		name = append(name, "paused")
	}
	if c.c.Stay {
		name = append(name, "stays away from "+c.c.Home.Channel)
	}
	return strings.TrimSpace(strings.Join(append(name, string(c.c.Owner), string(c.c.Silence)), " "))
}

// steps are what could happen next. Concern are words of concern.
func (c *chat) steps(concern string) []func(*chat) {
	out := []func(*chat){(*chat).changesChannel}
	for _, b := range c.last {
		out = append(out, func(c *chat) { c.taps(b.ID) }, func(c *chat) {
			if c.taps(b.ID); slices.ContainsFunc(c.last, func(b flows.Button) bool { return b.ID == "done" }) {
				c.taps("done")
			} else if !c.c.CheckIn.IsZero() {
				c.later(flows.TimerCheckIn)
			}
		})
	}
	for _, text := range c.texts(concern) {
		out = append(out, func(c *chat) { c.says(text) })
	}
	out = append(out, func(c *chat) { c.later(flows.TimerExpire) })
	for _, a := range []flows.Action{{Verb: flows.DoClaim}, {Verb: flows.DoHold}, {Verb: flows.DoRelease}, {Verb: flows.DoClose, Outcome: "completed"}} {
		if c.referral != nil {
			out = append(out, func(c *chat) { c.worker(a) })
		}
	}
	if c.c.Paused == nil && len(c.c.At) > 0 {
		out = append(out, func(c *chat) { c.says("banana"); c.says("banana"); c.says("banana"); c.says("banana") })
	}
	return out
}

// texts are what could be typed next: answers where something is to be typed, and
// the words that interrupt where nothing is interrupted yet.
func (c *chat) texts(concern string) []string {
	var out []string
	if n := len(c.out.Replies); n > 0 && c.out.Replies[n-1].Hint != "" {
		out = append(out, "14", "17", "12", "S10", "Sam", "07700 900123", "sam@example.org")
	}
	if c.c.Paused == nil {
		out = append(out, "delete", "withdraw", "language", "human", "help", concern, "i want to die", "/start", "stop")
	}
	return out
}

// later lets time go by until a timer is due.
func (c *chat) later(name flows.TimerName) {
	c.at = c.at.Add(61 * time.Hour)
	if name == flows.TimerCheckIn {
		c.at = c.c.CheckIn
	}
	c.do(flows.Input{Happening: flows.TimeIsUp, Timer: name})
}

// changesChannel opens the private page, or comes back from it.
func (c *chat) changesChannel() {
	switch {
	case c.c.Home.Channel != "":
		c.channel = c.c.Home.Channel
		c.do(flows.Input{Happening: flows.Opened})
	case c.page && c.channel != "web" && c.c.ID != "":
		c.channel = "web"
		c.do(flows.Input{Happening: flows.Moved})
	}
}

// worker does something to the referral, where that is allowed.
func (c *chat) worker(a flows.Action) {
	a.By, a.At = flows.Staff{ID: "sam", Name: "Sam", Role: flows.RoleDuty}, c.at
	r, err := c.referral.Apply(c.b.Hub, a)
	if err != nil {
		return
	}
	c.referral = &r
	c.do(flows.Input{Happening: flows.StaffDone, Staff: flows.StaffAct{Verb: a.Verb, Name: "Sam"}})
}

// resting are the states of a bundle in which a conversation rests, as the files
// have them.
func resting(t *testing.T, b *flows.Bundle) []string {
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

// sorted are the names of places, in order.
func sorted(found map[string]*chat) []string { return slices.Sorted(maps.Keys(found)) }

// concernWords are words that bring the question of concern.
func concernWords(t *testing.T, b *flows.Bundle) string {
	t.Helper()
	for _, l := range labelled(t) {
		if v := b.Screen(l.text); l.tier == "concern" && v.Tier == screen.Concern {
			return l.text
		}
	}
	t.Fatal("no line brings the question of concern")
	return ""
}
