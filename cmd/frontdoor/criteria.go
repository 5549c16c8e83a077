package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/flows"
)

// flowsCriteria is `frontdoor flows criteria`.
type flowsCriteria struct {
	scriptFolders
	Format string `enum:"md,html" default:"md" help:"md, or html: one file to print or to put on a website."`
}

// Help is the worked example.
func (flowsCriteria) Help() string {
	return "Example: frontdoor flows criteria --format html > streetlight.html\n\n" +
		"Everything on the page is read out of the scripts. The same scripts give the same page."
}

// Run prints the page.
func (c flowsCriteria) Run(p *process) error {
	bundle, err := c.load(p)
	if err != nil {
		return err
	}
	if c.Format == "html" {
		return criteriaHTML(p.stdout, bundle.Criteria())
	}
	_, err = io.WriteString(p.stdout, visible(criteriaMarkdown(bundle.Criteria())))
	return err
}

//go:embed criteria.html
var criteriaPage string

// criteriaHTML writes the page as one file that needs no other.
func criteriaHTML(to io.Writer, c flows.Criteria) error {
	page, err := template.New("criteria").Parse(criteriaPage)
	if err != nil {
		return fmt.Errorf("read the page of criteria: %w", err)
	}
	if err := page.Execute(to, c); err != nil {
		return fmt.Errorf("print the criteria: %w", err)
	}
	return nil
}

// markdown writes Markdown in which no text of the scripts is taken for a mark.
type markdown struct{ strings.Builder }

// plain is a text as Markdown shows it: without marks, each line on its own.
func plain(text string) string {
	marks := strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`,
		"|", `\|`, "~", `\~`, "\n", "  \n")
	return marks.Replace(text)
}

// says writes a paragraph.
func (m *markdown) says(texts ...string) { fmt.Fprintf(m, "%s\n\n", plain(strings.Join(texts, " "))) }

// heading writes a heading of a level.
func (m *markdown) heading(level int, text string) {
	fmt.Fprintf(m, "%s %s\n\n", strings.Repeat("#", level), plain(text))
}

// list writes points.
func (m *markdown) list(points []string) {
	for _, point := range points {
		fmt.Fprintf(m, "- %s\n", plain(point))
	}
	m.WriteByte('\n')
}

// row writes a row of a table.
func (m *markdown) row(cells ...string) {
	for _, cell := range cells {
		fmt.Fprintf(m, "| %s ", strings.ReplaceAll(plain(cell), "  \n", " "))
	}
	m.WriteString("|\n")
}

// head writes the first row of a table and the line below it.
func (m *markdown) head(cells ...string) {
	m.row(cells...)
	m.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
}

// criteriaMarkdown is the page as Markdown.
func criteriaMarkdown(c flows.Criteria) string {
	m := &markdown{}
	m.heading(1, c.Words["title"])
	m.says(c.Words["version"])
	if c.Draft {
		fmt.Fprintf(m, "> **%s**\n\n", plain(c.Words["draft"]))
	}
	m.says(c.Words["intro"])
	m.says(append([]string{c.Words["way_in"]}, c.Apps...)...)
	m.heading(2, c.Words["meaning"])
	m.says(c.Words["meaning_says"])
	m.head(c.Words["colour"], c.Words["next"], c.Words["by"], c.Words["soon"])
	for _, colour := range c.Colours {
		m.row(colour.Name, colour.Next, colour.By, colour.Clock)
	}
	m.WriteByte('\n')
	m.says(c.Words["hours"])
	m.heading(2, c.Words["never"])
	m.list(c.Never)
	m.heading(2, c.Words["rules"])
	m.list(c.Rules)
	m.questions(c)
	m.heading(2, c.Words["danger"])
	m.says(c.Words["danger_says"])
	m.says(c.Words["foot"])
	return strings.TrimSuffix(m.String(), "\n")
}

// questions writes the questions, each with its answers by colour.
func (m *markdown) questions(c flows.Criteria) {
	m.heading(2, c.Words["questions"])
	names := []string{c.Words["number"], c.Words["question"]}
	for _, column := range c.Columns {
		names = append(names, column.Name)
	}
	m.head(names...)
	for _, q := range c.Questions {
		cells := []string{strconv.Itoa(q.Number), q.Asks}
		for _, column := range c.Columns {
			cells = append(cells, quoted(q.Under(column.Light)))
		}
		m.row(cells...)
	}
	m.WriteByte('\n')
	if len(c.Beside) > 0 {
		m.says(c.Words["beside"], quoted(c.Beside))
	}
}

// quoted puts answers into one line.
func quoted(answers []string) string {
	if len(answers) == 0 {
		return "–"
	}
	return "“" + strings.Join(answers, "”; “") + "”"
}
