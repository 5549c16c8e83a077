package main

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/star-house/frontdoor/store"
)

// readyTime bounds how long the store may take before we are not ready.
const readyTime = time.Second

// adminPages are for operators and their monitors, never for the public address:
// /healthz says that the process lives, /readyz that it can also keep what it is
// told.
func adminPages(st *store.Store, prepared *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	say := func(rw http.ResponseWriter, status int, text string) {
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, text+"\n") // a monitor that hung up needs no answer
	}
	mux.HandleFunc("GET /healthz", func(rw http.ResponseWriter, _ *http.Request) { say(rw, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(rw http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		switch {
		case st.Ping(ctx) != nil:
			say(rw, http.StatusServiceUnavailable, "the store is away")
		case !prepared.Load():
			say(rw, http.StatusServiceUnavailable, "starting")
		default:
			say(rw, http.StatusOK, "ready")
		}
	})
	return mux
}
