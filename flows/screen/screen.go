package screen

import "slices"

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
	// Past says that it speaks of something that is over.
	Past bool
	// Language is that of the list, "" when no rule decided.
	Language string
}

// Screener is a set of compiled word lists. It is safe for use by many
// goroutines.
type Screener struct {
	version string
	index   index
	list    []rule
	masks   []mask
	lexicon *lexicon
	same    map[string]string
	emoji   map[rune]string
	typos   typos
	covers  coverage
	little  map[string]bool // words of an unfinished message; true for those that it may end with
}

// Screen says what a text calls for. A text that breaks the program, or that takes
// too many steps to read, counts as concern.
func (s *Screener) Screen(text string) Verdict { return s.guarded(text, allViews) }

// Explain is Screen, and names the first view in which the text calls for it.
func (s *Screener) Explain(text string) (Verdict, string) {
	v := s.Screen(text)
	if v.Tier == None {
		return v, ""
	}
	for i, name := range viewNames() {
		if s.guarded(text, plain|1<<i) == v {
			return v, name
		}
	}
	return v, "several"
}

// broken is the rule of a verdict that no rule gave.
const broken = "broken"

// guarded reads a text in some views.
func (s *Screener) guarded(text string, views view) (v Verdict) {
	defer func() {
		if recover() != nil {
			v = Verdict{Tier: Concern, Class: Wish, Rule: broken, Version: s.version}
		}
	}()
	best, left := found{class: len(Classes())}, &budget{maxSteps}
	for _, stream := range s.streams(text, views, left) {
		s.search(stream, &best, left)
	}
	if left.spent() && best.tier == None {
		return Verdict{Tier: Concern, Class: Wish, Rule: budgetRule, Version: s.version}
	}
	v = Verdict{Version: s.version, Tier: best.tier}
	if best.rule != nil {
		v.Class, v.Rule, v.Past, v.Language = best.rule.class, best.rule.id, best.rule.past, best.rule.language
	}
	return v
}

// found is the gravest that was found so far.
type found struct {
	tier  Tier
	class int
	rule  *rule
}

// better says whether a rule would change what was found.
func (f *found) better(tier Tier, class int) bool {
	return tier > f.tier || tier == f.tier && class < f.class
}

// search looks for every rule in one stream, as long as there are steps left.
func (s *Screener) search(stream []token, best *found, left *budget) {
	r := s.index.read(stream, left)
	s.hideMasked(r)
	notAfter := map[int]places{}
	for i := range s.list {
		rule := &s.list[i]
		if !best.better(rule.tier, rule.rank) {
			continue
		}
		for _, p := range rule.patterns {
			if left.spent() {
				return
			}
			if !r.stands(p) {
				continue
			}
			tier := rule.tier
			if tier == Crisis && (r.takenBack(rule) || r.negated(p, rule.not, notAfter)) {
				tier = Concern
			}
			rank := rule.rank
			if rule.atMe != none && r.index[rule.atMe] != 0 {
				rank = len(Classes()) // it happens to the writer: any other class comes first
			}
			if best.better(tier, rank) {
				*best = found{tier: tier, class: rank, rule: rule}
			}
			if tier == rule.tier {
				break
			}
		}
	}
}

// stands says whether a pattern stands anywhere in a text.
func (r *reading) stands(p pattern) bool {
	return r.possible(p) && !r.follow(p, r.everywhere(), r.stop).empty()
}

// everywhere is a set that a caller may change.
func (r *reading) everywhere() places { return slices.Clone(r.all) }

// takenBack says whether somebody writes that it was a joke.
func (r *reading) takenBack(rule *rule) bool {
	if rule.joking == none {
		return false
	}
	for _, o := range r.occurs(rule.joking) {
		if !o.at.empty() {
			return true
		}
	}
	return false
}

// lookBack is how many words before a pattern can turn it round: "not really
// suicidal".
const lookBack = 2

// negated says whether a pattern stands in the text only where a word before or
// inside it turns it round. A word that the pattern itself has, as in "I don't want
// to live", turns nothing round.
func (r *reading) negated(p pattern, not int, cache map[int]places) bool {
	if not == none || r.index[not] == 0 {
		return false
	}
	after, ok := cache[not]
	if !ok {
		after = newPlaces(r.n)
		for _, o := range r.occurs(not) {
			after.orShifted(o.at, r.all, o.length)
		}
		for i, begins := range r.stop {
			after[i] &^= begins // "I did not. I want to": another sentence
		}
		cache[not] = after
	}
	stop := slices.Clone(r.stop)
	for i := range stop {
		stop[i] |= after[i]
	}
	near := slices.Clone(after)
	for range lookBack - 1 {
		near.step(r.stop)
	}
	from := r.everywhere()
	for i := range from {
		from[i] &^= near[i]
	}
	return r.follow(p, from, stop).empty()
}

// maxMasked is how often one idiom is looked for; a text that has it oftener is
// read as it stands.
const maxMasked = 64

// hideMasked takes idioms out of a text, and reports whether there were any.
func (s *Screener) hideMasked(r *reading) bool {
	var hidden places
	for _, m := range s.masks {
		for _, p := range m.patterns {
			if r.left.spent() {
				return false
			}
			if !r.stands(p) || slices.ContainsFunc(m.unless, r.stands) {
				continue
			}
			if hidden == nil {
				hidden = newPlaces(r.n)
			}
			r.cover(p, hidden)
		}
	}
	if hidden != nil {
		r.hide(hidden)
	}
	return hidden != nil
}

// cover adds the places of a pattern to a set.
func (r *reading) cover(p pattern, covered places) {
	tries := 0
	for _, o := range r.occurs(p[0].symbol) {
		o.at.each(func(at int) bool {
			from := newPlaces(r.n)
			from.set(at)
			r.follow(p, from, r.stop).each(func(end int) bool {
				for i := at; i < end; i++ {
					covered.set(i)
				}
				return false
			})
			tries++
			return tries < maxMasked
		})
	}
}

// Size is how many rules and patterns there are.
func (s *Screener) Size() (rules, patterns int) {
	for _, r := range s.list {
		patterns += len(r.patterns)
	}
	return len(s.list), patterns
}
