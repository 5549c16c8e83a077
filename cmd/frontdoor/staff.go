package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/star-house/frontdoor/flows"
)

// staffCommand is `frontdoor staff`.
type staffCommand struct {
	Add     staffAdd     `cmd:"" help:"Add somebody, or change them."`
	List    staffList    `cmd:"" help:"List everybody."`
	Disable staffDisable `cmd:"" help:"Stop somebody from working; what they hold stays theirs until it is handed over or lapses."`
}

// staffAdd is `frontdoor staff add`.
type staffAdd struct {
	ID   string `arg:"" help:"Short name to work under: a-z, 0-9, - and _."`
	Name string `required:"" help:"First name, as young people read it."`
	Role string `required:"" help:"worker, coordinator, duty, editor, auditor or lead."`
}

// Help is the worked example.
func (staffAdd) Help() string { return "Example: frontdoor staff add sam --name Sam --role worker" }

// maxStaffName is how long a name may be, in characters.
const maxStaffName = 60

// Run writes the person down.
func (c staffAdd) Run(p *process, ctx withContext) error {
	role := flows.Role(c.Role)
	if !slices.Contains(flows.Roles(), role) {
		return fmt.Errorf("the role %q is not one of worker, coordinator, duty, editor, auditor, lead", c.Role)
	}
	if c.ID == "" || len(c.ID) > 40 || strings.Trim(c.ID, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return fmt.Errorf("the id %q should be 1 to 40 of a-z, 0-9, - and _", c.ID)
	}
	if name := strings.TrimSpace(c.Name); name == "" || len([]rune(name)) > maxStaffName {
		return fmt.Errorf("a name has 1 to %d characters", maxStaffName)
	}
	st, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer p.closeStore(st)
	if err := st.AddStaff(ctx, flows.Staff{ID: c.ID, Name: strings.TrimSpace(c.Name), Role: role}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s may work as %s\n", c.ID, role)
	return err
}

// staffList is `frontdoor staff list`.
type staffList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is the worked example.
func (staffList) Help() string { return "Example: frontdoor staff list --json" }

// Run lists everybody.
func (c staffList) Run(p *process, ctx withContext) error {
	st, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer p.closeStore(st)
	all, err := st.AllStaff(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return p.printJSON(all)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tROLE\t")
	for _, who := range all {
		state := ""
		if who.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", who.ID, who.Name, who.Role, state)
	}
	return table.Flush()
}

// staffDisable is `frontdoor staff disable`.
type staffDisable struct {
	ID string `arg:"" help:"Whose work ends."`
}

// Help is the worked example.
func (staffDisable) Help() string { return "Example: frontdoor staff disable sam" }

// Run disables somebody.
func (c staffDisable) Run(p *process, ctx withContext) error {
	st, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer p.closeStore(st)
	who, err := st.Staff(ctx, c.ID)
	if err != nil {
		return err
	}
	who.Disabled = true
	if err := st.AddStaff(ctx, who); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s is disabled\n", c.ID)
	return err
}
