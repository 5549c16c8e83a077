package screen

import (
	"maps"
	"slices"
	"strings"

	"github.com/star-house/frontdoor/flows/source"
)

// Tier is what a text calls for.
type Tier int

// The tiers: nothing, one question ("are you safe right now?"), the card at once.
const (
	None Tier = iota
	Concern
	Crisis
)

// String is the word that `frontdoor flows classify` prints.
func (t Tier) String() string { return [...]string{"none", "concern", "crisis"}[t] }

// Class is what kind of danger a text speaks of; each has its own card.
type Class string

// The classes of safeguarding.md, rule 3.
const (
	Wish         Class = "wish"         // a wish to die
	Plan         Class = "plan"         // a plan, an intent, a goodbye
	Attempt      Class = "attempt"      // an attempt or overdose now
	SelfHarm     Class = "self_harm"    // hurting oneself
	Harmed       Class = "harmed"       // hurt or scared by somebody
	Sexual       Class = "sexual"       // sexual harm, blackmail, meeting an adult
	Exploitation Class = "exploitation" // made to carry, sell, owe
	Honour       Class = "honour"       // forced marriage, honour
	FGM          Class = "fgm"
	Eating       Class = "eating"     // an eating emergency
	Voices       Class = "voices"     // voices, commands
	Others       Class = "others"     // harm to others
	Friend       Class = "friend"     // somebody else in danger
	NowhereSafe  Class = "no_shelter" // nowhere safe tonight
)

// Classes lists them all, the most urgent first: where a text fits several, the
// first decides the card.
func Classes() []Class {
	return []Class{Attempt, Plan, Wish, Friend, SelfHarm, Sexual, Harmed, Honour, FGM, Exploitation, Eating, Others, Voices, NowhereSafe}
}

// Verdict is what a text calls for and why. It holds nothing of the text.
type Verdict struct {
	Tier  Tier
	Class Class
	// Rule names the rule that decided; Version is that of the lists.
	Rule    string
	Version string
}

// Screener is a set of compiled word lists. It is safe for use by many
// goroutines.
type Screener struct {
	version string
	rules   []rule
}

// rule is a list of phrases that call for the same.
type rule struct {
	id      string
	tier    Tier
	class   Class
	phrases []string
}

// New compiles word lists by file name. What is wrong with them goes to ps.
func New(lists map[string][]byte, ps *source.Problems) *Screener {
	s := &Screener{}
	for _, file := range slices.Sorted(maps.Keys(lists)) {
		s.read(file, lists[file], ps)
	}
	return s
}

// read adds one list.
func (s *Screener) read(file string, data []byte, ps *source.Problems) {
	root := source.Read("locales/"+file, data, ps)
	f := root.Fields(ps, "format", "version", "owner", "reviewer", "review_by", "rules")
	root.Require(ps, f, "format", "version", "owner", "reviewer", "review_by", "rules")
	f["review_by"].Date(ps)
	s.version = max(s.version, f["version"].Text(ps))
	classes := make([]string, 0, len(Classes()))
	for _, c := range Classes() {
		classes = append(classes, string(c))
	}
	for _, item := range f["rules"].List(ps) {
		rf := item.Fields(ps, "id", "tier", "class", "words")
		item.Require(ps, rf, "id", "tier", "class", "words")
		r := rule{id: rf["id"].Name(ps), class: Class(rf["class"].OneOf(ps, classes...)), tier: Concern}
		if rf["tier"].OneOf(ps, "concern", "crisis") == "crisis" {
			r.tier = Crisis
		}
		for _, phrase := range rf["words"].Texts(ps) {
			r.phrases = append(r.phrases, normal(phrase))
		}
		s.rules = append(s.rules, r)
	}
}

// Screen says what a text calls for.
func (s *Screener) Screen(text string) Verdict {
	said := normal(text)
	best := Verdict{Version: s.version}
	for _, r := range s.rules {
		if r.tier <= best.Tier {
			continue
		}
		for _, phrase := range r.phrases {
			if strings.Contains(said, phrase) {
				best = Verdict{Tier: r.tier, Class: r.class, Rule: r.id, Version: s.version}
				break
			}
		}
	}
	return best
}
