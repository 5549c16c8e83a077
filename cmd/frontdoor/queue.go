package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/webchat"
	"github.com/star-house/frontdoor/flows"
)

// queueCommand is `frontdoor queue`.
type queueCommand struct {
	List     queueList     `cmd:"" help:"Everything that is open, in claiming order; no names."`
	Claim    queueClaim    `cmd:"" help:"Take a referral on; only one person can."`
	Show     queueShow     `cmd:"" help:"Read a referral: its holder, a coordinator or the duty person."`
	Reply    queueReply    `cmd:"" help:"Write to the young person; the text comes on standard input."`
	Release  queueRelease  `cmd:"" help:"Give a referral back to its old place; a coordinator lets an amber one go to every worker."`
	Handover queueHandover `cmd:"" help:"Hand a referral to somebody else."`
	Hold     queueHold     `cmd:"" help:"Put a referral on hold."`
	Regrade  queueRegrade  `cmd:"" help:"Give a referral another colour, with a reason; both colours are kept."`
	Close    queueClose    `cmd:"" help:"Close a referral."`
}

// row is a referral as `queue list --json` prints it.
type row struct {
	Reference    string         `json:"reference"`
	Lane         flows.Lane     `json:"lane"`
	Light        flows.Light    `json:"light"`
	Reasons      []string       `json:"reasons"`
	Status       flows.Status   `json:"status"`
	Priority     flows.Priority `json:"priority"`
	WaitingSince time.Time      `json:"waiting_since"`
	Channel      string         `json:"channel"`
	Source       string         `json:"source"`
	Language     string         `json:"language"`
	Owner        string         `json:"owner"`
	RulesVersion string         `json:"rules_version"`
}

// rowOf is a referral without anything that names its person.
func rowOf(r flows.Referral) row {
	reasons := r.Reasons
	if reasons == nil {
		reasons = []string{}
	}
	return row{
		Reference: r.Reference, Lane: r.Lane, Light: r.Light, Reasons: reasons, Status: r.Status, Priority: r.Priority,
		WaitingSince: r.Since.UTC().Truncate(time.Second), Channel: r.Origin.Channel, Source: r.Origin.Source,
		Language: r.Origin.Language, Owner: r.Claim.By, RulesVersion: r.Origin.Rules,
	}
}

// desk opens the store and a desk over it.
func (p *process) desk(ctx withContext) (*bot.Desk, func(), error) {
	bundle, err := scriptFolders{}.load(p)
	if err != nil {
		return nil, nil, err
	}
	st, err := p.openStore(ctx)
	if err != nil {
		return nil, nil, err
	}
	return bot.NewDesk(st, bot.NewLibrary(st, bundle), nil), func() { p.closeStore(st) }, nil
}

// queueList is `frontdoor queue list`.
type queueList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is the worked example.
func (queueList) Help() string { return "Example: frontdoor queue list" }

// Run lists what is open.
func (c queueList) Run(p *process, ctx withContext) error {
	desk, done, err := p.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	queue, unreadable, err := desk.Queue(ctx)
	if err != nil {
		return err
	}
	if unreadable > 0 {
		fmt.Fprintln(p.stderr, unopened(unreadable))
	}
	rows := make([]row, len(queue))
	for i, r := range queue {
		rows[i] = rowOf(r)
	}
	switch {
	case c.JSON:
		return p.printJSON(rows)
	case len(rows) == 0 && unreadable > 0:
		return nil // "nobody is waiting" would not be true
	}
	return printRows(p.stdout, rows, time.Now())
}

// unopened says how many requests are not in the list.
func unopened(n int) string {
	requests := "1 request"
	if n > 1 {
		requests = fmt.Sprintf("%d requests", n)
	}
	return "frontdoor: " + requests + " cannot be opened: run with the right key file, or look at the log"
}

// printRows prints the queue as a table.
func printRows(to io.Writer, rows []row, now time.Time) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(to, "Nobody is waiting.")
		return err
	}
	table := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "REFERENCE\tLANE\tLIGHT\tPRIORITY\tWAITING\tSTATUS\tOWNER\tCHANNEL\tSOURCE\tREASONS")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Reference, r.Lane, r.Light, r.Priority,
			waited(now.Sub(r.WaitingSince)), r.Status, dash(r.Owner), r.Channel, dash(r.Source), dash(strings.Join(r.Reasons, ", ")))
	}
	return table.Flush()
}

