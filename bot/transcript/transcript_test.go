package transcript_test

import (
	"io/fs"
	"path"
	"testing"

	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/scripts"
	"github.com/star-house/frontdoor/flows/source"
	"github.com/star-house/frontdoor/locales"
)

// shipped is the bundle that ships.
func shipped(t *testing.T) *flows.Bundle {
	t.Helper()
	b, problems := flows.Parse(flows.Files{Scripts: files(t, scripts.FS), Locales: files(t, locales.FS)})
	if b == nil {
		t.Fatal(problems)
	}
	return b
}

// files reads a file system into memory.
func files(t *testing.T, from fs.FS) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[name], err = fs.ReadFile(from, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestShippedTranscripts plays every transcript that ships on the service
// itself.
func TestShippedTranscripts(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	names, err := fs.Glob(scripts.FS, "transcripts/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, name := range names {
		t.Run(path.Base(name), func(t *testing.T) {
			t.Parallel()
			data, err := fs.ReadFile(scripts.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			var problems source.Problems
			script := transcript.Parse(name, data, &problems)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			w, err := transcript.NewWorld(b, script.Begins, transcript.Direct(script.Channel))
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := w.Run(t.Context(), script); err != nil {
				t.Fatal(err)
			}
		})
	}
}
