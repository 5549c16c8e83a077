package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a file; lines and columns count from 1, columns in
// characters. The zero Pos means the file as a whole.
type Pos struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Problem is one thing wrong in a file. Its JSON shape is what `frontdoor flows
// check --json` prints.
type Problem struct {
	Pos
	// Code is a short upper-case name that programs and the manual use.
	Code string `json:"code"`
	// Severity is "error" (the files are refused) or "warning".
	Severity string `json:"severity"`
	// Message says what is wrong and, where known, what was probably meant.
	Message string `json:"message"`
	// Path is the way through the conversation that proves it, state by state.
	Path []string `json:"path"`
}

// Error is the plain form, `file:line:col: CODE message`.
func (p Problem) Error() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	return fmt.Sprintf("%s: %s %s", where, p.Code, p.Message)
}

// Problems collects what is wrong while files are read. It is an error that
// lists all of it, one line each.
type Problems []Problem

// Add notes one error at a place.
func (ps *Problems) Add(at Pos, code, format string, args ...any) {
	*ps = append(*ps, Problem{Pos: at, Code: code, Severity: "error", Message: fmt.Sprintf(format, args...), Path: []string{}})
}

// Warn notes one warning at a place; warnings do not stop a script from loading.
func (ps *Problems) Warn(at Pos, code, format string, args ...any) {
	*ps = append(*ps, Problem{Pos: at, Code: code, Severity: "warning", Message: fmt.Sprintf(format, args...), Path: []string{}})
}

// Errors is the part that stops a script from loading, in the order of the
// files; nil when there is none.
func (ps Problems) Errors() Problems {
	var errs Problems
	for _, p := range ps.Sorted() {
		if p.Severity == "error" {
			errs = append(errs, p)
		}
	}
	return errs
}

// Sorted is a copy in the order of file, line and column.
func (ps Problems) Sorted() Problems {
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// Error lists every problem, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
