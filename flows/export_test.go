package flows

import (
	"maps"

	"github.com/star-house/frontdoor/flows/source"
)

// NamesOf is what is wrong with the names in a bundle, of texts too, as if it had
// been read from files.
func NamesOf(b *Bundle) source.Problems {
	p := &loader{b: b}
	p.checkNames()
	p.checkTexts()
	return p.problems.Errors()
}

// Without is a bundle that has lost a variable.
func Without(b *Bundle, variable string) *Bundle {
	broken := *b
	broken.vars = maps.Clone(b.vars)
	delete(broken.vars, variable)
	return &broken
}

// Opening is how a text ends when the next one may go on with it, "" otherwise.
func (b *Bundle) Opening(text string) string { return b.screener.Opening(text) }
