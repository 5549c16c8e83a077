package screen

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/star-house/frontdoor/flows/source"
)

// coreList is compiled into the program: a missing or broken file still leaves the
// plainest words understood.
//
//go:embed core.yaml
var coreList []byte

// reserved sets: words that turn a sentence round, and words that take it back.
const (
	setNot    = "not"
	setJoking = "joking"
	// setAtMe says that what is done is done to the writer, not to a friend.
	setAtMe = "at_me"
)

// sharedFile is the file of a language whose sets its other files use too.
const sharedFile = "sets.yaml"

// rule is a list of patterns that call for the same.
type rule struct {
	id       string
	tier     Tier
	class    Class
	rank     int  // how urgent the class is, 0 first
	past     bool // it is over: after-care is what fits
	language string
	patterns []pattern
	// not and joking are the symbols of the language's reserved sets, -1 without.
	not, joking int
	// atMe is that of words that say it is done to the writer; only rules about somebody
	// else have it. Where they stand, every other class has the card before this one.
	atMe int
}

// mask is an idiom: where it stands, nothing else is looked for.
type mask struct {
	id       string
	patterns []pattern
	// unless takes the mask back wherever it stands in the text: a burn "on purpose" is
	// no accident, whatever it was done with.
	unless []pattern
	// example is a sentence that would call for help if it were not for the mask.
	example string
}

// builder reads lists into a screener.
type builder struct {
	s  *Screener
	ps *source.Problems
	// shared are the sets of each language's sets.yaml.
	shared map[string]map[string][]string
	ids    map[string]bool
	common []string // everyday words, the most frequent first
}

// list is one file while it is read.
type list struct {
	file   string
	fields map[string]*source.Node
	sets   map[string][]string
	draft  bool
}

// language is the folder of a file, "" for the core list.
func (l *list) language() string {
	lang, _, ok := strings.Cut(l.file, "/crisis/")
	if !ok {
		return ""
	}
	return lang
}

// New compiles word lists by file name, LANG/crisis/NAME.yaml. What is wrong with
// them goes to ps; the core list is always there.
func New(lists map[string][]byte, ps *source.Problems) *Screener {
	b := &builder{s: &Screener{same: map[string]string{}, emoji: map[rune]string{}, covers: coverage{}, little: map[string]bool{}, typos: typos{known: map[string]bool{}}}, ps: ps,
		shared: map[string]map[string][]string{}, ids: map[string]bool{}}
	var read []*list
	for _, file := range slices.Sorted(maps.Keys(lists)) {
		read = append(read, b.open(file, lists[file]))
	}
	core := b.open("screen/core.yaml", coreList)
	for _, l := range append(read, core) { // of rules that say the same the files' comes first
		b.s.index.lexicon.cost = costSlip
		if strings.HasPrefix(l.file, "en/") || l == core {
			b.s.index.lexicon.cost = costRule
		}
		b.masks(l)
		b.rules(l)
	}
	b.s.lexicon = &b.s.index.lexicon
	b.s.lexicon.cost = costSlip
	for word := range b.s.same {
		b.s.lexicon.add(word)
	}
	for i, word := range b.common {
		b.s.lexicon.cost = costCommon
		if i < frequent {
			b.s.lexicon.cost = costFrequent
		}
		b.s.lexicon.add(word)
	}
	b.s.lexicon.cost = costCommon
	for _, word := range []string{"i", "a"} {
		b.s.lexicon.add(word)
	}
	return b.s
}

// open reads what stands at the top of a file.
func (b *builder) open(file string, data []byte) *list {
	_, name, _ := strings.Cut(file, "/crisis/")
	l := &list{file: file, sets: map[string][]string{}}
	root := source.Read("locales/"+file, data, b.ps)
	l.fields = root.Fields(b.ps, "format", "language", "status", "version", "owner", "reviewer", "review_by",
		"sets", "same", "emoji", "core", "known", "common", "little", "opening", "masks", "rules")
	if root == nil {
		return l // it could not be read, and what is wrong is said, with its place
	}
	root.Require(b.ps, l.fields, "format", "language", "status", "version", "owner", "reviewer", "review_by")
	l.fields["format"].Int(b.ps, 1, 1)
	l.fields["review_by"].Date(b.ps)
	l.draft = l.fields["status"].OneOf(b.ps, "draft", "live") == "draft"
	b.s.version = max(b.s.version, l.fields["version"].Text(b.ps))
	for set, phrases := range l.fields["sets"].Names(b.ps) {
		l.sets[set.Raw()] = phrases.Texts(b.ps)
	}
	if name == sharedFile {
		b.shared[l.language()] = l.sets
	}
	b.words(l)
	return l
}

