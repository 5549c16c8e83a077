package discord_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// signer is Discord's key in these tests, and stranger somebody else's.
var (
	signer   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	stranger = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

// endpoint is an adapter behind its handler, at a time that stands still.
func endpoint(t *testing.T, server *discordtest.Server) (*discord.Discord, http.Handler) {
	t.Helper()
	a := adapter(t, server, discord.Config{PublicKey: hex.EncodeToString(signer.Public().(ed25519.PublicKey)), Clock: new(clock).now})
	return a, a.Handler()
}

// posted is a request as Discord signs it, written at a time.
func posted(t *testing.T, body []byte, at time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/discord/interactions", bytes.NewReader(body))
	stamp := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("X-Signature-Timestamp", stamp)
	r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(signer, append([]byte(stamp), body...))))
	return r
}

// post posts a body and returns the answer.
func post(t *testing.T, h http.Handler, body any) *httptest.ResponseRecorder {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, posted(t, raw, storetest.Monday))
	return answer
}

// TestEndpoint holds that what Discord posts is answered in the body, that what it
// means is taken, and that a message takes the place of what was answered.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	a, h := endpoint(t, server)
	receive(t, server, a, k.accept)
	if answer := post(t, h, map[string]any{"id": "1", "type": 1}); answer.Code != http.StatusOK || answer.Body.String() != `{"type":1}` {
		t.Errorf("a ping is answered %d %s", answer.Code, answer.Body)
	}
	command := server.Interaction(user, 2, map[string]any{"id": "1", "name": "start", "type": 1,
		"options": []any{map[string]any{"name": "source", "type": 3, "value": "p42"}}})
	answer := post(t, h, command)
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/json" {
		t.Errorf("a command is answered %d %v", answer.Code, answer.Header())
	}
	server.Posted(command["token"].(string), answer.Body.Bytes())
	k.wants(t, "/start p42")
	if _, err := a.Send(t.Context(), discordtest.Chat(user), bot.Message{ID: "1", Text: "Welcome"}); err != nil {
		t.Fatal(err)
	}
	if screen := server.Screen(discordtest.Chat(user)); len(screen) != 1 || screen[0].Content != "Welcome" {
		t.Errorf("the screen: %+v", screen)
	}
	button := server.Interaction(user, 3, map[string]any{"custom_id": "1.ABCD2345.3.0", "component_type": 2})
	for range 2 { // once more is a replay
		if answer := post(t, h, button); answer.Code != http.StatusOK || answer.Body.String() != `{"type":6}` {
			t.Errorf("a button is answered %d %s", answer.Code, answer.Body)
		}
	}
	k.wants(t, "/start p42", "")
	want := bot.Inbound{Happening: flows.Tapped, Channel: "discord", Chat: discordtest.Chat(user), Update: "i" + button["id"].(string),
		Tap: "1.ABCD2345.3.0", Locale: "en-GB"}
	if got := k.updates()[1]; got != want {
		t.Errorf("taken %+v, want %+v", got, want)
	}
	if n := server.Called("callback"); n != 0 {
		t.Errorf("%d interactions were answered twice", n)
	}
}

