package main

import (
	"encoding/json"
	"fmt"

	"github.com/star-house/frontdoor/store"
)

// printJSON prints a value for a program to read.
func (p *process) printJSON(v any) error {
	enc := json.NewEncoder(p.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// closeStore closes a store whose work is done.
func (p *process) closeStore(st *store.Store) {
	if err := st.Close(); err != nil {
		fmt.Fprintln(p.stderr, "frontdoor:", err)
	}
}
