package flows

import (
	"slices"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/flows/source"
)

// match finds the option that a typed text means: its label, its number, one of
// its other words, or a spelling close to its label. It is -1 when none is meant.
func (t *turn) match(st *state, text string) int {
	key := t.c.top().String()
	var labels []string
	for _, o := range st.question.options {
		labels = append(labels, t.text1(key+"."+o.id))
	}
	said := fold(text)
	for i, o := range st.question.options {
		if t.b.Words.lookupIs(t.c.Locale, key+"."+o.id+".also", text) || said == o.id {
			return i
		}
	}
	return matchLabel(labels, text)
}

// matchLabel finds the label that a text means: the same words, its number, or a
// close spelling that could mean no other.
func matchLabel(labels []string, text string) int {
	said := fold(text)
	folded := make([]string, len(labels))
	for i, l := range labels {
		folded[i] = fold(l)
		if folded[i] == said && said != "" {
			return i
		}
	}
	if n, ok := numberIn(text); ok {
		if n >= 1 && n <= len(labels) {
			return n - 1
		}
		return -1
	}
	if len([]rune(said)) < 4 {
		return -1
	}
	return slices.Index(folded, source.Near(said, folded))
}

// numberIn reads a text that is a number and nothing else: "3", "3." or "#3".
func numberIn(text string) (int, bool) {
	n, err := strconv.Atoi(asciiDigits(strings.Trim(strings.TrimSpace(text), ".)#")))
	return n, err == nil
}

// isNumber says whether a text is a number and nothing else.
func isNumber(text string) bool {
	_, ok := numberIn(text)
	return ok
}

// lookupIs says whether a text is one of the comma-separated words of a key.
func (w *Words) lookupIs(lang, key, text string) bool {
	list, ok := w.lookup(lang, key)
	said := fold(text)
	if !ok || said == "" {
		return false
	}
	for word := range strings.SplitSeq(list, ",") {
		if fold(word) == said {
			return true
		}
	}
	return false
}

// matchMany reads labels or numbers, separated by commas or "and"; false when one
// of them is no option.
func (t *turn) matchMany(st *state, text string) ([]int, bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
	var picked []int
	for _, part := range parts {
		for word := range strings.SplitSeq(part, " "+t.text1(wordsFile+".and")+" ") {
			i := t.match(st, word)
			if i < 0 {
				return nil, false
			}
			picked = append(picked, i)
		}
	}
	return picked, len(picked) > 0
}

// takes says whether a text is an answer to a question.
func (t *turn) takes(st *state, text string) bool {
	switch {
	case st.kind == Ask:
		_, no := t.b.vars[st.question.variable].read(text)
		return no == ""
	case st.kind != Choose:
		return false
	case st.question.many:
		_, ok := t.matchMany(st, text)
		return ok
	}
	return t.match(st, text) >= 0
}