// dash stands for nothing in a table.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// waited is a waiting time as people say it.
func waited(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// onReferral is what commands about one referral have in common.
type onReferral struct {
	Ref  string `arg:"" help:"The reference, such as K7QM-2PXD."`
	As   string `required:"" placeholder:"ID" help:"Who you are: an id of frontdoor staff list."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// referenceGroup is how many letters and digits stand on either side of the dash.
const referenceGroup = 4

// reference is the reference as it is kept, however it was typed: small letters, with
// spaces, or without its dash.
func (c onReferral) reference() string {
	letters := strings.ToUpper(strings.Join(strings.FieldsFunc(c.Ref, func(r rune) bool { return r == '-' || r == ' ' }), ""))
	if len(letters) != 2*referenceGroup {
		return strings.ToUpper(c.Ref)
	}
	return letters[:referenceGroup] + "-" + letters[referenceGroup:]
}

// work does something to the referral and prints what came of it.
func (c onReferral) work(p *process, ctx withContext, w bot.Work, what string) error {
	desk, done, err := p.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	w.Reference, w.By = c.reference(), c.As
	came, err := desk.Do(ctx, w)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.printJSON(rowOf(came.Referral))
	}
	if came.Renewed {
		_, err := fmt.Fprintf(p.stdout, "%s is yours already\n", w.Reference)
		return err
	}
	if came.Silent && w.Verb == flows.DoReply {
		return no("it was not sent: this person asked for no messages, or cannot be reached")
	}
	if _, err := fmt.Fprintf(p.stdout, "%s %s\n", w.Reference, what); err != nil {
		return err
	}
	if came.Referral.Origin.Channel == webchat.Name && w.Verb == flows.DoReply {
		_, err := fmt.Fprintln(p.stderr, seenOnPage)
		return err
	}
	if came.Silent && w.Verb == flows.DoClaim {
		_, err := fmt.Fprintln(p.stderr, "this person asked for no messages here, or cannot be reached: look for another way under `queue show`")
		return err
	}
	return nil
}

// queueClaim is `frontdoor queue claim`.
type queueClaim struct{ onReferral }

// Help is the worked example.
func (queueClaim) Help() string { return "Example: frontdoor queue claim K7QM-2PXD --as sam" }

// Run claims.
func (c queueClaim) Run(p *process, ctx withContext) error {
	return c.work(p, ctx, bot.Work{Verb: flows.DoClaim}, "is yours")
}

// queueRelease is `frontdoor queue release`.
type queueRelease struct{ onReferral }

// Help is the worked example.
func (queueRelease) Help() string { return "Example: frontdoor queue release K7QM-2PXD --as sam" }

// Run releases.
func (c queueRelease) Run(p *process, ctx withContext) error {
	return c.work(p, ctx, bot.Work{Verb: flows.DoRelease}, "is back in its place")
}

// queueHold is `frontdoor queue hold`.
type queueHold struct{ onReferral }

// Help is the worked example.
func (queueHold) Help() string { return "Example: frontdoor queue hold K7QM-2PXD --as sam" }

// Run puts on hold.
func (c queueHold) Run(p *process, ctx withContext) error {
	return c.work(p, ctx, bot.Work{Verb: flows.DoHold}, "is on hold")
}

// queueHandover is `frontdoor queue handover`.
type queueHandover struct {
	onReferral
	To string `required:"" placeholder:"ID" help:"Who receives it."`
}

// Help is the worked example.
func (queueHandover) Help() string {
	return "Example: frontdoor queue handover K7QM-2PXD --as sam --to jo"
}

// Run hands over.
func (c queueHandover) Run(p *process, ctx withContext) error {
	return c.work(p, ctx, bot.Work{Verb: flows.DoHandOver, To: c.To}, "is with "+c.To)
}

// queueRegrade is `frontdoor queue regrade`.
type queueRegrade struct {
	onReferral
	Light  string `required:"" enum:"red,amber,green" help:"red, amber or green."`
	Reason string `required:"" help:"Why; those who may read the referral read it."`
}

// Help is the worked example.
func (queueRegrade) Help() string {
	return "Example: frontdoor queue regrade K7QM-2PXD --as dee --light amber --reason \"spoke on the phone, safe at a friend's\"\n\n" +
		"The duty person makes a red one amber; a coordinator makes an amber one green; whoever holds one makes it more pressing."
}

// Run regrades.
func (c queueRegrade) Run(p *process, ctx withContext) error {
	return c.work(p, ctx, bot.Work{Verb: flows.DoRegrade, Light: flows.Light(c.Light), Text: c.Reason}, "is "+c.Light+" now")
}

// queueClose is `frontdoor queue close`.
type queueClose struct {
	onReferral
	Outcome string `required:"" help:"completed, routed, declined, unreachable or withdrawn."`
}

// Help is the worked example.
func (queueClose) Help() string {
	return "Example: frontdoor queue close K7QM-2PXD --as sam --outcome completed"
}

// Run closes.
func (c queueClose) Run(p *process, ctx withContext) error {
	if flows.Outcomes()[c.Outcome] == "" {
		return fmt.Errorf("the outcome %q is not one of completed, routed, declined, unreachable, withdrawn", c.Outcome)
	}
	return c.work(p, ctx, bot.Work{Verb: flows.DoClose, Outcome: c.Outcome}, "is closed")
}

// queueReply is `frontdoor queue reply`.
type queueReply struct{ onReferral }

// Help is the worked example.
func (queueReply) Help() string {
	return "Example: echo \"Hi, I'm Sam. When could we talk?\" | frontdoor queue reply K7QM-2PXD --as sam"
}

// maxStdin is more than any reply may have.
const maxStdin = 64 << 10

// Run sends what stands on standard input.
func (c queueReply) Run(p *process, ctx withContext) error {
	text, err := io.ReadAll(io.LimitReader(p.stdin, maxStdin))
	if err != nil {
		return fmt.Errorf("read the reply: %w", err)
	}
	return c.work(p, ctx, bot.Work{Verb: flows.DoReply, Text: string(text)}, "will get your message")
}

// seenOnPage is for a message that nobody may ever see.
const seenOnPage = "they came by the web page, and see it when they look at that page again: look for another way under `queue show`"
