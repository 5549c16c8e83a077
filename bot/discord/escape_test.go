package discord_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
)

// hostile are pieces of text that mean something to Discord, or nearly.
func hostile() []string {
	return []string{
		"@everyone", "@here", "<@123>", "<@!123>", "<@&123>", "<#123>", "</help:123>", "<:x:123>", "<a:x:123>", "<t:1:R>", "<id:browse>",
		"**", "*", "__", "_", "~~", "||", "`", "```", "```go\n", "\\", "\\*", "\\\\",
		"[x](https://evil.example)", "[", "](", ")", "<https://x.example>", "https://x.example/a_b*c*_d", "https://x.example)", "https://x",
		"http://x.example:80/?q=[1](2)", "https://*x*", "https://", "https://x.example/<@123>", "https://x.example<@123>", "steam://run/1", "HTTPS://X.EXAMPLE/_a_",
		"https://x.example/\u00a0**b**", "https://x.example/\u0085**b**", "https://me@x.example/**b**",
		"\n# ", "\n## ", "\n-# ", "\n> ", "\n>>> ", "\n- ", "\n* ", "\n  - ", "\n1. ", "\n23. ", "- ", "1. ", "# ", "> ", "\n", "\n\n", " ", "  ", "\t",
		":smile:", ":+1:", ":", "10:30", "::", "a", "word", "snake_case_name", "5 * 3", "é", "👩‍👩‍👧", "مرحبا", "\u200b", "\ufeff",
	}
}

// texts are texts of hostile pieces and of whatever else, as they are typed:
// Discord itself takes white space from both ends.
func texts(most int) *rapid.Generator[string] {
	return rapid.Custom(func(rt *rapid.T) string {
		piece := rapid.OneOf(rapid.SampledFrom(hostile()), rapid.StringN(0, 10, -1))
		text := strings.Join(rapid.SliceOfN(piece, 1, most).Draw(rt, "pieces"), "")
		text = "x" + text + "x"
		return strings.TrimFunc(text, unicode.IsSpace)
	})
}

// squeezed is a text without its white space, some of which is taken away where a
// text is cut.
func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }

// utf16Length is how long a text is for whoever counts it longest.
func utf16Length(text string) int { return len(utf16.Encode([]rune(text))) }

// writes sends messages over an adapter and reads what arrives on the other side.
type writes struct {
	server *discordtest.Server
	a      *discord.Discord
	number int
}

// read is what a message comes to: its parts as they are written, what is read of
// them, and what of that stands out.
func (w *writes) read(t rapid.TB, text string, bold []bot.Span) (raw []string, shown, strong string) {
	t.Helper()
	w.number++
	chat := fmt.Sprint("70", w.number)
	if _, err := w.a.Send(context.Background(), chat, bot.Message{ID: fmt.Sprint(w.number), Text: text, Bold: bold}); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	for _, m := range w.server.Screen(chat) {
		all, stands := discordtest.Read(m.Content)
		raw, shown, strong = append(raw, m.Content), shown+all, strong+stands
	}
	return raw, shown, strong
}

// newWrites begins with empty screens. Texts are long here, and Discord is told of
// every one that may mention somebody: the fake refuses it.
func newWrites(t *testing.T) *writes {
	server := discordtest.Start(t)
	return &writes{server: server, a: adapter(t, server, discord.Config{})}
}

// TestShownAsTyped holds that a text is shown as it was typed, whatever it holds.
func TestShownAsTyped(t *testing.T) {
	t.Parallel()
	w := newWrites(t)
	for _, piece := range hostile() {
		for _, text := range []string{"x" + piece + "x", strings.TrimSpace(piece) + "x", "x " + strings.TrimSpace(piece), "x" + piece + piece} {
			if _, shown, _ := w.read(t, strings.TrimSpace(text), nil); shown != strings.TrimSpace(text) {
				t.Errorf("%q is shown as %q", text, shown)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := texts(20).Draw(rt, "text")
		if raw, shown, strong := w.read(rt, text, nil); shown != text || strong != "" {
			rt.Errorf("%q is written %q and shown as %q", text, raw, shown)
		}
	})
}

// TestAddressesStayWhole holds that addresses can still be tapped.
func TestAddressesStayWhole(t *testing.T) {
	t.Parallel()
	w := newWrites(t)
	for _, address := range []string{"https://x.example/a_b_c", "http://a-b.example:8080/?q=*x*&y=[1]", "https://münchen.example/#_x_"} {
		for _, text := range []string{address, "See " + address + ", or\n" + address} {
			if raw, _, _ := w.read(t, text, nil); strings.Count(raw[0], address) != strings.Count(text, address) {
				t.Errorf("%q is written %q", text, raw)
			}
		}
	}
}

// TestLongTexts holds that whatever is written fits Discord's messages, is cut
// between words where that can be, and loses nothing.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	w := newWrites(t)
	// What Discord counts is 2,000 characters; the backslashes are among them.
	for _, text := range []string{strings.Repeat("*", 1800), strings.Repeat("\\", 1800), "x" + strings.Repeat("\\", 1799),
		strings.Repeat("😀", 900) + strings.Repeat("*", 600), strings.Repeat("https://x.example/_ ", 90), "x" + strings.Repeat("\n", 3000) + "x"} {
		raw, shown, _ := w.read(t, text, nil)
		if squeezed(shown) != squeezed(text) || len(raw) > 3 {
			t.Errorf("%q… in %d parts is shown as %q", text[:20], len(raw), shown)
		}
	}
	words := strings.TrimSpace(strings.Repeat("*words* ", 225))
	if raw, _, _ := w.read(t, words, nil); len(raw) != 2 || !strings.HasSuffix(raw[0], "words\\*") || !strings.HasPrefix(raw[1], "\\*words") {
		t.Errorf("cut in %d: %q", len(raw), raw)
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Repeat(texts(30).Draw(rt, "text"), rapid.IntRange(1, 60).Draw(rt, "times"))
		raw, shown, _ := w.read(rt, text, nil)
		for _, part := range raw {
			if utf16Length(part) > 2000 {
				rt.Errorf("a part of %d characters", utf16Length(part))
			}
		}
		if squeezed(shown) != squeezed(text) {
			rt.Errorf("%q is written %q and shown as %q", text, raw, shown)
		}
	})
}

// TestBoldStaysBold holds that exactly what should stand out does, whatever it
// holds and wherever a long text is cut.
func TestBoldStaysBold(t *testing.T) {
	t.Parallel()
	w := newWrites(t)
	for _, long := range []string{strings.Repeat("a", 2500), strings.Repeat("word ", 500) + "word"} {
		raw, _, strong := w.read(t, "x"+long+"x", []bot.Span{{From: 1, Length: 1}, {From: 3, Length: len(long) - 2}})
		if len(raw) != 2 || squeezed(strong) != squeezed(long[:1]+long[2:]) {
			t.Errorf("%q in %d parts, with bold %q", long, len(raw), strong)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		text, strong := "", ""
		var bold []bot.Span
		for range rapid.IntRange(1, 12).Draw(rt, "lines") {
			label := texts(3).Draw(rt, "label")
			bold = append(bold, bot.Span{From: utf16Length(text), Length: utf16Length(label)})
			strong += label
			text += label + ": " + texts(20).Draw(rt, "text") + "\n"
		}
		text = strings.TrimSpace(text)
		raw, shown, got := w.read(rt, text, bold)
		if squeezed(shown) != squeezed(text) || squeezed(got) != squeezed(strong) {
			rt.Errorf("%q is written %q; bold is %q, want %q", text, raw, got, strong)
		}
	})
}
