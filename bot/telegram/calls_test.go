package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
)

// line answers calls in a test's own time.
type line struct {
	mu    sync.Mutex
	calls map[string][]time.Time // by method
	// answer is what the nth call of a method is answered.
	answer func(method string, nth int) (status int, body string)
	log    safeBuffer
}

const (
	// hang is a call that is not answered.
	hang = 0
	// maxCalls is how often one method is answered.
	maxCalls = 10_000
)

// RoundTrip answers a call.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	// Closed unread, so that whoever writes it ends.
	if err := r.Body.Close(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	method := path.Base(r.URL.Path)
	l.calls[method] = append(l.calls[method], time.Now())
	status, body := l.answer(method, len(l.calls[method]))
	if len(l.calls[method]) > maxCalls {
		status, body = hang, "" // so that a loop without pauses ends, and is seen
	}
	l.mu.Unlock()
	switch {
	case body == "wait": // as a poll that brings nothing does
		body = `{"ok":true,"result":[]}`
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(50 * time.Second):
		}
	case body == "reset":
		return nil, errors.New("connection reset")
	case status == hang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	answer := httptest.NewRecorder()
	answer.WriteHeader(status)
	if _, err := io.WriteString(answer, body); err != nil {
		return nil, err
	}
	return answer.Result(), nil
}

// called is how often a method was called.
func (l *line) called(method string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.calls[method])
}

// over lets an adapter receive over a line for a while of the test's own time.
func (l *line) over(t *testing.T, config telegram.Config, accept bot.Accept, during func(*telegram.Telegram)) {
	t.Helper()
	l.calls = map[string][]time.Time{}
	config.Token, config.Library = telegramtest.Token, bot.NewLibrary(nil, bottest.Bundle(t))
	config.Log = slog.New(slog.NewTextHandler(&l.log, nil))
	a, err := telegram.NewOver(config, l)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Receive(ctx, accept) }()
	during(a)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// passes lets time go by in a bubble.
func passes(t *testing.T, d time.Duration) {
	t.Helper()
	<-time.After(d)
	synctest.Wait()
}

const (
	// groupUpdate is an update of a group, hello one of a person.
	groupUpdate = `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":-100,"type":"group"},"text":"x","from":{"id":5}}}`
	hello       = `{"update_id":2,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"text":"hello","from":{"id":5}}}`
	done        = `{"ok":true,"result":true}`
)

// TestNoCallHoldsReceptionUp holds that updates are received whatever other call
// Telegram never answers; that what says how updates come and what the menu is are tried
// again, without haste, until they are taken; and that a group is tried to be left twice.
func TestNoCallHoldsReceptionUp(t *testing.T) {
	t.Parallel()
	for _, stuck := range []string{"", "deleteWebhook", "setMyCommands", "setMyShortDescription", "leaveChat", "all of them"} {
		t.Run("stuck: "+stuck, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { receivesWhile(t, stuck) })
		})
	}
}

// receivesWhile receives while a call hangs for ten minutes.
func receivesWhile(t *testing.T, stuck string) {
	k, well := &taken{}, false
	l := &line{answer: func(method string, nth int) (int, string) {
		switch {
		case method == "getUpdates" && nth == 1:
			return http.StatusOK, `{"ok":true,"result":[` + groupUpdate + `,` + hello + `]}`
		case method == "getUpdates":
			return http.StatusOK, "wait"
		case !well && (method == stuck || stuck == "all of them"):
			return hang, ""
		}
		return http.StatusOK, done
	}}
	l.over(t, telegram.Config{}, k.accept, func(*telegram.Telegram) {
		passes(t, 11*time.Second)
		if got := k.texts(); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("after eleven seconds it has received %q", got)
		}
		passes(t, 10*time.Minute)
		l.mu.Lock()
		well = true
		l.mu.Unlock()
		before := map[string]int{}
		for _, method := range []string{"deleteWebhook", "setMyCommands", "setMyShortDescription", "leaveChat"} {
			n := l.called(method)
			before[method] = n
			hung := method == stuck || stuck == "all of them"
			switch {
			case strings.HasPrefix(method, "setMy") && strings.HasPrefix(stuck, "setMy") && method != stuck: // tried, or not, with it
			case method == "setMyShortDescription" && hung && stuck != method: // comes after the commands
			case !hung && n != 1, method == "leaveChat" && hung && n != 2, hung && (n < 2 || n > 25):
				t.Errorf("%s was called %d times", method, n)
			}
		}
		passes(t, time.Hour)
		for _, method := range []string{"deleteWebhook", "setMyCommands", "setMyShortDescription"} {
			if hung := method == stuck || stuck == "all of them"; hung && l.called(method) != before[method]+1 {
				t.Errorf("%s was called %d times after it was well", method, l.called(method)-before[method])
			}
		}
	})
	if loud := l.log.String() != ""; loud != (stuck != "") || strings.Contains(l.log.String(), "test-token") {
		t.Errorf("the log: %s", l.log.String())
	}
}

