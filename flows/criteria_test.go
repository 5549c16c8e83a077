package flows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// parsed is the shipped bundle with some files changed.
func parsed(t testing.TB, scripts, locales map[string]string) *flows.Bundle {
	t.Helper()
	b, problems := flows.Parse(with(shippedFiles(t), scripts, locales))
	if b == nil {
		t.Fatal(problems)
	}
	return b
}

// edited is a shipped script with one text in place of another, which must be
// there.
func edited(t testing.TB, file, before, after string) map[string]string {
	t.Helper()
	text := string(shippedFiles(t).Scripts[file])
	if !strings.Contains(text, before) {
		t.Fatalf("%s has no %q", file, before)
	}
	return map[string]string{file: strings.Replace(text, before, after, 1)}
}

// TestCriteriaSayWhatFlowsDoes holds the page against the engine: for every answer
// of every question, the colour under which it is printed is the one that a person
// gets for it, and every question of the screening that has colours is there.
func TestCriteriaSayWhatFlowsDoes(t *testing.T) {
	t.Parallel()
	b := shipped(t)
	asked := b.Criteria().Questions
	if len(asked) != 9 {
		t.Fatalf("%d questions have colours", len(asked))
	}
	best := make([]string, len(asked))
	for i, q := range asked {
		best[i] = q.Under(flows.Green)[0]
	}
	for i, q := range asked {
		if len(q.Answers) < 4 || q.Number != i+1 {
			t.Errorf("question %d has %d answers and the number %d", i+1, len(q.Answers), q.Number)
		}
		for _, a := range q.Answers {
			if got := colourOf(t, b, best, i, a.Text); got != a.Light {
				t.Errorf("%q, %q is printed under %q and gives %q", q.Asks, a.Text, a.Light, got)
			}
		}
	}
}

// colourOf answers one question in one way and all others in the best, and returns
// the colour of the referral that comes of it.
func colourOf(t *testing.T, b *flows.Bundle, best []string, question int, answer string) flows.Light {
	t.Helper()
	c := newChat(t, b, "telegram")
	c.toScreening()
	for i, text := range best {
		if i == question {
			text = answer
		}
		c.says(text)
		if n := len(c.c.At); n > 0 && c.c.At[n-1].String() == "screening.red" {
			c.taps("tell", "submit")
			return c.referral.Light
		}
	}
	c.taps("no", "lonely", "done", "creative", "done", "yes", "skip")
	c.says("Sam")
	c.taps("chat", "any", "nothing", "submit")
	return c.referral.Light
}

