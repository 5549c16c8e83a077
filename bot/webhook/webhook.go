package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

const (
	// callTime bounds one call.
	callTime = 5 * time.Second
	// maxAnswer is how much of an answer is read, so that its connection can be
	// used again.
	maxAnswer = 64 << 10
)

// newClient goes where it is told and nowhere else: a redirect could lead a secret
// anywhere, so it counts as a refusal.
func newClient() *http.Client {
	return &http.Client{Timeout: callTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Hook is an address that takes alerts as JSON.
type Hook struct {
	address string
	client  *http.Client
}

// NewHook alerts at an address; whether it may be used, the caller has checked.
func NewHook(address string) *Hook { return &Hook{address, newClient()} }

// Name is "webhook".
func (*Hook) Name() string { return "webhook" }

// body is what an alert looks like on the wire.
type body struct {
	Text          string     `json:"text"`
	Lane          flows.Lane `json:"lane"`
	Count         int        `json:"count"`
	OldestMinutes int        `json:"oldest_minutes"`
	Reference     string     `json:"reference"`
	// Link is "" without a public address.
	Link string `json:"link"`
}

// Alert posts an alert. Any answer from 200 to 299 means that it was taken.
func (h *Hook) Alert(ctx context.Context, a bot.Alert) error {
	data, err := json.Marshal(body{a.Text, a.Lane, a.Count, int(a.Oldest.Minutes()), a.Reference, a.Link})
	if err != nil {
		return fmt.Errorf("write an alert: %w", err)
	}
	return call(ctx, h.client, http.MethodPost, h.address, data)
}

// Beat is a call that tells a monitor at an address that all is well.
func Beat(address string) func(context.Context) error {
	client := newClient()
	return func(ctx context.Context) error {
		if err := call(ctx, client, http.MethodGet, address, nil); err != nil {
			return fmt.Errorf("tell the monitor: %w", err)
		}
		return nil
	}
}

// call makes one call.
func call(ctx context.Context, client *http.Client, method, address string, data []byte) (err error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(data))
	if err != nil {
		return errors.New("the address cannot be used")
	}
	if data != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return describe(err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the answer is %d", response.StatusCode)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer)) // it was taken, whatever more it says
	return nil
}

// describe is an error that may be logged: the library's hold the address, or the
// name of its host.
func describe(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) && withURL.Timeout() {
		return errors.New("the answer takes too long")
	}
	return errors.New("the address cannot be reached")
}
