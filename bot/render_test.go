package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// length is the length of a text in UTF-16 units, as the platforms count.
func length(text string) int { return len(utf16.Encode([]rune(text))) }

// TestRenderKeepsEverything holds, for any reply and any limit, that no message is
// over the limit, that no word is lost or moved, and that the buttons come once,
// under the last.
func TestRenderKeepsEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.IntRange(40, 400).Draw(rt, "most")
		var r flows.Reply
		var words []string
		for i := range rapid.IntRange(1, 6).Draw(rt, "blocks") {
			text := ""
			for j := range rapid.IntRange(1, 120).Draw(rt, "words") {
				word := fmt.Sprintf("w%d.%d%s", i, j, rapid.SampledFrom([]string{"", "é", "👩‍👩‍👧", "שלום", "\u202e"}).Draw(rt, "odd"))
				words = append(words, word)
				text += word + " "
			}
			r.Blocks = append(r.Blocks, flows.Block{Text: strings.TrimSpace(text)})
		}
		r.Options = []flows.Button{{Label: strings.Repeat("x", 90), Data: "1"}}
		parts := bot.Render(r, bot.Channel{Name: "x", MaxText: most, MaxLabel: 64})
		all := ""
		for i, m := range parts {
			if n := length(m.Text); n > most || n == 0 {
				rt.Fatalf("message %d has %d units, the most is %d", i, n, most)
			}
			if last := i == len(parts)-1; (len(m.Rows) > 0) != last {
				rt.Fatalf("message %d of %d has %d rows", i, len(parts), len(m.Rows))
			}
			all += m.Text + " "
		}
		if got := strings.Fields(all); strings.Join(got, " ") != strings.Join(words, " ") {
			rt.Fatalf("the words changed: %d of %d", len(got), len(words))
		}
		if n := length(parts[len(parts)-1].Rows[0][0].Label); n > 64 {
			rt.Fatalf("a label has %d units", n)
		}
	})
}

// TestRenderExactly holds the edges: 4,096 units fit one message, one more does
// not, and an emoji counts two.
func TestRenderExactly(t *testing.T) {
	t.Parallel()
	to := bot.Channel{Name: "telegram", MaxText: 4096}
	for _, c := range []struct {
		text string
		want int
	}{
		{strings.Repeat("a", 4096), 1}, {strings.Repeat("a", 4097), 2},
		{strings.Repeat("👻", 2048), 1}, {strings.Repeat("👻", 2049), 2},
	} {
		if got := len(bot.Render(flows.Reply{Blocks: []flows.Block{{Text: c.text}}}, to)); got != c.want {
			t.Errorf("%d units are %d messages, want %d", length(c.text), got, c.want)
		}
	}
}

// TestRenderRows holds how buttons are laid out: short ones by two, long ones
// alone, in the script's order, with a mark on those that are on.
func TestRenderRows(t *testing.T) {
	t.Parallel()
	var options []flows.Button
	for _, label := range []string{"Yes", "No", "I hardly leave my room", "Maybe", "Rather not say"} {
		options = append(options, flows.Button{Label: label, On: label == "No"})
	}
	m := bot.Render(flows.Reply{Blocks: []flows.Block{{Text: "?"}}, Options: options}, bot.Channel{})[0]
	var got []string
	for _, row := range m.Rows {
		var labels []string
		for _, b := range row {
			labels = append(labels, b.Label)
		}
		got = append(got, strings.Join(labels, "|"))
	}
	want := "Yes|✓ No, I hardly leave my room, Maybe|Rather not say"
	if strings.Join(got, ", ") != want {
		t.Errorf("rows: %s, want %s", strings.Join(got, ", "), want)
	}
}

// TestRenderBold holds that the label of a review's line stands out, wherever it
// comes to stand.
func TestRenderBold(t *testing.T) {
	t.Parallel()
	r := flows.Reply{Blocks: []flows.Block{{Text: "👻 Here:", Lines: []flows.Item{
		{Line: flows.Line{Label: "Name", Text: "Zoë 👻"}}, {Line: flows.Line{Label: "Age", Text: "17"}},
	}}}}
	m := bot.Render(r, bot.Channel{})[0]
	encoded := utf16.Encode([]rune(m.Text))
	for i, want := range []string{"Name", "Age"} {
		s := m.Bold[i]
		if got := string(utf16.Decode(encoded[s.From : s.From+s.Length])); got != want {
			t.Errorf("bold is %q, want %q", got, want)
		}
	}
}

// TestQuestionsNameTheirLanguage holds that a question says in which language it is,
// for the words that a platform adds to it.
func TestQuestionsNameTheirLanguage(t *testing.T) {
	t.Parallel()
	f := newFront(t, storetest.Start(t).URL, storetest.Keys(t), nil)
	f.does("discord", chat, "#/start", "me")
	if r := f.platforms["discord"].last(t, chat).Reply; r.Hint == "" || r.Lang != "en" {
		t.Errorf("a question with an answer to type (%q) is in %q", r.Hint, r.Lang)
	}
}

// TestPageOfNumbers holds that a card with numbers, and nothing else, leads to the page
// on which they can be tapped, where there is one.
func TestPageOfNumbers(t *testing.T) {
	t.Parallel()
	const page = "https://chat.example.org/help"
	block := func(href string) []flows.Block {
		return []flows.Block{{Text: "Hello"}, {Text: "You can call", Links: []flows.Link{{Text: "Somebody", Href: href}}}}
	}
	for name, c := range map[string]struct {
		class flows.Class
		href  string
		page  string
		want  string
	}{
		"a card": {flows.ClassCrisis, "tel:999", page, page}, "one to text": {flows.ClassCrisis, "sms:85258", page, page},
		"no public page": {flows.ClassCrisis, "tel:999", "", ""}, "no numbers": {flows.ClassCrisis, "https://x.example", page, ""},
		"no card": {flows.ClassOpen, "tel:999", page, ""},
	} {
		got := bot.Render(flows.Reply{Class: c.class, Blocks: block(c.href)}, bot.Channel{MaxText: 12, HelpPage: c.page})
		for i, m := range got {
			want := ""
			if i == len(got)-1 {
				want = c.want
			}
			if m.Page != want {
				t.Errorf("%s: part %d of %d leads to %q", name, i+1, len(got), m.Page)
			}
		}
	}
}
