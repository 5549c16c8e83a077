package discord

import (
	"strings"
	"unicode/utf16"

	"github.com/star-house/frontdoor/bot"
)

// special are the characters that Discord reads as markup; a backslash before one
// of them shows it as it is.
const special = "\\*_~|`>#[]()<@"

// escape writes a text so that Discord shows it as it is, with what stands out in
// bold. Web addresses stay whole: Discord reads no markup inside them, and a
// backslash would break them.
func escape(text string, bold []bot.Span) string {
	marks := map[int]int{} // place in UTF-16 units: +1 opens, -1 closes
	for _, s := range bold {
		marks[s.From]++
		marks[s.From+s.Length]--
	}
	var out strings.Builder
	at, address := 0, false
	for i, r := range text {
		if marks[at] != 0 {
			out.WriteString("**")
		}
		switch {
		case strings.HasPrefix(text[i:], "https://"), strings.HasPrefix(text[i:], "http://"):
			address = true
		case r == ' ' || r == '\n':
			address = false
		}
		if !address && strings.ContainsRune(special, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
		at += utf16.RuneLen(r)
	}
	if marks[at] != 0 {
		out.WriteString("**")
	}
	return out.String()
}

// cut breaks a text into parts of at most so many characters, at a line break or
// a space where there is one, and never between a backslash and what it escapes.
func cut(text string, most int) []string {
	var out []string
	for {
		runes := []rune(text)
		if len(runes) <= most {
			return append(out, text)
		}
		end := most
		for i := most - 1; i > most/2; i-- {
			if runes[i] == '\n' || runes[i] == ' ' {
				end = i + 1
				break
			}
		}
		if end == most && runes[end-1] == '\\' {
			end--
		}
		out = append(out, strings.TrimRight(string(runes[:end]), " \n"))
		text = string(runes[end:])
	}
}