// TestCriteriaFollowTheScript holds that what is changed in the files is changed on
// the page: a light, a clock, how many ambers go first, ages, a wording, the version.
func TestCriteriaFollowTheScript(t *testing.T) {
	t.Parallel()
	before := shipped(t).Criteria()
	last := func(c flows.Criteria) flows.Criterion { return c.Questions[len(c.Questions)-1] }
	for name, c := range map[string]struct {
		file, from, to string
		holds          func(now flows.Criteria) bool
	}{
		"a light": {"screening.yaml", "{id: stuck, light: amber}", "{id: stuck, light: green}", func(now flows.Criteria) bool {
			return slices.Contains(last(now).Under(flows.Green), "I hardly leave my room") && !slices.Contains(last(before).Under(flows.Green), "I hardly leave my room")
		}},
		"no light": {"screening.yaml", "{id: stuck, light: amber}", "{id: stuck}", func(now flows.Criteria) bool {
			return len(now.Columns) == len(before.Columns)+1 && slices.Equal(last(now).Under(flows.NoLight), []string{"I hardly leave my room"})
		}},
		"a clock": {"hub.yaml", "open: {claim: 2wd", "open: {claim: 1wd", func(now flows.Criteria) bool {
			return strings.Contains(now.Colours[0].Clock, "within 1 working day,") && strings.Contains(before.Colours[0].Clock, "within 2 working days,")
		}},
		"ambers": {"bot.yaml", "priority_ambers: 3", "priority_ambers: 4", func(now flows.Criteria) bool {
			return says(now.Rules, "With 4 amber") && says(before.Rules, "With 3 amber")
		}},
		"ages": {"hub.yaml", "ages: {min: 13, max: 25", "ages: {min: 14, max: 24", func(now flows.Criteria) bool {
			return strings.Contains(now.Words["intro"], "aged 14 to 24")
		}},
		"an app's age": {"hub.yaml", "telegram: {min_age: 16", "telegram: {min_age: 13", func(now flows.Criteria) bool {
			return len(before.Apps) == 1 && len(now.Apps) == 0
		}},
		"a signed version": {"bot.yaml", "version: streetlight-1-draft", "version: streetlight-1", func(now flows.Criteria) bool {
			return before.Draft && !now.Draft && strings.Contains(now.Words["version"], "Rules streetlight-1.")
		}},
		"skip means nothing at one question": {"screening.yaml", "{id: skip, light: amber}", "{id: skip, light: green}", func(now flows.Criteria) bool {
			return says(before.Rules, "“Rather not say” is amber") && !says(now.Rules, "Rather not say")
		}},
		"amber goes to everybody": {"referral.yaml", "lane: {red: duty, amber: check, green: open}", "lane: {red: duty, amber: open, green: open}",
			func(now flows.Criteria) bool { return len(before.Colours) == 3 && len(now.Colours) == 4 }},
	} {
		b := parsed(t, edited(t, c.file, c.from, c.to), nil)
		now := b.Criteria()
		if !c.holds(now) {
			t.Errorf("%s: the page does not follow: %+v", name, now)
		}
		if now.Words["version"] == before.Words["version"] {
			t.Errorf("%s: the page does not tell the two apart", name)
		}
	}
}

// says says whether one of some texts has a part.
func says(texts []string, part string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, part) })
}

// TestCriteriaWords holds that no sentence of the page is empty, that no brace is
// left, that a colour says who may take a referral on, and that the question about
// help that somebody has already is named as one without a colour.
func TestCriteriaWords(t *testing.T) {
	t.Parallel()
	c := shipped(t).Criteria()
	all := slices.Concat(c.Rules, c.Never, c.Beside, c.Apps)
	for _, colour := range c.Colours {
		all = append(all, colour.Name, colour.Next, colour.By, colour.Clock)
	}
	for _, text := range all {
		if strings.TrimSpace(text) == "" || strings.Contains(text, "{") {
			t.Errorf("a sentence is %q", text)
		}
	}
	var who []string
	for _, colour := range c.Colours {
		who = append(who, string(colour.Light)+": "+colour.By)
	}
	if want := []string{"green: link workers, coordinators, the duty person", "amber: coordinators", "red: the duty person"}; !slices.Equal(who, want) {
		t.Errorf("who takes on what: %q", who)
	}
	if len(c.Beside) != 1 || !strings.Contains(c.Beside[0], "CAMHS") {
		t.Errorf("asked without a colour: %q", c.Beside)
	}
	if !says(c.Rules, "Tell Star House too / Just show me the numbers") || !says(c.Rules, "crisis-words") {
		t.Errorf("the rules: %q", c.Rules)
	}
}

// TestCriteriaTextsAreChecked holds that a missing sentence and a name in braces
// that means nothing are found before the page is printed.
func TestCriteriaTextsAreChecked(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	text := string(files.Locales["en/criteria.yaml"])
	for change, want := range map[string]string{
		strings.Replace(text, "rule_worst:", "rule_best:", 1):       `the text "rule_worst" is missing in locales/en/criteria.yaml`,
		strings.Replace(text, "{ambers} amber", "{amber} amber", 1): "nothing stands for {amber}",
		strings.Replace(text, "{ambers} amber", "{age} amber", 1):   "nothing stands for {age}",
	} {
		b, problems := flows.Parse(with(files, nil, map[string]string{"en/criteria.yaml": change}))
		if b != nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("want %q, got %v", want, problems)
		}
	}
}
