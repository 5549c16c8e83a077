package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

// queueShow is `frontdoor queue show`.
type queueShow struct{ onReferral }

// Help is the worked example.
func (queueShow) Help() string { return "Example: frontdoor queue show K7QM-2PXD --as sam" }

// fullRow is a referral as `queue show --json` prints it.
type fullRow struct {
	row
	Answers  map[string]any    `json:"answers"`
	Summary  []flows.Line      `json:"summary"`
	Consents []consentRow      `json:"consents"`
	Contact  map[string]string `json:"contact"`
	Messages []messageRow      `json:"messages"`
	Timeline []flows.Event     `json:"timeline"`
	Regrades []flows.Regrade   `json:"regrades,omitempty"`
}

// consentRow is a consent as it is printed.
type consentRow struct {
	ID      string    `json:"id"`
	Version int       `json:"version"`
	Locale  string    `json:"locale"`
	At      time.Time `json:"at"`
}

// messageRow is a message as it is printed.
type messageRow struct {
	At       time.Time `json:"at"`
	From     string    `json:"from"`
	Text     string    `json:"text"`
	Delivery string    `json:"delivery"`
}

// Run shows a referral to whoever may read it.
func (c queueShow) Run(p *process, ctx withContext) error {
	desk, done, err := p.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	file, err := desk.Show(ctx, c.reference(), c.As)
	if err != nil {
		return err
	}
	full := fullRowOf(file)
	if c.JSON {
		return p.printJSON(full)
	}
	return p.printFull(full)
}

// fullRowOf is everything of a file that is printed.
func fullRowOf(f bot.File) fullRow {
	r := f.Referral
	out := fullRow{row: rowOf(r), Answers: r.Sent.Answers, Summary: r.Sent.Summary, Contact: r.Sent.Contact,
		Consents: []consentRow{}, Messages: []messageRow{}, Timeline: []flows.Event{}}
	for _, g := range r.Sent.Consents {
		out.Consents = append(out.Consents, consentRow{g.ID, g.Version, g.Locale, second(g.At)})
	}
	for _, m := range f.Messages {
		out.Messages = append(out.Messages, messageRow{second(m.At), m.From, m.Text, string(f.Delivery[m.ID])})
	}
	for _, e := range r.Events {
		out.Timeline = append(out.Timeline, flows.Event{At: second(e.At), What: e.What, By: e.By})
	}
	for _, g := range r.Regrades {
		g.At = second(g.At)
		out.Regrades = append(out.Regrades, g)
	}
	return out
}

// second is a time as it is printed: UTC, whole seconds.
func second(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }

// printFull prints a referral for people.
func (p *process) printFull(f fullRow) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s  %s, %s, %s\n", f.Reference, f.Lane, f.Status, f.Priority)
	fmt.Fprintf(&out, "waiting since %s, from %s", f.WaitingSince.Format(time.RFC3339), f.Channel)
	if f.Source != "" {
		fmt.Fprintf(&out, " (%s)", f.Source)
	}
	fmt.Fprintf(&out, ", language %s\n", f.Language)
	fmt.Fprintf(&out, "streetlight %s by rules %s: %s\n", f.Light, f.RulesVersion, dash(strings.Join(f.Reasons, ", ")))
	for _, g := range f.Regrades {
		fmt.Fprintf(&out, "%s made it %s, it was %s: %s\n", g.By, g.To, g.From, g.Reason)
	}
	out.WriteString("\nWhat they sent\n")
	for _, line := range f.Summary {
		fmt.Fprintf(&out, "  %s: %s\n", line.Label, line.Text)
	}
	out.WriteString("\nHow to reach them\n")
	for _, key := range slices.Sorted(maps.Keys(f.Contact)) {
		fmt.Fprintf(&out, "  %s: %s\n", key, f.Contact[key])
	}
	out.WriteString("\nWhat they agreed to\n")
	for _, g := range f.Consents {
		fmt.Fprintf(&out, "  %s, version %d, %s, %s\n", g.ID, g.Version, g.Locale, g.At.Format(time.RFC3339))
	}
	if len(f.Messages) > 0 {
		out.WriteString("\nMessages\n")
	}
	for _, m := range f.Messages {
		fmt.Fprintf(&out, "  %s  %s: %s", m.At.Format(time.RFC3339), m.From, strings.ReplaceAll(m.Text, "\n", "\n    "))
		if m.Delivery != "" {
			fmt.Fprintf(&out, "  [%s]", m.Delivery)
		}
		out.WriteByte('\n')
	}
	out.WriteString("\nTimeline\n")
	for _, e := range f.Timeline {
		fmt.Fprintf(&out, "  %s  %s by %s\n", e.At.Format(time.RFC3339), e.What, e.By)
	}
	_, err := fmt.Fprint(p.stdout, visible(out.String()))
	return err
}

// visible takes the control characters out of a text, which could move the
// cursor of a terminal; line breaks stay.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r >= ' ' && (r < 0x7f || r > 0x9f) {
			return r
		}
		return -1
	}, text)
}
