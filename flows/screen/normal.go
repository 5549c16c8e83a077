package screen

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxRunes is how much of the beginning of a text is read, and maxTail how much of
// the end of a longer one.
const (
	maxRunes = 4096
	maxTail  = 1024
)

// cut keeps the beginning and the end of a long text.
func cut(text string) string {
	if len(text) <= maxRunes {
		return text
	}
	runes := []rune(text)
	if len(runes) <= maxRunes+maxTail {
		return text
	}
	return string(runes[:maxRunes]) + " " + string(runes[len(runes)-maxTail:])
}

// pieceRunes is how much is folded at once.
const pieceRunes = 256

// foldCut folds a text and cuts it again: one character may fold into eighteen. Of a
// text that grows only the beginning and the end are folded at all.
func foldCut(text string) string {
	runes := []rune(text)
	var out strings.Builder
	for n := 0; n < maxRunes && len(runes) > 0; {
		piece := min(pieceRunes, len(runes))
		folded := fold(string(runes[:piece]))
		out.WriteString(folded)
		n += utf8.RuneCountInString(folded)
		runes = runes[piece:]
	}
	if len(runes) > 0 {
		out.WriteString(fold(string(runes[max(0, len(runes)-maxTail):])))
	}
	return cut(out.String())
}

// fold brings a text into the one form that words are compared in: compatibility
// forms undone, lower case, no marks on letters, no invisible characters, no
// apostrophes. Letters of Arabic that people use for one another become one.
func fold(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for _, r := range norm.NFKD.String(text) { // NFKD of NFKC is NFKD
		r = unicode.ToLower(r)
		switch {
		case isApostrophe(r), unicode.Is(unicode.Cf, r), r == 'ـ':
		case unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Gurmukhi, r):
		default:
			if same, ok := sameLetter(r); ok {
				r = same
			}
			out.WriteRune(r)
		}
	}
	return out.String()
}

// isApostrophe knows the characters that stand in "don't".
func isApostrophe(r rune) bool { return strings.ContainsRune("'’‘`´ʼ", r) }

// sameLetter is the form of a letter that stands for it in the lists, for letters
// that taking marks away does not reach.
func sameLetter(r rune) (rune, bool) {
	switch r {
	case 'ł':
		return 'l', true
	case 'ø':
		return 'o', true
	case 'đ', 'ð':
		return 'd', true
	case 'ı':
		return 'i', true
	case 'ٱ':
		return 'ا', true
	case 'ى', 'ی', 'ې', 'ے', 'ئ':
		return 'ي', true
	case 'ک', 'ڪ':
		return 'ك', true
	case 'ة', 'ۃ', 'ہ', 'ھ', 'ە', 'ۂ':
		return 'ه', true
	case 'ؤ':
		return 'و', true
	case 'ں':
		return 'ن', true
	}
	return 0, false
}

// latin is the Latin letter that a letter of another script looks like. Only
// words that also have Latin letters, or that are nothing else, are read so.
func latin(r rune) (rune, bool) {
	if r < utf8.RuneSelf {
		return 0, false
	}
	const from = "аеорсухіјѕкмнтвԁһԛѡпгαεορτυικνχηωβγδ"
	const to = "aeopcyxijskmhtbdhqwnraeoptuiknxnwbyd"
	at := 0
	for _, f := range from {
		if f == r {
			return rune(to[at]), true
		}
		at++
	}
	return 0, false
}

// leet is the letter that a digit or sign stands for inside a word; 1 may be an i
// or an l.
func leet(r rune, one rune) (rune, bool) {
	switch r {
	case '0':
		return 'o', true
	case '1', '|', '!':
		return one, true
	case '3', '€':
		return 'e', true
	case '4', '@':
		return 'a', true
	case '5', '$':
		return 's', true
	case '7', '+':
		return 't', true
	case '8':
		return 'b', true
	case '9':
		return 'g', true
	}
	return 0, false
}

// repeats says whether a letter stands twice in a row.
func repeats(word string) bool {
	for i := 1; i < len(word); i++ {
		if word[i] == word[i-1] {
			return true
		}
	}
	return !isASCII(word)
}

// runs cuts letters that are repeated to most.
func runs(word string, most int) string {
	var out strings.Builder
	last, n := rune(-1), 0
	for _, r := range word {
		if r == last {
			n++
		} else {
			last, n = r, 1
		}
		if n <= most {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// minBare is how many letters an Arabic word has, with an "and" at its beginning,
// for the "and" to be taken away.
const minBare = 5

// withoutAnd is an Arabic word without the "and" that is written as part of it;
// false when there is none.
func withoutAnd(word string) (string, bool) {
	for _, and := range []string{"و", "ف"} {
		if rest, ok := strings.CutPrefix(word, and); ok && utf8.RuneCountInString(word) >= minBare {
			return rest, true
		}
	}
	return "", false
}

// inWord says whether a character belongs to words.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r)
}

// endsSentence says whether a character ends a sentence.
func endsSentence(r rune) bool { return strings.ContainsRune(".!?;。؟۔", r) }
