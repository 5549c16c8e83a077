package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/scripts"
	"github.com/star-house/frontdoor/locales"
	"github.com/star-house/frontdoor/store"
)

// setting is a value of the environment. NAME_FILE names a file that holds it,
// for every secret.
func (p *process) setting(name, otherwise string) (string, error) {
	value, ok := p.env(name)
	file, inFile := p.env(name + "_FILE")
	switch {
	case ok && value != "" && inFile && file != "":
		return "", fmt.Errorf("both %s and %s_FILE are set: keep one", name, name)
	case ok && value != "":
		return value, nil
	case inFile && file != "":
		data, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read %s_FILE: %w", name, err)
		}
		return strings.TrimSpace(string(data)), nil
	}
	return otherwise, nil
}

// required is a setting that must be there.
func (p *process) required(name, hint string) (string, error) {
	value, err := p.setting(name, "")
	if err == nil && value == "" {
		err = fmt.Errorf("%s is not set: %s", name, hint)
	}
	return value, err
}

// openStore opens the store that the settings name.
func (p *process) openStore(ctx withContext) (*store.Store, error) {
	url, err := p.required("FRONTDOOR_REDIS_URL", "write redis://host:6379, or take the line that `frontdoor try` prints")
	if err != nil {
		return nil, err
	}
	path, err := p.required("FRONTDOOR_KEYS", "it is the path of the file that `frontdoor keys init` makes")
	if err != nil {
		return nil, err
	}
	keys, err := readKeys(path)
	if err != nil {
		return nil, err
	}
	hub, err := p.setting("FRONTDOOR_HUB", "star-house")
	if err != nil {
		return nil, err
	}
	st, err := store.Open(store.Config{URL: url, Hub: hub, Keys: keys})
	if err != nil {
		return nil, err
	}
	if err = st.Ping(ctx); err == nil {
		err = st.CheckKeys(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// readKeys reads a key file.
func readKeys(path string) (*store.Keys, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the key file: %w", err)
	}
	keys, err := store.ReadKeys(file)
	return keys, errors.Join(err, file.Close())
}

// scriptFolders are the folders that replace the embedded scripts and words; ""
// keeps those.
type scriptFolders struct {
	Scripts string `placeholder:"DIR" help:"Folder with bot.yaml, in place of the scripts that ship."`
	Locales string `placeholder:"DIR" help:"Folder with LANG/FLOW.yaml, in place of the words that ship."`
}

// withSettings fills in FRONTDOOR_SCRIPTS and FRONTDOOR_LOCALES.
func (f scriptFolders) withSettings(p *process) (scriptFolders, error) {
	var err error
	if f.Scripts == "" {
		if f.Scripts, err = p.setting("FRONTDOOR_SCRIPTS", ""); err != nil {
			return f, err
		}
	}
	if f.Locales == "" {
		f.Locales, err = p.setting("FRONTDOOR_LOCALES", "")
	}
	return f, err
}

// read reads all files: those of the bundle, and the transcripts.
func (f scriptFolders) read() (flows.Files, map[string][]byte, error) {
	from, words := fs.FS(scripts.FS), fs.FS(locales.FS)
	if f.Scripts != "" {
		from = os.DirFS(f.Scripts)
	}
	if f.Locales != "" {
		words = os.DirFS(f.Locales)
	}
	all, err := readFolder("scripts", f.Scripts, from)
	if err != nil {
		return flows.Files{}, nil, err
	}
	texts, err := readFolder("words", f.Locales, words)
	if err != nil {
		return flows.Files{}, nil, err
	}
	structure, tests := scripts.Split(all)
	return flows.Files{Scripts: structure, Locales: texts}, tests, nil
}

// readFolder reads the files of a folder, "" for those that ship, and names it when
// it cannot.
func readFolder(what, folder string, from fs.FS) (map[string][]byte, error) {
	if folder != "" {
		if info, err := os.Stat(folder); err != nil {
			return nil, fmt.Errorf("read the %s in the folder %s: %w", what, folder, errors.Unwrap(err))
		} else if !info.IsDir() {
			return nil, fmt.Errorf("read the %s in the folder %s: it is a file", what, folder)
		}
	}
	files, err := scripts.Read(from)
	if err != nil {
		return nil, fmt.Errorf("read the %s in the folder %s: %w", what, folder, err)
	}
	return files, nil
}

// warnStale names each entry of hub.yaml that should have been checked again by
// now. The product starts all the same: an old number is better than none.
func (p *process) warnStale(b *flows.Bundle) {
	for _, problem := range b.Hub.Stale(p.now()) {
		fmt.Fprintln(p.stderr, "frontdoor: warning:", problem.Error())
	}
}

// load reads and checks the scripts; problems are printed.
func (f scriptFolders) load(p *process) (*flows.Bundle, error) {
	f, err := f.withSettings(p)
	if err != nil {
		return nil, err
	}
	files, _, err := f.read()
	if err != nil {
		return nil, err
	}
	b, problems := flows.Parse(files)
	if b == nil {
		fmt.Fprintln(p.stderr, problems.Errors())
		return nil, fmt.Errorf("the scripts have %d problems", len(problems.Errors()))
	}
	return b, nil
}
