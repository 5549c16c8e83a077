package webchat_test

import (
	"bufio"
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/webchat"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// site is a web chat that is served, with the service behind it.
type site struct {
	t     *testing.T
	url   string
	store *store.Store
	desk  *bot.Desk
	// service serves the page and the other platforms.
	service *bot.Service
}

// newSite serves the chat until the test ends. On the other platforms questions
// about health are asked on the private page.
func newSite(t *testing.T, storeURL string, others ...bot.Platform) *site {
	t.Helper()
	s := openSite(t, storeURL, nil, others...)
	s.run()
	return s
}

// openSite is a site whose port is open; its service does not run yet. around,
// unless it is nil, is put around the handler.
func openSite(t *testing.T, storeURL string, around func(http.Handler) http.Handler, others ...bot.Platform) *site {
	t.Helper()
	st, err := store.Open(store.Config{URL: storeURL, Hub: "star-house", Keys: storetest.Keys(t), Timeout: store.PatientTimeout})
	if err != nil {
		t.Fatal(err)
	}
	library := bot.NewLibrary(st, bottest.Bundle(t))
	server := httptest.NewUnstartedServer(nil)
	public := "http://" + server.Listener.Addr().String()
	web, err := webchat.New(webchat.Config{Public: public, Store: st, Library: library, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	private := map[string]bool{}
	for _, p := range others {
		private[p.Channel().Name] = true
	}
	service, err := bot.New(bot.Config{Store: st, Library: library, Platforms: append(others, web), Web: public, Private: private,
		TurnTime: store.PatientTimeout})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = web.Handler()
	if around != nil {
		server.Config.Handler = around(web.Handler())
	}
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &site{t: t, url: public, store: st, desk: bot.NewDesk(st, library, nil), service: service}
}

// run runs the service until the test ends.
func (s *site) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.service.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	})
}

// embeddedSite is a site on a store of its own.
func embeddedSite(t *testing.T) *site {
	t.Helper()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return newSite(t, server.URL())
}

// browser is one without script.
type browser struct {
	*http.Client
	s    *site
	page string
}

// newBrowser has no cookies and stays on this machine.
func (s *site) newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s: s, Client: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), s.url) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

// get opens a page.
func (b *browser) get(path string) *http.Response {
	b.s.t.Helper()
	r, err := b.Get(b.s.url + path)
	return b.read(r, err)
}

// post sends a form.
func (b *browser) post(path string, form url.Values) *http.Response {
	b.s.t.Helper()
	r, err := b.PostForm(b.s.url+path, form)
	return b.read(r, err)
}

// read keeps the page of an answer.
func (b *browser) read(r *http.Response, err error) *http.Response {
	b.s.t.Helper()
	if err != nil {
		b.s.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.s.t.Fatal(err)
	}
	b.page = string(body)
	return r
}

// button finds the button of a label on the page.
var button = regexp.MustCompile(`<button class="[a-z ]+" name="tap" value="([^"]+)"[^>]*>([^<]+)</button>`)

// nonce finds the update's id on the page.
var nonce = regexp.MustCompile(`name="nonce" value="([0-9a-f]{32})"`)

// form is the page's form with one thing filled in.
func (b *browser) form(name, value string) url.Values {
	b.s.t.Helper()
	m := nonce.FindStringSubmatch(b.page)
	if m == nil {
		b.s.t.Fatalf("no form on the page:\n%s", b.page)
	}
	return url.Values{"nonce": {m[1]}, name: {value}}
}

// taps presses buttons by the beginning of their labels.
func (b *browser) taps(labels ...string) {
	b.s.t.Helper()
next:
	for _, label := range labels {
		for _, m := range button.FindAllStringSubmatch(b.page, -1) {
			if strings.HasPrefix(html.UnescapeString(m[2]), label) {
				b.post("/say", b.form("tap", html.UnescapeString(m[1])))
				continue next
			}
		}
		b.s.t.Fatalf("no button %q on the page:\n%s", label, b.page)
	}
}

// says types words.
func (b *browser) says(text string) *http.Response { return b.post("/say", b.form("text", text)) }

