package flows_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/star-house/frontdoor/flows"
)

// asking is the shipped bundle, and a chat that stands at a question.
func asking(t testing.TB, b *flows.Bundle, question string) *chat {
	c := newChat(t, b, "telegram")
	switch question {
	case "age":
		c.says("/start")
		c.taps("me")
	case "district":
		c.says("/start")
		c.taps("me")
		c.says("17")
	case "nickname":
		c.toScreening()
		c.taps("yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
		c.taps("lonely", "done", "creative", "done", "yes", "skip")
	case "phone":
		asked := asking(t, b, "nickname")
		*c = *asked
		c.says("Sam")
		c.taps("call")
	case "email":
		c.channel = "web"
		c.toScreening()
		c.taps("yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
		c.taps("lonely", "done", "creative", "done", "yes", "skip")
		c.says("Sam")
		c.taps("email")
	}
	return c
}

// stored is what a question keeps of what was typed, "" when it refuses.
func (c *chat) answerTo(question string) string {
	for _, e := range c.c.Journal {
		if e.Var == question && len(e.Value) == 1 {
			return e.Value[0]
		}
	}
	return ""
}

// TestValues holds what each type takes, and in which form it is stored.
func TestValues(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for question, cases := range map[string]map[string]string{
		"age": {
			"17": "17", "I'm 17": "17", "im 17 years old": "17", "١٧": "17", "１７": "17", "017": "17",
			"seventeen": "", "17.5": "", "-17": "", "17 or 18": "", "1000000000000000000000": "", "": "", "2": "",
		},
		"district": {
			"S1": "S1", "s10 2tn": "S10", "S102TN": "S10", " s 3 5 ": "S35", "S36": "S36", "DN1 3AA": "DN1",
			"Sheffield": "", "12345": "", "S1 4G": "", "S1; DROP": "",
		},
		"phone": {
			"07700 900123": "+447700900123", "+44 7700 900123": "+447700900123", "(0114) 496-0000": "+441144960000",
			"+48 601 234 567": "+48601234567", "٠٧٧٠٠٩٠٠١٢٣": "+447700900123",
			"12": "", "0770": "", "07700 900": "", "call me": "", "0770090012345678": "",
		},
		"email": {
			"sam@example.org": "sam@example.org", "Sam@Example.org": "Sam@Example.org",
			"sam": "", "sam@localhost": "", "Sam <sam@example.org>": "", "a@b@c.org": "", "sam@example.org, x@y.org": "",
		},
		"nickname": {
			"Sam": "Sam", "  Sam  ": "Sam", "Zoë": "Zoë", "ياسمين": "ياسمين", "🦊": "🦊", "O'Brien-Smith": "O'Brien-Smith",
			"Sam\u202egnp.exe": "Samgnp.exe", "S\u200ba\u200bm": "Sam", "Sam\x00\x1b[2J": "Sam[2J",
			"e" + strings.Repeat("\u0301", 200): "e\u0301\u0301\u0301", "...": "", strings.Repeat("a", 41): "",
		},
	} {
		for typed, want := range cases {
			c := asking(t, b, question)
			c.says(typed)
			got := c.answerTo(question)
			if question == "nickname" && strings.HasPrefix(typed, "e\u0301") {
				// NFC joins the first mark with the letter; what counts is that the pile
				// is gone.
				if utf8.RuneCountInString(got) > 5 || got == "" {
					t.Errorf("a pile of marks was stored as %d runes", utf8.RuneCountInString(got))
				}
				continue
			}
			if got != want {
				t.Errorf("%s: %q is stored as %q, want %q", question, typed, got, want)
			}
		}
	}
}

// FuzzAnswer holds that whatever is typed at whatever question, the person gets
// an answer and the conversation stays whole.
func FuzzAnswer(f *testing.F) {
	b := shipped(f)
	questions := []string{"age", "district", "nickname", "phone", "email"}
	f.Add(0, "17")
	f.Add(1, "S10 2TN")
	f.Add(2, "Z̸̧a͜l̵g̶o̷ \u202eطويل 👩‍👩‍👧‍👦")
	f.Add(3, "+44 7700 900123")
	f.Add(4, "/help")
	f.Add(2, strings.Repeat("👻", 4096))
	f.Fuzz(func(t *testing.T, question int, typed string) {
		if question < 0 {
			return
		}
		c := asking(t, b, questions[question%len(questions)])
		out := c.says(typed)
		if len(out.Replies) == 0 {
			t.Fatalf("silence after %q", typed)
		}
		if out.Fault != "" {
			t.Fatalf("fault %q after %q", out.Fault, typed)
		}
		for _, e := range c.c.Journal {
			for _, v := range e.Value {
				if !utf8.ValidString(v) || utf8.RuneCountInString(v) > 2000 {
					t.Fatalf("stored %q", v)
				}
			}
		}
	})
}

// TestPassedOver holds how what was passed over reads in the review: that nothing
// was added where somebody could have, nobody where nobody was picked, and "rather
// not say" where that was the button.
func TestPassedOver(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	c.toScreening()
	c.taps("yes", "no", "no", "no", "no", "no", "no", "no", "skip", "no")
	c.taps("lonely", "done", "done", "yes", "skip")
	c.says("Sam")
	c.taps("chat", "any", "add", "access", "may_tell", "done", "skip")
	out := c.taps("done")
	got := map[string]string{}
	for _, line := range out.Replies[0].Blocks[0].Lines {
		got[line.Label] = line.Text
	}
	for label, want := range map[string]string{
		"In your own words": "Nothing added", "Needs to take part": "Nothing added", "We may talk to": "Nobody",
		"Would like to try": "Nothing for now", "Area": "Rather not say", "Normal days": "Rather not say",
	} {
		if got[label] != want {
			t.Errorf("%s reads %q, want %q", label, got[label], want)
		}
	}
}

// TestOnlyClosesTheQuestion holds that an option that stands alone answers with one
// tap, drops what was picked before, and that a second tap does nothing.
func TestOnlyClosesTheQuestion(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	c.toScreening()
	c.taps("yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no")
	c.taps("lonely", "done", "creative")
	for _, b := range c.last {
		if b.ID == "not_ready" {
			tap, _ := flows.ParseTap(b.Data)
			c.do(flows.Input{Happening: flows.Tapped, Tap: tap})
			if again := c.do(flows.Input{Happening: flows.Tapped, Tap: tap}); !again.Repeat || len(again.Replies) > 0 {
				t.Errorf("a second tap says %v", again.Replies)
			}
			break
		}
	}
	if got := c.answerTo("activities"); got != "not_ready" || c.c.At[1].State != "company" {
		t.Errorf("the answer is %q, at %v", got, c.c.At)
	}
	c.taps("back")
	c.taps("not_ready")
	if got := c.answerTo("activities"); got != "not_ready" || c.c.At[1].State != "company" {
		t.Errorf("the same answer again is %q, at %v", got, c.c.At)
	}
}
