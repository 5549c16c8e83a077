// Package scripts holds the conversations that ship, as files that staff edit:
// bot.yaml (what holds everywhere), hub.yaml (what the hub decides), one file a
// flow, the crisis cards, and the transcripts that test them.
package scripts

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/star-house/frontdoor/flows/source"
)

// FS holds the files as they stand in this folder.
//
//go:embed *.yaml crisis/*.yaml transcripts/*.yaml
var FS embed.FS

// Transcripts is the folder of the tests of a script; it is no part of a bundle.
const Transcripts = "transcripts/"

// Read reads the YAML files of a folder and of those below it into memory, by
// their path. Of a file that is too large to be a script, only so much is read that
// whoever parses it sees that.
func Read(from fs.FS) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		out[name], err = readFile(from, name)
		return err
	})
	return out, err
}

// readFile reads one file, up to a byte past the largest that is parsed.
func readFile(from fs.FS, name string) (_ []byte, err error) {
	file, err := from.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err := io.ReadAll(io.LimitReader(file, source.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}

// Split takes the transcripts out of what Read read.
func Split(files map[string][]byte) (bundle, transcripts map[string][]byte) {
	bundle, transcripts = map[string][]byte{}, map[string][]byte{}
	for name, data := range files {
		if strings.HasPrefix(name, Transcripts) {
			transcripts[name] = data
		} else {
			bundle[name] = data
		}
	}
	return bundle, transcripts
}
