package screen

import "math/bits"

// places is a set of places in a text, one bit each. All sets of one text have the
// same length, so a pattern is followed through a text with a handful of word
// operations, however the text is made.
type places []uint64

// newPlaces is an empty set for so many places.
func newPlaces(n int) places { return make(places, n/64+1) }

// set adds a place.
func (p places) set(at int) { p[at/64] |= 1 << (at % 64) }

// empty says whether there is none.
func (p places) empty() bool {
	for _, w := range p {
		if w != 0 {
			return false
		}
	}
	return true
}

// orShifted adds the places of q, so many further on, that are in only.
func (p places) orShifted(q, only places, by int) {
	words, rest := by/64, by%64
	for i := len(p) - 1; i >= words; i-- {
		w := (q[i-words] & only[i-words]) << rest
		if rest > 0 && i > words {
			w |= (q[i-words-1] & only[i-words-1]) >> (64 - rest)
		}
		p[i] |= w
	}
}

// step adds to p its places one further on, but for those in stop.
func (p places) step(stop places) {
	carry := uint64(0)
	for i, w := range p {
		p[i] |= (w<<1 | carry) &^ stop[i]
		carry = w >> 63
	}
}

// each calls f with every place until f returns false.
func (p places) each(f func(at int) bool) {
	for i, w := range p {
		for w != 0 {
			if !f(i*64 + bits.TrailingZeros64(w)) {
				return
			}
			w &= w - 1
		}
	}
}
