package screen

import (
	"slices"
	"strings"
)

// What a piece costs when a run-together text is taken apart: the cheapest way wins.
// A stretch that no list knows is allowed at a price, so that a name in the middle
// does not hide the rest; the price of beginning one keeps "soldiers" whole.
const (
	costFrequent = 8  // the words that everybody says all the time
	costCommon   = 11 // other everyday words
	costRule     = 13 // words of the English rules
	costSlip     = 18 // misspellings, and words of other languages
	costUnknown  = 18
	costLetter   = 5 // each letter of an unknown stretch
	// frequent is how many words of the common list, from its beginning, are the
	// ones that everybody says all the time.
	frequent = 263
)

const (
	// maxParted is how long a word may be, in bytes, to be taken apart.
	maxParted = 600
	// minGuessed is how long a word is before a part of it may be unknown.
	minGuessed = 12
	// longGuessed is how long a text is that nobody would write as one word.
	longGuessed = 22
)

// trie holds the words of plain letters, letter by letter.
type trie struct {
	next [][26]int32
	cost []int16 // 0 where no word ends
}

// add adds a word, at the lowest cost that it was given.
func (t *trie) add(word string, cost int16) {
	if len(t.next) == 0 {
		t.next, t.cost = make([][26]int32, 1, 1<<14), make([]int16, 1, 1<<14)
	}
	at := int32(0)
	for i := range len(word) {
		c := word[i] - 'a'
		if c >= 26 {
			return // digits and other scripts are no pieces
		}
		if t.next[at][c] == 0 {
			t.next = append(t.next, [26]int32{})
			t.cost = append(t.cost, 0)
			t.next[at][c] = int32(len(t.next) - 1)
		}
		at = t.next[at][c]
	}
	if t.cost[at] == 0 || cost < t.cost[at] {
		t.cost[at] = cost
	}
}

// of is what a word costs, 0 when it is none.
func (t *trie) of(word string) int16 {
	at := int32(0)
	for i := range len(word) {
		c := word[i] - 'a'
		if c >= 26 || len(t.next) == 0 || t.next[at][c] == 0 {
			return 0
		}
		at = t.next[at][c]
	}
	return t.cost[at]
}

// piece is the best way to come to a place of a text: what the way costs, where its
// last piece begins, and whether that is a stretch that no list knows.
type piece struct {
	cost, from int
	unknown    bool
}

// cheapest is the cheapest way to take a text apart, with the letters that no word
// took. Its time grows with the length of the text times that of the longest word.
func (t *trie) cheapest(text string) (parts []string, unknown int) {
	const far = 1 << 30
	best, stretch := make([]piece, len(text)+1), make([]piece, len(text)+1)
	for i := range best {
		best[i].cost, stretch[i].cost = far, far
	}
	best[0].cost = 0
	for at := range len(text) {
		if stretch[at].cost < best[at].cost {
			best[at] = stretch[at]
		}
		// One more unknown letter: a stretch begins here or goes on.
		grown := piece{best[at].cost + costUnknown + costLetter, at, true}
		if on := stretch[at].cost + costLetter; on < grown.cost {
			grown.cost, grown.from = on, stretch[at].from
		}
		stretch[at+1] = grown
		node := int32(0)
		for end := at; end < len(text) && len(t.next) > 0; end++ {
			c := text[end] - 'a'
			if c >= 26 || t.next[node][c] == 0 {
				break
			}
			node = t.next[node][c]
			if w := int(t.cost[node]); w > 0 && best[at].cost+w < best[end+1].cost {
				best[end+1] = piece{cost: best[at].cost + w, from: at}
			}
		}
	}
	if last := len(text); stretch[last].cost < best[last].cost {
		best[last] = stretch[last]
	}
	for end := len(text); end > 0; end = best[end].from {
		if best[end].unknown {
			unknown += end - best[end].from
		}
		parts = append(parts, text[best[end].from:end])
	}
	slices.Reverse(parts)
	return parts, unknown
}

// apart takes a text of plain letters apart; nil when nobody meant several words. A
// text that was spelled out letter by letter may be two short ones.
func (l *lexicon) apart(text string, spelled bool) []string {
	parts, unknown := l.trie.cheapest(text)
	switch {
	case len(parts) < 2, unknown > 0 && len(text) < minGuessed:
		return nil
	case len(text) < longGuessed && unknown*4 > len(text), unknown*2 > len(text):
		return nil
	case len(parts) >= minParts || spelled:
		return parts
	}
	first, second := parts[0], parts[1]
	if max(len(first), len(second)) >= longPart && unknown == 0 {
		return parts
	}
	if l.trie.of(first) == costFrequent && l.trie.of(second) == costFrequent {
		return parts // "wantto", "killmyself"
	}
	return nil
}

// minBroken is how long a word is, in bytes, that may have been broken in two.
const minBroken = 5

// broken is the known word that two neighbours make of which one is no word, "" when
// they make none: "su icide", "my self".
func (l *lexicon) broken(first, second string) string {
	if len(first)+len(second) < minBroken || l.words[first] && l.words[second] || len(first)+len(second) > maxTyped {
		return ""
	}
	if word := first + second; l.words[word] {
		return word
	}
	return ""
}

// maxStars is how many letters of one word may be hidden.
const maxStars = 2

// letters are what a star may stand for, the likeliest first.
const letters = "iaueolrcdnst"

// starred is the known word that a word with hidden letters is, vowels first, "" when
// there is none.
func (l *lexicon) starred(word string) string {
	stars := strings.Count(word, string(star))
	if stars > maxStars || len(word) > maxTyped || len(word)-stars < 2 {
		return ""
	}
	try := []string{word}
	for range stars {
		var next []string
		for _, w := range try {
			for _, letter := range []byte(letters) {
				next = append(next, strings.Replace(w, string(star), string(letter), 1))
			}
		}
		try = next
	}
	for _, w := range try {
		if l.trie.of(w) != 0 {
			return w
		}
	}
	return ""
}
