package screen

import "strings"

// lexicon holds the words that the rules know, and everyday words, for taking
// run-together words apart.
type lexicon struct {
	words map[string]bool
	most  int // the length of the longest, in bytes
	trie  trie
	// cost is what a word that is added now costs as a piece.
	cost int16
}

// shortWords are the words of one and two letters into which a run-together word
// may come apart; others would take ordinary words to pieces.
const shortWords = " i a am an at be do go he if im in is it me my no of on or so to up us we id ur "

// add adds a word.
func (l *lexicon) add(word string) {
	if len(word) < 3 && !strings.Contains(shortWords, " "+word+" ") {
		return
	}
	if l.words == nil {
		l.words = map[string]bool{}
	}
	l.words[word] = true
	l.most = max(l.most, len(word))
	l.trie.add(word, max(l.cost, costFrequent))
}

const (
	// minParts is how many words a run-together one has at least: with two,
	// "therapist" would come apart.
	minParts = 3
	// longPart is how long one of two words is, in bytes.
	longPart = 8
	// maxExact is how long a word of another script may be, in bytes, to be taken
	// apart.
	maxExact = 80
)

// part takes the first of a word's forms apart that somebody may have meant as
// several words; nil when none is, or when a form is a word.
func (l *lexicon) part(forms []string, spelled bool) []string {
	for _, form := range forms {
		if l.words[form] {
			return nil // a word as it stands
		}
	}
	for _, form := range forms {
		switch {
		case len(form) < minParted && !spelled || len(form) > maxParted:
		case isASCII(form):
			if parts := l.apart(form, spelled); parts != nil {
				return parts
			}
		case len(form) <= maxExact:
			if parts := l.split(form); l.plausible(parts) {
				return parts
			}
		}
	}
	return nil
}

// plausible says whether somebody may have meant these words: so many, or two of
// which one is long.
func (l *lexicon) plausible(parts []string) bool {
	return len(parts) >= minParts || len(parts) == 2 && max(len(parts[0]), len(parts[1])) >= longPart
}

// split finds the fewest known words that make up a text of any script, nil when
// there are none.
func (l *lexicon) split(text string) []string {
	const none = 1 << 20
	fewest, from := make([]int, len(text)+1), make([]int, len(text)+1)
	for end := 1; end <= len(text); end++ {
		fewest[end] = none
		for begin := max(0, end-l.most); begin < end; begin++ {
			if fewest[begin]+1 < fewest[end] && l.words[text[begin:end]] {
				fewest[end], from[end] = fewest[begin]+1, begin
			}
		}
	}
	if fewest[len(text)] >= none {
		return nil
	}
	parts := make([]string, fewest[len(text)])
	for end := len(text); end > 0; end = from[end] {
		parts[fewest[end]-1] = text[from[end]:end]
	}
	return parts
}

// minSwapped is how long a word is, in bytes, in which two letters may have changed
// places.
const minSwapped = 4

// swapped is the known word that an unknown one becomes when two letters in it change
// places, "" when there is none. The first letter stays where it is.
func (l *lexicon) swapped(word string) string {
	if len(word) < minSwapped || len(word) > maxTyped || l.words[word] || !isASCII(word) {
		return ""
	}
	spelt := []byte(word)
	for i := 2; i < len(spelt); i++ {
		spelt[i-1], spelt[i] = spelt[i], spelt[i-1]
		if l.words[string(spelt)] {
			return string(spelt)
		}
		spelt[i-1], spelt[i] = spelt[i], spelt[i-1]
	}
	return ""
}

// typos puts one slip in a core word right: a letter too many, too few, changed or
// swapped. The first letter must be right, as it nearly always is.
type typos struct {
	stems map[string]string // a stem with one letter left out → the stem
	known map[string]bool   // words that are no slips
}

const (
	minStem = 6
	// maxTyped bounds how long a word may be to be looked at, in bytes.
	maxTyped = 20
)

// add adds a core word.
func (t *typos) add(stem string) {
	if t.stems == nil {
		t.stems = map[string]string{}
	}
	t.stems[stem] = stem
	for i := 1; i < len(stem); i++ {
		t.stems[stem[:i]+stem[i+1:]] = stem
	}
}

// correct is the core word that a word is one slip away from, "" when there is none.
func (t *typos) correct(word string) string {
	if len(word) < minStem-1 || len(word) > maxTyped || t.known[word] {
		return ""
	}
	if stem := t.stems[word]; stem != "" && stem != word {
		return stem
	}
	for i := 1; i < len(word); i++ {
		if stem := t.stems[word[:i]+word[i+1:]]; stem != "" && stem != word && oneSlip(stem, word) {
			return stem
		}
	}
	return ""
}

// oneSlip says whether two words with the same first letter differ by one letter,
// or by two that changed places.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	at := 0
	for at < len(a) && a[at] == b[at] {
		at++
	}
	switch len(b) - len(a) {
	case 0:
		swapped := at+1 < len(a) && a[at] == b[at+1] && a[at+1] == b[at] && a[at+2:] == b[at+2:]
		return at > 0 && (swapped || at == len(a) || a[at+1:] == b[at+1:])
	case 1:
		return at > 0 && a[at:] == b[at+1:]
	}
	return false
}
