package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// taken keeps the updates that an adapter hands over, and refuses some.
type taken struct {
	mu     sync.Mutex
	all    []bot.Inbound
	behind []string // texts that waited behind another
	tries  map[string]int
	refuse func(bot.Inbound) error
}

// accept keeps an update.
func (k *taken) accept(_ context.Context, in bot.Inbound) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if in.Behind {
		k.behind = append(k.behind, in.Text)
		return errors.New("an earlier one was not taken yet")
	}
	if k.tries == nil {
		k.tries = map[string]int{}
	}
	k.tries[in.Text]++
	if k.refuse != nil {
		if err := k.refuse(in); err != nil {
			return err
		}
	}
	k.all = append(k.all, in)
	return nil
}

// texts are the texts that were taken, in order.
func (k *taken) texts() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	for _, in := range k.all {
		out = append(out, in.Text)
	}
	return out
}

// TestNotAcknowledgedUntilAccepted holds that the offset stays before an update
// that was not accepted, that it comes again until it is, and that other chats and
// the order within the chat do not suffer.
func TestNotAcknowledgedUntilAccepted(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	away := 3
	k := &taken{}
	k.refuse = func(in bot.Inbound) error {
		if in.Chat == "1" && in.Text == "a" && away > 0 {
			away--
			return errors.New("the store is away")
		}
		return nil
	}
	for _, m := range []struct {
		chat int64
		text string
	}{{1, "a"}, {2, "x"}, {1, "b"}} {
		server.Says(m.chat, m.text)
	}
	receive(t, adapter(t, server, telegram.Config{}), k.accept)
	last := server.Says(1, "c")
	if err := server.Confirmed(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	one, others := "", ""
	for _, in := range k.all {
		if in.Chat == "1" {
			one += in.Text
		} else {
			others += in.Text
		}
	}
	if one != "abc" || others != "x" {
		t.Errorf("taken: %s, and %s of the others", one, others)
	}
}

// TestIdsBeginAnew holds that updates are not lost when their ids begin anew below
// the old ones, as they do after a quiet week.
func TestIdsBeginAnew(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := &taken{}
	receive(t, adapter(t, server, telegram.Config{Wait: time.Second}), k.accept)
	if err := server.Confirmed(t.Context(), server.Says(1, "high")); err != nil {
		t.Fatal(err)
	}
	server.Deliver(17, "message", map[string]any{"message_id": 1, "date": 1, "text": "low",
		"from": map[string]any{"id": 1}, "chat": map[string]any{"id": 1, "type": "private"}})
	storetest.Eventually(t, "the low id is taken", func(context.Context) error {
		if texts := k.texts(); len(texts) != 2 || texts[1] != "low" {
			return fmt.Errorf("taken: %v", texts)
		}
		return nil
	})
}

// TestGroupsAreLeft holds that nothing is taken from a group and that it is left.
func TestGroupsAreLeft(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := &taken{}
	receive(t, adapter(t, server, telegram.Config{}), k.accept)
	group := map[string]any{"id": -100, "type": "supergroup", "title": "class 9b"}
	person := map[string]any{"id": 5, "is_bot": false, "first_name": "x"}
	server.Update("message", map[string]any{"message_id": 1, "date": 1, "from": person, "chat": group, "text": "i want to die"})
	last := server.Update("my_chat_member", map[string]any{"chat": group, "from": person, "date": 1,
		"old_chat_member": map[string]any{"status": "left", "user": person}, "new_chat_member": map[string]any{"status": "member", "user": person}})
	if err := server.Confirmed(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "it is left", func(context.Context) error {
		if n := server.Called("leaveChat"); n != 2 {
			return fmt.Errorf("left %d times", n)
		}
		return nil
	})
	if len(k.texts()) > 0 {
		t.Errorf("taken %v", k.texts())
	}
}

// TestOddUpdates holds that updates which are nobody's, or cannot be read, do not
// stand in the way of the next one.
func TestOddUpdates(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := &taken{}
	receive(t, adapter(t, server, telegram.Config{}), k.accept)
	private := map[string]any{"id": 5, "type": "private"}
	for _, body := range []map[string]any{
		{"message_id": "not a number"},
		{"message_id": 1, "date": 1, "chat": private},
		{"message_id": 1, "date": 1, "chat": private, "from": map[string]any{"id": 9, "is_bot": true}, "text": "from a bot"},
		{"message_id": 1, "date": 1, "chat": private, "from": map[string]any{"id": 5}, "message_auto_delete_timer_changed": map[string]any{"message_auto_delete_time": 1}},
	} {
		server.Update("message", body)
	}
	server.Update("poll", map[string]any{"id": "1"})
	if err := server.Confirmed(t.Context(), server.Says(5, "still there")); err != nil {
		t.Fatal(err)
	}
	if got := k.texts(); len(got) != 1 || got[0] != "still there" {
		t.Errorf("taken: %q", got)
	}
}

// TestDecode holds what each kind of update means.
func TestDecode(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := &taken{}
	receive(t, adapter(t, server, telegram.Config{}), k.accept)
	server.Says(7, "/start p42")
	server.Shows(7, "look at this")
	server.Edits(7, "changed")
	server.Taps(7, "1.ABCD2345.3.0") // the message is too old to be given
	server.Blocks(7, true)
	if err := server.Confirmed(t.Context(), server.Blocks(7, false)); err != nil {
		t.Fatal(err)
	}
	want := []bot.Inbound{
		{Happening: flows.Typed, Text: "/start p42", Locale: "en"}, {Happening: flows.Media, Text: "look at this", Locale: "en"},
		{Happening: flows.Edited, Text: "changed", Locale: "en"}, {Happening: flows.Tapped, Tap: "1.ABCD2345.3.0", Locale: "en"},
		{Happening: flows.Blocked}, {Happening: flows.Unblocked},
	}
	for i, in := range k.all {
		want[i].Channel, want[i].Chat, want[i].Update = "telegram", "7", fmt.Sprint(700_000_001+i)
		if in != want[i] {
			t.Errorf("update %d is %+v, want %+v", i, in, want[i])
		}
	}
}

// TestConflictIsAnAlarm holds that a second program with our token is reported,
// not fought.
func TestConflictIsAnAlarm(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	polls := 0
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "getUpdates") {
			mu.Lock()
			polls++
			mu.Unlock()
			rw.WriteHeader(http.StatusConflict)
			fmt.Fprint(rw, `{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}`)
			return
		}
		fmt.Fprint(rw, `{"ok":true,"result":true}`)
	}))
	t.Cleanup(server.Close)
	var log safeBuffer
	a, err := telegram.New(telegram.Config{Token: telegramtest.Token, API: server.URL, Library: bot.NewLibrary(nil, bottest.Bundle(t)),
		Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	receive(t, a, (&taken{}).accept)
	storetest.Eventually(t, "the alarm", func(context.Context) error {
		if !strings.Contains(log.String(), "another program receives with our Telegram token") {
			return errors.New("not yet")
		}
		return nil
	})
	mu.Lock()
	defer mu.Unlock()
	if polls != 1 || strings.Contains(log.String(), "test-token") {
		t.Errorf("%d polls; the log: %s", polls, log.String())
	}
}

// safeBuffer is a buffer for several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds to the buffer.
func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String is what was written.
func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestTokenIsNeverLogged holds that no trouble brings the token into the log.
func TestTokenIsNeverLogged(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	a, err := telegram.New(telegram.Config{Token: telegramtest.Token, API: "http://127.0.0.1:1", Library: bot.NewLibrary(nil, bottest.Bundle(t)),
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	receive(t, a, (&taken{}).accept)
	storetest.Eventually(t, "a line in the log", func(context.Context) error {
		if log.String() == "" {
			return errors.New("not yet")
		}
		return nil
	})
	_, err = a.Send(t.Context(), "1", bot.Message{Text: "hello"})
	if all := log.String() + fmt.Sprint(err); err == nil || strings.Contains(all, "test-token") || strings.Contains(all, "hello") {
		t.Errorf("%v, log: %s", err, all)
	}
}

// webhook is an adapter behind its handler, served.
func webhook(t *testing.T, k *taken) (*telegramtest.Server, *telegram.Telegram) {
	t.Helper()
	server := telegramtest.Start(t)
	site := httptest.NewUnstartedServer(nil)
	a := adapter(t, server, telegram.Config{Webhook: "http://" + site.Listener.Addr().String() + "/telegram/webhook", Secret: "s3cret"})
	site.Config.Handler = a.Handler()
	site.Start()
	t.Cleanup(site.Close)
	receive(t, a, k.accept)
	storetest.Eventually(t, "the webhook is registered", func(context.Context) error {
		if server.Registered() == "" {
			return errors.New("not yet")
		}
		return nil
	})
	return server, a
}

// TestWebhook holds that an update is answered 200 only after it was accepted and
// 503 until then.
func TestWebhook(t *testing.T) {
	t.Parallel()
	away := true
	k := &taken{}
	k.refuse = func(bot.Inbound) error {
		if away {
			return errors.New("the store is away")
		}
		return nil
	}
	server, _ := webhook(t, k)
	server.Says(1, "hello")
	for range 2 {
		if code, err := server.Post(t.Context()); err != nil || code != http.StatusServiceUnavailable {
			t.Fatalf("while the store is away: %d %v", code, err)
		}
	}
	away = false
	if code, err := server.Post(t.Context()); err != nil || code != http.StatusOK || len(k.texts()) != 1 {
		t.Errorf("afterwards: %d %v, taken %v", code, err, k.texts())
	}
}

// TestWebhookGuards holds that without the secret nothing is read, that too much
// is refused, and that what cannot be read does not come again.
func TestWebhookGuards(t *testing.T) {
	t.Parallel()
	k := &taken{}
	_, a := webhook(t, k)
	post := func(secret, body string) int {
		request := httptest.NewRequest(http.MethodPost, "/telegram/webhook", strings.NewReader(body))
		if secret != "" {
			request.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		}
		answer := httptest.NewRecorder()
		a.Handler().ServeHTTP(answer, request)
		return answer.Code
	}
	update := `{"update_id":1,"message":{"message_id":1,"date":1,"from":{"id":1},"chat":{"id":1,"type":"private"},"text":"hi"}}`
	for _, c := range []struct {
		secret, body string
		want         int
	}{
		{"", update, http.StatusUnauthorized}, {"wrong", update, http.StatusUnauthorized}, {"s3cre", update, http.StatusUnauthorized},
		{"s3cret", strings.Repeat(" ", 1<<20) + update, http.StatusRequestEntityTooLarge},
		{"s3cret", "not json", http.StatusOK}, {"s3cret", update, http.StatusOK},
	} {
		if got := post(c.secret, c.body); got != c.want {
			t.Errorf("secret %q, %d bytes: %d, want %d", c.secret, len(c.body), got, c.want)
		}
	}
	if len(k.texts()) != 1 {
		t.Errorf("taken: %v", k.texts())
	}
}

// TestRedraw holds that a question which is drawn anew changes its message, that
// doing it twice is no error, and that a message which is gone is sent anew.
func TestRedraw(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := &taken{}
	a := adapter(t, server, telegram.Config{})
	receive(t, a, k.accept)
	message := func(mark bool) bot.Message {
		r := flows.Reply{Seq: 5, Redraws: true, Blocks: []flows.Block{{Text: "Pick"}},
			Options: []flows.Button{{Label: "One", Data: "1.ABCD2345.5.+0", On: mark}}}
		return bot.Render(r, a.Channel())[0]
	}
	send := func(m bot.Message) {
		t.Helper()
		if _, err := a.Send(t.Context(), "9", m); err != nil {
			t.Fatal(err)
		}
	}
	send(message(false))
	if err := server.Confirmed(t.Context(), server.Taps(9, "1.ABCD2345.5.+0")); err != nil {
		t.Fatal(err)
	}
	send(message(true))
	send(message(true))
	screen := server.Screen(9)
	if len(screen) != 1 || screen[0].Keyboard[0][0].Text != "✓ One" {
		t.Fatalf("the screen: %+v", screen)
	}
	if err := a.Hide(t.Context(), "9", []string{fmt.Sprint(screen[0].ID), "nonsense"}); err != nil {
		t.Fatal(err)
	}
	send(message(true))
	if screen := server.Screen(9); len(screen) != 1 || screen[0].Edits != 0 {
		t.Errorf("after the message was deleted: %+v", screen)
	}
}

// TestMenu holds that the commands of contract.md are registered, each with its
// words.
func TestMenu(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	receive(t, adapter(t, server, telegram.Config{}), (&taken{}).accept)
	storetest.Eventually(t, "the menu", func(context.Context) error {
		if server.Called("setMyShortDescription") == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	var list []struct{ Command, Description string }
	if err := json.Unmarshal(server.Sent("setMyCommands", "commands"), &list); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range list {
		names = append(names, c.Command)
		if c.Description == "" {
			t.Errorf("%s has no words", c.Command)
		}
	}
	for _, want := range []string{"start", "help", "privacy", "mydata", "delete", "withdraw", "stop", "hide", "human", "back", "restart", "language"} {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+want+" ") {
			t.Errorf("the menu has no /%s: %v", want, names)
		}
	}
}

// TestSettings holds which tokens are refused, without being repeated.
func TestSettings(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "nonsense", "abc:def", "654321:", ":secret"} {
		_, err := telegram.New(telegram.Config{Token: token})
		if err == nil || token != "" && strings.Contains(err.Error(), token) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

// FuzzUpdate holds that no posted update breaks the adapter.
func FuzzUpdate(f *testing.F) {
	for _, seed := range []string{
		`{"update_id":1,"message":{"message_id":1,"from":{"id":1},"chat":{"id":1,"type":"private"},"text":"hi"}}`,
		`{"update_id":1,"callback_query":{"id":"1","from":{"id":1},"message":{"chat":{"id":1,"type":"private"},"message_id":1,"date":0},"data":"x"}}`,
		`{"update_id":1,"callback_query":{"id":"1","from":{"id":1}}}`, `{"my_chat_member":{}}`, `{"edited_message":{"chat":{}}}`, `[]`, `null`,
		`{"update_id":1,"my_chat_member":{"chat":{"id":1,"type":"private"},"new_chat_member":{"status":"kicked"}}}`,
	} {
		f.Add([]byte(seed))
	}
	server := telegramtest.Start(f)
	a := adapter(f, server, telegram.Config{Webhook: "https://x.example/telegram/webhook", Secret: "s3cret"})
	k := &taken{}
	receive(f, a, k.accept)
	storetest.Eventually(f, "ready", func(context.Context) error {
		if server.Called("setMyShortDescription") == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	f.Fuzz(func(t *testing.T, body []byte) {
		request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		request.Header.Set("X-Telegram-Bot-Api-Secret-Token", "s3cret")
		answer := httptest.NewRecorder()
		a.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			t.Errorf("%q: %d", body, answer.Code)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, in := range k.all {
			if in.Chat == "" || in.Channel != "telegram" {
				t.Errorf("%q became %+v", body, in)
			}
		}
		k.all = nil
	})
}
