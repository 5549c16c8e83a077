package flows

import (
	"fmt"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// varKind is the type of a variable.
type varKind string

// The types that a variable can have; locale is an enum of the live languages.
const (
	isEnum     varKind = "enum"
	isSet      varKind = "set"
	isText     varKind = "text"
	isInteger  varKind = "integer"
	isPhone    varKind = "phone"
	isPostcode varKind = "postcode"
	isEmail    varKind = "email"
	isLocale   varKind = "locale"
)

// varKinds lists the types as an error names them.
func varKinds() []string {
	return []string{string(isEnum), string(isSet), string(isText), string(isInteger), string(isPhone),
		string(isPostcode), string(isEmail), string(isLocale)}
}

// Limits of what is taken from a person; longer text is refused with a kind
// sentence, never cut, because a cut sentence may say the opposite.
const (
	maxInput = 4096 // runes of one message that are looked at at all
	maxText  = 2000 // runes of one answer, when the variable says nothing less
)

// refusal is why an answer was not taken; each has a sentence of its own.
type refusal string

// The reasons; the empty one means that the answer is fine.
const (
	tooLong     refusal = "too_long"
	notNumber   refusal = "not_number"
	notPhone    refusal = "not_phone"
	notPostcode refusal = "not_postcode"
	notEmail    refusal = "not_email"
	notText     refusal = "not_text"
	notOption   refusal = "sorry"
	notWhich    refusal = "closest"    // a yes, where several options mean yes
	notLine     refusal = "sorry_line" // neither a line of a review nor one of its buttons
)

// read checks typed text against a variable's type and gives its stored form.
func (v *variable) read(text string) (string, refusal) {
	text = clean(text)
	switch v.kind {
	case isInteger:
		return readInteger(text, v.min, v.max)
	case isPhone:
		return readPhone(text)
	case isPostcode:
		return readPostcode(text)
	case isEmail:
		return readEmail(text)
	}
	most := v.max
	if most == 0 {
		most = maxText
	}
	switch {
	case len([]rune(text)) > most:
		return "", tooLong
	case !hasWord(text):
		return "", notText
	}
	return text, ""
}

// clean brings text to one form and drops what cannot be seen but changes what
// is: control characters, zero-width characters, and marks that turn the
// direction of the text around them. Piles of more than three marks on one
// letter are cut to three.
func clean(text string) string {
	var out strings.Builder
	marks := 0
	for _, r := range norm.NFC.String(strings.ToValidUTF8(text, "")) {
		if unicode.Is(unicode.Mn, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case marks > 3, invisible(r):
		case r == '\n', r == '\t', !unicode.IsControl(r):
			out.WriteRune(r)
		}
	}
	return strings.TrimSpace(out.String())
}

// invisible lists the characters that nobody types on purpose: zero-width and
// bidirectional controls. The joiners stay, because Arabic-script languages and
// emoji need them.
func invisible(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u00ad', '\u061c', '\u200e', '\u200f':
		return true
	}
	return (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

// hasWord says whether there is anything to read: a letter, a digit or a symbol
// such as an emoji.
func hasWord(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.So, r)
	})
}

// readInteger takes the one number in a short text ("15", "I'm 15").
func readInteger(text string, low, high int) (string, refusal) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
	if len(fields) != 1 || len([]rune(text)) > 40 || strings.ContainsAny(text, ".-") {
		return "", notNumber
	}
	n, err := strconv.Atoi(asciiDigits(fields[0]))
	if err != nil || n < low || n > high {
		return "", notNumber
	}
	return strconv.Itoa(n), ""
}

// asciiDigits writes the digits of any script as 0–9.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		zero := r
		for unicode.IsDigit(zero-1) && r-zero < 9 {
			zero--
		}
		return '0' + (r - zero)
	}, norm.NFKC.String(s))
}

// readPhone takes a number that can be dialled; without a country code it is read
// as one of the United Kingdom. Whether it is in use is not asked: a number that is
// refused wrongly costs more than one that nobody answers. Stored as +44….
func readPhone(text string) (string, refusal) {
	n, err := phonenumbers.Parse(asciiDigits(text), "GB")
	if err != nil || len(text) > 40 || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return "", notPhone // also a number that can be dialled only within its town
	}
	if isBritish(n) && len(phonenumbers.GetNationalSignificantNumber(n)) < leastDigits {
		return "", notPhone
	}
	return phonenumbers.Format(n, phonenumbers.E164), ""
}

// leastDigits are those of the shortest number here at which a person is reached,
// without its 0: some towns have nine (Ofcom, National Telephone Numbering Plan).
// Shorter ones are those of services.
const leastDigits = 9

// isBritish says whether a number is one of the United Kingdom.
func isBritish(n *phonenumbers.PhoneNumber) bool {
	return int(n.GetCountryCode()) == phonenumbers.GetCountryCodeForRegion("GB")
}

// shownPhone is a number as people here write it: 07700 900123 for +447700900123.
func shownPhone(stored string) string {
	n, err := phonenumbers.Parse(stored, "GB")
	switch {
	case err != nil:
		return stored
	case isBritish(n):
		return phonenumbers.Format(n, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// postcode is the form of a United Kingdom postcode or of its district alone;
// the form is that of BS 7666, the second half is optional.
var postcode = regexp.MustCompile(`^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})?$`)

// readPostcode keeps the district only: "S1 4GE" becomes "S1". A whole postcode
// names a handful of homes, the district some thousands.
func readPostcode(text string) (string, refusal) {
	upper := strings.Join(strings.Fields(strings.ToUpper(text)), "")
	if m := postcode.FindStringSubmatch(upper); m != nil {
		return m[1], ""
	}
	return "", notPostcode
}

// readEmail takes one address without a display name.
func readEmail(text string) (string, refusal) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Name != "" || a.Address != strings.Trim(text, "<>") || len(text) > 254 {
		return "", notEmail
	}
	_, domain, _ := strings.Cut(a.Address, "@")
	if !strings.Contains(domain, ".") {
		return "", notEmail
	}
	return a.Address, ""
}

// fixed says whether its values are a list.
func (v *variable) fixed() bool { return v.kind == isEnum || v.kind == isSet || v.kind == isLocale }

// hint is the keyboard that suits a variable, for platforms that can show one.
func (v *variable) hint() string {
	switch v.kind {
	case isInteger:
		return "numeric"
	case isPhone:
		return "tel"
	case isEmail:
		return "email"
	}
	return "text"
}

// fits says whether a stored value still fits the variable; used when an
// answer is kept over an edit or a new version.
func (v *variable) fits(value string) error {
	switch v.kind {
	case isEnum, isSet, isLocale:
		for _, id := range v.of {
			if id == value {
				return nil
			}
		}
		return fmt.Errorf("%s has no value of that name", v.name)
	}
	if _, no := v.read(value); no != "" {
		return fmt.Errorf("%s does not take that: %s", v.name, no)
	}
	return nil
}
