package screen

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// view is a way of reading a text. All are read, and a hit in any counts.
type view uint

// The views, which `--explain` names.
const (
	plain    view = 1 << iota // as it is typed, folded
	similar                   // look-alike letters of other scripts as Latin ones
	leeted                    // digits and signs inside words as letters
	repeated                  // runs of letters cut to two and to one
	joined                    // spaced-out letters put together
	parted                    // words that were run together taken apart
	mistyped                  // one slip in a core word put right
	pictures                  // emoji as their names
	allViews = 1<<iota - 1
)

// viewNames are the names of the views, in their order.
func viewNames() []string {
	return []string{"plain", "look-alikes", "leet", "repeats", "spaced-out", "run-together", "typo", "emoji"}
}

// token is a word of a text, in every form in which it is looked for.
type token struct {
	forms []string
	// first says that a sentence begins here.
	first bool
}

// streams are the readings of a text that differ in where words begin and end.
func (s *Screener) streams(text string, views view, left *budget) [][]token {
	folded := foldCut(s.named(cut(text), views))
	out := [][]token{s.tokens(folded, views, false, left)}
	if views&leeted != 0 && strings.ContainsFunc(folded, standsIn) {
		out = append(out, s.tokens(folded, views, true, left))
	}
	if views&(joined|parted) != 0 {
		for _, stream := range out[:len(out):len(out)] {
			if again, changed := s.rejoin(stream, views, left); changed {
				out = append(out, again)
			}
		}
	}
	return out
}

// isLeet finds what might stand for a letter.
func isLeet(r rune) bool {
	_, ok := leet(r, 'i')
	return ok
}

// star stands for any letter: "k*ll".
const star = '*'

// standsIn finds what stands for a letter, or for any letter.
func standsIn(r rune) bool { return r == star || isLeet(r) }

