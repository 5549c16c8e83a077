package flows

import (
	"slices"
	"strconv"
)

// holds says whether a guard is true of a turn. A nil guard always holds.
func (g *guard) holds(t *turn) bool {
	if g == nil {
		return true
	}
	switch g.op {
	case "and":
		return g.parts[0].holds(t) && g.parts[1].holds(t)
	case "or":
		return g.parts[0].holds(t) || g.parts[1].holds(t)
	case "not":
		return !g.parts[0].holds(t)
	case "is":
		return t.truth(g.left)
	}
	if g.names != nil {
		met := slices.ContainsFunc(t.names(g.left), func(name string) bool { return slices.Contains(g.names, name) })
		return met == (g.op != "!=")
	}
	left, ok := t.number(g.left)
	right, known := t.number(g.right)
	return ok && known && compare(left, g.op, right)
}

// compare applies a comparison of numbers.
func compare(a int, op string, b int) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// pageChannel is the channel of the private page.
const pageChannel = "web"

// truth is the value of a call that is true or false.
func (t *turn) truth(x term) bool {
	switch x.call {
	case "crisis_seen":
		return slices.ContainsFunc(t.c.Hits, func(h Hit) bool { return h.Tier == "crisis" })
	case "begun":
		p := t.c.Paused
		return p == nil && len(t.c.At) > 0 || p != nil && len(p.At) > 0
	case "stopped":
		return t.c.Silence == Stopped
	case "private":
		return t.in.Private && t.in.Fresh.Page != "" && t.c.Channel != pageChannel
	case "page":
		return t.in.Fresh.Page != "" && t.c.Channel != pageChannel
	case "open_now":
		return t.b.Hub.Open(t.in.At)
	}
	return t.truthOf(x)
}

// truthOf is the value of a call with an argument that is true or false.
func (t *turn) truthOf(x term) bool {
	switch e := t.c.entry(x.arg); x.call {
	case "answered":
		return e != nil && !e.Skipped
	case "in_area":
		return e != nil && contains(t.b.Hub.Area.Districts, e.first())
	case "consented":
		return t.c.consented(x.arg)
	}
	return false
}

// names are the values of a name or a set; none when it was not answered.
func (t *turn) names(x term) []string {
	switch x.call {
	case "light":
		return []string{string(t.b.streetlight(t.c).light)}
	case "locale":
		return []string{t.c.Locale}
	case "channel":
		return []string{t.channel()}
	case "source":
		return []string{t.c.Source}
	case "owner":
		return []string{string(t.c.Owner)}
	case "referral":
		return []string{t.referralWord()}
	}
	if e := t.c.entry(x.v.name); e != nil {
		return e.Value
	}
	return nil
}

// referralWord tells a script how the person's open referral stands.
func (t *turn) referralWord() string {
	r := t.referral
	switch {
	case r == nil || r.Status.over():
		return "none"
	case r.Status == OnHold:
		return "on-hold"
	case r.Claim.By != "":
		return "held"
	}
	return "waiting"
}

// number is the value of a number; false when the variable was not answered.
func (t *turn) number(x term) (int, bool) {
	switch {
	case x.call == "ambers":
		return t.b.streetlight(t.c).ambers, true
	case x.call == "min_age":
		return t.b.Hub.Least(t.c.Channel), true
	case x.v == nil:
		return x.n, true
	}
	e := t.c.entry(x.v.name)
	if e == nil || e.Skipped {
		return 0, false
	}
	n, err := strconv.Atoi(e.first())
	return n, err == nil
}
