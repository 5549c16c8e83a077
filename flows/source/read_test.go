package source_test

import (
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows/source"
)

// TestSyntaxHints holds that the mistakes of people who write sentences come with
// what to do about them.
func TestSyntaxHints(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: b\n\tc: d\n":                 "f.yaml:2:1: YAML found character 'a tab' that cannot start any token: use spaces to move a line in, never a tab",
		"\ta: b\n":                       "use spaces to move a line in",
		"a: |\n\tb\n":                    "use spaces to move a line in",
		"welcome: Please note: hi\n":     `f.yaml:1:10: YAML mapping value is not allowed in this context: put the whole sentence in "quotes"`,
		"welcome: {hub} is here\n":       `put the whole sentence in "quotes"`,
		"welcome: 'it's here'\n":         `put the whole sentence in "quotes"`,
		`welcome: "say "hi" now"` + "\n": `write a quotation mark inside it as \"`,
		"welcome: \"Hi\nnext: b\n":       "a quotation mark is missing at the end",
		"options: {id: b\n":              "a bracket is missing at the end",
		"a:\n  b: c\n d: e\n":            "does the line begin as far in as the lines beside it?",
	} {
		var problems source.Problems
		if source.Read("f.yaml", []byte(text), &problems) != nil || len(problems) != 1 || !strings.Contains(problems.Error(), want) {
			t.Errorf("%q gives %v, want %s", text, problems, want)
		}
	}
}

// TestByteOrderMark holds that the mark which Windows Notepad puts before a text
// is no part of it: keys and columns are as they are seen.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	var problems source.Problems
	fields := source.Read("f.yaml", []byte("\ufeffflow: x\nfromat: 1\n"), &problems).Fields(&problems, "flow", "format")
	if fields["flow"].Text(&problems) != "x" || fields["flow"].Column != 7 || len(problems) != 1 {
		t.Errorf("read %v with %v", fields, problems)
	}
	if want := `f.yaml:2:1: UNKNOWN-KEY unknown key "fromat": did you mean "format"?`; problems.Error() != want {
		t.Errorf("said %s, want %s", problems, want)
	}
}
