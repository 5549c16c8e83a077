package main

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/flows/source"
)

// flowsCommand is `frontdoor flows`.
type flowsCommand struct {
	Check    flowsCheck    `cmd:"" help:"Read the scripts and the words, and print every problem with its place."`
	Test     flowsTest     `cmd:"" help:"Play the transcripts."`
	Classify flowsClassify `cmd:"" help:"Print crisis, concern or none for each line of standard input."`
	Criteria flowsCriteria `cmd:"" help:"Print the streetlight criteria, a page to share with doctors and schools."`
}

// flowsCheck is `frontdoor flows check`.
type flowsCheck struct {
	scriptFolders
	JSON bool      `name:"json" help:"Print JSON."`
	On   time.Time `format:"2006-01-02" placeholder:"DAY" help:"The day on which contacts must not be stale, such as 2027-01-31; today when left out."`
}

// Help is the worked example.
func (flowsCheck) Help() string {
	return "Example: frontdoor flows check --scripts ./scripts\nExample: frontdoor flows check --on 2027-06-01"
}

// Run prints the problems.
func (c flowsCheck) Run(p *process) error {
	folders, err := c.withSettings(p)
	if err != nil {
		return err
	}
	files, _, err := folders.read()
	if err != nil {
		return err
	}
	if c.On.IsZero() {
		c.On = p.now()
	}
	_, problems := flows.Parse(files)
	problems = append(problems, flows.Stale(files, c.On)...).Sorted()
	if c.JSON {
		if problems == nil {
			problems = source.Problems{}
		}
		if err := p.printJSON(problems); err != nil {
			return err
		}
	} else if len(problems) > 0 {
		fmt.Fprintln(p.stdout, problems)
	}
	if len(problems.Errors()) > 0 {
		return no("")
	}
	if !c.JSON {
		fmt.Fprintln(p.stderr, "The scripts can be used.")
	}
	return nil
}

// flowsTest is `frontdoor flows test`.
type flowsTest struct {
	scriptFolders
	Files []string `arg:"" optional:"" type:"existingfile" help:"Transcripts; all of the scripts' own when left out."`
}

// Help is the worked example.
func (flowsTest) Help() string {
	return "Example: frontdoor flows test\nExample: frontdoor flows test --scripts ./scripts my-chat.yaml"
}

// Run plays transcripts.
func (c flowsTest) Run(p *process, ctx withContext) error {
	folders, err := c.withSettings(p)
	if err != nil {
		return err
	}
	_, tests, err := folders.read()
	if err != nil {
		return err
	}
	bundle, err := folders.load(p)
	if err != nil {
		return err
	}
	if len(c.Files) > 0 {
		tests = map[string][]byte{}
		for _, name := range c.Files {
			if tests[name], err = os.ReadFile(name); err != nil {
				return fmt.Errorf("read a transcript: %w", err)
			}
		}
	}
	failed := 0
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		if err := play(ctx, bundle, name, tests[name]); err != nil {
			failed++
			fmt.Fprintln(p.stdout, "FAIL", err)
			continue
		}
		fmt.Fprintln(p.stdout, "ok  ", name)
	}
	if failed > 0 || len(tests) == 0 {
		return no("%d of %d transcripts failed", failed, len(tests))
	}
	return nil
}

// play plays one transcript in a world of its own.
func play(ctx withContext, b *flows.Bundle, name string, data []byte) error {
	var problems source.Problems
	script := transcript.Parse(name, data, &problems)
	if len(problems) > 0 {
		return problems
	}
	w, err := transcript.NewWorld(b, script.Begins, transcript.Direct(script.Channel))
	if err != nil {
		return err
	}
	return errors.Join(w.Run(ctx, script), w.Close())
}

// flowsClassify is `frontdoor flows classify`.
type flowsClassify struct {
	scriptFolders
	Explain bool `help:"Also print the rule, the class and the view that decided."`
}

// Help is the worked example.
func (flowsClassify) Help() string {
	return "Example: printf 'this homework is killing me\\n' | frontdoor flows classify"
}

// Run classifies lines.
func (c flowsClassify) Run(p *process) error {
	bundle, err := c.load(p)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.stdout)
	lines := bufio.NewScanner(p.stdin)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if _, err := fmt.Fprintln(out, c.verdict(bundle, lines.Text())); err != nil {
			return fmt.Errorf("print a verdict: %w", err)
		}
	}
	return errors.Join(lines.Err(), out.Flush())
}

// verdict is what is printed for a line.
func (c flowsClassify) verdict(b *flows.Bundle, line string) string {
	if !c.Explain {
		return b.Screen(line).Tier.String()
	}
	v, view := b.Explain(line)
	if v.Tier == screen.None {
		return v.Tier.String()
	}
	return fmt.Sprintf("%s\tclass %s\trule %s\tview %s", v.Tier, v.Class, v.Rule, view)
}

// maxLine is the longest line that is read, in bytes.
const maxLine = 1 << 20
