package flows_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/star-house/frontdoor/flows"
)

// Example shows one turn: a person who has never written says hello.
func ExampleAdvance() {
	var t testing.T
	b := shipped(&t)
	out := flows.Advance(b, flows.Conversation{}, flows.Input{
		Happening: flows.Typed, Text: "hello", At: monday, Channel: "web",
		Fresh: flows.Fresh{Conversation: "ABCD2345"},
	})
	for _, block := range out.Replies[0].Blocks {
		fmt.Println(block.Key)
	}
	for _, button := range out.Replies[0].Options {
		fmt.Println("-", button.Label)
	}
	// Output:
	// referral.welcome
	// referral.who
	// - Me
	// - Someone I want to help
	// - Tell me more first
}

// TestSameInputSameOutcome holds that nothing but the input decides.
func TestSameInputSameOutcome(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	c.toReview()
	in := flows.Input{Happening: flows.Typed, Text: "change 3", At: monday, Update: "x", Channel: "telegram"}
	one, two := flows.Advance(c.b, c.c, in), flows.Advance(c.b, c.c, in)
	if !reflect.DeepEqual(one, two) {
		t.Error("the same input gave two outcomes")
	}
}

// TestSameUpdateFiveTimes holds that an update counts once, also when it comes
// back after others.
func TestSameUpdateFiveTimes(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	c.says("/start")
	c.taps("me")
	c.do(flows.Input{Happening: flows.Typed, Text: "17", Update: "again"})
	stands := c.c.At
	for range 4 {
		if out := c.do(flows.Input{Happening: flows.Typed, Text: "17", Update: "again"}); !out.Repeat || len(out.Replies) > 0 {
			t.Fatal("a repeated update was taken again")
		}
	}
	if !slices.Equal(stands, c.c.At) || len(c.c.Journal) != 2 {
		t.Errorf("the conversation moved to %v with %d answers", c.c.At, len(c.c.Journal))
	}
}

// TestNoMoreThan26Answers holds the length of a green adult's way, the strongest
// lever on how many people finish. Every tap and every message counts, on the
// longest of the ways to be reached, with own words and without.
func TestNoMoreThan26Answers(t *testing.T) {
	t.Parallel()
	for _, channel := range []string{"telegram", "discord", "web", "terminal"} {
		for _, own := range []string{"skip", "#I like drawing"} {
			c := newChat(t, shipped(t), channel)
			c.says("/start")
			steps := []string{"me", "#19", "#S10", "agree", "yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no",
				"lonely", "done", "creative", "done", "yes", own, "#Sam", "text", "#07700 900123", "any", "nothing", "submit"}
			for _, name := range steps {
				c.either(name)
			}
			if c.referral == nil || c.referral.Lane != flows.LaneOpen || len(steps) > 26 {
				t.Errorf("%s: sent %v after %d answers, more than 26", channel, c.referral != nil, len(steps))
			}
		}
	}
}

// either taps a button, or types what follows a #.
func (c *chat) either(name string) {
	c.t.Helper()
	if typed, ok := strings.CutPrefix(name, "#"); ok {
		c.says(typed)
		return
	}
	c.taps(name)
}

// TestButtonsAreSmall holds that button data fits Telegram's 64 bytes with room,
// and that what is not ours is not taken for it.
func TestButtonsAreSmall(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	c.toReview()
	for _, b := range c.last {
		if len(b.Data) > 30 {
			t.Errorf("%q has %d bytes", b.Data, len(b.Data))
		}
	}
	for _, data := range []string{"", "1", "2.ABCD.1.0", "1.ABCD.x.0", "1.ABCD.-1.0", "1.ABCD.1.", "1.a.b.c.d", strings.Repeat("1", 31)} {
		if _, ok := flows.ParseTap(data); ok {
			t.Errorf("%q was taken", data)
		}
	}
}

// FuzzTap holds that any data of a button is answered and changes nothing that
// it should not.
func FuzzTap(f *testing.F) {
	b := shipped(f)
	for _, seed := range []string{"1.CHAT0001.9.0", "1.CHAT0001.3.e2", "1.CHAT0001.27.x99", "1.-.0.h", "1.CHAT0001.27.+3", "1..0.b", "garbage"} {
		f.Add(seed)
	}
	c := newChat(f, b, "telegram")
	c.toReview()
	f.Fuzz(func(t *testing.T, data string) {
		tap, _ := flows.ParseTap(data)
		other := *c
		other.t = t
		out := other.do(flows.Input{Happening: flows.Tapped, Tap: tap})
		if !out.Repeat && len(out.Replies) == 0 {
			t.Errorf("silence after %q", data)
		}
		if out.Fault != "" {
			t.Errorf("%q: %s", data, out.Fault)
		}
	})
}

