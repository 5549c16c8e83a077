package discord

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/star-house/frontdoor/bot"
)

// written is a text as Discord has to get it to show it as it is, with what stands
// out in bold, in parts of at most so many UTF-16 units. It is broken at a line
// break or a space where there is one. Each part is written for itself, because
// some markup counts only at the beginning.
func written(text string, bold []bot.Span, most int) []string {
	var out []string
	for at := 0; text != ""; {
		n := fitting(text, bold, at, most)
		part := text[:n]
		if shown := strings.TrimRightFunc(part, unicode.IsSpace); shown != "" {
			out = append(out, escape(shown, within(bold, at, units(shown))))
		}
		at, text = at+units(part), text[n:]
	}
	if out == nil {
		return []string{""} // for Discord to refuse
	}
	return out
}

// markLength is the length of a mark of bold.
const markLength = len("**")

// fitting is how many bytes of a text go into one part; at is where the text
// begins, in UTF-16 units. Every character that could need a backslash counts as
// if it did.
func fitting(text string, bold []bot.Span, at, most int) int {
	most -= 2 * markLength // what is bold may have to begin or end at the cut
	marks := marksOf(bold)
	size, space := 0, 0
	for i, r := range text {
		size += utf16.RuneLen(r)
		if r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			size++
		}
		if marks[at] != 0 {
			size += markLength
		}
		if size > most && space > i/2 {
			return space
		}
		if size > most {
			return i
		}
		if unicode.IsSpace(r) {
			space = i + utf8.RuneLen(r)
		}
		at += utf16.RuneLen(r)
	}
	return len(text)
}

// marksOf are the places, in UTF-16 units, where bold begins (1) and ends (-1).
func marksOf(bold []bot.Span) map[int]int {
	marks := map[int]int{}
	for _, s := range bold {
		marks[s.From]++
		marks[s.From+s.Length]--
	}
	return marks
}

// within are the spans of a part, counted from its beginning.
func within(bold []bot.Span, from, length int) []bot.Span {
	var out []bot.Span
	for _, s := range bold {
		begin, end := max(s.From-from, 0), min(s.From+s.Length-from, length)
		if begin < end {
			out = append(out, bot.Span{From: begin, Length: end - begin})
		}
	}
	return out
}

// escape writes a text so that Discord shows it as it is. Web addresses stay
// whole: Discord reads no markup inside them, and a backslash would break them.
func escape(text string, bold []bot.Span) string {
	marks := marksOf(bold)
	var out strings.Builder
	at, open := 0, 0
	for i := 0; i < len(text); {
		if marks[at] != 0 {
			out.WriteString("**")
			open += marks[at]
		}
		_, n := utf8.DecodeRuneInString(text[i:])
		if address := addressAt(text, i); address > 0 && open == 0 && !marked(marks, at, units(text[i:i+address])) {
			n = address
		} else if live(text, i) {
			out.WriteByte('\\')
		}
		out.WriteString(text[i : i+n])
		at += units(text[i : i+n])
		i += n
	}
	if marks[at] != 0 {
		out.WriteString("**")
	}
	return out.String()
}

// marked says whether bold begins or ends inside or right after an address, which
// would swallow the mark.
func marked(marks map[int]int, at, length int) bool {
	for i := at + 1; i <= at+length; i++ {
		if marks[i] != 0 {
			return true
		}
	}
	return false
}

// address is what Discord surely makes a link of, up to the next space: with a
// plain host, and without a "<", before which it would stop.
var address = regexp.MustCompile(`^https?://[\pL\pN][\pL\pN.-]*(:[0-9]+)?([/?#][^<]*|[.,:;"'\])]*)$`)

// addressAt is the length of the address that begins at a place, 0 for none.
func addressAt(text string, i int) int {
	if !strings.HasPrefix(text[i:], "http") {
		return 0
	}
	// What ends an address for Discord: JavaScript's white space.
	end := strings.IndexFunc(text[i:], func(r rune) bool { return unicode.IsSpace(r) && r != '\u0085' || r == '\ufeff' })
	if end < 0 {
		end = len(text) - i
	}
	if !address.MatchString(text[i : i+end]) {
		return 0
	}
	return end
}

// special are the characters that Discord reads as markup wherever they stand; a
// backslash before one of them shows it as it is.
const special = "\\*_~|`>#[]()<@"

// live says whether Discord might read the character at a place as markup.
func live(text string, i int) bool {
	before := text[strings.LastIndexByte(text[:i], '\n')+1 : i]
	before = strings.TrimLeft(before, " \t")
	switch c := text[i]; c {
	case '-': // a list
		return before == ""
	case '.': // a list with numbers
		return before != "" && strings.Trim(before, "0123456789") == ""
	case ':': // :smile:, or what would be an address
		return i+1 < len(text) && !strings.ContainsRune(" \n", rune(text[i+1]))
	default:
		return strings.IndexByte(special, c) >= 0
	}
}

// units is the length of a text in UTF-16 units.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