// start opens the chat.
func (b *browser) start(path string) {
	b.get(path)
	b.post("/start", url.Values{"nonce": nonce.FindStringSubmatch(b.page)[1:], "source": {strings.TrimPrefix(path, "/s/")}})
}

// refers walks to a reference.
func (b *browser) refers(name string) {
	b.s.t.Helper()
	b.start("/s/poster-7")
	b.taps("Me")
	b.says("17")
	b.taps("Rather not say", "Yes", "Yes, that", "Yes, I", "No", "No", "No", "No", "No", "No", "No", "A bit", "No")
	b.taps("Feeling lonely", "Done", "I just want to talk", "Yes please", "Skip")
	b.says(name)
	b.taps("Text message")
	b.says("07700 900123")
	b.taps("Mornings", "Give me a link", "Yes, it", "Nothing to add")
}

// TestWithoutScript holds that the whole way works in a browser that has no
// script, and that a worker's words reach the page.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	b := s.newBrowser()
	b.refers(`<script>alert("x")</script>`)
	if strings.Contains(b.page, `<script>alert`) || !strings.Contains(b.page, "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") {
		t.Errorf("a name is not shown as it was written:\n%s", b.page)
	}
	b.taps("Send it")
	if !regexp.MustCompile(`reference is [2-9A-Z]{4}-[2-9A-Z]{4}`).MatchString(b.page) {
		t.Fatalf("no reference on the page:\n%s", b.page)
	}
	queue, _, err := s.desk.Queue(t.Context())
	if err != nil || len(queue) != 1 || queue[0].Origin.Source != "poster-7" || queue[0].Origin.Channel != "web" {
		t.Fatalf("the queue: %v %v", queue, err)
	}
	must(t, s.store.AddStaff(t.Context(), flows.Staff{ID: "sam", Name: "Sam", Role: flows.RoleWorker}))
	for _, w := range []bot.Work{{Verb: flows.DoClaim}, {Verb: flows.DoReply, Text: "Hi <b>there</b>"}} {
		w.Reference, w.By = queue[0].Reference, "sam"
		_, err := s.desk.Do(t.Context(), w)
		must(t, err)
	}
	storetest.Eventually(t, "the reply is on the page", func(context.Context) error {
		b.get("/")
		if !strings.Contains(b.page, "Sam from Star House:") || !strings.Contains(b.page, "Hi &lt;b&gt;there&lt;/b&gt;") {
			return io.ErrNoProgress
		}
		return nil
	})
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestChatsAreApart holds that a browser sees its own chat and no other, that
// leaving drops it, and that only the private link brings it back.
func TestChatsAreApart(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	one, two := s.newBrowser(), s.newBrowser()
	one.refers("Kit")
	link := regexp.MustCompile(`/r/[0-9a-f]{32}`).FindString(one.page)
	if link == "" {
		t.Fatal("no private link on the page")
	}
	two.get("/")
	if strings.Contains(two.page, "Kit") || !strings.Contains(two.page, `action="/start"`) {
		t.Error("another browser sees the chat")
	}
	r := one.post("/leave", nil)
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "https://www.bbc.co.uk/weather" {
		t.Errorf("leaving: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
	one.get("/")
	if strings.Contains(one.page, "Kit") {
		t.Error("after leaving, the chat is still there")
	}
	two.get(link)
	if strings.Contains(two.page, "Kit") || !strings.Contains(two.page, "they can read that chat too") {
		t.Errorf("the private link does not ask first:\n%s", two.page)
	}
	two.post(link, nil)
	if !strings.Contains(two.page, "Kit") {
		t.Error("the private link does not bring the chat back")
	}
	two.taps("Send it")
	if !strings.Contains(two.page, "Your reference is") {
		t.Error("the chat does not go on after the private link")
	}
	nowhere := "/r/" + strings.Repeat("0", 32)
	if r := s.newBrowser().get(nowhere); r.StatusCode != http.StatusNotFound {
		t.Errorf("a link that leads nowhere: %d", r.StatusCode)
	}
	if r := s.newBrowser().post(nowhere, nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("a link that leads nowhere, used: %d", r.StatusCode)
	}
}

// TestPlantedLink holds that a return link that somebody else put in front of a
// person moves them nowhere by being opened, and says that their chat would close.
func TestPlantedLink(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	other, person := s.newBrowser(), s.newBrowser()
	other.refers("Kit")
	link := regexp.MustCompile(`/r/[0-9a-f]{32}`).FindString(other.page)
	person.start("/")
	person.get(link)
	if !strings.Contains(person.page, "The chat that is open here now closes.") {
		t.Errorf("nothing says that the chat closes:\n%s", person.page)
	}
	person.get("/")
	if strings.Contains(person.page, "Kit") || !strings.Contains(person.page, "Who is this for?") {
		t.Errorf("opening a link changed the chat:\n%s", person.page)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+link, nil)
	must(t, err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := person.read(person.Do(r)); got.StatusCode != http.StatusForbidden {
		t.Errorf("another site used the link: %d", got.StatusCode)
	}
}

// TestNoPrivateLinkOnSharedMachines holds that only "my own" gives the link.
func TestNoPrivateLinkOnSharedMachines(t *testing.T) {
	t.Parallel()
	b := embeddedSite(t).newBrowser()
	b.start("/")
	b.taps("Me")
	b.says("17")
	b.taps("Rather not say", "Yes", "Yes, that", "Yes, I", "No", "No", "No", "No", "No", "No", "No", "A bit", "No")
	b.taps("Feeling lonely", "Done", "I just want to talk", "Yes please", "Skip")
	b.says("Kit")
	b.taps("Text message")
	b.says("07700 900123")
	b.taps("Mornings", "Give me a link", "No, others")
	if strings.Contains(b.page, "/r/") {
		t.Error("a shared machine got a private link")
	}
}

// TestSentTwice holds that a form that is sent twice counts once, and that words of
// crisis in a form that was sent before, as after going back, are no repeat.
func TestSentTwice(t *testing.T) {
	t.Parallel()
	for second, want := range map[string]string{"17": "first part of your postcode", crisisWords: cardWords} {
		b := embeddedSite(t).newBrowser()
		b.start("/")
		b.taps("Me")
		form := b.form("text", "17")
		b.post("/say", form)
		form.Set("text", second)
		b.post("/say", form)
		if !strings.Contains(b.page, want) || strings.Contains(b.page, "I didn&#39;t get that") {
			t.Errorf("%q in the form of an answer:\n%s", second, b.page)
		}
	}
}

// TestHeaders holds what every answer carries, and that a form from elsewhere is
// refused.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	b := s.newBrowser()
	r := b.get("/")
	policy := r.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q has no %q", policy, want)
		}
	}
	if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers: %v", r.Header)
	}
	if strings.Contains(b.page, "<script>") || strings.Contains(b.page, "style=") {
		t.Error("the page has inline script or style")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/say", strings.NewReader("text=hello"))
	must(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://evil.example")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	answer, err := b.Do(request)
	must(t, err)
	must(t, answer.Body.Close())
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("a form from elsewhere: %d", answer.StatusCode)
	}
	b.start("/")
	cookie := b.Jar.Cookies(mustURL(t, s.url))[0]
	if len(cookie.Value) != 32 {
		t.Errorf("the cookie is %q", cookie.Value)
	}
	big := b.post("/say", url.Values{"text": {strings.Repeat("x", 1<<20)}})
	if big.StatusCode == http.StatusOK && strings.Contains(b.page, "xxxx") {
		t.Error("a body of a megabyte was taken")
	}
}

