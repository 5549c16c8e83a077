package main

import (
	"strings"
	"testing"
	"time"
)

// TestWarnStale holds that a start names each contact that is past its check, one
// line each, and nothing while all are fresh.
func TestWarnStale(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := &process{stderr: &out, env: func(string) (string, bool) { return "", false }}
	b, err := scriptFolders{}.load(p)
	must(t, err)
	p.now = func() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }
	if p.warnStale(b); out.Len() > 0 {
		t.Errorf("while all are fresh: %s", out.String())
	}
	p.now = func() time.Time { return time.Date(2027, 4, 1, 12, 0, 0, 0, time.UTC) }
	p.warnStale(b)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[1], "frontdoor: warning: hub.yaml:") || !strings.Contains(lines[1], `STALE the contact "door43"`) {
		t.Errorf("later: %q", lines)
	}
}

// TestHelpPage holds that cards lead to the help page of the web chat, by an address
// with nothing of a person's in it, only where every phone finds it over https.
func TestHelpPage(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://chat.example.org": "https://chat.example.org/help", "https://chat.example.org:8443": "https://chat.example.org:8443/help",
		"": "", "http://localhost:8080": "", "http://chat.example.org": "", "https://localhost": "", "https://127.0.0.1": "",
		"https://192.168.1.7": "", "https://frontdoor": "", "https://a.localhost": "",
	} {
		if got := (serveSettings{web: true, public: public}).helpPage(); got != want {
			t.Errorf("%q leads to %q", public, got)
		}
	}
	if got := (serveSettings{public: "https://chat.example.org"}).helpPage(); got != "" {
		t.Errorf("without a web chat it leads to %q", got)
	}
}