// TestMenuWaits holds that the menu waits as long as Telegram asks.
func TestMenuWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{answer: func(method string, nth int) (int, string) {
			switch {
			case method == "getUpdates":
				return http.StatusOK, "wait"
			case method == "setMyCommands" && nth == 1:
				return http.StatusTooManyRequests, `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":60}}`
			}
			return http.StatusOK, done
		}}
		l.over(t, telegram.Config{}, (&taken{}).accept, func(*telegram.Telegram) {
			passes(t, 59*time.Second)
			if n := l.called("setMyCommands"); n != 1 {
				t.Errorf("called %d times in the first minute", n)
			}
			passes(t, 2*time.Second)
			if n := l.called("setMyShortDescription"); n != 1 {
				t.Error("the menu is not there after the minute")
			}
		})
	})
}

// TestPollsAreKind holds, for each way in which Telegram, or what stands in between, may
// not give updates: how often it is asked in ten minutes, that the log says so, and that
// updates are received within a pause after it is well again.
func TestPollsAreKind(t *testing.T) {
	t.Parallel()
	const page = "<html><body>secret words</body></html>"
	refusal := func(code int, more string) string {
		return fmt.Sprintf(`{"ok":false,"error_code":%d,"description":"secret words"%s}`, code, more)
	}
	after := func(seconds int) string { return fmt.Sprintf(`,"parameters":{"retry_after":%d}`, seconds) }
	for name, c := range map[string]struct {
		status int
		body   string
		most   int           // polls in ten minutes
		soon   time.Duration // until updates come
		log    string
	}{
		"429 without a time":      {429, refusal(429, ""), 26, 30 * time.Second, "level=WARN"},
		"429 of a proxy":          {429, page, 26, 30 * time.Second, "level=WARN"},
		"429 with a short time":   {429, refusal(429, after(1)), 26, 30 * time.Second, "level=WARN"},
		"429 with a time":         {429, refusal(429, after(120)), 6, 2 * time.Minute, "level=WARN"},
		"429 with an absurd time": {429, refusal(429, after(1_000_000)), 3, 5 * time.Minute, "level=WARN"},
		"401":                     {401, refusal(401, ""), 21, 30 * time.Second, "level=ERROR"},
		"404":                     {404, page, 21, 30 * time.Second, "level=ERROR"},
		"409":                     {409, refusal(409, ""), 26, 30 * time.Second, "another program"},
		"500":                     {500, refusal(500, ""), 26, 30 * time.Second, "level=WARN"},
		"502 of a proxy":          {502, page, 26, 30 * time.Second, "level=WARN"},
		"no without a code":       {200, `{"ok":false}`, 26, 30 * time.Second, "level=WARN"},
		"a page":                  {200, page, 26, 30 * time.Second, "level=WARN"},
		"cut off":                 {200, `{"ok":true,"result":[{"update_id":`, 26, 30 * time.Second, "level=WARN"},
		"no list":                 {200, `{"ok":true,"result":{}}`, 26, 30 * time.Second, "level=WARN"},
		"no connection":           {200, "reset", 26, 30 * time.Second, "level=WARN"},
		"no answer":               {hang, "", 11, 90 * time.Second, "level=WARN"},
		"empty at once":           {200, `{"ok":true,"result":[]}`, 601, time.Second, ""},
		"null at once":            {200, `{"ok":true,"result":null}`, 601, time.Second, ""},
		"the same again":          {200, `{"ok":true,"result":[` + groupUpdate + `]}`, 4002, time.Second, ""},
		"as it should be":         {200, "wait", 13, 50 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k, well, again := &taken{}, false, 0
				l := &line{answer: func(method string, _ int) (int, string) {
					switch {
					case method != "getUpdates":
						return http.StatusOK, done
					case well && again > 0:
						return http.StatusOK, "wait"
					case well:
						again++
						return http.StatusOK, `{"ok":true,"result":[` + hello + `]}`
					}
					return c.status, c.body
				}}
				l.over(t, telegram.Config{}, k.accept, func(*telegram.Telegram) {
					passes(t, 10*time.Minute)
					if n := l.called("getUpdates"); n > c.most || n < c.most/2 {
						t.Errorf("asked %d times, at most %d are kind", n, c.most)
					}
					l.mu.Lock()
					well = true
					l.mu.Unlock()
					passes(t, c.soon)
					if got := k.texts(); !slices.Equal(got, []string{"hello"}) {
						t.Errorf("received %q once it was well", got)
					}
				})
				if log := l.log.String(); !strings.Contains(log, c.log) || (c.log == "") != (log == "") || strings.Contains(log, "secret") {
					t.Errorf("the log: %s", log)
				}
			})
		})
	}
}
