package screen

import (
	"maps"
	"slices"
)

// coverage says of which classes a language has rules.
type coverage map[string]map[Class]bool

// add notes a rule.
func (c coverage) add(language string, class Class) {
	if c[language] == nil {
		c[language] = map[Class]bool{}
	}
	c[language][class] = true
}

// Languages are those that have rules, sorted.
func (s *Screener) Languages() []string { return slices.Sorted(maps.Keys(s.covers)) }

// Lacks lists the classes that no rule of a language speaks of, all of them when it
// has no list. What the core list has counts for no language: it is there for when a
// list is missing, not in its place.
func (s *Screener) Lacks(language string) []Class {
	var out []Class
	for _, class := range Classes() {
		if !s.covers[language][class] {
			out = append(out, class)
		}
	}
	return out
}
