package flows_test

import (
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// guarded is the shipped bundle with a flow that branches on one guard; a chat
// that begins there ends as yes or no.
func guarded(t testing.TB, guard string) (*flows.Bundle, error) {
	t.Helper()
	files := shippedFiles(t)
	bot := strings.Replace(string(files.Scripts["bot.yaml"]), "flow: referral", "flow: probe", 1)
	probe := `flow: probe
format: 1
start: colour
vars:
  colour: {type: enum, of: [red, green], class: routing}
  several: {type: set, of: [x, y], class: routing}
  number: {type: integer, min: 1, max: 9, class: routing}
states:
  colour: {choose: colour, options: [red, green], to: several}
  several: {choose: several, many: true, options: [x, y], to: number}
  number: {ask: number, skip: fork, to: fork}
  fork: {branch: [{when: '` + strings.ReplaceAll(guard, "'", "''") + `', to: taken}, {else: passed}]}
  taken: {end: taken}
  passed: {end: passed}
`
	words := "colour: c\ncolour.red: Red\ncolour.green: Green\ncolour.label: C\nseveral: s\nseveral.x: X\nseveral.y: Y\n" +
		"several.label: S\nnumber: n\nnumber.label: N\n"
	b, problems := flows.Parse(with(files, map[string]string{"bot.yaml": bot, "probe.yaml": probe}, map[string]string{"en/probe.yaml": words}))
	if b == nil {
		return nil, problems
	}
	return b, nil
}

// TestGuards holds what each guard means, for a person who answered green, x and
// 5 on Telegram on a Monday morning.
func TestGuards(t *testing.T) {
	t.Parallel()
	for guard, want := range map[string]bool{
		"colour == green":                         true,
		"colour != green":                         false,
		"colour == red":                           false,
		`colour == "green"`:                       true,
		"colour in [red, green]":                  true,
		"colour in [red]":                         false,
		"several in [x]":                          true,
		"several in [y]":                          false,
		"number == 5":                             true,
		"number != 5":                             false,
		"number >= 5 and number <= 5":             true,
		"number < 5 or number > 5":                false,
		"number > hub.age_min":                    false,
		"number < min_age()":                      true,
		"not (number < 3)":                        true,
		"!(number < 3)":                           true,
		"number < 3 or colour == red or number>4": true,
		"answered(number)":                        true,
		"answered(nickname)":                      false,
		"not answered(nickname)":                  true,
		"nickname_unset == x":                     false, // refused below
		"light() == green":                        true,
		"light() in [amber, red]":                 false,
		"ambers() == 0":                           true,
		"ambers() > 0":                            false,
		"age >= 13":                               false, // not answered: no comparison holds
		"age < 13":                                false,
		"not (age >= 19)":                         true,
		"channel() == telegram":                   true,
		"channel() == web":                        false,
		"locale() == en":                          true,
		"source() == poster":                      true,
		"source() != poster":                      false,
		"open_now()":                              true,
		"crisis_seen()":                           false,
		"consented(answers)":                      false,
		"referral() == none":                      true,
		"owner() == worker":                       false,
	} {
		t.Run(guard, func(t *testing.T) {
			t.Parallel()
			b, err := guarded(t, guard)
			if strings.Contains(guard, "_unset") {
				if err == nil {
					t.Error("a guard on an unknown variable was taken")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c := newChat(t, b, "telegram")
			c.says("/start poster")
			c.taps("green", "x", "done")
			c.says("5")
			if got := c.c.Over == "taken"; got != want {
				t.Errorf("%s is %v, want %v (%q)", guard, got, want, c.c.Over)
			}
		})
	}
}

// TestGuardsRefused holds that nothing but the listed grammar is a guard.
func TestGuardsRefused(t *testing.T) {
	t.Parallel()
	for _, guard := range []string{
		"", "colour", "1", "true", "colour + 1 == 2", "len(colour) > 1", "colour matches 'x'", "colour == green ? true : false",
		"let x = 1; x == 1", "number == 'five'", "light()", "ambers()", "ambers() == amber", "answered()", "answered(1)",
		"answered(nobody)", "consented(nothing)", "light(1) == red", "hub.secret == 1", "hub.age_min", "env.HOME == x",
		"colour == [", "colour in red and", "number in [1,2]", "several == x", "{}", "nil == nil", "all([1], # > 0)",
		strings.Repeat("(", 400) + "number == 1" + strings.Repeat(")", 400),
	} {
		if _, err := guarded(t, guard); err == nil {
			t.Errorf("the guard %q was taken", guard)
		}
	}
}

// FuzzGuard holds that any text is either a guard or refused, and that a guard
// can be decided.
func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"colour == red", "not (number < 3) or several in [x]", "ambers() >= 3 and light() == amber", "((", "x.y"} {
		f.Add(seed)
	}
	files := shippedFiles(f)
	f.Fuzz(func(t *testing.T, guard string) {
		card := "format: 1\ncard: default\nservices:\n  - {contact: shout, when: '" + strings.ReplaceAll(guard, "'", "''") + "'}\n"
		b, problems := flows.Parse(with(files, map[string]string{"crisis/default.yaml": card}, nil))
		if b == nil {
			if len(problems.Errors()) == 0 {
				t.Error("refused without a word")
			}
			return
		}
		newChat(t, b, "web").says("help")
	})
}
