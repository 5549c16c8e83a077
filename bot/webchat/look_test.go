package webchat_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestNumbersInText holds that the numbers in running text can be tapped, not only
// those of a card: after "just the numbers" they are all that there is.
func TestNumbersInText(t *testing.T) {
	t.Parallel()
	b := embeddedSite(t).newBrowser()
	b.start("/")
	b.taps("Me")
	b.says("17")
	b.taps("Rather not say", "Yes", "Yes, that", "No", "Just show me")
	for _, link := range []string{`<a href="tel:08001111">0800 1111</a>`, `<a href="tel:999">999</a>`, `<a href="sms:85258?body=SHOUT">`} {
		if !strings.Contains(b.page, link) {
			t.Errorf("no %s:\n%s", link, b.page)
		}
	}
}

// draft is what is typed and not sent, and where the caret is in it.
const draft = `(f => [f.value, f.selectionStart, document.activeElement === f].join())(document.getElementById("text"))`

// TestHalfTyped holds that what somebody is typing survives a message that arrives
// from another window, and asking for help.
func TestHalfTyped(t *testing.T) {
	t.Parallel()
	s := embeddedSite(t)
	k := keyboard{t, chromium(t)}
	k.run(chromedp.Navigate(s.url + "/"))
	k.presses("Start")
	k.asked("Who is this for?")
	k.run(chromedp.Focus("#text"), chromedp.KeyEvent("I thi"), chromedp.KeyEvent(kb.ArrowLeft))
	value[string](k, `fetch("/say", {method: "POST", headers: {"X-Listens": "1"},
		body: new URLSearchParams({tap: document.querySelector("#answer .option").value})}); ""`)
	k.asked("How old are you?")
	if got := value[string](k, draft); got != "I thi,4,true" {
		t.Errorf("after a message the field has %q", got)
	}
	if got := value[string](k, `document.getElementById("text").inputMode`); got != "numeric" {
		t.Errorf("the keyboard for an age is %q", got)
	}
	k.run(chromedp.Click("#help"))
	k.asked("You can also carry on")
	if got := value[string](k, `document.getElementById("text").value`); got != "I thi" {
		t.Errorf("after asking for help the field has %q", got)
	}
}
