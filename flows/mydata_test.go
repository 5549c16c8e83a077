package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// TestMyDataTellsWhatIsKept holds that /mydata tells what was sent, with the
// messages while the request is open, and until when once it is closed; and of one
// that was taken back, that nothing of it is left.
func TestMyDataTellsWhatIsKept(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	c := newChat(t, b, "telegram")
	mydata := func(want ...string) {
		t.Helper()
		text := ""
		for _, block := range c.says("/mydata").Replies[0].Blocks {
			text += block.Text + "\n"
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%q is not in:\n%s", w, text)
			}
		}
	}
	c.toReview()
	c.taps("submit")
	mydata("Name: Sam", "sent a request to Star House", "K7QM-2PXD", "messages", "30 days after")
	open := *c.referral
	closed := open
	closed.Status, closed.Ended = flows.Completed, flows.Ended{At: monday, Outcome: "completed"}
	c.do(flows.Input{Happening: flows.StaffDone, Staff: flows.StaffAct{Verb: flows.DoClose, Name: "Sam"}})
	c.referral = nil
	mydata("No answers yet.")
	c.kept = []flows.Kept{{Referral: closed, Until: monday.Add(30 * 24 * time.Hour)}}
	mydata("Name: Sam", "K7QM-2PXD", "messages", "until Wednesday 23 December")
	gone, err := open.Apply(b.Hub, flows.Action{Verb: flows.DoWithdraw, At: monday})
	if err != nil {
		t.Fatal(err)
	}
	c.kept[0].Referral = gone
	mydata("K7QM-2PXD", "no answers", "until Wednesday 23 December")
	if data, err := c.c.Encode(); err != nil || c.c.At != nil && strings.Contains(string(data), "Sam") {
		t.Error("what is kept came into the conversation")
	}
}