// mustURL parses an address.
func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	must(t, err)
	return u
}

// TestLive holds that the stream brings messages as they come, each once, and
// goes on where it was cut.
func TestLive(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	b := s.newBrowser()
	b.start("/")
	listen := func(after string) (*bufio.Scanner, func()) {
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/events", nil)
		must(t, err)
		request.Header.Set("Last-Event-ID", after)
		r, err := b.Do(request)
		must(t, err)
		return bufio.NewScanner(r.Body), func() { cancel(); _ = r.Body.Close() }
	}
	event := func(lines *bufio.Scanner) (id, data string) {
		for lines.Scan() {
			switch line := lines.Text(); {
			case strings.HasPrefix(line, "id: "):
				id = line[4:]
			case strings.HasPrefix(line, "data: "):
				data += line[6:] + "\n"
			case line == "" && id != "":
				return id, data
			}
		}
		t.Fatal("the stream ended", lines.Err())
		return
	}
	lines, stop := listen("")
	first, data := event(lines)
	if !strings.Contains(data, "<article") || !strings.Contains(data, "<template>") || !strings.Contains(data, "Who is this for?") {
		t.Errorf("the first event:\n%s", data)
	}
	b.get("/")
	b.taps("Me")
	second, data := event(lines)
	if !strings.Contains(data, "How old are you?") {
		t.Errorf("the second event:\n%s", data)
	}
	stop()
	lines, stop = listen(first)
	defer stop()
	if again, _ := event(lines); again != second {
		t.Errorf("after %s comes %s, not %s", first, again, second)
	}
}

