package flows

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// Names that have a meaning of their own in a script.
const (
	botFile      = "bot.yaml"
	hubFile      = "hub.yaml"
	cardsFolder  = "crisis"
	crisisFlow   = "crisis"   // the flow with the crisis interrupts
	cardsFile    = "cards"    // words of the crisis cards
	contactsFile = "contacts" // words of the contacts
	alertsFile   = "alerts"   // words for staff
	botWords     = "bot"      // words that belong to no flow
	fitting      = "fitting"  // the card that fits what was typed or answered
	defaultCard  = "default"
	notSafeCard  = "not_safe" // for whoever says that they are not safe
	resumeLabel  = "resume"   // an ending that goes back and asks the open question again
	laterLabel   = "later"    // an ending that goes back without a word
)

// Parse checks the files of a script and makes a bundle of them. The bundle is
// nil when there is any error; the problems also carry warnings.
func Parse(files Files) (*Bundle, source.Problems) {
	p := newLoader(files)
	p.hub(files.Scripts)
	p.bot(files.Scripts)
	if p.b.Hub == nil || p.b.bot.targets == nil {
		return nil, p.problems.Sorted()
	}
	p.structure(files.Scripts)
	p.words(files.Locales)
	p.screener(files.Locales)
	if len(p.problems.Errors()) == 0 {
		p.check()
	}
	if errs := p.problems.Errors(); len(errs) > 0 {
		return nil, p.problems.Sorted()
	}
	p.b.Hash = files.Hash()
	return p.b, p.problems.Sorted()
}

// Stale is a problem for each entry of hub.yaml that should have been checked again
// before a time, also when other files cannot be used. Parse does not ask: a bundle
// that is good today must still be read tomorrow.
func Stale(files Files, now time.Time) source.Problems {
	var unread source.Problems // Parse says these
	if h := hub.Parse(hubFile, files.Scripts[hubFile], &unread); h != nil {
		return h.Stale(now)
	}
	return nil
}

// loader collects a bundle and what is wrong with it.
type loader struct {
	b        *Bundle
	problems source.Problems
	// guards wait here until every variable is known.
	guards []pendingGuard
}

// newLoader is a loader with an empty bundle.
func newLoader(files Files) *loader {
	return &loader{b: &Bundle{
		files: files, flows: map[string]*flow{}, cards: map[string]*card{},
		vars: map[string]*variable{}, consents: map[string]*consent{},
	}}
}

// pendingGuard is a guard whose names are looked up last.
type pendingGuard struct {
	node *source.Node
	into **guard
}

// hub reads hub.yaml.
func (p *loader) hub(files map[string][]byte) {
	data, ok := files[hubFile]
	if !ok {
		p.problems.Add(source.Pos{File: hubFile}, "MISSING", "there is no hub.yaml beside the scripts")
		return
	}
	p.b.Hub = hub.Parse(hubFile, data, &p.problems)
}

// structure reads every flow and card.
func (p *loader) structure(files map[string][]byte) {
	for _, file := range slices.Sorted(maps.Keys(files)) {
		folder, name := path.Split(file)
		switch {
		case path.Ext(name) != ".yaml" || strings.HasPrefix(name, "."):
		case folder == cardsFolder+"/":
			p.card(file, files[file])
		case (folder == "" || folder == "flows/") && name != botFile && name != hubFile:
			p.flow(file, files[file])
		}
	}
}

// words reads the catalogues.
func (p *loader) words(files map[string][]byte) {
	p.b.Words = parseWords(files, p.b.bot.live, &p.problems)
}

// screener reads the crisis words of every language.
func (p *loader) screener(files map[string][]byte) {
	lists := map[string][]byte{}
	for file, data := range files {
		if strings.Count(file, "/") == 2 && strings.Contains(file, "/"+cardsFolder+"/") {
			lists[file] = data
		}
	}
	p.b.screener = screen.New(lists, &p.problems)
}

// guard keeps a guard for later.
func (p *loader) guard(n *source.Node, into **guard) {
	if n != nil {
		p.guards = append(p.guards, pendingGuard{n, into})
	}
}

// card reads one crisis card.
func (p *loader) card(file string, data []byte) {
	ps := &p.problems
	root := source.Read(file, data, ps)
	f := root.Fields(ps, "format", "card", "classes", "past", "red", "services", "approved")
	root.Require(ps, f, "format", "card", "services")
	f["format"].Int(ps, 1, 1)
	c := &card{id: f["card"].Name(ps), red: f["red"].Words(ps), approved: f["approved"] != nil, at: root.Place()}
	for _, name := range f["classes"].Words(ps) {
		c.classes = append(c.classes, screen.Class(name))
	}
	for _, name := range f["past"].Words(ps) {
		c.past = append(c.past, screen.Class(name))
	}
	items := f["services"].List(ps)
	c.services = make([]service, len(items))
	for i, item := range items {
		if item.IsText() {
			c.services[i].contact = item.Name(ps)
			continue
		}
		sf := item.Fields(ps, "contact", "when")
		item.Require(ps, sf, "contact")
		c.services[i].contact = sf["contact"].Name(ps)
		p.guard(sf["when"], &c.services[i].when)
	}
	if p.b.cards[c.id] != nil {
		ps.Add(c.at, "TWICE", "there is already a card %q", c.id)
	}
	p.b.cards[c.id] = c
}
