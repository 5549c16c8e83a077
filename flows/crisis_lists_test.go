package flows_test

import (
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// TestLiveLanguageHasLists holds that a language cannot go live without crisis words,
// nor with lists that say nothing of one kind of danger.
func TestLiveLanguageHasLists(t *testing.T) {
	t.Parallel()
	none, lacking := with(shippedFiles(t), nil, nil), with(shippedFiles(t), nil, nil)
	delete(none.Locales, "en/crisis/few.yaml")
	lacking.Locales["en/crisis/few.yaml"] = []byte(strings.NewReplacer("class: fgm", "class: honour", "class: voices", "class: wish").Replace(string(fewWords())))
	for want, changed := range map[string]flows.Files{
		"locales/en/crisis: MISSING en is live and has no list of crisis words":                           none,
		"locales/en/crisis: MISSING en is live, and its lists of crisis words have none for: fgm, voices": lacking,
	} {
		if b, problems := flows.Parse(changed); b != nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("got %v\n%s\nwant %s", b != nil, problems, want)
		}
	}
}
