package flows_test

import (
	"bytes"
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// FuzzStored holds that no stored bytes do harm: they are refused, or they are a
// conversation that every kind of input can be given to.
func FuzzStored(f *testing.F) {
	b := shipped(f)
	c := newChat(f, b, "telegram")
	c.toReview()
	whole, err := c.c.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`1{"i":"ABCD2345","at":["referral.gates","gates.age"],"q":{"s":3,"n":3}}`))
	f.Add([]byte(`1{"i":"ABCD2345","at":["nowhere.nothing"],"p":{"at":["x.y"],"q":{}}}`))
	f.Add([]byte(`1{"i":"A","at":["needs.needs"],"j":[{"s":1,"at":["screening.safe"],"v":"safe","x":["no"]}]}`))
	f.Add([]byte("2{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := flows.DecodeConversation(data)
		if err != nil {
			return
		}
		once, err := read.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := flows.DecodeConversation(once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("the stored form changed: %v\n%s\n%s", err, once, twice)
		}
		for _, in := range []flows.Input{
			{Happening: flows.Typed, Text: "17"}, {Happening: flows.Typed, Text: "back"},
			{Happening: flows.Tapped, Tap: flows.Tap{Conversation: read.ID, Seq: read.Ask.Seq, Index: "0"}},
			{Happening: flows.TimeIsUp, Timer: flows.TimerExpire}, {Happening: flows.Opened},
			{Happening: flows.Typed, Text: "i want to die"},
			{Happening: flows.StaffDone, Staff: flows.StaffAct{Verb: flows.DoClose}},
		} {
			c := &chat{t: t, b: b, channel: "telegram", at: monday, c: again, updates: 1_000_000}
			c.do(in)
		}
	})
}

// TestStoredRefuses holds that a form of another version is refused, not
// guessed at.
func TestStoredRefuses(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "2{}", "{}", "1", "1[]", `1{"j":[{"v":"x"}]}`, `1{"at":["noframe"]}`} {
		if _, err := flows.DecodeConversation([]byte(data)); err == nil {
			t.Errorf("%q was read", data)
		}
	}
	if _, err := flows.DecodeReferral([]byte("2{}")); err == nil {
		t.Error("a referral of another version was read")
	}
}
