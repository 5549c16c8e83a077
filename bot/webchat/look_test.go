package webchat_test

import (
	"strings"
	"testing"
)

// TestNumbersInText holds that the numbers in running text can be tapped, not only
// those of a card.
func TestNumbersInText(t *testing.T) {
	t.Parallel()
	b := embeddedSite(t).newBrowser()
	b.start("/")
	b.taps("Me")
	b.says("12")
	if !strings.Contains(b.page, `Childline, <a href="tel:08001111">0800 1111</a>`) {
		t.Errorf("Childline cannot be tapped:\n%s", b.page)
	}
}
