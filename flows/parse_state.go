package flows

import (
	"slices"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/flows/source"
)

// keysOf are the keys that each kind of state may have, its own key first.
func keysOf(k Kind) []string {
	waiting := []string{"retry", "remind", "expire"}
	switch k {
	case Say:
		return []string{"say", "to"}
	case Choose:
		return append([]string{"choose", "many", "options", "to", exitMoved}, waiting...)
	case Ask:
		return append([]string{"ask", "to", "skip"}, waiting...)
	case Consent:
		return append([]string{"consent", "agree", "decline"}, waiting...)
	case Branch:
		return []string{"branch"}
	case Call:
		return []string{"call", "to", "results"}
	case Crisis:
		return append([]string{"crisis", "options"}, waiting...)
	case Review:
		return append([]string{"review", "submit", "cancel", "under"}, waiting...)
	case Refer:
		return []string{"refer", "under", "send", "contact", "lane", "relay", "tags", "closed", "withdrawn", "waiting"}
	}
	return []string{"end", "say", "do"}
}

// state reads one state: exactly one kind key, and only the keys of that kind.
func (p *loader) state(key, n *source.Node) *state {
	ps := &p.problems
	st := &state{name: key.Raw(), at: key.Pos, exits: map[string]string{}}
	var found []string
	for k := range n.Pairs() {
		if slices.Contains(kinds(), Kind(k.Raw())) {
			found = append(found, k.Raw())
		}
	}
	// An end may say something: there "say" is a detail, not a second kind.
	if slices.Contains(found, string(End)) {
		found = slices.DeleteFunc(found, func(k string) bool { return k == string(Say) })
	}
	if len(found) != 1 {
		p.noKind(key, n, len(found))
		return st
	}
	st.kind = Kind(found[0])
	f := n.Fields(ps, keysOf(st.kind)...)
	p.fill(st, n, f)
	p.waiting(st, f)
	return st
}

// noKind says what is wrong with a state that has no kind, or several. A key that no
// state has is most probably the kind, misspelt.
func (p *loader) noKind(key, n *source.Node, found int) {
	known, all := map[string]bool{}, map[string]bool{}
	var names []string
	for _, k := range kinds() {
		known[string(k)] = true
		names = append(names, string(k))
		for _, name := range keysOf(k) {
			all[name] = true
		}
	}
	misspelt := false
	for k := range n.Pairs() {
		if found == 0 && !all[k.Raw()] {
			misspelt = true
			p.problems.Add(k.Pos, "UNKNOWN-KEY", "%s", source.Unknown("kind", k.Raw(), known))
		}
	}
	if !misspelt {
		p.problems.Add(key.Pos, "KIND", "a state has exactly one kind (%s); this one has %d", strings.Join(names, ", "), found)
	}
}

// fill reads what belongs to the state's kind.
func (p *loader) fill(st *state, n *source.Node, f map[string]*source.Node) {
	ps := &p.problems
	switch st.kind {
	case Say:
		st.say = f["say"].Words(ps)
		p.exits(st, n, f, "to")
		st.exits = map[string]string{"next": st.exits["to"]}
	case Choose, Crisis:
		p.options(st, n, f)
	case Ask:
		st.question = &question{variable: f["ask"].Name(ps)}
		p.exits(st, n, f, "to")
		st.exits = map[string]string{"answer": st.exits["to"]}
		if f["skip"] != nil {
			st.exits["skip"] = f["skip"].Name(ps)
		}
	case Consent:
		st.consent = f["consent"].Name(ps)
		p.exits(st, n, f, "agree", "decline")
	case Branch:
		p.rules(st, f["branch"])
	case Call:
		st.call = f["call"].Name(ps)
		p.exits(st, n, f, "to")
		st.exits = map[string]string{"done": st.exits["to"]}
		for label, to := range f["results"].Names(ps) {
			st.exits[label.Raw()] = to.Name(ps)
		}
	case Review:
		st.items = f["review"].Words(ps)
		st.consent = f["under"].Name(ps)
		p.exits(st, n, f, "submit", "cancel")
	case Refer:
		p.refer(st, n, f)
	case End:
		st.end = &ending{label: f["end"].Name(ps)}
		st.say = f["say"].Words(ps)
		st.end.do = f["do"].Words(ps)
		p.actions(f["do"], st.end.do)
	}
}

// exits reads required targets under their own names.
func (p *loader) exits(st *state, n *source.Node, f map[string]*source.Node, names ...string) {
	n.Require(&p.problems, f, names...)
	for _, name := range names {
		st.exits[name] = f[name].Name(&p.problems)
	}
}

// options reads the buttons of choose and crisis, each with its target.
func (p *loader) options(st *state, n *source.Node, f map[string]*source.Node) {
	ps := &p.problems
	st.question = &question{}
	p.many(st.question, f["many"])
	if st.kind == Choose {
		st.question.variable = f["choose"].Name(ps)
	} else {
		st.card = f["crisis"].Name(ps)
	}
	n.Require(ps, f, "options")
	fallback := f["to"].Name(ps)
	if st.question.many {
		n.Require(ps, f, "to")
		st.exits["done"] = fallback
	}
	for _, item := range p.optionNodes(f["options"]) {
		o, to := p.option(item)
		st.question.options = append(st.question.options, o)
		if to == "" {
			to = fallback
		}
		if to == "" {
			ps.Add(item.Pos, "MISSING", "the option %q leads nowhere: give it, or the state, a \"to\"", o.id)
		}
		if !st.question.many {
			st.exits[o.id] = to
		}
	}
}

