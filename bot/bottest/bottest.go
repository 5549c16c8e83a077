// Package bottest holds what the tests of the service, of the platforms and of
// the commands have in common: the scripts that ship, and a world to play them
// in.
package bottest

import (
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/scripts"
	"github.com/star-house/frontdoor/flows/source"
	"github.com/star-house/frontdoor/locales"
)

// Files are the files that ship, without the transcripts.
func Files(t testing.TB) flows.Files {
	t.Helper()
	all, err := scripts.Read(scripts.FS)
	if err != nil {
		t.Fatal(err)
	}
	words, err := scripts.Read(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	structure, _ := scripts.Split(all)
	return flows.Files{Scripts: structure, Locales: words}
}

// shipped is the bundle that ships, read once: reading takes a while, and a bundle
// never changes.
var shipped struct {
	sync.Once
	b        *flows.Bundle
	problems error
}

// Bundle is the bundle that ships.
func Bundle(t testing.TB) *flows.Bundle {
	t.Helper()
	files := Files(t)
	shipped.Do(func() {
		b, problems := flows.Parse(files)
		shipped.b, shipped.problems = b, problems.Errors()
	})
	if shipped.b == nil {
		t.Fatal(shipped.problems)
	}
	return shipped.b
}

// Transcripts are those that ship, by file name.
func Transcripts(t testing.TB) map[string]*transcript.Transcript {
	t.Helper()
	all, err := scripts.Read(scripts.FS)
	if err != nil {
		t.Fatal(err)
	}
	_, tests := scripts.Split(all)
	out := map[string]*transcript.Transcript{}
	for name, data := range tests {
		var problems source.Problems
		out[name] = transcript.Parse(name, data, &problems)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
	}
	if len(out) == 0 {
		t.Fatal("there are no transcripts")
	}
	return out
}

// Play plays every transcript that ships through the drivers that newDriver
// makes, each in a world of its own. skip says why one cannot be played there, ""
// for one that can; it may change what is particular to another channel.
func Play(t *testing.T, newDriver func(t *testing.T, channel string) func(bot.Accept) transcript.Driver,
	skip func(name string, script *transcript.Transcript) string) {
	t.Helper()
	b := Bundle(t)
	for name, script := range Transcripts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := skip(strings.TrimSuffix(path.Base(name), ".yaml"), script); why != "" {
				t.Skip(why)
			}
			w, err := transcript.NewWorld(b, script.Begins, newDriver(t, script.Channel))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := w.Close(); err != nil {
					t.Error(err)
				}
			})
			if err := w.Run(t.Context(), script); err != nil {
				t.Fatal(err)
			}
		})
	}
}
