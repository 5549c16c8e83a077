package flows

import (
	"slices"
	"strings"

	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// maxCalls is how deep flows may call each other.
const maxCalls = 4

// check looks up every name of the script, once all of it is read.
func (p *loader) check() {
	p.compileGuards()
	p.checkNames()
	p.checkLists()
	p.checkDrafts()
	p.checkTexts()
}

// compileGuards reads the guards, now that every variable is known.
func (p *loader) compileGuards() {
	for _, g := range p.guards {
		compiled, err := p.b.compileGuard(g.node.Text(&p.problems))
		if err != nil {
			p.problems.Add(g.node.Pos, "GUARD", "%v", err)
			continue
		}
		*g.into = compiled
	}
}

// checkNames looks up every name but those of texts.
func (p *loader) checkNames() {
	p.checkBot()
	p.checkCards()
	p.checkConsents()
	for _, name := range p.flowNames() {
		fl := p.b.flows[name]
		for _, at := range fl.order {
			p.checkState(fl, fl.states[at])
		}
		p.checkCalls(name, nil)
		p.checkSilentLoops(fl)
	}
}

// checkLists holds that every live language has words for every kind of danger: what
// nobody wrote a list for would go by unheard.
func (p *loader) checkLists() {
	for _, lang := range p.b.bot.live {
		at := source.Pos{File: "locales/" + lang + "/" + cardsFolder}
		switch lacks := p.b.screener.Lacks(lang); len(lacks) {
		case 0:
		case len(screen.Classes()):
			p.problems.Add(at, "MISSING", "%s is live and has no list of crisis words", lang)
		default:
			p.problems.Add(at, "MISSING", "%s is live, and its lists of crisis words have none for: %s", lang, joinClasses(lacks))
		}
	}
}

// checkDrafts holds that a language whose words are understood, and in which nobody is
// spoken to yet, has what is said once when they are met: see inTheirs. Without it they
// hear English only.
func (p *loader) checkDrafts() {
	for _, lang := range p.b.screener.Languages() {
		if contains(p.b.bot.live, lang) {
			continue
		}
		for _, key := range p.b.theirKeys() {
			if text, _ := p.b.Words.lookup(lang, key); text == "" {
				p.problems.Warn(source.Pos{File: "locales/" + lang}, "MISSING", "%s has a list of crisis words and no text for %s", lang, key)
			}
		}
	}
}

// joinClasses are classes in one line.
func joinClasses(classes []screen.Class) string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

// flowNames are the flows in the order of their names.
func (p *loader) flowNames() []string {
	var out []string
	for name := range p.b.flows {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// checkBot looks up the places that bot.yaml names.
func (p *loader) checkBot() {
	at := source.Pos{File: botFile}
	b := p.b.bot
	if p.b.flows[b.entry] == nil {
		p.problems.Add(at, "TARGET", "entry: %s", source.Unknown("flow", b.entry, p.b.flows))
	}
	frames := []Frame{b.defaults.stuck, b.defaults.expireTo}
	for _, i := range Interrupts() {
		if f, ok := b.targets[i]; ok {
			frames = append(frames, f)
		}
	}
	for _, f := range frames {
		if p.b.state(f) == nil {
			p.problems.Add(at, "TARGET", "there is no state %q", f)
		}
	}
	if st := p.b.state(b.targets[OnCrisis]); st != nil && st.kind != Crisis {
		p.problems.Add(st.at, "CRISIS", "the interrupt crisis must lead straight to a crisis state")
	}
}

// checkCards looks up the contacts of the cards.
func (p *loader) checkCards() {
	if p.b.cards[defaultCard] == nil {
		p.problems.Add(source.Pos{File: cardsFolder + "/" + defaultCard + ".yaml"}, "MISSING", "there is no card %q", defaultCard)
	}
	for _, c := range p.b.cards {
		p.variablesKnown(c.at, c.red)
		for _, s := range c.services {
			if _, ok := p.b.Hub.Contacts[s.contact]; !ok {
				p.problems.Add(c.at, "TARGET", "%s", source.Unknown("contact", s.contact, p.b.Hub.Contacts))
			}
		}
	}
	for _, id := range always() {
		if _, ok := p.b.Hub.Contacts[id]; !ok {
			p.problems.Add(source.Pos{File: hubFile}, "MISSING", "every crisis card ends with the contact %q", id)
		}
	}
}

// checkConsents looks up what each consent covers.
func (p *loader) checkConsents() {
	for _, c := range p.b.consents {
		p.variablesKnown(c.at, c.covers)
	}
}

// variablesKnown looks variables up.
func (p *loader) variablesKnown(at source.Pos, names []string) {
	for _, name := range names {
		if p.b.vars[name] == nil {
			p.problems.Add(at, "TARGET", "%s", source.Unknown("variable", name, p.b.vars))
		}
	}
}

// checkState looks up every name in one state.
func (p *loader) checkState(fl *flow, st *state) {
	for event, to := range st.exits {
		if fl.states[to] == nil && to != "" {
			p.problems.Add(st.at, "TARGET", "%s (from %q, %s)", source.Unknown("state", to, fl.states), st.name, event)
		}
	}
	switch st.kind {
	case Choose, Ask:
		p.checkQuestion(fl, st)
	case Consent:
		p.consentKnown(st)
	case Crisis:
		if st.card != fitting && p.b.cards[st.card] == nil {
			p.problems.Add(st.at, "TARGET", "%s", source.Unknown("card", st.card, p.b.cards))
		}
	case Review:
		p.variablesKnown(st.at, st.items)
		if st.consent != "" {
			p.consentKnown(st)
		}
	case Refer:
		p.checkRefer(st)
	}
}

// consentKnown looks a consent up.
func (p *loader) consentKnown(st *state) {
	if p.b.consents[st.consent] == nil {
		p.problems.Add(st.at, "TARGET", "%s", source.Unknown("consent", st.consent, p.b.consents))
	}
}

// checkQuestion holds a question against its variable.
func (p *loader) checkQuestion(fl *flow, st *state) {
	q := st.question
	v := p.b.vars[q.variable]
	if v == nil {
		p.problems.Add(st.at, "TARGET", "%s", source.Unknown("variable", q.variable, p.b.vars))
		return
	}
	switch {
	case st.kind == Ask && v.fixed():
		p.problems.Add(st.at, "TYPE", "%q has the type %s: ask for it with choose", v.name, v.kind)
	case st.kind == Choose && !v.fixed():
		p.problems.Add(st.at, "TYPE", "%q has the type %s: ask for it with ask", v.name, v.kind)
	case q.many != (v.kind == isSet):
		p.problems.Add(st.at, "TYPE", "many: true and the type set go together; %q has the type %s", v.name, v.kind)
	}
	for _, o := range q.options {
		p.checkOption(fl, st, o, v)
	}
	if q.missed != "" && q.optionByID(q.missed).id == "" {
		p.problems.Add(st.at, "TARGET", "retry names the option %q, which is not there", q.missed)
	}
}

// checkOption holds an option against its variable, and a red one to the card.
func (p *loader) checkOption(fl *flow, st *state, o option, v *variable) {
	if v.fixed() && !slices.Contains(v.of, o.id) {
		p.problems.Add(st.at, "TYPE", "the option %q is not a value of %q", o.id, v.name)
	}
	if to := fl.states[st.exits[o.id]]; o.light == Red && (to == nil || to.kind != Crisis) {
		p.problems.Add(st.at, "RED", "the red option %q must lead straight to a crisis state", o.id)
	}
}

// checkRefer holds what is sent against what is known and consented to.
func (p *loader) checkRefer(st *state) {
	p.variablesKnown(st.at, st.refer.send)
	p.consentKnown(st)
	if c := p.b.consents[st.consent]; c != nil {
		for _, v := range st.refer.send {
			if !slices.Contains(c.covers, v) {
				p.problems.Add(st.at, "CONSENT", "%q is sent, but the consent %q does not cover it", v, st.consent)
			}
		}
	}
	p.checkSeen(st)
	for _, v := range st.refer.contact {
		if !slices.Contains(st.refer.send, v) {
			p.problems.Add(st.at, "CONSENT", "%q is used to contact, but not sent", v)
		}
	}
	for _, light := range []Light{Green, Amber, Red} {
		if st.refer.lanes[light] == "" {
			p.problems.Add(st.at, "MISSING", "lane says nothing for %s", light)
		}
	}
	if st.refer.lanes[Red] != LaneDuty {
		p.problems.Add(st.at, "RED", "red goes to the lane duty, always")
	}
}

// checkCalls walks calls from a flow: no circle, not too deep, and results that
// the called flow really has.
func (p *loader) checkCalls(name string, path []string) {
	fl := p.b.flows[name]
	path = append(path, name)
	for _, at := range fl.order {
		st := fl.states[at]
		if st.kind != Call {
			continue
		}
		called := p.b.flows[st.call]
		switch {
		case called == nil:
			p.problems.Add(st.at, "TARGET", "%s", source.Unknown("flow", st.call, p.b.flows))
		case slices.Contains(path, st.call):
			p.problems.Add(st.at, "CALL", "the flow %q would call itself", st.call)
		case len(path) > maxCalls:
			p.problems.Add(st.at, "CALL", "flows call each other more than %d deep here", maxCalls)
		default:
			p.checkResults(st, called)
			p.checkCalls(st.call, slices.Clone(path))
		}
	}
}

// checkResults holds the results that a call names against the called flow.
func (p *loader) checkResults(st *state, called *flow) {
	labels := map[string]bool{}
	for _, s := range called.states {
		if s.end != nil {
			labels[s.end.label] = true
		}
	}
	for event := range st.exits {
		if event != "done" && !labels[event] {
			p.problems.Add(st.at, "TARGET", "%s", source.Unknown("result", event, labels))
		}
	}
}

// checkSilentLoops finds circles of states that wait for nobody.
func (p *loader) checkSilentLoops(fl *flow) {
	for _, start := range fl.order {
		seen := map[string]bool{}
		todo := []string{start}
		for len(todo) > 0 {
			st := fl.states[todo[0]]
			todo = todo[1:]
			if st == nil || st.kind.waits() || st.kind == Call {
				continue
			}
			for _, to := range st.exits {
				if to == start {
					p.problems.Add(fl.states[start].at, "LOOP", "%q leads back to itself without asking anything", start)
					return
				}
				if !seen[to] {
					seen[to] = true
					todo = append(todo, to)
				}
			}
		}
	}
}

// actions checks what an ending does.
func (p *loader) actions(n *source.Node, do []string) {
	for _, what := range do {
		if !slices.Contains(endings(), what) {
			p.problems.Add(n.Place(), "VALUE", "an ending cannot %q; it can %v", what, endings())
		}
	}
}
