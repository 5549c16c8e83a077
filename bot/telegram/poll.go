package telegram

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

	"github.com/go-telegram/bot/models"

	"github.com/star-house/frontdoor/bot"
)

const (
	// maxBatch is how many updates one poll brings at most, Telegram's own limit.
	maxBatch = 100
	// maxAnswer bounds an answer of Telegram's, in bytes.
	maxAnswer = 32 << 20
	// pollSlack is how much longer than the poll itself its answer may take.
	pollSlack = 10 * time.Second
)

// poll asks for updates until ctx ends. The offset moves past an update only after
// it was accepted, see poller for the one exception.
func (t *Telegram) poll(ctx context.Context, accept bot.Accept) error {
	p := newPoller(t, accept)
	defer p.work.Wait()
	wait := firstPause
	for ctx.Err() == nil {
		updates, err := t.updates(ctx, p.offset())
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			wait = t.trouble(ctx, err, wait)
			continue
		}
		wait = firstPause
		t.heard.Store(t.c.Clock().UnixNano())
		if len(updates) == 0 {
			p.forget()
			continue
		}
		p.hand(ctx, updates)
		p.settle(ctx)
	}
	return nil
}

// Silence is how long no poll was answered; 0 before there was one, and while
// Telegram posts its updates to us.
func (t *Telegram) Silence() time.Duration {
	last := t.heard.Load()
	if last == 0 {
		return 0
	}
	return t.c.Clock().Sub(time.Unix(0, last))
}

// trouble waits after a poll that failed and returns the next pause.
func (t *Telegram) trouble(ctx context.Context, err error, wait time.Duration) time.Duration {
	var refused *refusal
	level := t.c.Log.Warn
	if errors.As(err, &refused) {
		switch refused.code {
		case http.StatusConflict:
			// Another program polls with our token, or has set a webhook: somebody
			// must look, and trying faster would make it worse.
			t.c.Log.Error("another program receives with our Telegram token")
			pause(ctx, lastPause)
			return wait
		case http.StatusUnauthorized, http.StatusNotFound:
			level = t.c.Log.Error
			wait = lastPause
		case http.StatusTooManyRequests:
			pause(ctx, refused.after)
			return wait
		}
	}
	level("telegram does not give us updates", "error", describe(err))
	pause(ctx, wait)
	return min(2*wait, lastPause)
}

// refusal is an answer of Telegram's that is no.
type refusal struct {
	code  int
	after time.Duration
}

// Error names the code and nothing else.
func (r *refusal) Error() string { return fmt.Sprintf("telegram answers %d", r.code) }

// answer is what every call of the Bot API comes to.
type answer struct {
	OK         bool            `json:"ok"`
	Result     json.RawMessage `json:"result"`
	ErrorCode  int             `json:"error_code"`
	Parameters struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

// updates asks for the updates from an offset on, and waits for them.
func (t *Telegram) updates(ctx context.Context, offset int64) ([]*models.Update, error) {
	ctx, cancel := context.WithTimeout(ctx, t.c.Wait+pollSlack)
	defer cancel()
	body, err := json.Marshal(map[string]any{"offset": offset, "limit": maxBatch, "timeout": int(t.c.Wait.Seconds()), "allowed_updates": allowed()})
	if err != nil {
		return nil, fmt.Errorf("write the poll: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.api+"/bot"+t.c.Token+"/getUpdates", bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address of the Bot API cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := t.client.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, withoutURL(err)
	}
	return decodeUpdates(data, response.StatusCode)
}

// decodeUpdates reads the answer to a poll.
func decodeUpdates(data []byte, status int) ([]*models.Update, error) {
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, &refusal{code: status}
	}
	if !a.OK {
		return nil, &refusal{code: a.ErrorCode, after: time.Duration(a.Parameters.RetryAfter) * time.Second}
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(a.Result, &raw); err != nil {
		return nil, errors.New("the updates are not a list")
	}
	updates := make([]*models.Update, 0, len(raw))
	for _, one := range raw {
		u := &models.Update{}
		if err := json.Unmarshal(one, u); err != nil {
			// What cannot be read now cannot be read later: only its id matters, so
			// that it does not stand in the way of the rest.
			var id struct {
				ID int64 `json:"update_id"`
			}
			if json.Unmarshal(one, &id) != nil {
				continue
			}
			u = &models.Update{ID: id.ID}
		}
		updates = append(updates, u)
	}
	return updates, nil
}

// withoutURL takes the address, which holds the token, out of an error.
func withoutURL(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}
