package flows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/flowstest"
	"github.com/star-house/frontdoor/flows/screen"
)

// TestDoseOfConcern holds rule 11: after "I'm safe" the same kind of words is not
// asked about again for 24 hours, any other kind is, and after 24 hours all are.
func TestDoseOfConcern(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	lines := map[screen.Class]string{}
	for _, l := range flowstest.Labelled(t) {
		if v := b.Screen(l.Text); v.Tier == screen.Concern {
			lines[v.Class] = l.Text
		}
	}
	if len(lines) < 3 {
		t.Fatalf("words of concern of %d classes", len(lines))
	}
	for class, text := range lines {
		c := newChat(t, b, "telegram")
		c.says("/start")
		c.says(text)
		c.taps("safe")
		for other, text := range lines {
			next := *c
			next.at = c.at.Add(time.Hour)
			next.says(text)
			if asked := next.top() == "crisis.check"; asked == (other == class) {
				t.Errorf("an hour after words of %s, words of %s are asked about: %v", class, other, asked)
			}
		}
		c.at = c.at.Add(25 * time.Hour)
		if c.says(text); c.top() != "crisis.check" {
			t.Errorf("25 hours after words of %s they are not asked about again", class)
		}
	}
}

// TestAskingForAPersonCallsStaff holds that "I've told them" is true: with a request,
// each way to ask for a person calls staff, in hours and out of them.
func TestAskingForAPersonCallsStaff(t *testing.T) {
	t.Parallel()
	for _, later := range []time.Duration{0, 12 * time.Hour} {
		for _, claimed := range []bool{false, true} {
			c := newChat(t, shipped(t), "telegram")
			c.toReview()
			c.taps("submit")
			if claimed {
				c.worker(flows.Action{Verb: flows.DoClaim})
			}
			c.at = c.at.Add(later)
			for name, ask := range map[string]func(*chat){
				"typed":         func(c *chat) { c.says("talk to a person") },
				"from the menu": func(c *chat) { c.says("/start"); c.taps("human") },
				"on a card":     func(c *chat) { c.says("help"); c.taps("human") },
				"after words":   func(c *chat) { c.says("i want to die"); c.taps("human") },
			} {
				next := *c
				ask(&next)
				if next.out.Alert == "" || !strings.Contains(next.out.Replies[0].Blocks[0].Text, "I've told") {
					t.Errorf("%s, claimed %v, %s later: alert %q after %v", name, claimed, later, next.out.Alert, next.out.Replies)
				}
				if later > 0 && !strings.Contains(next.text(), "09:00") {
					t.Errorf("%s, claimed %v: out of hours it does not say so: %s", name, claimed, next.text())
				}
			}
		}
	}
}

// text is all that was said last.
func (c *chat) text() string {
	var out []string
	for _, r := range c.out.Replies {
		for _, b := range r.Blocks {
			out = append(out, b.Text)
		}
	}
	return strings.Join(out, "\n")
}

// TestServicesInOrder holds, for every class, which service a card names first: under
// 19, or while the age is unknown, Childline; for older people PAPYRUS where it is about
// dying. 999 may stand before it.
func TestServicesInOrder(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	lines := flowstest.CrisisLines(t, b)
	dying := []screen.Class{screen.Wish, screen.Plan, screen.Attempt, screen.Friend}
	for _, class := range screen.Classes() {
		for age, first := range map[string]string{"": "tel:08001111", "14": "tel:08001111", "18": "tel:08001111", "19": "tel:08000684141"} {
			if age == "19" && !slices.Contains(dying, class) {
				continue
			}
			c := newChat(t, b, "web")
			c.says("/start")
			c.taps("me")
			if age != "" {
				c.says(age)
			}
			links := c.says(lines[class][0]).Replies[0].Blocks[0].Links
			if links[0].Href == "tel:999" {
				links = links[1:]
			}
			if links[0].Href != first {
				t.Errorf("%s, age %q: first is %s", class, age, links[0].Text)
			}
		}
	}
}

// TestForgetOfOldConversations holds that a hello promised by an older program, which
// wrote down no time by which it is forgotten, is still said.
func TestForgetOfOldConversations(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	c.says("i want to die")
	c.taps("not_now", "yes")
	c.c.Forget = time.Time{}
	c.later(flows.TimerCheckIn)
	if c.top() != "crisis.hello" {
		t.Errorf("the conversation stands at %q", c.top())
	}
}
