package webchat_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/platformtest"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/bot/webchat"
	"github.com/star-house/frontdoor/flows"
)

// visitor is a person whose page listens, as a browser with script does.
type visitor struct {
	t        *testing.T
	accept   bot.Accept
	platform *noting
	pages    http.Handler
	sent     int        // forms
	form     url.Values // the last one
	path     string     // where it went
	last     string     // the last message that was seen
	stop     func()
}

// visitorChat is the chat of the visitor's cookie.
const visitorChat = "00000000000000000000000000001001"

// noting passes everything on to the page and notes what a page does not tell: the
// names of buttons in the script, and who of the staff wrote.
type noting struct {
	bot.Platform
	mu    sync.Mutex
	names map[string]string // by a button's data
	from  map[string]string // by what a page calls them
}

// Send notes what is in a message.
func (n *noting) Send(ctx context.Context, chat string, m bot.Message) (string, error) {
	n.mu.Lock()
	for _, b := range append(append([]flows.Button{}, m.Reply.Options...), m.Reply.Last...) {
		n.names[b.Data] = b.ID
	}
	for _, block := range m.Reply.Blocks {
		for _, line := range block.Lines {
			n.names[line.Change.Data] = line.Change.ID
		}
	}
	if m.Reply.From != "" {
		n.from[m.Reply.Blocks[0].Text] = m.Reply.From
	}
	n.mu.Unlock()
	return n.Platform.Send(ctx, chat, m)
}

// Enter makes the page over the world's store and lets it receive until the test ends.
func (v *visitor) Enter(w *transcript.World) error {
	page, err := webchat.New(webchat.Config{Public: "http://chat.example", Store: w.Store, Library: w.Library, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	v.platform = &noting{Platform: page, names: map[string]string{}, from: map[string]string{}}
	v.pages = page.Handler()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	begun := make(chan struct{}) // the page waits with this until it receives
	go func() {
		ended <- page.Receive(ctx, func(ctx context.Context, in bot.Inbound) error {
			if in.Chat != visitorChat {
				close(begun)
				return nil
			}
			return v.accept(ctx, in)
		})
	}()
	v.post("/say", url.Values{"text": {"hello"}}, nil)
	<-begun
	v.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			v.t.Error(err)
		}
	})
	v.t.Cleanup(v.stop)
	return nil
}

// post sends a form as the script of the page does.
func (v *visitor) post(path string, form url.Values, cookie *http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://chat.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Listens", "1")
	if cookie != nil {
		r.AddCookie(cookie)
	}
	answer := httptest.NewRecorder()
	v.pages.ServeHTTP(answer, r)
	return answer
}

// Platform is the page.
func (v *visitor) Platform() bot.Platform { return v.platform }

// Chat is what the cookie says.
func (v *visitor) Chat() string { return visitorChat }

// cookie is the visitor's.
func (v *visitor) cookie() *http.Cookie { return &http.Cookie{Name: "chat", Value: visitorChat} }

// Act sends a form.
func (v *visitor) Act(_ context.Context, a transcript.Act) error {
	v.sent++
	v.path, v.form = "/say", url.Values{"nonce": {fmt.Sprintf("%032x", v.sent)}}
	if a.Happening == flows.Opened && v.sent > 1 { // a page that has a chat has no door
		a = transcript.Act{Happening: flows.Typed, Text: "/start"}
	}
	switch a.Happening {
	case flows.Opened:
		v.path = "/start"
		v.form.Set("source", a.Link)
	case flows.Typed:
		v.form.Set("text", a.Text)
	case flows.Tapped:
		v.form.Set("tap", a.Button.Data)
	default:
		return fmt.Errorf("a page has no way to do this: %s", a.Happening)
	}
	return v.again()
}

// again sends the last form, perhaps once more.
func (v *visitor) again() error {
	if answer := v.post(v.path, v.form, v.cookie()); answer.Code != http.StatusNoContent {
		return fmt.Errorf("the page answers %d", answer.Code)
	}
	return nil
}

// oneLook is an answer to a stream that hangs up when the first news were sent.
type oneLook struct {
	*httptest.ResponseRecorder
	hangUp func()
}

// FlushError hangs up.
func (o oneLook) FlushError() error {
	o.hangUp()
	return nil
}

// What a piece of page is made of.
var (
	article  = regexp.MustCompile(`(?s)<article class="said( worker)?".*?<h2>(.*?)</h2>(.*?)</article>`)
	tapped   = regexp.MustCompile(`name="tap" value="([^"]+)"[^>]*>([^<]*)</button>`)
	lineEnd  = regexp.MustCompile(`</(p|li|dd|ul|dl|div)>\n?`)
	tags     = regexp.MustCompile(`<[^>]*>`)
	oneEvent = regexp.MustCompile(`(?s)id: (\S+)\n(.*?)\n\n`)
)

