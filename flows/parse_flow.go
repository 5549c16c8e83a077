package flows

import (
	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/flows/source"
)

// maxStates bounds one flow, so that what a person must read stays readable.
const maxStates = 300

// flow reads one flow file.
func (p *loader) flow(file string, data []byte) {
	ps := &p.problems
	root := source.Read(file, data, ps)
	if root == nil {
		return
	}
	f := root.Fields(ps, "flow", "format", "start", "vars", "consents", "states")
	root.Require(ps, f, "flow", "format", "start", "states")
	f["format"].Int(ps, 1, 1)
	fl := &flow{name: f["flow"].Name(ps), start: f["start"].Name(ps), states: map[string]*state{}}
	if p.b.flows[fl.name] != nil {
		ps.Add(f["flow"].Place(), "TWICE", "there is already a flow %q", fl.name)
		return
	}
	p.b.flows[fl.name] = fl
	p.variables(fl.name, f["vars"])
	p.consents(f["consents"])
	for key, value := range f["states"].Names(ps) {
		if len(fl.order) >= maxStates {
			ps.Add(key.Pos, "SIZE", "a flow has at most %d states: split it with call", maxStates)
			return
		}
		fl.order = append(fl.order, key.Raw())
		fl.states[key.Raw()] = p.state(key, value)
	}
	if f["start"] != nil && fl.states[fl.start] == nil {
		ps.Add(f["start"].Pos, "TARGET", "%s", source.Unknown("state", fl.start, fl.states))
	}
}

// variables reads what a flow asks. A name belongs to one flow of the bundle.
func (p *loader) variables(flow string, n *source.Node) {
	ps := &p.problems
	for key, value := range n.Names(ps) {
		f := value.Fields(ps, "type", "of", "class", "max", "min", "optional", "keep")
		value.Require(ps, f, "type", "class")
		v := &variable{
			name: key.Raw(), flow: flow, at: key.Pos,
			kind:     varKind(f["type"].OneOf(ps, varKinds()...)),
			class:    f["class"].OneOf(ps, "routing", "personal", "special"),
			optional: f["optional"].Bool(ps),
			of:       p.choices(f["of"]),
		}
		v.max = f["max"].Int(ps, 1, 1_000_000)
		v.min = f["min"].Int(ps, 0, 1_000_000)
		p.shapeOf(v, value, f)
		if old := p.b.vars[v.name]; old != nil {
			ps.Add(key.Pos, "TWICE", "the variable %q is already in the flow %q", v.name, old.flow)
			continue
		}
		p.b.vars[v.name] = v
	}
}

// shapeOf checks that a variable has what its type needs and nothing else.
func (p *loader) shapeOf(v *variable, n *source.Node, f map[string]*source.Node) {
	ps := &p.problems
	switch v.kind {
	case isEnum, isSet:
		n.Require(ps, f, "of")
	case isInteger:
		n.Require(ps, f, "min", "max")
		if v.min > v.max {
			ps.Add(n.Pos, "VALUE", "min is above max")
		}
	case isLocale:
		v.of = p.b.bot.live
	case isText:
		if v.max > maxText {
			ps.Add(f["max"].Pos, "VALUE", "a text has at most %d characters", maxText)
		}
	}
	if f["of"] != nil && v.kind != isEnum && v.kind != isSet {
		ps.Add(f["of"].Pos, "VALUE", "only enum and set have a list of values")
	}
}

// choices reads a list of ids, or hub.identifiers and hub.activities, which are
// the hub's own open lists.
func (p *loader) choices(n *source.Node) []string {
	if n == nil {
		return nil
	}
	var out []string
	for _, item := range p.optionNodes(n) {
		out = append(out, item.Name(&p.problems))
	}
	return out
}

// consents reads what each promise covers.
func (p *loader) consents(n *source.Node) {
	ps := &p.problems
	for key, value := range n.Names(ps) {
		f := value.Fields(ps, "version", "covers", "keep", "to")
		value.Require(ps, f, "version", "covers", "keep", "to")
		if p.b.consents[key.Raw()] != nil {
			ps.Add(key.Pos, "TWICE", "there is already a consent %q", key.Raw())
		}
		p.b.consents[key.Raw()] = &consent{
			version: f["version"].Int(ps, 1, 9999),
			covers:  f["covers"].Words(ps),
			keep:    hub.SpanOf(f["keep"], ps),
			to:      f["to"].Text(ps),
			at:      key.Pos,
		}
	}
}