// TestEndpointGuards holds that only Discord is believed, and only what it wrote
// just now.
func TestEndpointGuards(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	a, h := endpoint(t, server)
	receive(t, server, a, k.accept)
	now := storetest.Monday
	good, err := json.Marshal(server.Interaction(user, 3, map[string]any{"custom_id": "x", "component_type": 2}))
	if err != nil {
		t.Fatal(err)
	}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	const signature, stamp = "X-Signature-Ed25519", "X-Signature-Timestamp"
	for name, c := range map[string]struct {
		body   []byte
		at     time.Time
		change func(*http.Request)
		want   int
	}{
		"good":               {body: good, at: now, want: http.StatusOK},
		"just in time":       {body: good, at: now.Add(-5 * time.Minute), want: http.StatusOK},
		"old":                {body: good, at: now.Add(-5*time.Minute - time.Second), want: http.StatusUnauthorized},
		"of the future":      {body: good, at: now.Add(5*time.Minute + time.Second), want: http.StatusUnauthorized},
		"of no time":         {body: good, at: now, change: header(stamp, ""), want: http.StatusUnauthorized},
		"of an odd time":     {body: good, at: now, change: header(stamp, "99999999999999999999"), want: http.StatusUnauthorized},
		"of another time":    {body: good, at: now, change: header(stamp, strconv.FormatInt(now.Unix()+1, 10)), want: http.StatusUnauthorized},
		"not signed":         {body: good, at: now, change: header(signature, ""), want: http.StatusUnauthorized},
		"signed in words":    {body: good, at: now, change: header(signature, "signed"), want: http.StatusUnauthorized},
		"signed too short":   {body: good, at: now, change: header(signature, "ab"), want: http.StatusUnauthorized},
		"signed by nobody":   {body: good, at: now, change: header(signature, strings.Repeat("00", 64)), want: http.StatusUnauthorized},
		"signed by somebody": {body: good, at: now, change: resign(stranger, good), want: http.StatusUnauthorized},
		"other words":        {body: good, at: now, change: resign(signer, []byte("{}")), want: http.StatusUnauthorized},
		"too much":           {body: append(bytes.Repeat([]byte(" "), 1<<20), good...), at: now, want: http.StatusRequestEntityTooLarge},
		"not JSON":           {body: []byte("hello"), at: now, want: http.StatusBadRequest},
		"nothing":            {body: []byte("{}"), at: now, want: http.StatusBadRequest},
	} {
		r := posted(t, c.body, c.at)
		if c.change != nil {
			c.change(r)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code != c.want {
			t.Errorf("%s: %d, want %d", name, answer.Code, c.want)
		}
	}
	k.wants(t, "")
}

// resign signs other words, or with another key.
func resign(key ed25519.PrivateKey, body []byte) func(*http.Request) {
	return func(r *http.Request) {
		stamp := r.Header.Get("X-Signature-Timestamp")
		r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(key, append([]byte(stamp), body...))))
	}
}

// TestEndpointOff holds that without a key there is no endpoint, and that nothing
// is acknowledged while nobody takes it.
func TestEndpointOff(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	button := server.Interaction(user, 3, map[string]any{"custom_id": "x", "component_type": 2})
	if answer := post(t, adapter(t, server, discord.Config{}).Handler(), button); answer.Code != http.StatusNotFound {
		t.Errorf("without a key: %d", answer.Code)
	}
	a, h := endpoint(t, server)
	if answer := post(t, h, button); answer.Code != http.StatusServiceUnavailable {
		t.Errorf("before updates are taken: %d", answer.Code)
	}
	if answer := post(t, h, map[string]any{"type": 1}); answer.Code != http.StatusOK {
		t.Errorf("a ping meanwhile: %d", answer.Code)
	}
	receive(t, server, a, (&taken{}).accept)()
	if answer := post(t, h, button); answer.Code != http.StatusServiceUnavailable {
		t.Errorf("afterwards: %d", answer.Code)
	}
}

