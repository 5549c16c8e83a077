package screen

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// minOpening and maxOpening are how many words of an unfinished message are looked at
// with the next.
const minOpening, maxOpening = 2, 8

// maxEnd is how many runes hold eight little words, and more.
const maxEnd = 200

// Opening is how a message ends when it may go on in the next one, as in "i just want
// to" and then "die": its last words as long as they are among the little words of
// the lists, which are in every sentence; two to eight. Names, places and words of
// harm are never among them. It is "" for what ends as a sentence may end.
func (s *Screener) Opening(text string) string {
	runes := []rune(strings.TrimSpace(text))
	text = string(runes[max(0, len(runes)-maxEnd):])
	if r, _ := utf8.DecodeLastRuneInString(text); endsSentence(r) && !strings.HasSuffix(text, "..") {
		return ""
	}
	var out []string
	for _, word := range slices.Backward(s.tokens(foldCut(text), plain, false, &budget{maxSteps})) {
		i := slices.IndexFunc(word.forms, func(form string) bool {
			opens, little := s.little[form]
			return little && (opens || len(out) > 0)
		})
		if i < 0 || len(out) == maxOpening {
			break
		}
		out = append(out, word.forms[i])
		if word.first {
			break
		}
	}
	if len(out) < minOpening {
		return ""
	}
	slices.Reverse(out)
	return strings.Join(out, " ")
}
