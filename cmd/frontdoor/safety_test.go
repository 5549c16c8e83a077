package main

import (
	"go/ast"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// namedTest finds tests, and namedFile scripts and transcripts, that the safety
// papers name; hazardRow finds a hazard.
var (
	namedTest = regexp.MustCompile("`([a-z/]+)/((?:Test|Fuzz)[A-Za-z0-9]+)(?:/[a-z -]+)?`")
	namedFile = regexp.MustCompile("`([a-z-]+\\.yaml)`")
	hazardRow = regexp.MustCompile(`(?m)^\| ([A-E][0-9]+) \|.*$`)
)

// TestSafetyPapersNameRealTests holds that every test and transcript that a safety
// paper gives as evidence is there, so that evidence does not go without notice.
func TestSafetyPapersNameRealTests(t *testing.T) {
	t.Parallel()
	var tests []string
	for _, f := range house(t) {
		for _, decl := range f.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && f.test {
				tests = append(tests, f.dir+"/"+d.Name.Name)
			}
		}
	}
	const folder = root + "/deploy/safety/"
	entries, err := os.ReadDir(folder)
	must(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(folder + e.Name())
		must(t, err)
		for _, m := range namedTest.FindAllStringSubmatch(string(data), -1) {
			if !slices.Contains(tests, m[1]+"/"+m[2]) {
				t.Errorf("%s names %s, which is not there", e.Name(), path.Join(m[1], m[2]))
			}
		}
		for _, m := range namedFile.FindAllStringSubmatch(string(data), -1) {
			_, script := os.Stat(root + "/flows/scripts/" + m[1])
			if _, err := os.Stat(root + "/flows/scripts/transcripts/" + m[1]); err != nil && script != nil {
				t.Errorf("%s names %s, which is not there", e.Name(), m[1])
			}
		}
	}
}

// TestHazardLog holds that every hazard has a number of its own and all of its
// columns.
func TestHazardLog(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(root + "/deploy/safety/hazard-log.md")
	must(t, err)
	seen := map[string]bool{}
	for _, m := range hazardRow.FindAllStringSubmatch(string(data), -1) {
		cells := strings.Split(strings.Trim(m[0], "| "), " | ")
		if seen[m[1]] || len(cells) != 9 || slices.Contains(cells, "") {
			t.Errorf("the row %s is there before, or has not nine cells: %d", m[1], len(cells))
		}
		seen[m[1]] = true
	}
	if len(seen) < 25 {
		t.Errorf("only %d hazards", len(seen))
	}
}