// FuzzInteraction holds that no payload breaks the decoder, that nothing of a
// server or of a bot is taken for a private chat, and that what is said in a
// server is for one person alone.
func FuzzInteraction(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","token":"t","type":2,"channel_id":"7","user":{"id":"2"},"data":{"id":"1","name":"start","options":[{"name":"source","value":"p"}]}}`,
		`{"id":"1","token":"t","type":2,"channel_id":"7","guild_id":"8","member":{"user":{"id":"2"}},"data":{"id":"1","name":"start"}}`,
		`{"id":"1","type":2,"channel_id":"7","guild_id":"8","member":{},"user":{},"data":{"name":"help"},"locale":"pl"}`,
		`{"id":"1","type":2,"channel_id":"7","member":{"user":null},"data":{"name":"start"}}`,
		`{"id":"1","type":3,"channel_id":"7","user":{"id":"2"},"data":{"custom_id":"pick:1.ABCD2345.3.+0","values":["-1","64","x"]}}`,
		`{"id":"1","type":3,"channel_id":"7","user":{"id":"2"},"data":{"custom_id":"pick:1.ABCD2345.3.+0","values":["1","2"]}}`,
		`{"id":"1","type":3,"channel_id":"7","user":{"id":"2"},"data":{"custom_id":"line:0","values":["1.ABCD2345.3.x2"]}}`,
		`{"id":"1","type":3,"channel_id":"7","user":{"id":"2"},"data":{"custom_id":"form:"},"message":{"components":[{"type":18}]}}`,
		`{"id":"1","type":5,"channel_id":"7","user":{"id":"2"},"data":{"custom_id":"form:x","components":[{"type":1,"components":[{"type":4,"value":"v"}]}]}}`,
		`{"id":"1","type":5,"channel_id":"7","user":{"id":"2"},"data":{"components":[{"type":1,"components":[]},{"type":4},null]}}`,
		`{"id":"1","channel_id":"7","type":0,"content":"hi","author":{"id":"2"}}`, `{"id":"1","channel_id":"7","content":"hi","author":{"id":"2","bot":true}}`,
		`{"id":"1","channel_id":"7","guild_id":"8","content":"hi","author":{"id":"2"}}`, `{"id":"1","channel_id":"7","author":{},"attachments":[null]}`,
		`{"id":"1","channel_id":"7","author":{},"edited_timestamp":"2026-11-23T10:01:00.000000+00:00"}`, `{"type":4}`, `[]`, `null`, `{"data":7}`,
	} {
		f.Add([]byte(seed))
	}
	a := adapter(f, discordtest.Start(f), discord.Config{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var raw struct {
			Guild  string          `json:"guild_id"`
			Member json.RawMessage `json:"member"`
			Author struct {
				Bot bool `json:"bot"`
			} `json:"author"`
		}
		_ = json.Unmarshal(payload, &raw)
		got := a.Decode(payload)
		for _, in := range got.Updates {
			if in.Chat == "" || in.Channel != "discord" || len(in.Update) < 2 || raw.Guild != "" || raw.Author.Bot {
				t.Errorf("%q became %+v", payload, in)
			}
		}
		data, _ := got.Answer["data"].(map[string]any)
		if raw.Guild != "" && got.Answer != nil && data["flags"] != 64 {
			t.Errorf("%q is answered %v for all to see", payload, got.Answer)
		}
		if _, err := json.Marshal(got.Answer); err != nil {
			t.Errorf("%q: %v", payload, err)
		}
	})
}

// TestShownInPlace holds that an answer at the endpoint is on its way before
// anything takes its place, also when that comes from memory, while the update is
// still being taken.
func TestShownInPlace(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a, h := endpoint(t, server)
	answer := httptest.NewRecorder()
	flushed := make(chan bool, 1)
	receive(t, server, a, func(ctx context.Context, in bot.Inbound) error {
		_, err := a.Send(ctx, in.Chat, bot.Message{ID: "1", Text: "from memory"})
		flushed <- answer.Flushed
		return err
	})
	raw, err := json.Marshal(server.Interaction(user, 2, map[string]any{"id": "1", "name": "help", "type": 1}))
	if err != nil {
		t.Fatal(err)
	}
	h.ServeHTTP(answer, posted(t, raw, storetest.Monday))
	if !<-flushed {
		t.Error("a message was sent before the answer in whose place it belongs")
	}
}

// TestEndpointConfirmsWhatWasTaken holds that an interaction is answered after it was
// taken in.
func TestEndpointConfirmsWhatWasTaken(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a, h := endpoint(t, server)
	answers := map[int]*httptest.ResponseRecorder{2: httptest.NewRecorder(), 3: httptest.NewRecorder()}
	early := make(chan bool, len(answers))
	var kind int
	receive(t, server, a, func(context.Context, bot.Inbound) error {
		early <- answers[kind].Body.Len() > 0
		return nil
	})
	for _, kind = range []int{2, 3} {
		raw, err := json.Marshal(server.Interaction(user, kind, map[string]any{"id": "1", "name": "help", "type": 1, "custom_id": "x", "component_type": 2}))
		if err != nil {
			t.Fatal(err)
		}
		h.ServeHTTP(answers[kind], posted(t, raw, storetest.Monday))
		if <-early || answers[kind].Body.Len() == 0 {
			t.Errorf("kind %d was answered before it was taken, or not at all", kind)
		}
	}
}
