package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is where the module begins.
const root = "../.."

// module is the path of this module.
const module = "github.com/star-house/frontdoor/"

// goFile is one source file of the module.
type goFile struct {
	name string // path from the root
	dir  string
	test bool
	*ast.File
	set   *token.FileSet
	lines int
}

// house reads every Go file of the module.
func house(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(root, func(full string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(full, ".go") {
			return err
		}
		name, err := filepath.Rel(root, full)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(full)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, full, data, parser.ParseComments)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		files = append(files, goFile{name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			File: parsed, set: set, lines: strings.Count(string(data), "\n")})
		return nil
	})
	if err != nil || len(files) < 50 {
		t.Fatalf("read %d files: %v", len(files), err)
	}
	return files
}

// imports are the paths that a file imports.
func (f goFile) imports() []string {
	var out []string
	for _, spec := range f.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		out = append(out, name)
	}
	return out
}

// room is the folder of the top level that a path is in.
func room(p string) string {
	first, _, _ := strings.Cut(p, "/")
	return first
}

// TestImportsPointToTheRight holds cmd → bot → store → flows, and bot → locales:
// a folder may import anything to its right and nothing to its left.
func TestImportsPointToTheRight(t *testing.T) {
	t.Parallel()
	may := map[string][]string{
		"cmd":     {"cmd", "bot", "store", "flows", "locales"},
		"bot":     {"bot", "store", "flows", "locales"},
		"store":   {"store", "flows"},
		"flows":   {"flows"},
		"locales": {},
	}
	for _, f := range house(t) {
		for _, name := range f.imports() {
			if inside, ok := strings.CutPrefix(name, module); ok && !f.test && !slices.Contains(may[room(f.name)], room(inside)) {
				t.Errorf("%s imports %s, which is to its left", f.name, inside)
			}
		}
	}
}

// TestLibrariesLiveInTheirRooms holds where each library may be imported.
func TestLibrariesLiveInTheirRooms(t *testing.T) {
	t.Parallel()
	rooms := map[string][]string{
		"github.com/looplab/fsm":        {"flows/machine.go"},
		"github.com/redis/go-redis":     {"store/", "cmd/"},
		"github.com/alicebob/miniredis": {"store/"},
		"github.com/go-telegram/bot":    {"bot/telegram/"},
		"github.com/bwmarrin/discordgo": {"bot/discord/"},
		"github.com/tink-crypto":        {"store/"},
		"github.com/goccy/go-yaml":      {"flows/source/"},
		"github.com/expr-lang/expr":     {"flows/"},
		"log/slog":                      {"bot/", "cmd/"},
	}
	for _, f := range house(t) {
		for _, name := range f.imports() {
			for library, allowed := range rooms {
				within := func(place string) bool { return strings.HasPrefix(f.name, place) }
				if !f.test && strings.HasPrefix(name, library) && !slices.ContainsFunc(allowed, within) {
					t.Errorf("%s imports %s, which belongs in %v", f.name, name, allowed)
				}
			}
		}
	}
}

// TestFlowsIsPure holds that the engine has no clock, no context but the one that
// the machine library asks for, and nothing that reaches outside.
func TestFlowsIsPure(t *testing.T) {
	t.Parallel()
	outside := []string{"os", "net", "net/http", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "sync", "io/ioutil", "os/exec"}
	for _, f := range house(t) {
		if room(f.name) != "flows" || f.test || strings.HasPrefix(f.name, "flows/flowstest/") {
			continue // flowstest is no part of the engine: tests alone import it
		}
		for _, name := range f.imports() {
			if slices.Contains(outside, name) || name == "context" && f.name != "flows/machine.go" {
				t.Errorf("%s imports %s", f.name, name)
			}
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "After", "Sleep"}, s.Sel.Name) {
					t.Errorf("%s asks the time", f.name)
				}
			}
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine", f.name)
			}
			return true
		})
	}
}

const (
	// maxFunction and maxFile are what fits a screen and a head.
	maxFunction = 50
	maxFile     = 400
	maxParams   = 5
	maxMethods  = 4
	// maxPaths is the cyclomatic complexity above which nobody holds every way
	// through a function in mind.
	maxPaths = 15
	// longest is the one function that is still above: the screener's walk through
	// the forms of a word.
	longest = "forms"
)

