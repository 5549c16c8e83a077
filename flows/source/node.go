package source

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Node is one value in a file: a scalar, a list or a mapping. Methods of a nil
// Node answer as for an absent value, so optional keys need no checks.
type Node struct {
	Pos
	scalar string
	null   bool
	list   []*Node
	keys   []*Node // of a mapping, in the order of the file
	values []*Node
	shape  shape
}

// shape tells scalars, lists and mappings apart.
type shape int

const (
	scalar shape = iota
	list
	mapping
)

// String names a shape the way a person who writes YAML would.
func (s shape) String() string {
	return [...]string{"a single value", "a list", "a group of keys"}[s]
}

// Fields is the mapping's values by key. A key that is not among known is a
// problem, with the one that was probably meant.
func (n *Node) Fields(ps *Problems, known ...string) map[string]*Node {
	out := map[string]*Node{}
	if n == nil || !n.is(ps, mapping) {
		return out
	}
	for key, value := range n.Pairs() {
		if !slices.Contains(known, key.scalar) {
			ps.Add(key.Pos, "UNKNOWN-KEY", "%s", unknown("key", key.scalar, known))
			continue
		}
		out[key.scalar] = value
	}
	return out
}

// Pairs walks a mapping's keys and values in the order of the file.
func (n *Node) Pairs() iter.Seq2[*Node, *Node] {
	return func(yield func(*Node, *Node) bool) {
		if n == nil {
			return
		}
		for i, key := range n.keys {
			if !yield(key, n.values[i]) {
				return
			}
		}
	}
}

// Names walks a mapping whose keys are names that staff choose (states,
// variables, options): lower-case letters, digits and underscores.
func (n *Node) Names(ps *Problems) iter.Seq2[*Node, *Node] {
	return func(yield func(*Node, *Node) bool) {
		if n != nil && !n.is(ps, mapping) {
			return
		}
		for key, value := range n.Pairs() {
			key.Name(ps)
			if !yield(key, value) {
				return
			}
		}
	}
}

// Text is the scalar as written, "" when absent.
func (n *Node) Text(ps *Problems) string {
	if n == nil || !n.is(ps, scalar) {
		return ""
	}
	return n.scalar
}

// Raw is the scalar without any check.
func (n *Node) Raw() string {
	if n == nil {
		return ""
	}
	return n.scalar
}

// Place is where the node stands; the zero Pos for an absent one.
func (n *Node) Place() Pos {
	if n == nil {
		return Pos{}
	}
	return n.Pos
}

// Name is a scalar that names something: letters a–z, digits, "_" and "-", at
// most 40, beginning with a letter.
func (n *Node) Name(ps *Problems) string {
	s := n.Text(ps)
	if n != nil && n.shape == scalar && !isName(s) {
		ps.Add(n.Pos, "NAME", "%q is not a name: use a–z, 0–9, _ and -, at most 40, a letter first", s)
	}
	return s
}

// isName holds the form of names that staff choose.
func isName(s string) bool {
	if len(s) == 0 || len(s) > 40 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// OneOf is a scalar out of a closed list.
func (n *Node) OneOf(ps *Problems, allowed ...string) string {
	s := n.Text(ps)
	if n != nil && n.shape == scalar && !slices.Contains(allowed, s) {
		ps.Add(n.Pos, "VALUE", "%s", unknown("value", s, allowed))
		return ""
	}
	return s
}

// Int is a whole number between low and high, both included; 0 when absent.
func (n *Node) Int(ps *Problems, low, high int) int {
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.Text(ps))
	if err != nil || v < low || v > high {
		ps.Add(n.Pos, "NUMBER", "%q should be a whole number from %d to %d", n.scalar, low, high)
		return low
	}
	return v
}

// Bool is true or false; false when absent.
func (n *Node) Bool(ps *Problems) bool {
	return n != nil && n.OneOf(ps, "true", "false") == "true"
}

// Date is a day such as 2026-11-22.
func (n *Node) Date(ps *Problems) time.Time {
	if n == nil {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, n.Text(ps))
	if err != nil {
		ps.Add(n.Pos, "DATE", "%q should be a day such as 2026-11-22", n.scalar)
	}
	return day
}

// List is the items of a list.
func (n *Node) List(ps *Problems) []*Node {
	if n == nil || !n.is(ps, list) {
		return nil
	}
	return n.list
}

// Words is a list of names, or one name standing alone.
func (n *Node) Words(ps *Problems) []string {
	if n == nil {
		return nil
	}
	if n.shape == scalar {
		return []string{n.Name(ps)}
	}
	var out []string
	for _, item := range n.List(ps) {
		out = append(out, item.Name(ps))
	}
	return out
}

// Texts is a list of scalars, or one scalar standing alone.
func (n *Node) Texts(ps *Problems) []string {
	if n == nil {
		return nil
	}
	if n.shape == scalar {
		return []string{n.scalar}
	}
	var out []string
	for _, item := range n.List(ps) {
		out = append(out, item.Text(ps))
	}
	return out
}

// IsText says whether the node is a single value.
func (n *Node) IsText() bool { return n != nil && n.shape == scalar && !n.null }

// Require adds a problem for each key that is absent from fields.
func (n *Node) Require(ps *Problems, fields map[string]*Node, keys ...string) {
	for _, key := range keys {
		if fields[key] == nil {
			ps.Add(n.Place(), "MISSING", "the key %q is missing here", key)
		}
	}
}

// is checks the shape.
func (n *Node) is(ps *Problems, want shape) bool {
	if n.shape == want {
		return true
	}
	ps.Add(n.Pos, "SHAPE", "this should be %s, and is %s", want, n.shape)
	return false
}

// unknown says that a word is not one of the known ones.
func unknown(what, word string, known []string) string {
	if near := Near(word, known); near != "" {
		return fmt.Sprintf("unknown %s %q: did you mean %q?", what, word, near)
	}
	return fmt.Sprintf("unknown %s %q: it can be %s", what, word, strings.Join(known, ", "))
}

// Unknown says that a name is not among those of a map, with the one that was
// probably meant.
func Unknown[V any](what, word string, known map[string]V) string {
	return unknown(what, word, slices.Sorted(maps.Keys(known)))
}

// Scalar is a node that no file holds, standing where it was derived from.
func Scalar(at Pos, value string) *Node { return &Node{Pos: at, scalar: value} }
