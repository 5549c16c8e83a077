package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// deadlines is an answer whose connection notes until when it is read.
type deadlines struct {
	*httptest.ResponseRecorder
	read time.Time
}

// SetReadDeadline is what a server's own answer does.
func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.read = t
	return nil
}

// TestBodiesAreNotWaitedForForEver holds that what is posted has to arrive in time,
// and that a live page may stay open as long as it likes.
func TestBodiesAreNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		web := newWebServer(http.NotFoundHandler())
		for method, want := range map[string]time.Time{http.MethodPost: time.Now().Add(bodyTime), http.MethodGet: {}} {
			answer := &deadlines{ResponseRecorder: httptest.NewRecorder()}
			web.Handler.ServeHTTP(answer, httptest.NewRequest(method, "/events", nil))
			if !answer.read.Equal(want) {
				t.Errorf("%s is read until %v, want %v", method, answer.read, want)
			}
		}
	})
}