// TestStoreAway holds that while nothing can be saved the page says so, crisis
// words bring the card, and the numbers are there.
func TestStoreAway(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	s := newSite(t, server.URL)
	b := s.newBrowser()
	b.start("/")
	b.taps("Me")
	page := b.page
	server.Kill()
	for text, want := range map[string]string{"17": "we are having trouble", "i want to kill myself": "really glad you told me"} {
		r := b.post("/say", url.Values{"text": {text}})
		if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(b.page, want) || !strings.Contains(b.page, "tel:999") {
			t.Errorf("%q: %d\n%s", text, r.StatusCode, b.page)
		}
	}
	if r := b.get("/"); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(b.page, "tel:08001111") {
		t.Errorf("the page: %d\n%s", r.StatusCode, b.page)
	}
	if r := b.get("/help"); r.StatusCode != http.StatusOK || !strings.Contains(b.page, "sms:85258?body=SHOUT") {
		t.Errorf("the numbers: %d\n%s", r.StatusCode, b.page)
	}
	server.Again()
	b.page = page
	b.says("17")
	if !strings.Contains(b.page, "first part of your postcode") {
		t.Errorf("after the store came back:\n%s", b.page)
	}
}

// TestPoster holds that the picture stands for the link of its source, and that
// nothing else can be put into it.
func TestPoster(t *testing.T) {
	t.Parallel()
	b := embeddedSite(t).newBrowser()
	if r := b.get("/q/school"); r.StatusCode != http.StatusOK || !strings.Contains(b.page, "<svg") || !strings.Contains(b.page, "/s/school") {
		t.Errorf("the poster: %d\n%.300s", r.StatusCode, b.page)
	}
	if r := b.get("/q/" + url.PathEscape("a b<script>")); r.StatusCode != http.StatusNotFound {
		t.Errorf("an odd source: %d", r.StatusCode)
	}
}

// TestOddRequests holds that nothing odd is more than an error page.
func TestOddRequests(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	b := s.newBrowser()
	if r := b.get("/desk"); r.StatusCode != http.StatusOK || !strings.Contains(b.page, "frontdoor queue list") {
		t.Errorf("where alerts lead: %d\n%s", r.StatusCode, b.page)
	}
	for _, path := range []string{"/nowhere", "/r/short", "/events", "/s/" + strings.Repeat("x", 400)} {
		if r := b.get(path); r.StatusCode >= 500 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	b.start("/")
	if r := b.post("/say", url.Values{"text": {strings.Repeat("i want to die ", 5000)}}); r.StatusCode != http.StatusRequestEntityTooLarge ||
		!strings.Contains(b.page, "make it a bit shorter") || !strings.Contains(b.page, "tel:999") {
		t.Errorf("far too long: %d\n%s", r.StatusCode, b.page)
	}
	for _, tap := range []string{"garbage", "1.QRSTUVWX.1.0", "1.-.0.h", "2.a.b.c", strings.Repeat("9", 5000)} {
		if r := b.post("/say", url.Values{"tap": {tap}}); r.StatusCode != http.StatusOK {
			t.Errorf("the button %.20q: %d", tap, r.StatusCode)
		}
	}
}
