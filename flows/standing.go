package flows

import (
	"strings"

	"github.com/star-house/frontdoor/flows/source"
)

// Endings of a key for how the person's request stands. A text that would not be
// true of every request has one of its own under its key with the ending.
const (
	standsDuty  = "@duty"  // in the lane of the duty person
	standsLate  = "@late"  // nobody picked it up by the day that was named
	standsCheck = "@check" // a coordinator speaks with its person first
)

// standings lists them.
func standings() []string { return []string{standsDuty, standsLate, standsCheck} }

// standing is the key of the text that is true of the person's request: the one for
// how it stands, when there is one, and otherwise the key itself.
func (t *turn) standing(key string) string {
	if !t.open() {
		return key
	}
	r := t.referral
	switch late := r.Claim.By == "" && t.in.At.After(r.Due); {
	case r.Lane == LaneDuty:
		return t.keyOr(key+standsDuty, key)
	case late:
		return t.keyOr(key+standsLate, key)
	case r.Lane == LaneCheck:
		return t.keyOr(key+standsCheck, key)
	}
	return key
}

// plainKey is a key without the ending for how a request stands.
func plainKey(key string) string {
	plain, _, _ := strings.Cut(key, "@")
	return plain
}

// checkStandings holds that a day is named only while it is true: a request with the
// duty person never waits for it, and one that is late has missed it.
func (p *loader) checkStandings(key string, entry word, texts map[string]word) {
	plain := plainKey(key)
	if ending := key[len(plain):]; ending != "" && !contains(standings(), ending) {
		known := map[string]bool{}
		for _, s := range standings() {
			known[s] = true
		}
		p.problems.Add(entry.at, "TEXT", "%s", source.Unknown("ending", ending, known))
	}
	if !contains(placeholders(entry.text), "claim_by") {
		return
	}
	for _, ending := range []string{standsDuty, standsLate} {
		_, ok := texts[plain+ending]
		switch {
		case key == plain+ending:
			p.problems.Add(entry.at, "DAY", "{claim_by} is not true of a request that stands %s", ending)
		case !ok:
			_, name, _ := strings.Cut(plain, ".")
			p.problems.Add(entry.at, "DAY", "a text with {claim_by} needs another one, %s%s, without it", name, ending)
		}
	}
}