// TestInterruptsEverywhere is the matrix: each interrupt, typed, from each state
// that waits, and with no conversation at all. Each is answered, and help and
// crisis words bring the numbers first.
func TestInterruptsEverywhere(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	stands := waitingStates(t, b)
	words := map[string]string{
		"i want to kill myself": "cards.", "help": "cards.", "stop": "system.stop", "delete": "system.delete",
		"withdraw": "system.", "human": "system.", "privacy": "system.privacy", "my data": "system.mydata",
		"language": "system.language", "/hide": "system.hide", "/help": "cards.", "/STOP@frontdoorbot": "system.stop",
	}
	for where, c := range stands {
		for said, want := range words {
			other := *c
			other.t = t
			if said == "human" && strings.Contains(where, " crisis.n") {
				want = "crisis." // the card that is open has a button for it
			}
			out := other.says(said)
			if len(out.Replies) == 0 || len(out.Replies[0].Blocks) == 0 {
				t.Errorf("%s: silence after %q", where, said)
				continue
			}
			// Back in front of a red answer, the card comes first of all.
			first := want == "cards." || !strings.HasSuffix(where, "screening.red")
			i := slices.IndexFunc(out.Replies[0].Blocks, func(b flows.Block) bool { return strings.HasPrefix(b.Key, want) })
			if i < 0 || first && i > 0 {
				t.Errorf("%s: %q brings %s first, not %s", where, said, out.Replies[0].Blocks[0].Key, want)
			}
		}
	}
}

// waitingStates explores the script: from each conversation found so far it
// taps every button and types some answers, and keeps one conversation for each
// state that waits.
func waitingStates(t *testing.T, b *flows.Bundle) map[string]*chat {
	t.Helper()
	found := map[string]*chat{"nobody": newChat(t, b, "telegram")}
	var todo []*chat
	for _, channel := range []string{"telegram", "web"} {
		c := newChat(t, b, channel)
		c.says("/start")
		todo = append(todo, c)
	}
	for len(todo) > 0 {
		from := todo[0]
		todo = todo[1:]
		for _, try := range from.tries() {
			next := *from
			next.do(try)
			name := next.channel + " over " + next.c.Over
			if n := len(next.c.At); n > 0 {
				name = next.channel + " " + next.c.At[n-1].String()
				if len(next.c.Ask.Picked) > 0 {
					name += " picked"
				}
			}
			if found[name] == nil {
				found[name] = &next
				todo = append(todo, &next)
			}
		}
	}
	if len(found) < 100 {
		t.Errorf("only %d states were met: %v", len(found), slices.Sorted(maps.Keys(found)))
	}
	return found
}

// tries are what a person could do next.
func (c *chat) tries() []flows.Input {
	var out []flows.Input
	for _, b := range c.last {
		tap, _ := flows.ParseTap(b.Data)
		out = append(out, flows.Input{Happening: flows.Tapped, Tap: tap})
	}
	for _, text := range []string{"17", "14", "S10", "Sam", "07700 900123", "sam@example.org", "banana", "delete", "withdraw",
		"language", "human", "i hate my life", "i want to die", "/start", "stop"} {
		out = append(out, flows.Input{Happening: flows.Typed, Text: text})
	}
	return out
}

// randomStep does something that a person might.
func (c *chat) randomStep(rt *rapid.T) {
	switch rapid.IntRange(0, 19).Draw(rt, "what") {
	case 0:
		c.says(rapid.SampledFrom([]string{"back", "privacy", "help", "/start", "stop", "withdraw", "delete", "i want to die",
			"i hate my life", "17", "banana", "skip", "1", "my data", "human"}).Draw(rt, "words"))
	case 1:
		c.says(rapid.String().Draw(rt, "text"))
	case 2:
		c.at = c.at.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
		for _, name := range flows.TimerNames() {
			c.do(flows.Input{Happening: flows.TimeIsUp, Timer: name})
		}
	case 3:
		c.do(flows.Input{Happening: rapid.SampledFrom([]flows.Happening{flows.Media, flows.Edited, flows.Opened}).Draw(rt, "odd")})
	default:
		if len(c.last) > 0 && rapid.IntRange(0, 5).Draw(rt, "tap") > 0 {
			b := rapid.SampledFrom(c.last).Draw(rt, "button")
			tap, _ := flows.ParseTap(b.Data)
			c.do(flows.Input{Happening: flows.Tapped, Tap: tap})
			return
		}
		c.says(rapid.SampledFrom([]string{"17", "14", "S10", "Sam", "07700 900123", "sam@example.org", "yes", "no"}).Draw(rt, "answer"))
	}
}

// TestRandomWalks holds, for conversations of any kind, that the engine never
// faults, never falls silent, never shows braces or an empty text, and sends
// nothing without the consent that covers it.
func TestRandomWalks(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := newChat(t, b, rapid.SampledFrom([]string{"telegram", "web", "discord", "terminal"}).Draw(rt, "channel"))
		c.says("/start")
		for range rapid.IntRange(1, 80).Draw(rt, "steps") {
			before := c.referral
			c.randomStep(rt)
			c.holds(rt, before)
		}
	})
}

