package telegram

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	// emptyEvery is how soon Telegram is asked again after an answer without updates
	// that came at once, as from a server that does not wait for them.
	emptyEvery = time.Second
)

// poll asks for updates until ctx ends. The offset moves past an update only after
// it was accepted, see poller for the one exception.
func (t *Telegram) poll(ctx context.Context, accept bot.Accept) error {
	p := newPoller(t, accept)
	defer p.work.Wait()
	wait := firstPause
	for ctx.Err() == nil {
		began := t.c.Clock()
		from := p.offset()
		updates, err := t.updates(ctx, from)
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
			t.rest(ctx, began, emptyEvery)
			continue
		}
		news := p.hand(ctx, updates, from)
		p.settle(ctx)
		if !news {
			t.rest(ctx, began, againAfter)
		}
	}
	return nil
}

// rest waits so that polls which bring nothing new do not follow each other faster
// than one in a while.
func (t *Telegram) rest(ctx context.Context, began time.Time, every time.Duration) {
	if left := every - t.c.Clock().Sub(began); left > 0 {
		pause(ctx, left)
	}
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

// trouble waits after a poll that failed, at least as long as Telegram asks, and
// returns the next pause.
func (t *Telegram) trouble(ctx context.Context, err error, wait time.Duration) time.Duration {
	level, problem := slog.LevelWarn, "telegram does not give us updates"
	var refused *refusal
	if errors.As(err, &refused) {
		switch refused.code {
		case http.StatusConflict:
			// Another program polls with our token, or has set a webhook: somebody
			// must look. One that only just stops is not waited for longer than needed:
			// meanwhile nobody is heard.
			level, problem = slog.LevelError, "another program receives with our Telegram token"
		case http.StatusUnauthorized, http.StatusNotFound:
			level, wait = slog.LevelError, lastPause
		}
	}
	t.c.Log.Log(ctx, level, problem, "error", describe(err))
	pause(ctx, max(wait, asked(err)))
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
	err := json.Unmarshal(data, &a)
	switch {
	case err != nil && status == http.StatusOK:
		return nil, errors.New("the answer cannot be read") // its error may hold words
	case err != nil: // a proxy speaks for Telegram
		return nil, &refusal{code: status}
	case !a.OK:
		return nil, &refusal{code: cmp.Or(a.ErrorCode, status), after: time.Duration(a.Parameters.RetryAfter) * time.Second}
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
