package webchat_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// chromium opens a phone-wide window that ends with the test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(storetest.Tool(t, "chromium")), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-background-networking", true), chromedp.WindowSize(390, 844))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// keyboard walks the chat with keys alone.
type keyboard struct {
	t   *testing.T
	ctx context.Context
}

// run runs steps in the browser.
func (k keyboard) run(steps ...chromedp.Action[chromedp.Void]) {
	k.t.Helper()
	if err := chromedp.Do(k.ctx, steps...); err != nil {
		k.t.Fatal(err)
	}
}

// value is what an expression comes to on the page.
func value[T any](k keyboard, expression string) T {
	k.t.Helper()
	v, err := chromedp.Run(k.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		k.t.Fatal(err)
	}
	return v
}

// maxTabs is more than any page of ours has stops.
const maxTabs = 60

// presses moves with Tab to the button of a label, and presses it with Enter.
func (k keyboard) presses(labels ...string) {
	k.t.Helper()
	for _, label := range labels {
		k.waitFor(`[...document.querySelectorAll("#answer button, main button")].some(b => b.textContent.startsWith(` + quote(label) + `))`)
		last, found := "", false
		for range maxTabs {
			k.run(chromedp.KeyEvent(kb.Tab))
			last = value[string](k, `document.activeElement.textContent`)
			if found = strings.HasPrefix(strings.TrimSpace(last), label); found {
				break
			}
		}
		if !found {
			k.t.Fatalf("the keyboard does not reach %q; it is at %q", label, last)
		}
		k.run(chromedp.KeyEvent(kb.Enter))
	}
}

// quote writes a string for a script.
func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// waitFor waits until something holds on the page, also over a change of page.
func (k keyboard) waitFor(expression string) {
	k.t.Helper()
	storetest.Eventually(k.t, expression, func(context.Context) error {
		holds, err := chromedp.Run(k.ctx, chromedp.Evaluate[bool](expression))
		if err == nil && !holds {
			err = errors.New("not yet")
		}
		return err
	})
}

// asked waits for a question that begins with some words.
func (k keyboard) asked(words string) {
	k.t.Helper()
	k.waitFor(`[...document.querySelectorAll("#log .said:not(.you)")].at(-1)?.innerText.includes(` + quote(words) + `) === true`)
}

// types types an answer and sends it with Enter.
func (k keyboard) types(text string) {
	k.t.Helper()
	k.run(chromedp.Focus("#text"), chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Enter))
}

// TestKeyboardOnPhone holds that the whole way can be gone with a keyboard alone
// on a screen as wide as a phone's, that nothing sticks out at the side, and that
// leaving quickly puts another page in the place of this one.
func TestKeyboardOnPhone(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	k := keyboard{t, chromium(t)}
	k.run(chromedp.Navigate(s.url + "/"))
	k.presses("Start")
	k.asked("Who is this for?")
	k.presses("Me")
	k.asked("How old are you?")
	k.types("19")
	k.asked("first part of your postcode")
	k.types("S10")
	k.asked("Is it OK to ask?")
	k.presses("Yes, that")
	k.asked("are you safe")
	for _, step := range [][2]string{{"Yes, I", "not being alive"}, {"No", "hurt yourself on purpose"}, {"No", "anyone hurting you"},
		{"No", "badly hurt someone"}, {"No", "see, hear or strongly"}, {"No", "food, weight"}, {"No", "drink, drugs"}, {"No", "normal things"},
		{"A bit", "already help you"}, {"No", "What would you like help with?"}} {
		k.presses(step[0])
		k.asked(step[1])
	}
	k.presses("Feeling lonely")
	k.waitFor(`document.querySelector("#answer button[aria-pressed=true]")?.textContent === "Feeling lonely"`)
	k.waitFor(`document.activeElement.textContent === "Feeling lonely"`)
	for _, width := range []int64{390, 320, 240} { // a phone, a small one, and one whose owner needs large letters
		k.run(chromedp.EmulateViewport(width, 844))
		if value[bool](k, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
			t.Errorf("the page is wider than %d pixels", width)
		}
	}
	k.presses("Done")
	k.asked("like to try")
	k.run(chromedp.Click("#help"))
	k.asked("You can also carry on")
	k.waitFor(`[...document.querySelectorAll("#log .said")].at(-1).querySelector('a[href="tel:999"]') !== null`)
	k.presses("Carry on")
	k.asked("like to try")
	history := value[int](k, `history.length`)
	value[string](k, `document.getElementById("leave").dataset.to = "about:blank"`)
	k.run(chromedp.Click(".leave"))
	k.waitFor(`location.href === "about:blank"`)
	if after := value[int](k, `history.length`); after != history {
		t.Errorf("leaving made the history longer: %d, then %d", history, after)
	}
	// The browser tells the page that it left in its own time.
	storetest.Eventually(t, "the chat is gone", func(context.Context) error {
		k.run(chromedp.Navigate(s.url + "/"))
		if !value[bool](k, `document.querySelector("form[action='/start']") !== null && !document.body.innerText.includes("like to try")`) {
			return errors.New("not yet")
		}
		return nil
	})
}

// network is one that can be cut, in either direction.
type network struct {
	next      http.Handler
	cut, deaf atomic.Bool
	said      atomic.Int32 // how often something was
}

// ServeHTTP breaks connections off before what was said arrives, or before its
// answer does.
func (n *network) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/say" {
		defer n.said.Add(1)
	}
	switch {
	case n.cut.Load():
		panic(http.ErrAbortHandler)
	case r.URL.Path == "/say" && n.deaf.CompareAndSwap(true, false):
		n.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	n.next.ServeHTTP(rw, r)
}

// TestNoNetwork holds that without a network the numbers are on the page as soon as
// something cannot be sent, and when help is asked for; that what was said is marked
// and kept; and that another try counts once, also when the first had arrived.
func TestNoNetwork(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	net := &network{}
	s := openSite(t, server.URL(), func(next http.Handler) http.Handler { net.next = next; return net })
	s.run()
	k := keyboard{t, chromium(t)}
	k.run(chromedp.Navigate(s.url + "/"))
	k.presses("Start")
	k.asked("Who is this for?")
	net.cut.Store(true)
	k.presses("Me")
	k.waitFor(`document.querySelector("#log .numbers a[href='tel:999']") !== null`)
	k.waitFor(`document.querySelector("#log .you .unsent")?.textContent.includes("Not sent.") === true`)
	net.cut.Store(false)
	k.run(chromedp.Click(".you .unsent button"))
	k.asked("How old are you?")
	before := net.said.Load()
	net.deaf.Store(true) // what is said next arrives, but its answer does not
	k.types("19")
	k.asked("first part of your postcode")
	storetest.Eventually(t, "it is said again", func(context.Context) error {
		if net.said.Load() < before+2 {
			return errors.New("not yet")
		}
		return nil
	})
	k.run(chromedp.Reload())
	k.asked("first part of your postcode")
	if value[bool](k, `document.body.innerText.includes("Sorry")`) {
		t.Error("what was said again counted twice")
	}
	net.cut.Store(true)
	k.run(chromedp.Click("#help"))
	k.waitFor(`document.querySelector("#log .numbers a[href='tel:999']") !== null`)
}