// many reads whether several options may be on: true, or {min: 0} where none of
// them is an answer too.
func (p *loader) many(q *question, n *source.Node) {
	switch {
	case n == nil:
	case n.IsText():
		q.many, q.least = n.Bool(&p.problems), 1
	default:
		f := n.Fields(&p.problems, "min")
		n.Require(&p.problems, f, "min")
		q.many, q.least = true, f["min"].Int(&p.problems, 0, 1)
	}
}

// optionNodes is the list of options; some names stand for lists of the hub's,
// or for the live languages.
func (p *loader) optionNodes(n *source.Node) []*source.Node {
	items := []*source.Node{n}
	if !n.IsText() {
		items = n.List(&p.problems)
	}
	var out []*source.Node
	for _, item := range items {
		ids := p.namedList(item.Raw())
		if ids == nil {
			out = append(out, item)
		}
		for _, id := range ids {
			out = append(out, source.Scalar(item.Pos, id))
		}
	}
	return out
}

// namedList is the list that a name stands for, nil for any other name.
func (p *loader) namedList(name string) []string {
	switch name {
	case "hub.identifiers":
		return p.b.Hub.Identifiers
	case "hub.activities":
		return p.b.Hub.Activities
	case "locales":
		return p.b.bot.live
	}
	return nil
}

// option reads one button and its own target.
func (p *loader) option(n *source.Node) (option, string) {
	if n.IsText() {
		return option{id: n.Name(&p.problems)}, ""
	}
	ps := &p.problems
	f := n.Fields(ps, "id", "light", "to", "only")
	n.Require(ps, f, "id")
	light := f["light"].OneOf(ps, "green", "amber", "red")
	return option{id: f["id"].Name(ps), light: Light(light), only: f["only"].Bool(ps)}, f["to"].Name(ps)
}

// rules reads a branch: guards in order and a last else.
func (p *loader) rules(st *state, n *source.Node) {
	ps := &p.problems
	items := n.List(ps)
	st.rules = make([]rule, len(items))
	for i, item := range items {
		f := item.Fields(ps, "when", "to", "else")
		last := i == len(items)-1
		if f["else"] != nil {
			st.rules[i].event = "else"
			st.exits["else"] = f["else"].Name(ps)
		} else {
			item.Require(ps, f, "when", "to")
			st.rules[i].event = strconv.Itoa(i + 1)
			st.exits[st.rules[i].event] = f["to"].Name(ps)
			p.guard(f["when"], &st.rules[i].when)
		}
		if last != (f["else"] != nil) {
			ps.Add(item.Pos, "BRANCH", "a branch ends with one else, and has it nowhere before")
		}
	}
	if len(items) == 0 {
		ps.Add(st.at, "BRANCH", "a branch needs at least an else")
	}
}

// refer reads what is sent, where and with which marks.
func (p *loader) refer(st *state, n *source.Node, f map[string]*source.Node) {
	ps := &p.problems
	n.Require(ps, f, "under", "send", "lane")
	p.exits(st, n, f, "closed", "withdrawn")
	st.consent = f["under"].Name(ps)
	st.refer = &refer{send: f["send"].Words(ps), contact: f["contact"].Words(ps), lanes: map[Light]Lane{}}
	for light, to := range f["lane"].Fields(ps, "red", "amber", "green") {
		st.refer.lanes[Light(light)] = Lane(to.OneOf(ps, "open", "check", "duty"))
	}
	items := f["tags"].List(ps)
	st.refer.tags = make([]tag, len(items))
	for i, item := range items {
		tf := item.Fields(ps, "id", "when")
		item.Require(ps, tf, "id", "when")
		st.refer.tags[i].id = tf["id"].Name(ps)
		p.guard(tf["when"], &st.refer.tags[i].when)
	}
	wf := f["waiting"].Fields(ps, "after", "say")
	if f["waiting"] != nil {
		f["waiting"].Require(ps, wf, "after", "say")
		st.wait.remind = []hub.Span{hub.SpanOf(wf["after"], ps)}
		st.wait.say = wf["say"].Name(ps)
	}
}

// waiting reads how a state tightens what it inherits.
func (p *loader) waiting(st *state, f map[string]*source.Node) {
	ps := &p.problems
	if n := f["retry"]; n != nil {
		rf := n.Fields(ps, "max", "option")
		n.Require(ps, rf, "max")
		st.wait.retries = rf["max"].Int(ps, 1, 9)
		if st.question != nil {
			st.question.missed = rf["option"].Name(ps)
		}
	}
	p.movedTo(st, f[exitMoved])
	if st.kind != Refer {
		st.wait.remind = p.reminders(f["remind"])
	}
	if n := f["expire"]; n != nil {
		ef := n.Fields(ps, "after", "to")
		n.Require(ps, ef, "after", "to")
		st.wait.expire = hub.SpanOf(ef["after"], ps)
		st.exits["expire"] = ef["to"].Name(ps)
	}
}

// movedTo reads where a state goes on once the private page was opened, and
// whether the conversation stays there: a name, or {to, stay}.
func (p *loader) movedTo(st *state, n *source.Node) {
	switch {
	case n == nil:
	case n.IsText():
		st.exits[exitMoved] = n.Name(&p.problems)
	default:
		f := n.Fields(&p.problems, "to", "stay")
		n.Require(&p.problems, f, "to")
		st.exits[exitMoved], st.stay = f["to"].Name(&p.problems), f["stay"].Bool(&p.problems)
	}
}
