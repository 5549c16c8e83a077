package flows_test

import (
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// TestEveryWayOutNamesTheDropIn holds that the words at each way out tell where one can
// walk in (R7), for everybody whom the drop-in is for.
func TestEveryWayOutNamesTheDropIn(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for name, walk := range map[string]func(*chat){
		"elsewhere":        func(c *chat) { c.says("/start"); c.taps("me"); c.says("17"); c.taps("skip", "elsewhere") },
		"no answers":       func(c *chat) { c.says("/start"); c.taps("me"); c.says("17"); c.taps("skip", "here", "decline") },
		"numbers":          func(c *chat) { c.toScreening(); c.taps("no", "numbers") },
		"told the duty":    func(c *chat) { c.toScreening(); c.taps("no", "tell", "submit") },
		"sent":             func(c *chat) { c.toReview(); c.taps("submit") },
		"sent, amber":      func(c *chat) { c.toReview(); c.says("i want to kill myself"); c.taps("carry_on", "submit") },
		"taken back":       func(c *chat) { c.toReview(); c.taps("submit"); c.says("withdraw"); c.taps("yes") },
		"deleted":          func(c *chat) { c.toScreening(); c.says("delete"); c.taps("yes") },
		"not now":          func(c *chat) { c.toScreening(); c.says("i want to kill myself"); c.taps("not_now", "no") },
		"hello tomorrow":   func(c *chat) { c.toScreening(); c.says("i want to kill myself"); c.taps("not_now", "yes") },
		"closed by staff":  func(c *chat) { c.toReview(); c.taps("submit"); c.close() },
		"helper":           func(c *chat) { c.says("/start"); c.taps("helper", "school") },
		"asks for a human": func(c *chat) { c.says("/start"); c.says("human") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t, b, "telegram")
			walk(c)
			said := ""
			for _, r := range c.out.Replies {
				for _, block := range r.Blocks {
					said += block.Text + "\n"
				}
			}
			if !strings.Contains(said, "Door43") {
				t.Errorf("no drop-in in:\n%s", said)
			}
		})
	}
}

// close is staff closing the referral.
func (c *chat) close() {
	r := *c.referral
	r.Status, r.Ended = flows.Completed, flows.Ended{At: c.at, Outcome: "completed"}
	c.referral = &r
	c.do(flows.Input{Happening: flows.StaffDone, Staff: flows.StaffAct{Verb: flows.DoClose, Name: "Sam"}})
}
