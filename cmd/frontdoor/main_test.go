package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/star-house/frontdoor/store/storetest"
)

// TestMain lets scripts, and the tests below, run the program itself.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"frontdoor": main})
}

// TestScripts runs the sessions in testdata/script, which read like a terminal.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
	})
}

// program is a frontdoor that runs until the test ends.
type program struct {
	t      *testing.T
	screen string   // what it printed first
	env    []string // the settings that it prints for a second terminal
	url    string
}

// settings finds what a second terminal needs.
var settings = regexp.MustCompile(`(FRONTDOOR_REDIS_URL=\S+) (FRONTDOOR_KEYS=\S+)`)

// address finds where the chat is.
var address = regexp.MustCompile(`http://localhost:[0-9]+`)

// try starts `frontdoor try` on a free port.
func try(t *testing.T, args ...string) *program {
	t.Helper()
	cmd := exec.Command("frontdoor", append([]string{"try", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		must(t, cmd.Process.Signal(os.Interrupt))
		if err := cmd.Wait(); err != nil {
			t.Errorf("try ended with %v", err)
		}
	})
	p := &program{t: t}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "Ctrl-C") {
		p.screen += lines.Text() + "\n"
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	m := settings.FindStringSubmatch(p.screen)
	if m == nil || address.FindString(p.screen) == "" {
		t.Fatalf("the screen has no addresses:\n%s", p.screen)
	}
	p.env, p.url = m[1:], address.FindString(p.screen)
	return p
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// runs runs a command of a second terminal: what it printed and its exit code.
func (p *program) runs(stdin string, args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	cmd := exec.Command("frontdoor", args...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// wants runs a command that must end with a code.
func (p *program) wants(code int, stdin string, args ...string) string {
	p.t.Helper()
	out, errs, got := p.runs(stdin, args...)
	if got != code {
		p.t.Fatalf("frontdoor %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, errs)
	}
	return out
}

// person is a browser without script.
type person struct {
	*http.Client
	p    *program
	page string
}

// post sends a form and keeps the page that comes.
func (v *person) post(path string, form url.Values) {
	v.p.t.Helper()
	r, err := v.PostForm(v.p.url+path, form)
	must(v.p.t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	must(v.p.t, err)
	v.page = string(body)
}

// press finds buttons on the page.
var press = regexp.MustCompile(`name="tap" value="([^"]+)"[^>]*>([^<]+)</button>`)

// taps presses buttons by the beginning of their labels.
func (v *person) taps(labels ...string) {
	v.p.t.Helper()
next:
	for _, label := range labels {
		for _, m := range press.FindAllStringSubmatch(v.page, -1) {
			if strings.HasPrefix(strings.ReplaceAll(m[2], "&#39;", "'"), label) {
				v.post("/say", url.Values{"tap": {strings.ReplaceAll(m[1], "&#43;", "+")}})
				continue next
			}
		}
		v.p.t.Fatalf("no button %q on the page:\n%s", label, v.page)
	}
}

// refers walks the web page to a reference.
func (p *program) refers(name string) *person {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	must(p.t, err)
	v := &person{Client: &http.Client{Jar: jar}, p: p}
	v.post("/start", url.Values{"source": {"p42"}})
	v.taps("Me")
	v.post("/say", url.Values{"text": {"19"}})
	v.taps("Rather not say", "Yes", "Yes, that", "Yes, I", "No", "No", "No", "No", "No", "No", "No", "A bit", "No")
	v.taps("Feeling lonely", "Done", "I just want to talk", "Yes please", "Skip")
	v.post("/say", url.Values{"text": {name}})
	v.taps("Text message")
	v.post("/say", url.Values{"text": {"07700 900123"}})
	v.taps("Mornings", "Nothing to add", "Send it")
	return v
}

// TestTryEndToEnd is what the whole product is for: a person completes a referral
// in the browser, a second terminal lists it, claims it, shows it and replies, a
// second worker cannot, and each reads the other.
func TestTryEndToEnd(t *testing.T) {
	t.Parallel()
	p := try(t)
	v := p.refers("Kit")
	var rows []map[string]any
	must(t, json.Unmarshal([]byte(p.wants(0, "", "queue", "list", "--json")), &rows))
	if len(rows) != 1 {
		t.Fatalf("the queue: %v", rows)
	}
	for _, key := range []string{"reference", "lane", "light", "reasons", "status", "priority", "waiting_since", "channel",
		"source", "language", "owner", "rules_version"} {
		if _, ok := rows[0][key]; !ok {
			t.Errorf("a row has no %q: %v", key, rows[0])
		}
	}
	if len(rows[0]) != 12 || rows[0]["source"] != "p42" || rows[0]["lane"] != "open" || rows[0]["status"] != "received" {
		t.Errorf("the row: %v", rows[0])
	}
	ref, _ := rows[0]["reference"].(string)
	if plain := p.wants(0, "", "queue", "list"); !strings.Contains(plain, ref) || strings.Contains(plain, "Kit") {
		t.Errorf("the list:\n%s", plain)
	}
	p.wants(1, "", "queue", "show", ref, "--as", "sam")
	p.wants(0, "", "queue", "claim", strings.ToLower(strings.Replace(ref, "-", " ", 1)), "--as", "sam")
	p.wants(1, "", "queue", "claim", ref, "--as", "jo")
	p.wants(1, "", "queue", "show", ref, "--as", "jo")
	p.wants(1, "hello", "queue", "reply", strings.Replace(ref, "-", "", 1), "--as", "jo")
	_, errs, code := p.runs("Hi Kit, I'm Sam.\nWhen could we talk?", "queue", "reply", ref, "--as", "sam")
	if code != 0 || !strings.Contains(errs, "when they look at that page again") {
		t.Errorf("the reply: exit code %d, %s", code, errs)
	}
	storetest.Eventually(t, "the reply is in the browser", func(context.Context) error {
		v.post("/start", nil)
		if !strings.Contains(v.page, "When could we talk?") {
			return errors.New("not yet")
		}
		return nil
	})
	v.post("/say", url.Values{"text": {"Friday is good"}})
	var file struct {
		Answers  map[string]any      `json:"answers"`
		Summary  []map[string]string `json:"summary"`
		Consents []map[string]any    `json:"consents"`
		Contact  map[string]string   `json:"contact"`
		Messages []map[string]any    `json:"messages"`
		Timeline []map[string]any    `json:"timeline"`
	}
	must(t, json.Unmarshal([]byte(p.wants(0, "", "queue", "show", ref, "--as", "sam", "--json")), &file))
	if file.Contact["phone"] != "+447700900123" || file.Answers["nickname"] != "Kit" || len(file.Consents) != 2 || len(file.Timeline) < 3 {
		t.Errorf("the file: %+v", file)
	}
	if n := len(file.Messages); n != 2 || file.Messages[0]["delivery"] != "sent" || file.Messages[1]["text"] != "Friday is good" {
		t.Errorf("the messages: %v", file.Messages)
	}
	if plain := p.wants(0, "", "queue", "show", ref, "--as", "cory"); !strings.Contains(plain, "Name: Kit") {
		t.Errorf("the file for a coordinator:\n%s", plain)
	}
	p.wants(0, "", "queue", "handover", ref, "--as", "sam", "--to", "jo")
	p.wants(1, "", "queue", "close", ref, "--as", "sam", "--outcome", "completed")
	p.wants(2, "", "queue", "close", ref, "--as", "jo", "--outcome", "finished")
	p.wants(0, "", "queue", "close", ref, "--as", "jo", "--outcome", "completed")
	p.wants(1, "", "queue", "claim", ref, "--as", "jo")
	p.wants(1, "", "queue", "claim", "ZZZZ-ZZZZ", "--as", "jo")
	p.wants(1, "", "queue", "claim", ref, "--as", "nobody")
	if rest := p.wants(0, "", "queue", "list", "--json"); strings.TrimSpace(rest) != "[]" {
		t.Errorf("the queue after closing: %s", rest)
	}
}

// TestTryRedirects holds that the other name of this machine leads to the one
// that passkeys need.
func TestTryRedirects(t *testing.T) {
	t.Parallel()
	p := try(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Get(strings.Replace(p.url, "localhost", "127.0.0.1", 1) + "/s/p42")
	must(t, err)
	must(t, r.Body.Close())
	if r.StatusCode != http.StatusTemporaryRedirect || r.Header.Get("Location") != p.url+"/s/p42" {
		t.Errorf("%d to %s", r.StatusCode, r.Header.Get("Location"))
	}
}

// TestTryReloads holds that scripts are read again when a file is saved, and that
// broken ones are not used.
func TestTryReloads(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS("../../locales")))
	p := try(t, "--locales", folder)
	if !strings.Contains(p.screen, "FRONTDOOR_LOCALES="+folder) {
		t.Errorf("the line for the second terminal leaves the folder out:\n%s", p.screen)
	}
	page := func() string {
		r, err := http.Get(p.url + "/")
		must(t, err)
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		must(t, err)
		return string(body)
	}
	words, err := os.ReadFile(folder + "/en/web.yaml")
	must(t, err)
	for _, c := range []struct{ old, now, want string }{
		{"Ask {hub} for support", "Ask {hbu} for support", "Ask Star House for support"},
		{"Ask {hub} for support", "Talk to {hub}", "Talk to Star House"},
	} {
		must(t, os.WriteFile(folder+"/en/web.yaml", []byte(strings.Replace(string(words), c.old, c.now, 1)), 0o600))
		storetest.Eventually(t, c.want, func(context.Context) error {
			if !strings.Contains(page(), c.want) {
				return errors.New("not yet")
			}
			return nil
		})
	}
}
