package flows

import (
	"slices"

	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/flows/source"
)

// bot reads bot.yaml.
func (p *loader) bot(files map[string][]byte) {
	ps := &p.problems
	data, ok := files[botFile]
	if !ok {
		ps.Add(source.Pos{File: botFile}, "MISSING", "there is no bot.yaml")
		return
	}
	root := source.Read(botFile, data, ps)
	f := root.Fields(ps, "format", "bot", "locales", "channels", "entry", "streetlight", "interrupts", "defaults")
	root.Require(ps, f, "format", "bot", "locales", "channels", "entry", "streetlight", "interrupts", "defaults")
	f["format"].Int(ps, 1, 1)
	b := &p.b.bot
	b.name = f["bot"].Name(ps)
	b.channels = f["channels"].Words(ps)
	p.locales(f["locales"])
	p.entry(f["entry"])
	light := f["streetlight"].Fields(ps, "version", "priority_ambers")
	f["streetlight"].Require(ps, light, "version", "priority_ambers")
	b.rules, b.priority = light["version"].Text(ps), light["priority_ambers"].Int(ps, 1, 99)
	p.interrupts(f["interrupts"])
	p.defaults(f["defaults"])
}

// locales reads which languages are live.
func (p *loader) locales(n *source.Node) {
	ps := &p.problems
	f := n.Fields(ps, "default", "live", "draft")
	n.Require(ps, f, "default", "live")
	first := f["default"].Name(ps)
	p.b.bot.live, p.b.bot.draft = []string{first}, f["draft"].Words(ps)
	for _, lang := range f["live"].Words(ps) {
		if lang != first {
			p.b.bot.live = append(p.b.bot.live, lang)
		}
	}
}

// entry reads where conversations begin and what deep links stand for.
func (p *loader) entry(n *source.Node) {
	ps := &p.problems
	f := n.Fields(ps, "flow", "links")
	n.Require(ps, f, "flow")
	p.b.bot.entry, p.b.bot.sources = f["flow"].Name(ps), map[string]string{}
	for key, value := range f["links"].Names(ps) {
		lf := value.Fields(ps, "source")
		value.Require(ps, lf, "source")
		p.b.bot.sources[key.Raw()] = lf["source"].Name(ps)
	}
}

// interrupts reads where each interrupt goes. Their order is the program's, so
// the file's order says nothing.
func (p *loader) interrupts(n *source.Node) {
	ps := &p.problems
	p.b.bot.targets = map[Interrupt]Frame{}
	for key, value := range n.Names(ps) {
		i := Interrupt(key.Raw())
		if !slices.Contains(Interrupts(), i) || i == OnBack {
			ps.Add(key.Pos, "VALUE", "%q is not an interrupt that a script directs", key.Raw())
			continue
		}
		p.b.bot.targets[i] = p.frame(value)
	}
	for _, i := range Interrupts() {
		if _, ok := p.b.bot.targets[i]; !ok && i != OnBack {
			ps.Add(n.Place(), "MISSING", "the interrupt %q has no target: every one needs its place", i)
		}
	}
}

// frame reads flow.state, which only bot.yaml may use.
func (p *loader) frame(n *source.Node) Frame {
	f, err := parseFrame(n.Text(&p.problems))
	if err != nil && n != nil {
		p.problems.Add(n.Pos, "TARGET", "%v", err)
	}
	return f
}

// defaults reads what every waiting state inherits.
func (p *loader) defaults(n *source.Node) {
	ps := &p.problems
	f := n.Fields(ps, "retry", "remind", "expire", "quiet")
	n.Require(ps, f, "retry", "expire", "quiet")
	w := &p.b.bot.defaults
	retry := f["retry"].Fields(ps, "max", "to")
	f["retry"].Require(ps, retry, "max", "to")
	w.retries, w.stuck = retry["max"].Int(ps, 1, 9), p.frame(retry["to"])
	w.remind = p.reminders(f["remind"])
	expire := f["expire"].Fields(ps, "after", "to")
	f["expire"].Require(ps, expire, "after", "to")
	w.expire, w.expireTo = hub.SpanOf(expire["after"], ps), p.frame(expire["to"])
	quiet := f["quiet"].Fields(ps, "from", "to")
	f["quiet"].Require(ps, quiet, "from", "to")
	p.b.bot.quiet, p.b.bot.quietTo = hub.TimeOf(quiet["from"], ps), hub.TimeOf(quiet["to"], ps)
}

// reminders reads a list of spans.
func (p *loader) reminders(n *source.Node) []hub.Span {
	var out []hub.Span
	for _, item := range n.List(&p.problems) {
		f := item.Fields(&p.problems, "after")
		item.Require(&p.problems, f, "after")
		out = append(out, hub.SpanOf(f["after"], &p.problems))
	}
	return out
}
