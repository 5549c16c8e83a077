package screen

import (
	"fmt"
	"slices"
	"strings"
)

// pattern is a phrase with gaps: symbols in their order.
type pattern []slot

// slot is one place of a pattern.
type slot struct {
	symbol   int
	gap      int  // words of any kind that may stand before it
	anywhere bool // it may stand anywhere in the text, in another sentence too
	optional bool
}

// gaps are how many words of any kind may stand for a gap. With & no order is asked
// for: danger that is told as a scene has its parts in sentences of their own.
var gaps = map[string]int{"..": 3, "...": 6, "&": 0}

const (
	// minStart is how many letters stand before a *.
	minStart = 3
)

// index knows every symbol of the patterns: a symbol is a set of phrases, any of
// which may stand in its place.
type index struct {
	ids     map[string]int
	root    node
	lexicon lexicon
}

// node is a place in the tree of phrases.
type node struct {
	words  map[string]*node
	starts map[string]*node // words that begin so
	ends   []int            // symbols of which a phrase ends here
	depth  int              // how many words lead here
}

// symbol is the id of a symbol, made of phrases when it is new.
func (x *index) symbol(name string, phrases []string) (int, error) {
	if id, ok := x.ids[name]; ok {
		return id, nil
	}
	if x.ids == nil {
		x.ids = map[string]int{}
	}
	id := len(x.ids)
	x.ids[name] = id
	for _, phrase := range phrases {
		if err := x.grow(id, phrase); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// grow adds a phrase to a symbol.
func (x *index) grow(id int, phrase string) error {
	at := &x.root
	words := strings.FieldsFunc(fold(phrase), func(r rune) bool { return !inWord(r) && r != '*' })
	if len(words) == 0 {
		return fmt.Errorf("%q is empty", phrase)
	}
	for _, word := range words {
		folded, open := strings.CutSuffix(word, "*")
		if strings.Contains(folded, "*") || open && len([]rune(folded)) < minStart {
			return fmt.Errorf("%q: a * stands at the end of a word, after %d letters or more", word, minStart)
		}
		to := &at.words
		if open {
			to = &at.starts
		} else {
			x.lexicon.add(folded)
		}
		if *to == nil {
			*to = map[string]*node{}
		}
		if (*to)[folded] == nil {
			(*to)[folded] = &node{depth: at.depth + 1}
		}
		at = (*to)[folded]
	}
	at.ends = append(at.ends, id)
	return nil
}

// parsePattern reads a pattern. sets are the named sets that it may use.
func (x *index) parsePattern(text string, sets func(name string) ([]string, bool)) (pattern, error) {
	var out pattern
	gap, anywhere := 0, false
	words := strings.Fields(text)
	for i, word := range words {
		if g, ok := gaps[word]; ok {
			gap, anywhere = g, word == "&"
			if i == 0 || i == len(words)-1 {
				return nil, fmt.Errorf("%q begins or ends with a gap", text)
			}
			continue
		}
		s := slot{gap: gap, anywhere: anywhere}
		gap, anywhere = 0, false
		word, s.optional = strings.CutSuffix(word, "?")
		if s.optional && (len(out) == 0 || i == len(words)-1) {
			continue // it changes nothing
		}
		phrases, named, err := alternatives(word, sets)
		if err != nil {
			return nil, err
		}
		if named {
			word = setName(phrases)
		}
		s.symbol, err = x.symbol(word, phrases)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the pattern is empty")
	}
	return out, nil
}

// setName is the name of a symbol with sets in it: what they hold, since a set of one
// name differs from file to file, and files share sets.
func setName(phrases []string) string { return "{" + strings.Join(phrases, "|") }

// alternatives are the phrases that may stand in one place: words and sets, with |
// between them. It reports whether there are sets among them.
func alternatives(word string, sets func(name string) ([]string, bool)) (phrases []string, named bool, err error) {
	for part := range strings.SplitSeq(word, "|") {
		name, isSet := strings.CutPrefix(part, "{")
		if !isSet {
			phrases = append(phrases, strings.ReplaceAll(part, "_", " "))
			continue
		}
		of, known := sets(strings.TrimSuffix(name, "}"))
		if !known {
			return nil, false, fmt.Errorf("there is no set %q", strings.TrimSuffix(name, "}"))
		}
		phrases, named = append(phrases, of...), true
	}
	return phrases, named, nil
}

// maxPhrase bounds how many words a phrase of a set has.
const maxPhrase = 8

// reading is one stream of a text with where the symbols stand in it.
type reading struct {
	n     int
	stop  places // where sentences begin: gaps do not reach over it
	all   places
	index []int32        // by symbol: its place in found, 0 when it stands nowhere
	found [][]occurrence // from 1 on
	room  []occurrence   // where the first of each symbol's occurrences are kept
}

// occurs lists where a symbol stands.
func (r *reading) occurs(symbol int) []occurrence { return r.found[r.index[symbol]] }

// occurrence says where phrases of one length stand.
type occurrence struct {
	length int
	at     places
}

// maxRoom is for how many symbols room is made at once.
const maxRoom = 2048

// read finds every symbol in a stream.
func (x *index) read(stream []token) *reading {
	room := min(maxRoom, 128*len(stream))
	r := &reading{n: len(stream), stop: newPlaces(len(stream)), all: newPlaces(len(stream)),
		index: make([]int32, len(x.ids)), found: make([][]occurrence, 1, room+1), room: make([]occurrence, 0, room)}
	hits := map[*node]places{}
	for at, t := range stream {
		r.all.set(at)
		if t.first {
			r.stop.set(at)
		}
		r.walk(&x.root, stream, at, 0, hits)
	}
	for n, at := range hits {
		for _, symbol := range n.ends {
			r.mark(symbol, n.depth, at)
		}
	}
	return r
}

// walk follows the tree of phrases through a stream, and notes where phrases end.
func (r *reading) walk(n *node, stream []token, from, length int, hits map[*node]places) {
	if len(n.ends) > 0 {
		if hits[n] == nil {
			hits[n] = newPlaces(r.n)
		}
		hits[n].set(from)
	}
	if from+length >= len(stream) || length >= maxPhrase || n.words == nil && n.starts == nil {
		return
	}
	for _, form := range stream[from+length].forms {
		if next := n.words[form]; next != nil {
			r.walk(next, stream, from, length+1, hits)
		}
		for end := minStart; n.starts != nil && end <= len(form); end++ {
			if next := n.starts[form[:end]]; next != nil {
				r.walk(next, stream, from, length+1, hits)
			}
		}
	}
}

// mark notes where a phrase of a symbol stands. What it is given may be shared.
func (r *reading) mark(symbol, length int, at places) {
	for i, o := range r.occurs(symbol) {
		if o.length == length {
			both := slices.Clone(o.at)
			for w := range both {
				both[w] |= at[w]
			}
			r.occurs(symbol)[i].at = both
			return
		}
	}
	if r.index[symbol] == 0 {
		r.index[symbol] = int32(len(r.found))
		r.room = append(r.room, occurrence{length, at})
		n := len(r.room)
		r.found = append(r.found, r.room[n-1:n:n])
		return
	}
	r.found[r.index[symbol]] = append(r.occurs(symbol), occurrence{length, at})
}

// hide takes places out of the text: no phrase stands on them any more.
func (r *reading) hide(masked places) {
	for _, list := range r.found {
		for _, o := range list {
			masked.each(func(at int) bool {
				for begin := max(0, at-o.length+1); begin <= at; begin++ {
					o.at[begin/64] &^= 1 << (begin % 64)
				}
				return true
			})
		}
	}
}

// possible says whether every word of a pattern that must be there stands
// somewhere.
func (r *reading) possible(p pattern) bool {
	for _, s := range p {
		if !s.optional && r.index[s.symbol] == 0 {
			return false
		}
	}
	return true
}

// follow is where a pattern ends that begins in from, when its gaps do not reach
// over the places in stop.
func (r *reading) follow(p pattern, from, stop places) places {
	now := from
	for i, s := range p {
		if i > 0 {
			for range s.gap {
				now.step(stop)
			}
			if s.anywhere {
				now = slices.Clone(r.all)
			}
		}
		next := newPlaces(r.n)
		if s.optional {
			copy(next, now)
		}
		for _, o := range r.occurs(s.symbol) {
			next.orShifted(o.at, now, o.length)
		}
		now = next
		if now.empty() {
			return now
		}
	}
	return now
}
