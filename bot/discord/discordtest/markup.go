package discordtest

import (
	"regexp"
	"strings"
)

// Markup as Discord reads it, more eagerly than it does: a mark without a partner
// counts as one.
var (
	// beginning is what makes a quote, a heading, small print or a list of a line.
	beginning = regexp.MustCompile(`^[ \t]*(>>> |> |#{1,3} |-# |[-*] |[0-9]+\. )`)
	escaped   = regexp.MustCompile(`^\\[^0-9A-Za-z\s]`)
	address   = regexp.MustCompile(`^https?://[^\s\v\pZ\x{feff}<]+[^\s\v\pZ\x{feff}<.,:;"'\])]`)
	// gone shows something else than its letters: mentions, smileys, times, marks.
	gone = regexp.MustCompile("^(<(@[!&]?|#|/|:|a:|t:|id:|https?:)[^>]*>|@everyone|@here|:[a-zA-Z0-9_+~-]+:|\\|\\||~~|[*_`])")
	link = regexp.MustCompile(`^\[[^\]]*\]\([^)]*\)`)
)

// Read is what a person reads of a content, and which of it stands out. Whatever
// Discord might take for markup, bold aside, is missing from the text.
func Read(content string) (text, bold string) {
	var all, strong strings.Builder
	stands := false
	for i := 0; i < len(content); {
		rest := content[i:]
		n, shown := 1, rest[:1]
		switch begins := i == 0 || content[i-1] == '\n'; {
		case begins && beginning.MatchString(rest):
			n, shown = len(beginning.FindString(rest)), ""
		case escaped.MatchString(rest):
			n, shown = 2, rest[1:2]
		case address.MatchString(rest):
			n = len(address.FindString(rest))
			shown = rest[:n]
		case strings.HasPrefix(rest, "**"):
			n, shown, stands = 2, "", !stands
		case link.MatchString(rest):
			n, shown = len(link.FindString(rest)), ""
		case gone.MatchString(rest):
			n, shown = len(gone.FindString(rest)), ""
		}
		all.WriteString(shown)
		if stands {
			strong.WriteString(shown)
		}
		i += n
	}
	return all.String(), strong.String()
}