// words reads what holds for words rather than for phrases.
func (b *builder) words(l *list) {
	for word, variants := range l.fields["same"].Names(b.ps) {
		for _, v := range variants.Texts(b.ps) {
			b.s.same[fold(v)] = fold(word.Raw())
		}
	}
	for name, pictures := range l.fields["emoji"].Names(b.ps) {
		for _, p := range pictures.Texts(b.ps) {
			r, _ := utf8.DecodeRuneInString(p)
			if r < utf8.RuneSelf || inWord(r) {
				// It would be taken for its name wherever it stands.
				b.ps.Add(pictures.Place(), "NOT-EMOJI", "%q begins with a letter or a sign, not with an emoji", p)
				continue
			}
			b.s.emoji[r] = name.Raw()
		}
	}
	for _, stem := range l.fields["core"].Texts(b.ps) {
		if len(stem) < minStem {
			b.ps.Add(l.fields["core"].Place(), "SHORT-STEM", "%q is too short: one slip makes another word of it", stem)
			continue
		}
		b.s.typos.add(fold(stem))
	}
	for _, word := range l.fields["known"].Texts(b.ps) {
		b.s.typos.known[fold(word)] = true
	}
	for _, word := range l.fields["little"].Texts(b.ps) {
		b.s.little[fold(word)] = false
	}
	for _, word := range l.fields["opening"].Texts(b.ps) {
		b.s.little[fold(word)] = true
	}
	for _, word := range l.fields["common"].Texts(b.ps) {
		b.common = append(b.common, fold(word))
	}
}

// set finds a named set of a file or of its language.
func (b *builder) set(l *list) func(name string) ([]string, bool) {
	return func(name string) ([]string, bool) {
		if phrases, ok := l.sets[name]; ok {
			return phrases, true
		}
		phrases, ok := b.shared[l.language()][name]
		return phrases, ok
	}
}

// reserved is the symbol of a reserved set, none where the language has no such
// words.
func (b *builder) reserved(l *list, name string) int {
	phrases, ok := b.set(l)(name)
	if !ok {
		return none
	}
	id, err := b.s.index.symbol(setName(phrases), phrases)
	if err != nil {
		b.ps.Add(source.Pos{File: "locales/" + l.file}, "BAD-PATTERN", "the set %q: %v", name, err)
		return none
	}
	return id
}

// none is no symbol.
const none = -1

// patterns reads the words of a rule or mask.
func (b *builder) patterns(l *list, words *source.Node) []pattern {
	var out []pattern
	for _, text := range words.Texts(b.ps) {
		p, err := b.s.index.parsePattern(text, b.set(l))
		if err != nil {
			b.ps.Add(words.Place(), "BAD-PATTERN", "%v", err)
			continue
		}
		out = append(out, p)
	}
	return out
}

// id reads the name of a rule or mask, which no other has.
func (b *builder) id(n *source.Node) string {
	id := n.Name(b.ps)
	if b.ids[id] {
		b.ps.Add(n.Place(), "TWICE", "there is another %q", id)
	}
	b.ids[id] = true
	return id
}

// masks reads a file's masks.
func (b *builder) masks(l *list) {
	for _, item := range l.fields["masks"].List(b.ps) {
		f := item.Fields(b.ps, "id", "words", "unless", "example")
		item.Require(b.ps, f, "id", "words")
		b.s.masks = append(b.s.masks, mask{id: b.id(f["id"]), patterns: b.patterns(l, f["words"]),
			unless: b.patterns(l, f["unless"]), example: f["example"].Raw()})
	}
}

// rules reads a file's rules.
func (b *builder) rules(l *list) {
	classes := make([]string, 0, len(Classes()))
	for _, c := range Classes() {
		classes = append(classes, string(c))
	}
	not, joking := b.reserved(l, setNot), b.reserved(l, setJoking)
	for _, item := range l.fields["rules"].List(b.ps) {
		f := item.Fields(b.ps, "id", "tier", "class", "past", "words")
		item.Require(b.ps, f, "id", "tier", "class", "words")
		r := rule{id: b.id(f["id"]), tier: Concern, class: Class(f["class"].OneOf(b.ps, classes...)),
			past: f["past"].Bool(b.ps), language: l.fields["language"].Text(b.ps), not: not, joking: joking, atMe: none}
		// Words that nobody has reviewed ask a question and do no more.
		if f["tier"].OneOf(b.ps, "concern", "crisis") == "crisis" && !l.draft {
			r.tier = Crisis
		}
		r.rank = slices.Index(Classes(), r.class)
		if r.class == Friend {
			r.atMe = b.reserved(l, setAtMe)
		}
		r.patterns = b.patterns(l, f["words"])
		b.s.list = append(b.s.list, r)
		if lang := l.language(); lang != "" && len(r.patterns) > 0 {
			b.s.covers.add(lang, r.class)
		}
	}
}
