package flows_test

import (
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows/source"
)

// TestHubIsNamedOnce holds that no sentence names this hub by itself: its name stands
// in hub.yaml, and its contact in contacts.yaml.
func TestHubIsNamedOnce(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	var problems source.Problems
	for file, data := range b.Files().Locales {
		if !strings.HasPrefix(file, "en/") || strings.Count(file, "/") > 1 || file == "en/contacts.yaml" {
			continue
		}
		for key, value := range source.Read(file, data, &problems).Pairs() {
			if strings.Contains(value.Raw(), b.Hub.Name) {
				t.Errorf("%s: %s names the hub: use {hub}", file, key.Raw())
			}
		}
	}
	if len(problems) > 0 {
		t.Error(problems)
	}
	if got := b.PageText("en", "commands.about"); got != "Ask Star House a question." {
		t.Errorf("the bot is described as %q", got)
	}
}