// Seen reads the stream from where it was left.
func (v *visitor) Seen() []transcript.Message {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://chat.example/events", nil)
	r.AddCookie(v.cookie())
	r.Header.Set("Last-Event-ID", v.last)
	look := oneLook{httptest.NewRecorder(), cancel}
	v.pages.ServeHTTP(look, r)
	var out []transcript.Message
	for _, event := range oneEvent.FindAllSubmatch(look.Body.Bytes(), -1) {
		v.last = string(event[1])
		piece := bytes.ReplaceAll(append([]byte("\n"), event[2]...), []byte("\ndata: "), []byte("\n"))
		out = append(out, v.message(string(piece)))
	}
	return out
}

// message is what a person reads in a piece of page.
func (v *visitor) message(piece string) transcript.Message {
	m := article.FindStringSubmatch(piece)
	if m == nil {
		v.t.Fatalf("no message in %q", piece)
	}
	v.platform.mu.Lock()
	defer v.platform.mu.Unlock()
	var out transcript.Message
	if who := html.UnescapeString(m[2]); m[1] != "" {
		out.From, out.Text = v.platform.from[who], who+"\n"
	}
	out.Text += strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(lineEnd.ReplaceAllString(m[3], "\n"), "")))
	for _, b := range tapped.FindAllStringSubmatch(piece, -1) {
		data := html.UnescapeString(b[1])
		out.Buttons = append(out.Buttons, flows.Button{Label: html.UnescapeString(b[2]), Data: data, ID: v.platform.names[data]})
	}
	return out
}

// place is the page for the exercise of all platforms. Nothing is sent over it that
// anybody could refuse: a message is written into the store.
type place struct{ visitor *visitor }

// Open makes the page anew; the one before it ends first.
func (p *place) Open(t *testing.T, accept bot.Accept) transcript.Driver {
	next := &visitor{t: t, accept: accept}
	if old := p.visitor; old != nil {
		old.stop()
		next.last, next.sent = old.last, old.sent
	}
	p.visitor = next
	return next
}

// Refuse says that nothing is refused.
func (*place) Refuse(bot.Fate, int) bool { return false }

// Again sends the last form once more, as after a lost answer.
func (p *place) Again(t *testing.T, _ transcript.Driver) bool {
	t.Helper()
	if err := p.visitor.again(); err != nil {
		t.Error(err)
	}
	return true
}

// TestPlatform runs the exercise of all platforms.
func TestPlatform(t *testing.T) {
	t.Parallel()
	platformtest.Exercise(t, func(*testing.T) platformtest.Place { return &place{} })
}

// TestTranscripts plays every transcript of the main job on the page.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	bottest.Play(t, func(t *testing.T, _ string) func(bot.Accept) transcript.Driver {
		return func(accept bot.Accept) transcript.Driver { return (&place{}).Open(t, accept) }
	}, onThePage)
}

// onlyElsewhere are the transcripts of what a page does not have, or does in another
// way; those for the page itself are red-on-the-web.yaml and web-contact.yaml.
func onlyElsewhere() map[string]string {
	const red, hello = "before a red answer is sent, a page asks how to reach the person", "nobody can be greeted on a page tomorrow"
	return map[string]string{
		"red-out-of-hours": red, "red-to-duty": red, "red-declined": red, "regrade": red, "duty-words": red, "review-numbers-duty": red,
		"hello-stopped": hello, "hello-not-answered": hello, "yes-unclear-later": hello, "hello-tomorrow": hello,
		"media": "a page takes no pictures", "gate-under-channel": "a page is for every age that the door is for",
	}
}

// onThePage makes a transcript that was written for another channel one for the page,
// where somebody who could be reached in their chat is asked for another way. What it
// returns says why that cannot be done.
func onThePage(name string, script *transcript.Transcript) string {
	if script.Channel == webchat.Name {
		return ""
	}
	script.Channel = webchat.Name
	var steps []transcript.Step
	for _, step := range script.Steps {
		if step.Tap == "chat" {
			steps = append(steps, transcript.Step{At: step.At, Tap: "email"}, transcript.Step{At: step.At, Type: "alex@example.org"})
			continue
		}
		if step.Expect != nil && step.Expect.Queue["channel"] != "" {
			step.Expect.Queue["channel"] = webchat.Name
		}
		if step.Expect != nil && slices.Equal(step.Expect.Vars["reach"], []string{"chat"}) {
			step.Expect.Vars["reach"] = []string{"email"}
		}
		steps = append(steps, step)
	}
	script.Steps = steps
	return onlyElsewhere()[name]
}
