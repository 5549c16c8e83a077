package flows_test

import (
	"bytes"
	"strings"
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

// TestUnderAddsInterrupts holds that an interrupt that came after a bundle has its
// place in conversations that began with it.
func TestUnderAddsInterrupts(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	files = with(files, map[string]string{"bot.yaml": replaced(t, files.Scripts["bot.yaml"], "  hide: system.hide\n", "")},
		map[string]string{"en/words.yaml": replaced(t, files.Locales["en/words.yaml"], "\nhide:", "\nhidden:")})
	old, problems := flows.ParseStored(files, shipped(t))
	if old == nil {
		t.Fatal(problems.Errors())
	}
	c := newChat(t, old, "telegram")
	c.says("/start")
	if out := c.says("/hide"); out.Fault != "" || !out.Hide {
		t.Errorf("hide does not work: %q", out.Fault)
	}
}

// TestStoredBundlesAreNotCheckedAnew holds that a bundle which was published before a
// check came still serves its conversations, with the texts that it lacks, and that
// one which cannot be walked through does not.
func TestStoredBundlesAreNotCheckedAnew(t *testing.T) {
	t.Parallel()
	files, newest := shippedFiles(t), shipped(t)
	question := replaced(t, files.Locales["en/gates.yaml"], "How old are you?", "What is your age?")
	lacking := with(files, nil, map[string]string{
		"en/bot.yaml": replaced(t, files.Locales["en/bot.yaml"], "\nstale:", "\nstale_once:"), "en/gates.yaml": question})
	if b, _ := flows.Parse(lacking); b != nil {
		t.Fatal("a bundle without a text passes the checks")
	}
	b, problems := flows.ParseStored(lacking, newest)
	if b == nil {
		t.Fatal(problems.Errors())
	}
	c := newChat(t, b, "telegram")
	c.says("/start")
	out := c.taps("me")
	if got := out.Replies[0].Blocks[0].Text; !strings.Contains(got, "What is your age?") {
		t.Errorf("the question changed under the conversation: %s", got)
	}
	if out = c.says("i want to kill myself"); out.Replies[0].Class != flows.ClassCrisis {
		t.Error("the words of crisis do not come from the newest")
	}
	for name, broken := range map[string]map[string]string{
		"a state that is not there":   {"gates.yaml": replaced(t, files.Scripts["gates.yaml"], "start: age", "start: nowhere")},
		"an unknown kind":             {"gates.yaml": replaced(t, files.Scripts["gates.yaml"], "ask: age", "guess: age")},
		"a guard that cannot be read": {"referral.yaml": replaced(t, files.Scripts["referral.yaml"], "when: ", "when: 7 + ")},
		"no bot.yaml":                 {"bot.yaml": ""},
	} {
		if b, _ := flows.ParseStored(with(files, broken, nil), newest); b != nil {
			t.Errorf("%s: it would be used", name)
		}
	}
}

// TestStoredHubThatCannotBeRead holds that the newest hub stands in for one that is
// no longer understood.
func TestStoredHubThatCannotBeRead(t *testing.T) {
	t.Parallel()
	files, newest := shippedFiles(t), shipped(t)
	b, problems := flows.ParseStored(with(files, map[string]string{"hub.yaml": "format: 1\n"}, nil), newest)
	if b == nil {
		t.Fatal(problems.Errors())
	}
	c := newChat(t, b, "telegram")
	c.toReview()
	if out := c.taps("submit"); out.Referral == nil || out.Referral.Lane != flows.LaneOpen {
		t.Errorf("nothing was sent: %q", out.Fault)
	}
}
