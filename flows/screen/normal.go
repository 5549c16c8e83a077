package screen

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxRunes is how much of a text is read: its beginning, and as much of its tail.
const maxRunes = 4096

// normal is a text as the rules read it: one form of each letter, lower case,
// apostrophes dropped, all else that is no letter or digit a space, with a space
// at both ends so that whole words can be looked for.
func normal(text string) string {
	runes := []rune(text)
	if len(runes) > 2*maxRunes {
		runes = append(append([]rune{}, runes[:maxRunes]...), runes[len(runes)-maxRunes:]...)
	}
	var out strings.Builder
	out.WriteByte(' ')
	space := true
	for _, r := range norm.NFKC.String(string(runes)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r):
			out.WriteRune(unicode.ToLower(r))
			space = false
		case r == '\'', r == '’', r == '‘', r == '`', unicode.Is(unicode.Cf, r):
		case !space:
			out.WriteByte(' ')
			space = true
		}
	}
	if !space {
		out.WriteByte(' ')
	}
	return out.String()
}
