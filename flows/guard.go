package flows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"

	"github.com/star-house/frontdoor/flows/source"
)

// maxGuard bounds the text of a guard and so its depth.
const maxGuard = 500

// guard is a condition that is finite: enums, lights, bounded numbers and
// booleans, joined by and, or, not. It has no text, no arithmetic and no
// function of its own, so a checker can try every case.
type guard struct {
	op    string // "and", "or", "not", or a comparison: ==, !=, in, <, <=, >, >=, is
	parts []*guard
	left  term
	names []string // right side of ==, !=, in for names
	right term     // right side of a comparison of numbers
}

// term is one thing that a guard can look at.
type term struct {
	call string // one of calls, "" for a variable or a number
	arg  string // of answered and consented
	v    *variable
	n    int
}

// sort is what kind of value a term has.
type sort int

const (
	sortName sort = iota
	sortNumber
	sortTruth
	sortSet
)

// calls are the functions that a guard may use, each with its sort and whether
// it takes the name of a variable or of a consent.
func calls() map[string]struct {
	sort sort
	arg  bool
} {
	type call = struct {
		sort sort
		arg  bool
	}
	return map[string]call{
		"light": {sortName, false}, "locale": {sortName, false}, "channel": {sortName, false},
		"source": {sortName, false}, "referral": {sortName, false}, "owner": {sortName, false},
		"ambers": {sortNumber, false}, "min_age": {sortNumber, false},
		"crisis_seen": {sortTruth, false}, "stopped": {sortTruth, false}, "begun": {sortTruth, false}, "open_now": {sortTruth, false}, "private": {sortTruth, false}, "page": {sortTruth, false},
		"answered": {sortTruth, true}, "consented": {sortTruth, true},
	}
}

// domains are the values that the calls with names can have; nil for those
// whose values a bundle decides.
func (b *Bundle) domain(call string) []string {
	switch call {
	case "light":
		return []string{string(Green), string(Amber), string(Red)}
	case "locale":
		return b.bot.live
	case "channel":
		return b.bot.channels
	case "referral":
		return []string{"none", "waiting", "held", "on-hold"}
	case "owner":
		return []string{string(OwnerBot), string(OwnerWorker), string(OwnerNobody)}
	}
	return nil
}

// compileGuard reads a guard and checks every name in it against the bundle.
func (b *Bundle) compileGuard(text string) (*guard, error) {
	if len(text) > maxGuard {
		return nil, fmt.Errorf("a guard has at most %d characters", maxGuard)
	}
	config := conf.CreateNew()
	config.Builtins = nil
	config.MaxNodes = maxGuard
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("the guard %q cannot be read: %s", text, line)
	}
	return b.guardOf(tree.Node)
}

// guardOf turns the library's tree into ours and refuses all else.
func (b *Bundle) guardOf(n ast.Node) (*guard, error) {
	switch v := n.(type) {
	case *ast.UnaryNode:
		if v.Operator == "not" || v.Operator == "!" {
			inner, err := b.guardOf(v.Node)
			return &guard{op: "not", parts: []*guard{inner}}, err
		}
	case *ast.BinaryNode:
		return b.binary(v)
	case *ast.CallNode, *ast.IdentifierNode:
		t, s, err := b.term(n)
		if err != nil {
			return nil, err
		}
		if s != sortTruth {
			return nil, fmt.Errorf("%s needs a comparison, such as == or >=", n)
		}
		return &guard{op: "is", left: t}, nil
	}
	return nil, fmt.Errorf("%s is not part of a guard: use and, or, not, comparisons and the listed functions", n)
}

// binary reads and, or and comparisons.
func (b *Bundle) binary(n *ast.BinaryNode) (*guard, error) {
	op := map[string]string{"&&": "and", "||": "or", "and": "and", "or": "or"}[n.Operator]
	if op == "" {
		return b.comparison(n)
	}
	left, err := b.guardOf(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := b.guardOf(n.Right)
	return &guard{op: op, parts: []*guard{left, right}}, err
}

// comparison reads a test of a name or of a number.
func (b *Bundle) comparison(n *ast.BinaryNode) (*guard, error) {
	left, s, err := b.term(n.Left)
	if err != nil {
		return nil, err
	}
	g := &guard{op: n.Operator, left: left}
	names := slices.Contains([]string{"==", "!=", "in"}, n.Operator)
	numbers := slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, n.Operator)
	switch {
	case s == sortName && names, s == sortSet && n.Operator == "in":
		g.names, err = b.namesOf(n.Right, left)
	case s == sortNumber && numbers:
		var rs sort
		g.right, rs, err = b.term(n.Right)
		if err == nil && rs != sortNumber {
			err = fmt.Errorf("%s is not a number", n.Right)
		}
	default:
		err = fmt.Errorf("%s cannot be tested with %s", n.Left, n.Operator)
	}
	return g, err
}