// named puts the names of emoji in their place.
func (s *Screener) named(text string, views view) string {
	if views&pictures == 0 || !strings.ContainsFunc(text, func(r rune) bool { return s.emoji[r] != "" }) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if name := s.emoji[r]; name != "" {
			out.WriteString(" " + name + " ")
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// tokens are the words of a folded text. With signs, digits and signs that touch
// letters belong to the word.
func (s *Screener) tokens(folded string, views view, signs bool, left *budget) []token {
	var out []token
	known := map[string][]string{} // a long text says the same words again and again
	first := true
	for chunk := range strings.FieldsFuncSeq(folded, unicode.IsSpace) {
		for word := range strings.FieldsFuncSeq(chunk, func(r rune) bool { return !inWord(r) && !(signs && standsIn(r)) }) {
			if word = strings.Trim(word, string(star)); word == "" {
				continue
			}
			forms, ok := known[word]
			if !left.spend(stepsToken) || !ok && !left.spend(stepsOf(word)) {
				return out
			}
			if !ok {
				forms = s.forms(word, views, signs)
				known[word] = forms
			}
			out = append(out, token{forms: forms, first: first})
			first = false
		}
		if strings.ContainsFunc(chunk, endsSentence) {
			first = true
		}
	}
	return out
}

// forms are a word and what it may have been meant to be.
func (s *Screener) forms(word string, views view, signs bool) []string {
	out := []string{word}
	add := func(form string) {
		for _, f := range out {
			if f == form {
				return
			}
		}
		out = append(out, form)
	}
	if bare, ok := withoutAnd(word); ok {
		add(bare)
	}
	if views&similar != 0 {
		if form, ok := asLatin(word); ok {
			add(form)
		}
	}
	if signs {
		for _, form := range s.unsigned(word) {
			add(form)
		}
	}
	for _, form := range out[:len(out):len(out)] {
		if views&repeated != 0 && repeats(form) {
			add(runs(form, 2))
			add(runs(form, 1))
		}
	}
	for _, form := range out[:len(out):len(out)] {
		if views&mistyped != 0 {
			if stem := s.typos.correct(form); stem != "" {
				add(stem)
			} else if word := s.lexicon.swapped(form); word != "" && !s.typos.known[form] {
				add(word)
			}
		}
	}
	for _, form := range out[:len(out):len(out)] {
		if same := s.same[form]; same != "" {
			add(same) // also of a word that was put right: "watned" is "wanted" is "want"
		}
	}
	return out
}

// unsigned are the words that one with digits and signs may stand for.
func (s *Screener) unsigned(word string) []string {
	var out []string
	for _, one := range "il" {
		if form, ok := unleet(word, one); ok {
			out = append(out, form)
		}
	}
	if strings.ContainsRune(word, star) {
		if form := s.lexicon.starred(word); form != "" {
			out = append(out, form)
		}
	}
	return out
}

// asLatin reads look-alike letters as Latin ones; false when there are none, or
// when the word stays in another script.
func asLatin(word string) (string, bool) {
	if isASCII(word) {
		return "", false
	}
	changed := false
	var out strings.Builder
	for _, r := range word {
		if to, ok := latin(r); ok {
			r, changed = to, true
		}
		if r > unicode.MaxASCII {
			return "", false
		}
		out.WriteRune(r)
	}
	return out.String(), changed
}

// isASCII says whether a word has plain letters only.
func isASCII(word string) bool {
	for i := range len(word) {
		if word[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unleet reads digits and signs as letters; false for what has no letters, such as
// a number, or nothing to read.
func unleet(word string, one rune) (string, bool) {
	letters, changed := false, false
	var out strings.Builder
	trimmed := strings.TrimRight(word, "!+|") // signs at the end are punctuation
	for _, r := range trimmed {
		if to, ok := leet(r, one); ok {
			r, changed = to, true
		} else if unicode.IsLetter(r) {
			letters = true
		}
		out.WriteRune(r)
	}
	return out.String(), letters && (changed || trimmed != word)
}

const (
	// minSpelled is how many single letters in a row are read as one word.
	minSpelled = 3
	// maxSpelled is how many letters in a row are put together.
	maxSpelled = 120
	// minParted is how long a word is, in letters, before it is taken apart.
	minParted = 5
)

// rejoin puts spaced-out letters together and takes run-together words apart. It
// reports whether anything changed.
func (s *Screener) rejoin(in []token, views view, left *budget) ([]token, bool) {
	out := make([]token, 0, len(in))
	changed := false
	for i := 0; i < len(in) && left.spend(stepsToken); i++ {
		n := spelled(in[i:])
		if views&joined != 0 && n >= minSpelled {
			var word strings.Builder
			for _, t := range in[i : i+n] {
				word.WriteString(letterOf(t))
			}
			out = append(out, s.apart(word.String(), in[i].first, views)...)
			changed = true
			i += n - 1
			continue
		}
		if views&joined != 0 && i+1 < len(in) && !in[i+1].first {
			if word := s.lexicon.broken(in[i].forms[0], in[i+1].forms[0]); word != "" {
				out = append(out, s.words([]string{word}, in[i].first, views)...)
				changed = true
				i++
				continue
			}
		}
		if views&parted != 0 && left.spend(len(in[i].forms)*len(in[i].forms[0])*stepsLetter) {
			if parts := s.lexicon.part(in[i].forms, false); parts != nil {
				out = append(out, s.words(parts, in[i].first, views)...)
				changed = true
				continue
			}
		}
		out = append(out, in[i])
	}
	return out, changed
}

// letterOf is a single letter as it was meant: the last of its forms that is one.
func letterOf(t token) string {
	for _, form := range slices.Backward(t.forms) {
		if utf8.RuneCountInString(form) == 1 {
			return form
		}
	}
	return ""
}

// spelled is how many single letters a text begins with.
func spelled(in []token) int {
	n := 0
	for n < min(len(in), maxSpelled) && utf8.RuneCountInString(in[n].forms[0]) == 1 && !(in[n].first && n > 0) {
		n++
	}
	return n
}

// apart are the words of a spelled-out text, one word when it cannot be parted.
func (s *Screener) apart(word string, first bool, views view) []token {
	if parts := s.lexicon.part([]string{word, runs(word, 2)}, true); parts != nil {
		return s.words(parts, first, views)
	}
	return s.words([]string{word}, first, views)
}

// words makes tokens.
func (s *Screener) words(list []string, first bool, views view) []token {
	out := make([]token, len(list))
	for i, w := range list {
		out[i] = token{forms: s.forms(w, views, false), first: first && i == 0}
	}
	return out
}