// holds checks what must be true after every step.
func (c *chat) holds(rt *rapid.T, before *flows.Referral) {
	out := c.out
	if out.Fault != "" {
		rt.Fatalf("fault %q at %v", out.Fault, c.c.At)
	}
	for _, r := range out.Replies {
		for _, block := range r.Blocks {
			if strings.TrimSpace(block.Text) == "" || strings.Contains(block.Text, "{") && block.Key != "system.mydata" && block.Key != "referral.review" {
				rt.Fatalf("the text of %s is %q", block.Key, block.Text)
			}
		}
		if r.From == "" && (len(r.Last) != 2 || r.Last[1].ID != "help") {
			rt.Fatalf("a message without a way to help: %v", r.Last)
		}
	}
	if len(c.c.Seen) > 64 {
		rt.Fatalf("%d update ids are kept", len(c.c.Seen))
	}
	if r := c.referral; r != nil && before == nil {
		covered := slices.ContainsFunc(r.Sent.Consents, func(g flows.Given) bool { return g.ID == "share" || g.ID == "duty" })
		if !covered || r.Light == flows.Red && r.Lane != flows.LaneDuty || r.Lane == flows.LaneDuty && r.Light != flows.Red {
			rt.Fatalf("a %s referral in %s with %v", r.Light, r.Lane, r.Sent.Consents)
		}
	}
}

// TestCrisisWordsBeatEverything holds that the card's first words come before
// any other in the turn, also where another word stands in the same message.
func TestCrisisWordsBeatEverything(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for _, text := range []string{"i want to kill myself", "stop. i want to kill myself", "/start i want to kill myself", "delete i want to kill myself"} {
		c := newChat(t, b, "telegram")
		c.toScreening()
		out := c.says(text)
		if out.Replies[0].Class != flows.ClassCrisis || !strings.HasPrefix(out.Replies[0].Blocks[0].Key, "cards.") {
			t.Errorf("%q brings %v first", text, out.Replies[0].Blocks[0].Key)
		}
	}
}

// TestCardFitsTheAge holds that under-19s see Childline first and others do not
// see it, and that 111 and 999 end every card.
func TestCardFitsTheAge(t *testing.T) {
	t.Parallel()
	for age, childline := range map[string]bool{"17": true, "19": false, "": true} {
		c := newChat(t, shipped(t), "telegram")
		c.says("/start")
		c.taps("me")
		if age != "" {
			c.says(age)
		}
		out := c.says("i want to kill myself")
		links := out.Replies[0].Blocks[0].Links
		if n := len(links); n < 3 || n > 5 || links[n-2].Href != "tel:111" || links[n-1].Href != "tel:999" {
			t.Fatalf("age %q: %v", age, links)
		}
		if got := links[0].Href == "tel:08001111"; got != childline {
			t.Errorf("age %q: Childline first is %v", age, got)
		}
	}
}

// TestFallback holds what is said from memory: the card when words call for it,
// and otherwise word of the trouble with the numbers.
func TestFallback(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	for text, want := range map[string]string{"i want to kill myself": "cards.suicide", "hello": "bot.trouble", "": "bot.trouble"} {
		r, _ := flows.Fallback(b, flows.Input{Text: text, Channel: "web"})
		if r.Blocks[0].Key != want || len(r.Last) != 1 || r.Last[0].Data != flows.HelpTap() {
			t.Errorf("%q: %s first, with %v", text, r.Blocks[0].Key, r.Last)
		}
		links := 0
		for _, block := range r.Blocks {
			links += len(block.Links)
		}
		if links < 3 {
			t.Errorf("%q: %d numbers", text, links)
		}
	}
}

// TestBundleUnder holds that a conversation keeps its script while the crisis
// cards and the words that stop come from the newest.
func TestBundleUnder(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	old := shipped(t)
	newest, problems := flows.Parse(with(files, nil, map[string]string{
		"en/gates.yaml": strings.Replace(string(files.Locales["en/gates.yaml"]), "How old are you?", "What is your age?", 1),
		"en/cards.yaml": strings.Replace(string(files.Locales["en/cards.yaml"]), "I'm really glad", "I am very glad", 1),
		"en/words.yaml": strings.Replace(string(files.Locales["en/words.yaml"]), `stop: "stop,`, `stop: "enough now, stop,`, 1),
	}))
	if newest == nil {
		t.Fatal(problems)
	}
	c := newChat(t, old.Under(newest), "telegram")
	c.says("/start")
	if out := c.taps("me"); !strings.Contains(out.Replies[0].Blocks[0].Text, "How old are you?") {
		t.Errorf("the question changed under the conversation: %s", out.Replies[0].Blocks[0].Text)
	}
	if out := c.says("i want to kill myself"); !strings.HasPrefix(out.Replies[0].Blocks[0].Text, "I am very glad") {
		t.Errorf("the card is an old one: %s", out.Replies[0].Blocks[0].Text)
	}
	if out := c.says("enough now"); out.Replies[0].Blocks[0].Key != "system.stop" {
		t.Errorf("the new word for stop does not work: %s", out.Replies[0].Blocks[0].Key)
	}
}

// TestWelcomeIsShort holds that social prescribing is explained in under 60
// words before any question (requirement R2).
func TestWelcomeIsShort(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "web")
	out := c.says("hi")
	if n := len(strings.Fields(out.Replies[0].Blocks[0].Text)); n >= 60 {
		t.Errorf("the welcome has %d words", n)
	}
}