// term reads a variable, a number, hub.NAME or one of the calls.
func (b *Bundle) term(n ast.Node) (term, sort, error) {
	switch v := n.(type) {
	case *ast.IntegerNode:
		return term{n: v.Value}, sortNumber, nil
	case *ast.IdentifierNode:
		return b.variableTerm(v.Value)
	case *ast.MemberNode:
		return b.hubTerm(v)
	case *ast.CallNode:
		return b.callTerm(v)
	}
	return term{}, 0, fmt.Errorf("%s is not part of a guard", n)
}

// variableTerm looks a variable up. Free text never steers a path.
func (b *Bundle) variableTerm(name string) (term, sort, error) {
	v := b.vars[name]
	if v == nil {
		return term{}, 0, fmt.Errorf("%s", source.Unknown("variable", name, b.vars))
	}
	switch v.kind {
	case isEnum, isLocale:
		return term{v: v}, sortName, nil
	case isSet:
		return term{v: v}, sortSet, nil
	case isInteger:
		return term{v: v}, sortNumber, nil
	}
	return term{}, 0, fmt.Errorf("%s has the type %s: a guard may only ask answered(%s)", name, v.kind, name)
}

// hubTerm reads a number of hub.yaml, hub.age_min.
func (b *Bundle) hubTerm(n *ast.MemberNode) (term, sort, error) {
	base, ok := n.Node.(*ast.IdentifierNode)
	name, ok2 := n.Property.(*ast.StringNode)
	if ok && ok2 && base.Value == "hub" {
		if number, found := b.Hub.Number(name.Value); found {
			return term{n: number}, sortNumber, nil
		}
	}
	return term{}, 0, fmt.Errorf("%s is not a number of hub.yaml: use hub.age_min, hub.age_max or hub.teach_back_max", n)
}

// callTerm reads one of the calls and its argument.
func (b *Bundle) callTerm(n *ast.CallNode) (term, sort, error) {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return term{}, 0, fmt.Errorf("%s is not a function of guards", n)
	}
	c, ok := calls()[name.Value]
	if !ok {
		return term{}, 0, fmt.Errorf("%s", source.Unknown("function", name.Value, calls()))
	}
	t := term{call: name.Value}
	if c.arg != (len(n.Arguments) == 1) || len(n.Arguments) > 1 {
		return term{}, 0, fmt.Errorf("%s takes %s", name.Value, map[bool]string{true: "one name", false: "nothing"}[c.arg])
	}
	if !c.arg {
		return t, c.sort, nil
	}
	arg, ok := n.Arguments[0].(*ast.IdentifierNode)
	if !ok {
		return term{}, 0, fmt.Errorf("%s takes a name", name.Value)
	}
	t.arg = arg.Value
	if name.Value == "answered" && b.vars[t.arg] == nil {
		return term{}, 0, fmt.Errorf("%s", source.Unknown("variable", t.arg, b.vars))
	}
	if name.Value == "consented" && b.consents[t.arg] == nil {
		return term{}, 0, fmt.Errorf("%s", source.Unknown("consent", t.arg, b.consents))
	}
	return t, c.sort, nil
}

// namesOf reads the right side of a test of names: one or a list, each among the
// values that the left side can have.
func (b *Bundle) namesOf(n ast.Node, left term) ([]string, error) {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.ArrayNode); ok {
		nodes = list.Nodes
	}
	domain := b.domain(left.call)
	if left.v != nil {
		domain = left.v.of
	}
	var out []string
	for _, item := range nodes {
		var name string
		switch v := item.(type) {
		case *ast.IdentifierNode:
			name = v.Value
		case *ast.StringNode:
			name = v.Value
		default:
			return nil, fmt.Errorf("%s is not a name", item)
		}
		if domain != nil && !slices.Contains(domain, name) {
			return nil, fmt.Errorf("%q is not one of %s", name, strings.Join(domain, ", "))
		}
		out = append(out, name)
	}
	return out, nil
}
