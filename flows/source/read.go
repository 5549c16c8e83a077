package source

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxBytes is the largest file that is read, 1 MB.
const MaxBytes = 1 << 20

const (
	// maxTokens keeps the parser, whose work grows faster than its input, well
	// under a second; the largest file that ships has a tenth of it.
	maxTokens = 40_000
	// maxDepth is how deep values may nest; scripts need six.
	maxDepth = 16
)

// Read parses one file. What is wrong with it goes to ps, and the Node is nil
// when nothing could be read; an empty file is an empty mapping.
func Read(file string, data []byte, ps *Problems) *Node {
	whole := Pos{File: file, Line: 1, Column: 1}
	if len(data) > MaxBytes {
		ps.Add(whole, "SIZE", "the file has more than %d bytes, which is the most: split it", MaxBytes)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // Windows Notepad puts one before the text
	if !utf8.Valid(data) {
		ps.Add(whole, "ENCODING", "the file is not UTF-8 text: save it as UTF-8")
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if !plain(file, tokens, ps) {
		return nil
	}
	tree, err := parser.Parse(tokens, 0)
	if err != nil {
		addSyntax(whole, data, err, ps)
		return nil
	}
	if len(tree.Docs) > 1 {
		ps.Add(whole, "YAML", "one document a file: remove the line with ---")
		return nil
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return &Node{Pos: Pos{File: file, Line: 1, Column: 1}, shape: mapping}
	}
	return convert(file, tree.Docs[0].Body)
}

// plain refuses what makes YAML mean more than it shows, and nesting and sizes
// that only an attack has.
func plain(file string, tokens token.Tokens, ps *Problems) bool {
	if len(tokens) > maxTokens {
		ps.Add(Pos{File: file, Line: 1, Column: 1}, "SIZE", "the file has too many parts (%d; the most is %d): split it", len(tokens), maxTokens)
		return false
	}
	depth, line, dashes := 0, 0, 0
	for _, tk := range tokens {
		at := Pos{File: file, Line: tk.Position.Line, Column: tk.Position.Column}
		if tk.Position.Line != line {
			line, dashes = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType, token.MappingKeyType:
			ps.Add(at, "YAML", "%q is not used in these files: write the value out", tk.Value)
			return false
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
		}
		if depth+dashes > maxDepth {
			ps.Add(at, "DEPTH", "values nest more than %d deep here", maxDepth)
			return false
		}
	}
	return true
}

// addSyntax keeps the position that the YAML library found and the first line
// of what it says, with what to do about it; the rest of its text repeats the file.
func addSyntax(whole Pos, data []byte, err error, ps *Problems) {
	var syntax yaml.Error
	if !errors.As(err, &syntax) || syntax.GetToken() == nil {
		ps.Add(whole, "YAML", "%s", firstLine(err.Error()))
		return
	}
	at := syntax.GetToken().Position
	message := strings.ReplaceAll(firstLine(syntax.GetMessage()), "\t", "a tab")
	lines := strings.Split(string(data), "\n")
	if advice := hint(message, lines[min(max(at.Line, 1), len(lines))-1]); advice != "" {
		message += ": " + advice
	}
	ps.Add(Pos{File: whole.File, Line: at.Line, Column: at.Column}, "YAML", "%s", message)
}

// hint is what to do about a mistake in a line, for those that people make who
// write sentences rather than YAML; "" when nothing can be said.
func hint(message, line string) string {
	_, value, _ := strings.Cut(line, ": ")
	value = strings.TrimSpace(value)
	opens := value != "" && strings.ContainsAny(value[:1], "{[\"'@`%")
	switch {
	case strings.Contains(message, "tab"):
		return "use spaces to move a line in, never a tab"
	case strings.Contains(message, "could not find end character"):
		return "a quotation mark is missing at the end"
	case strings.Contains(message, "could not find flow"):
		return "a bracket is missing at the end"
	case strings.Contains(value, ": "), opens:
		return `put the whole sentence in "quotes", and write a quotation mark inside it as \"`
	case strings.Contains(message, "not allowed in this context"), strings.Contains(message, "non-map value"):
		return "does the line begin as far in as the lines beside it?"
	}
	return ""
}

// firstLine is the text up to its first line break.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// convert turns the library's tree into ours.
func convert(file string, from ast.Node) *Node {
	tk := from.GetToken()
	n := &Node{Pos: Pos{File: file, Line: tk.Position.Line, Column: tk.Position.Column}, scalar: tk.Value}
	switch v := from.(type) {
	case *ast.MappingNode:
		n.shape = mapping
		for _, pair := range v.Values {
			n.keys = append(n.keys, convert(file, pair.Key))
			n.values = append(n.values, convert(file, pair.Value))
		}
		if len(n.keys) > 0 {
			n.Pos = n.keys[0].Pos
		}
	case *ast.SequenceNode:
		n.shape = list
		for _, item := range v.Values {
			n.list = append(n.list, convert(file, item))
		}
	case *ast.LiteralNode:
		n.scalar = strings.TrimRight(v.Value.Value, "\n")
	case *ast.NullNode:
		n.scalar, n.null = "", true
	}
	return n
}