// TestSizes holds that functions fit on a screen and in a head, that files have one
// subject, and that interfaces are small.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, f := range house(t) {
		if f.test {
			continue
		}
		if f.lines > maxFile {
			t.Errorf("%s has %d lines, more than %d", f.name, f.lines, maxFile)
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch v := n.(type) {
			case *ast.FuncDecl:
				from, to := f.set.Position(v.Pos()).Line, f.set.Position(v.End()).Line
				if to-from+1 > maxFunction {
					t.Errorf("%s: %s has %d lines, more than %d", f.name, v.Name.Name, to-from+1, maxFunction)
				}
				if n := paths(v); n > maxPaths && v.Name.Name != longest {
					t.Errorf("%s: %s has a complexity of %d, more than %d", f.name, v.Name.Name, n, maxPaths)
				}
				if n := v.Type.Params.NumFields(); n > maxParams {
					t.Errorf("%s: %s takes %d parameters, more than %d", f.name, v.Name.Name, n, maxParams)
				}
			case *ast.InterfaceType:
				if n := v.Methods.NumFields(); n > maxMethods {
					t.Errorf("%s: an interface of %d methods, more than %d", f.name, n, maxMethods)
				}
			}
			return true
		})
	}
}

// paths is the cyclomatic complexity of a function: one, and one for each place
// where it may go two ways, in the functions written inside it too.
func paths(f *ast.FuncDecl) int {
	count := 1
	ast.Inspect(f, func(n ast.Node) bool {
		switch v := n.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			count++
		case *ast.CaseClause:
			if v.List != nil { // a default is no way of its own
				count++
			}
		case *ast.CommClause:
			if v.Comm != nil {
				count++
			}
		case *ast.BinaryExpr:
			if v.Op == token.LAND || v.Op == token.LOR {
				count++
			}
		}
		return true
	})
	return count
}

// TestPaths holds that every way counts once.
func TestPaths(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		"": 1, "if a {}": 2, "if a {} else {}": 2, "if a && b || c {}": 4, "for {}": 2, "for range x {}": 2,
		"switch x { case 1: case 2, 3: default: }": 3, "switch x.(type) { case int: }": 2, "select { case <-c: default: }": 2,
		"f := func() { if a {} }": 2, "_ = !a": 1,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "f.go", "package p\nfunc f() {"+body+"}", 0)
		must(t, err)
		if got := paths(file.Decls[0].(*ast.FuncDecl)); got != want {
			t.Errorf("%q has %d ways, want %d", body, got, want)
		}
	}
}

// TestWordsAboutCode holds that every exported name and every package says what
// it is, beginning with its name, and that nothing is left open.
func TestWordsAboutCode(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range house(t) {
		if f.Doc != nil {
			documented[f.dir] = true
		}
		for _, group := range f.Comments {
			for _, word := range []string{"TO" + "DO", "FIX" + "ME", "X" + "XX"} {
				if strings.Contains(group.Text(), word) {
					t.Errorf("%s: something is left open", f.name)
				}
			}
		}
		if f.test {
			continue
		}
		for _, decl := range f.Decls {
			checkDoc(t, f, decl)
		}
	}
	for _, f := range house(t) {
		if !documented[f.dir] {
			t.Errorf("the package in %s does not say what it is", f.dir)
			documented[f.dir] = true
		}
	}
}

// checkDoc checks one declaration.
func checkDoc(t *testing.T, f goFile, decl ast.Decl) {
	t.Helper()
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.Name == "init" {
			t.Errorf("%s has an init function", f.name)
		}
		if d.Name.IsExported() && !strings.HasPrefix(d.Doc.Text(), d.Name.Name+" ") {
			t.Errorf("%s: %s has no comment that begins with its name", f.name, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			s, ok := spec.(*ast.TypeSpec)
			if !ok || !s.Name.IsExported() {
				continue
			}
			doc := d.Doc.Text() + s.Doc.Text()
			if !strings.HasPrefix(doc, s.Name.Name+" ") {
				t.Errorf("%s: %s has no comment that begins with its name", f.name, s.Name.Name)
			}
		}
	}
}

// TestTestsDoNotSleep holds that no test waits for wall time.
func TestTestsDoNotSleep(t *testing.T) {
	t.Parallel()
	for _, f := range house(t) {
		ast.Inspect(f.File, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" && fmt.Sprint(s.X) == "time" {
				t.Errorf("%s sleeps", f.name)
			}
			return true
		})
	}
}

// TestTopLevel holds that the top level is exactly what a newcomer was told.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	agreed := []string{".ci", ".git", ".gitignore", "LICENSE", "README.md", "bot", "cmd", "deploy", "flows", "go.mod", "go.sum", "locales", "store"}
	entries, err := os.ReadDir(root)
	must(t, err)
	for _, e := range entries {
		if !slices.Contains(agreed, e.Name()) {
			t.Errorf("%s does not belong at the top", e.Name())
		}
	}
}
