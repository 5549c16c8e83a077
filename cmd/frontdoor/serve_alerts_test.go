package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/star-house/frontdoor/store/storetest"
)

// TestServeAlerts holds that `serve` alerts staff to somebody in danger at once and
// once, in the first place of its settings and with a link, and that its monitor
// hears from it.
func TestServeAlerts(t *testing.T) {
	t.Parallel()
	var beats atomic.Int64
	posted := make(chan map[string]any, 10)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /beat", func(http.ResponseWriter, *http.Request) { beats.Add(1) })
	mux.HandleFunc("POST /hook", func(_ http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		posted <- body
	})
	staff := httptest.NewServer(mux)
	t.Cleanup(staff.Close)
	const chat, channel = -1001, "777"
	h := newHub(t, fmt.Sprint("FRONTDOOR_STAFF_TELEGRAM_CHAT=", chat), "FRONTDOOR_STAFF_DISCORD_CHANNEL="+channel,
		"FRONTDOOR_STAFF_WEBHOOK="+staff.URL+"/hook", "FRONTDOOR_HEARTBEAT_URL="+staff.URL+"/beat",
		"FRONTDOOR_PUBLIC_URL=http://localhost:8080", "FRONTDOOR_LISTEN=127.0.0.1:0")
	reference := h.walks(onTelegram{h.telegram, 1001}, red(), 0)
	storetest.Eventually(t, "staff are alerted", func(context.Context) error {
		screen := h.telegram.Screen(chat)
		if len(screen) == 0 {
			return errors.New("nothing in the staff chat")
		}
		if got := screen[0].Text; !strings.Contains(got, reference) || !strings.HasSuffix(got, "\nhttp://localhost:8080/desk") {
			t.Errorf("told %q", got)
		}
		return nil
	})
	storetest.Eventually(t, "the monitor hears from it", func(context.Context) error {
		if beats.Load() == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	h.kill()
	if len(h.telegram.Screen(chat)) != 1 || len(h.discord.Screen(channel)) > 0 || len(posted) > 0 {
		t.Error("staff were alerted more than once")
	}
}
