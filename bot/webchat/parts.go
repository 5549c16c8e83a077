package webchat

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/star-house/frontdoor/flows/hub"
)

// textPart is a part of a text; one with an Href can be tapped.
type textPart struct {
	Text string
	Href string
}

// bullet begins what somebody told us, which goes on until an empty line: their own
// numbers are no helplines.
const bullet = "• "

// parts finds what can be tapped in a text of ours: web addresses, and the numbers of
// the contacts.
func parts(text string, contacts map[string]hub.Contact) []textPart {
	numbers := dials(contacts)
	var out []textPart
	theirs := false
	for line := range strings.Lines(text) {
		if theirs = strings.HasPrefix(line, bullet) || theirs && line != "\n"; theirs {
			out = append(out, linkParts(line, nil)...)
			continue
		}
		out = append(out, linkParts(line, numbers)...)
	}
	return out
}

// linkParts finds the web addresses of a text, and between them the numbers.
func linkParts(text string, numbers []dial) []textPart {
	var out []textPart
	for text != "" {
		at := strings.Index(text, "http")
		if at < 0 {
			return append(out, numberParts(text, numbers)...)
		}
		end := strings.IndexAny(text[at:], " \n")
		if end < 0 {
			end = len(text) - at
		}
		part := textPart{Text: strings.TrimRight(text[at:at+end], ".,")}
		if strings.HasPrefix(part.Text, "http://") || strings.HasPrefix(part.Text, "https://") {
			part.Href = part.Text
		}
		out = append(append(out, numberParts(text[:at], numbers)...), part)
		text = text[at+len(part.Text):]
	}
	return out
}

// dial is a number of a contact, and where a tap on it goes.
type dial struct{ number, keyword, href string }

// dials are the numbers of the contacts, the longest first, so that none is found
// inside another.
func dials(contacts map[string]hub.Contact) []dial {
	var out []dial
	for _, c := range contacts {
		if c.Tel != "" {
			out = append(out, dial{number: c.Tel, href: "tel:" + strings.ReplaceAll(c.Tel, " ", "")})
		}
		if c.SMS != "" {
			out = append(out, dial{number: c.SMS, keyword: c.Keyword, href: "sms:" + c.SMS + "?body=" + c.Keyword})
		}
	}
	slices.SortFunc(out, func(a, b dial) int {
		return cmp.Or(len(b.number)-len(a.number), strings.Compare(a.number, b.number))
	})
	return out
}

// numberParts finds the numbers of a text.
func numberParts(text string, numbers []dial) []textPart {
	for _, d := range numbers {
		for from := 0; ; {
			at := strings.Index(text[from:], d.number)
			if at < 0 {
				break
			}
			at += from
			if from = at + len(d.number); !alone(text[:at], text[from:]) {
				continue
			}
			begin := d.begin(text[:at])
			out := append(numberParts(text[:begin], numbers), textPart{Text: text[begin:from], Href: d.href})
			return append(out, numberParts(text[from:], numbers)...)
		}
	}
	if text == "" {
		return nil
	}
	return []textPart{{Text: text}}
}

// maxBetween is how many bytes may stand between a keyword and its number, as in
// "SHOUT to 85258".
const maxBetween = 16

// begin is where the link to a number begins, by the words before it: at the keyword
// when that has just been named.
func (d dial) begin(before string) int {
	if at := strings.LastIndex(before, d.keyword); d.keyword != "" && at >= 0 {
		between := before[at+len(d.keyword):]
		if len(between) <= maxBetween && !strings.ContainsAny(between, ".:;,\n") {
			return at
		}
	}
	return len(before)
}

// alone says whether a number is no piece of a longer one, of a sum, a postcode or a
// reference, by what stands around it.
func alone(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, size := utf8.DecodeRuneInString(after)
	part := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-–+£€$#/_@%", r)
	}
	if before != "" && part(last) || after != "" && part(next) {
		return false
	}
	// A space, a point or a comma parts a number from the words around it, but joins
	// it to other digits.
	if before != "" && !unicode.IsLetter(last) {
		past, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(before, string(last)))
		if unicode.IsDigit(past) && last != '\n' {
			return false
		}
	}
	further, _ := utf8.DecodeRuneInString(after[size:])
	return next == '\n' || !unicode.IsDigit(further)
}
