package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/star-house/frontdoor/store"
)

// keysCommand is `frontdoor keys`.
type keysCommand struct {
	Init keysInit `cmd:"" help:"Draw the keys of a hub and write them to a new file."`
}

// keysInit is `frontdoor keys init`.
type keysInit struct {
	Path string `arg:"" optional:"" help:"Where to write; FRONTDOOR_KEYS when left out."`
}

// Help is the worked example.
func (keysInit) Help() string {
	return "Example: frontdoor keys init /etc/frontdoor/keys.json\n\nWithout this file nothing in the store can be read, " +
		"by anybody. Keep a copy offline, and never beside the store's backups."
}

// Run writes the file, and never over another.
func (c keysInit) Run(p *process) error {
	path := c.Path
	if path == "" {
		var err error
		if path, err = p.required("FRONTDOOR_KEYS", "say where to write: frontdoor keys init PATH"); err != nil {
			return err
		}
	}
	if err := writeKeys(path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return no("%s is there already and stays as it is", path)
		}
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%s\n", path)
	fmt.Fprintln(p.stderr, "Keep a copy of this file offline: without it nothing in the store can be read.")
	return err
}

// writeKeys draws keys and writes them to a new file that only its owner reads.
func writeKeys(path string) error {
	keys, err := store.NewKeys()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make the key file: %w", err)
	}
	return errors.Join(keys.Write(file), file.Sync(), file.Close())
}
