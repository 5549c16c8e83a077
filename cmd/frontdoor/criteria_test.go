package main

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// criteriaOf is the page of the scripts that ship with some of them changed, in
// both formats.
func criteriaOf(t *testing.T, change func(f flows.Files)) (c flows.Criteria, page, text string) {
	t.Helper()
	files, _, err := scriptFolders{}.read()
	must(t, err)
	change(files)
	b, problems := flows.Parse(files)
	if b == nil {
		t.Fatal(problems)
	}
	c = b.Criteria()
	var out strings.Builder
	must(t, criteriaHTML(&out, c))
	return c, out.String(), criteriaMarkdown(c)
}

// replaced puts one text in place of another, which must be there.
func replaced(t *testing.T, files map[string][]byte, name, before, after string) {
	t.Helper()
	if !strings.Contains(string(files[name]), before) {
		t.Fatalf("%s has no %q", name, before)
	}
	files[name] = []byte(strings.Replace(string(files[name]), before, after, 1))
}

// htmlRow, htmlCell and htmlItem find the rows, cells and answers of the page.
var (
	htmlRow  = regexp.MustCompile(`<tr><td>(\d+)</td>(.*)</tr>`)
	htmlCell = regexp.MustCompile(`<td class="([a-z]*)">(.*?)</td>`)
	htmlItem = regexp.MustCompile(`<li>(.*?)</li>`)
)

// answersIn are the answers of each question of the page as "number colour answer".
func answersIn(page string) []string {
	var out []string
	for _, row := range htmlRow.FindAllStringSubmatch(page, -1) {
		for _, cell := range htmlCell.FindAllStringSubmatch(row[2], -1) {
			for _, item := range htmlItem.FindAllStringSubmatch(cell[2], -1) {
				out = append(out, row[1]+" "+cell[1]+" "+html.UnescapeString(item[1]))
			}
		}
	}
	return out
}

// TestCriteriaPages holds that every answer stands once, in the column of its
// colour, on both pages, and that another light moves it.
func TestCriteriaPages(t *testing.T) {
	t.Parallel()
	c, page, text := criteriaOf(t, func(flows.Files) {})
	got := answersIn(page)
	rows := strings.Split(text, "\n")
	for i, q := range c.Questions {
		at := slices.IndexFunc(rows, func(row string) bool { return strings.Contains(row, "| "+plain(q.Asks)+" |") })
		if at < 0 {
			t.Fatalf("the Markdown page has no row for %q", q.Asks)
		}
		cells := strings.Split(rows[at], " | ")
		for column, of := range c.Columns {
			for _, answer := range q.Under(of.Light) {
				want := string(rune('1'+i)) + " " + string(of.Light) + " " + answer
				if n := len(got) - len(slices.DeleteFunc(slices.Clone(got), func(s string) bool { return s == want })); n != 1 {
					t.Errorf("%q stands %d times on the page", want, n)
				}
				if !strings.Contains(cells[column+2], "“"+plain(answer)+"”") {
					t.Errorf("%q is not in the column %s of %q", answer, of.Name, rows[at])
				}
			}
		}
	}
	const stuck = "I hardly leave my room"
	_, page, text = criteriaOf(t, func(f flows.Files) {
		replaced(t, f.Scripts, "screening.yaml", "{id: stuck, light: amber}", "{id: stuck, light: green}")
	})
	if got := answersIn(page); !slices.Contains(got, "9 green "+stuck) || slices.Contains(got, "9 amber "+stuck) {
		t.Errorf("after a change of its light: %q", got)
	}
	if !strings.Contains(text, "“A bit, or some days”; “"+stuck+"”") {
		t.Errorf("after a change of its light:\n%s", text)
	}
}

// TestCriteriaEscape holds that words of the scripts are words on the page,
// whatever they mean to HTML or Markdown.
func TestCriteriaEscape(t *testing.T) {
	t.Parallel()
	const odd = `<script>alert(1)</script> | **a** [b](https://evil.example)`
	_, page, text := criteriaOf(t, func(f flows.Files) {
		replaced(t, f.Locales, "en/screening.yaml", `safe.unsure: "I'm not sure"`, `safe.unsure: '<b>|*a*'`)
		replaced(t, f.Locales, "en/screening.yaml", `safe: "First: are you safe right now?"`, "safe: '"+odd+"'")
	})
	if strings.Contains(page, "<script") || strings.Contains(page, "<b>") || !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("a question is taken for HTML")
	}
	if strings.Contains(strings.ReplaceAll(text, `\<`, ""), "<") || !strings.Contains(text, `\<script\>alert(1)\</script\> \| \*\*a\*\* \[b\]`) || !strings.Contains(text, `\<b\>\|\*a\*`) {
		t.Errorf("a question is taken for Markdown:\n%s", text)
	}
}

// TestCriteriaPageStandsAlone holds that the page needs nothing from elsewhere, and
// has what a screen reader goes by.
func TestCriteriaPageStandsAlone(t *testing.T) {
	t.Parallel()
	_, page, _ := criteriaOf(t, func(flows.Files) {})
	for _, want := range []string{`<html lang="en">`, `<h1>`, `<th scope="col"`, `<th scope="row"`, `<main>`, `<meta charset="utf-8">`, `size: A4`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, no := range []string{"<script", "src=", "href=", "url(", "@import", "ZgotmplZ", "{{"} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %s", no)
		}
	}
}

// TestCriteriaFitOneSheet prints the page as a browser does: it is handed out as one
// sheet of A4.
func TestCriteriaFitOneSheet(t *testing.T) {
	t.Parallel()
	browser := storetest.Tool(t, "chromium")
	_, page, _ := criteriaOf(t, func(flows.Files) {})
	folder := t.TempDir()
	from, to := filepath.Join(folder, "criteria.html"), filepath.Join(folder, "criteria.pdf")
	must(t, os.WriteFile(from, []byte(page), 0o600))
	out, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu",
		"--user-data-dir="+filepath.Join(folder, "profile"), "--print-to-pdf="+to, from).CombinedOutput()
	if err != nil {
		t.Fatalf("print: %v\n%s", err, out)
	}
	pdf, err := os.ReadFile(to)
	must(t, err)
	if n := len(regexp.MustCompile(`/Type /Page\b`).FindAll(pdf, -1)); n != 1 {
		t.Errorf("the page takes %d sheets", n)
	}
}
