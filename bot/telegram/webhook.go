package telegram

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime/debug"

	"github.com/go-telegram/bot/models"
)

const (
	// maxUpdate is the largest update that is read, in bytes.
	maxUpdate = 1 << 20
	// secretHeader carries what only Telegram and we know.
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
)

// Handler takes the updates that Telegram posts. Without the secret nothing is
// read (401). An update is answered 200 only after it was accepted; while the store
// is away the answer is 503, and Telegram comes again.
func (t *Telegram) Handler() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(secretHeader)), []byte(t.c.Secret)) != 1 || t.c.Secret == "" {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxUpdate))
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			rw.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		case err != nil:
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		rw.WriteHeader(t.handle(r, body))
	})
}

// handle takes one posted update and says what to answer. One that breaks the adapter
// is acknowledged: it would break it each time, and hold its chat up for a day.
func (t *Telegram) handle(r *http.Request, body []byte) (status int) {
	defer func() {
		if recover() != nil {
			t.c.Log.Error("internal error", "channel", Name, "stack", string(debug.Stack()))
			status = http.StatusOK
		}
	}()
	accept := t.accept.Load()
	if accept == nil {
		return http.StatusServiceUnavailable
	}
	var u models.Update
	if err := json.Unmarshal(body, &u); err != nil {
		// It came with the secret and cannot be read: answered otherwise, it would
		// come again for a day and hold its chat up.
		t.c.Log.Error("an update of Telegram's cannot be read")
		return http.StatusOK
	}
	if err := t.take(r.Context(), &u, *accept); err != nil {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}
