package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/webhook"
	"github.com/star-house/frontdoor/flows"
)

// alert is one as the service makes it.
func alert() bot.Alert {
	return bot.Alert{Text: "Duty: K7QM-2PXD needs somebody now.", Lane: flows.LaneDuty, Count: 2, Oldest: 95 * time.Second,
		Reference: "K7QM-2PXD", Link: "https://chat.example.org/desk"}
}

// TestHook holds what is posted: these fields and no others.
func TestHook(t *testing.T) {
	t.Parallel()
	var got map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(data, &got)
		}
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %v", r.Method, r.Header, err)
		}
		rw.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	h := webhook.NewHook(server.URL + "/hook")
	if err := h.Alert(t.Context(), alert()); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"text": "Duty: K7QM-2PXD needs somebody now.", "lane": "duty", "count": 2.0, "oldest_minutes": 1.0,
		"reference": "K7QM-2PXD", "link": "https://chat.example.org/desk"}
	if len(got) != len(want) {
		t.Errorf("posted %v", got)
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
}

// TestRefusals holds that an answer that is no, a redirect, an address where nobody
// is and one that takes too long are errors, and that none repeats the address.
func TestRefusals(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	release := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/canary/no", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) })
	mux.HandleFunc("/canary/moved", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/canary/elsewhere", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/canary/elsewhere", func(http.ResponseWriter, *http.Request) { elsewhere++ })
	mux.HandleFunc("/canary/slow", func(http.ResponseWriter, *http.Request) { <-release })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	gone := httptest.NewServer(mux)
	gone.Close()
	for address, want := range map[string]string{
		server.URL + "/canary/no": "403", server.URL + "/canary/moved": "307", server.URL + "/canary/slow": "too long",
		gone.URL + "/canary": "cannot be reached", "http://canary host": "cannot be used",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		for name, err := range map[string]error{"alert": webhook.NewHook(address).Alert(ctx, alert()), "beat": webhook.Beat(address)(ctx)} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("%s at %s: %v, want %q", name, address, err, want)
			}
		}
		cancel()
	}
	if elsewhere > 0 {
		t.Error("a redirect was followed")
	}
}

// TestBeat holds that a heartbeat is a plain GET.
func TestBeat(t *testing.T) {
	t.Parallel()
	beats := 0
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.ContentLength == 0 && r.URL.Path == "/ping" {
			beats++
		}
	}))
	t.Cleanup(server.Close)
	if err := webhook.Beat(server.URL + "/ping")(t.Context()); err != nil || beats != 1 {
		t.Errorf("%d heartbeats: %v", beats, err)
	}
}
