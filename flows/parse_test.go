package flows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/source"
)

// probe is a small flow that is added to the shipped ones; its states are
// written by each case.
func probe(states string) string {
	return `flow: probe
format: 1
start: a
vars:
  colour: {type: enum, of: [red, green], class: routing}
  several: {type: set, of: [x, y], class: routing}
  number: {type: integer, min: 1, max: 9, class: routing}
  words: {type: text, class: personal}
states:
` + states
}

// TestParseRefuses holds that each mistake is refused with its place and, where
// it can be known, with what was meant.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	for name, c := range map[string]struct {
		file, text, want string
	}{
		"unknown kind":      {"probe.yaml", probe("  a: {sya: hi, to: b}\n"), `probe.yaml:10:7: UNKNOWN-KEY unknown kind "sya": did you mean "say"?`},
		"unknown kind 2":    {"probe.yaml", probe("  a: {to: a, chose: colour, options: [red]}\n"), `probe.yaml:10:14: UNKNOWN-KEY unknown kind "chose": did you mean "choose"?`},
		"no kind":           {"probe.yaml", probe("  a: {to: b}\n"), "probe.yaml:10:3: KIND a state has exactly one kind"},
		"kind unlike any":   {"probe.yaml", probe("  a: {banana: b, to: a}\n"), `probe.yaml:10:7: UNKNOWN-KEY unknown kind "banana": it can be ask, branch,`},
		"many":              {"probe.yaml", probe("  a: {choose: several, many: {min: 2}, options: [x], to: b}\n  b: {end: done}\n"), `probe.yaml:10:36: NUMBER "2" should be a whole number from 0 to 1`},
		"area of a text":    {"probe.yaml", probe("  a: {branch: [{when: in_area(words), to: b}, {else: b}]}\n  b: {end: done}\n"), `probe.yaml:10:23: GUARD in_area takes a postcode, and words has the type text`},
		"area of nothing":   {"probe.yaml", probe("  a: {branch: [{when: in_area(distrct), to: b}, {else: b}]}\n  b: {end: done}\n"), `GUARD unknown variable "distrct": did you mean "district"?`},
		"area by name":      {"probe.yaml", probe("  a: {branch: [{when: district == S1, to: b}, {else: b}]}\n  b: {end: done}\n"), `GUARD district has the type postcode: a guard may only ask answered(district) or in_area(district)`},
		"unknown state key": {"probe.yaml", probe("  a: {choose: colour, optoins: [red], to: a}\n"), `probe.yaml:10:23: UNKNOWN-KEY unknown key "optoins": did you mean "options"?`},
		"two kinds":         {"probe.yaml", probe("  a: {say: hi, ask: words, to: a}\n"), "probe.yaml:10:3: KIND a state has exactly one kind"},
		"no target":         {"probe.yaml", probe("  a: {ask: words, to: bb}\n  b: {end: done}\n"), `probe.yaml:10:3: TARGET unknown state "bb": did you mean "b"?`},
		"unknown variable":  {"probe.yaml", probe("  a: {ask: wrods, to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: TARGET unknown variable "wrods": did you mean "words"?`},
		"ask for an enum":   {"probe.yaml", probe("  a: {ask: colour, to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: TYPE "colour" has the type enum: ask for it with choose`},
		"choose a text":     {"probe.yaml", probe("  a: {choose: words, options: [x], to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: TYPE "words" has the type text: ask for it with ask`},
		"set without many":  {"probe.yaml", probe("  a: {choose: several, options: [x], to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: TYPE many: true and the type set go together`},
		"option not listed": {"probe.yaml", probe("  a: {choose: colour, options: [blue], to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: TYPE the option "blue" is not a value of "colour"`},
		"red without card":  {"probe.yaml", probe("  a: {choose: colour, options: [{id: red, light: red}], to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: RED the red option "red" must lead straight to a crisis state`},
		"option nowhere":    {"probe.yaml", probe("  a: {choose: colour, options: [red]}\n"), `probe.yaml:10:33: MISSING the option "red" leads nowhere`},
		"guard on text":     {"probe.yaml", probe("  a: {branch: [{when: words == x, to: b}, {else: b}]}\n  b: {end: done}\n"), `probe.yaml:10:23: GUARD words has the type text: a guard may only ask answered(words)`},
		"guard on value":    {"probe.yaml", probe("  a: {branch: [{when: colour == blue, to: b}, {else: b}]}\n  b: {end: done}\n"), `probe.yaml:10:23: GUARD "blue" is not one of red, green`},
		"guard calls out":   {"probe.yaml", probe("  a: {branch: [{when: env() == x, to: b}, {else: b}]}\n  b: {end: done}\n"), `probe.yaml:10:23: GUARD unknown function "env"`},
		"branch, no else":   {"probe.yaml", probe("  a: {branch: [{when: colour == red, to: b}]}\n  b: {end: done}\n"), `probe.yaml:10:17: BRANCH a branch ends with one else`},
		"silent loop":       {"probe.yaml", probe("  a: {say: hi, to: b}\n  b: {say: ho, to: a}\n"), `probe.yaml:10:3: LOOP "a" leads back to itself`},
		"calls itself":      {"probe.yaml", probe("  a: {call: probe, to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: CALL the flow "probe" would call itself`},
		"unknown flow":      {"probe.yaml", probe("  a: {call: contcat, to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: TARGET unknown flow "contcat": did you mean "contact"?`},
		"unknown result":    {"probe.yaml", probe("  a: {call: gates, to: b, results: {too_yong: b}}\n  b: {end: done}\n"), `probe.yaml:10:3: TARGET unknown result "too_yong": did you mean "too_young"?`},
		"unknown card":      {"probe.yaml", probe("  a: {crisis: suicid, options: [{id: go, to: b}]}\n  b: {end: done}\n"), `probe.yaml:10:3: TARGET unknown card "suicid": did you mean "suicide"?`},
		"unknown ending":    {"probe.yaml", probe("  a: {end: done, do: erace}\n"), `probe.yaml:10:22: VALUE an ending cannot "erace"`},
		"uncovered":         {"probe.yaml", probe("  a: {refer: hub, under: share, send: [words], lane: {red: duty, amber: check, green: open}, closed: b, withdrawn: b}\n  b: {end: done}\n"), `probe.yaml:10:3: CONSENT "words" is sent, but the consent "share" does not cover it`},
		"sent unseen":       {"referral.yaml", replaceIn(t, files.Scripts["referral.yaml"], "email, phone_mine, good_time, pronouns,\n      voicemail, secret, access, spoken, gp, may_tell]\n    under", "email, good_time, pronouns,\n      voicemail, secret, access, spoken, gp, may_tell]\n    under"), `UNSEEN "phone_mine" is sent, but no review under the consent "share" shows it`},
		"red not to duty":   {"probe.yaml", probe("  a: {refer: hub, under: share, send: [], lane: {red: open, amber: check, green: open}, closed: b, withdrawn: b}\n  b: {end: done}\n"), `probe.yaml:10:3: RED red goes to the lane duty, always`},
		"missing text":      {"probe.yaml", probe("  a: {say: hi, to: b}\n  b: {end: done}\n"), `probe.yaml:10:3: TEXT the text "hi" is missing in locales/en/probe.yaml`},
		"alias":             {"probe.yaml", "flow: &x probe\nformat: 1\n", `probe.yaml:1:7: YAML "&" is not used in these files`},
		"alias bomb":        {"probe.yaml", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", `probe.yaml:1:4: YAML "&" is not used`},
		"merge key":         {"probe.yaml", "<<: {flow: probe}\n", `probe.yaml:1:1: YAML "<<" is not used`},
		"nested deep":       {"probe.yaml", "flow: " + strings.Repeat("[", 2000), "probe.yaml:1:23: DEPTH values nest more than 16 deep"},
		"too large":         {"probe.yaml", "# " + strings.Repeat("x", 1<<20), "probe.yaml:1:1: SIZE the file has more than 1048576 bytes"},
		"too many parts":    {"probe.yaml", strings.Repeat("- a\n", 30_000), "probe.yaml:1:1: SIZE the file has too many parts"},
		"not text":          {"probe.yaml", "flow: \xff\xfe", "probe.yaml:1:1: ENCODING the file is not UTF-8 text"},
		"broken":            {"probe.yaml", "flow: [probe\n", "probe.yaml:1:7: YAML"},
		"two documents":     {"probe.yaml", "flow: probe\n---\nflow: other\n", "probe.yaml:1:1: YAML one document a file"},
		"twice":             {"probe.yaml", "flow: probe\nflow: other\n", "probe.yaml:2:1: YAML"},
		"hub: zone":         {"hub.yaml", replaceIn(t, files.Scripts["hub.yaml"], "Europe/London", "Europe/Londn"), `hub.yaml:6:11: VALUE "Europe/Londn" is not a time zone`},
		"hub: span":         {"hub.yaml", replaceIn(t, files.Scripts["hub.yaml"], "claim: 2wd", "claim: two"), `SPAN "two" is not a length of time`},
		"bot: interrupt":    {"bot.yaml", replaceIn(t, files.Scripts["bot.yaml"], "  stop: system.stop\n", ""), `MISSING the interrupt "stop" has no target`},
		"bot: target":       {"bot.yaml", replaceIn(t, files.Scripts["bot.yaml"], "system.stop", "system.stopp"), `bot.yaml: TARGET there is no state "system.stopp"`},
		"card: contact":     {"crisis/suicide.yaml", "format: 1\ncard: suicide\nservices: [papyrs]\n", `crisis/suicide.yaml:1:1: TARGET unknown contact "papyrs": did you mean "papyrus"?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, problems := flows.Parse(with(files, map[string]string{c.file: c.text}, nil))
			if b != nil || !strings.Contains(problems.Error(), c.want) {
				t.Errorf("got %v\n%s\nwant %s", b != nil, problems, c.want)
			}
		})
	}
}

// replaceIn is a file with one place changed.
func replaceIn(t *testing.T, file []byte, old, now string) string {
	t.Helper()
	if !strings.Contains(string(file), old) {
		t.Fatalf("the file has no %q", old)
	}
	return strings.Replace(string(file), old, now, 1)
}

// TestParseRefusesWords holds that texts are checked as closely as structure.
func TestParseRefusesWords(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	gates := string(files.Locales["en/gates.yaml"])
	for want, text := range map[string]string{
		`the text "area.here" is missing in locales/en/gates.yaml`: strings.Replace(gates, "area.here:", "area.hear:", 1),
		"nothing stands for {aera}":                                strings.Replace(gates, "{area}", "{aera}", 1),
		"nothing stands for {{}":                                   strings.Replace(gates, "{area}", "{area", 1),
		"this text is empty":                                       strings.Replace(gates, `age.label: "Age"`, `age.label: ""`, 1),
		"a button has at most 60 characters; this has 61":          strings.Replace(gates, `area.here: "Yes"`, `area.here: "`+strings.Repeat("y", 61)+`"`, 1),
	} {
		b, problems := flows.Parse(with(files, nil, map[string]string{"en/gates.yaml": text}))
		if b != nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("got %v %s, want %s", b != nil, problems, want)
		}
	}
	system := string(files.Locales["en/system.yaml"])
	for want, text := range map[string]string{
		"DAY a text with {claim_by} needs another one, status_waiting@duty, without it": strings.Replace(system, "status_waiting@duty:", "spare:", 1),
		"DAY a text with {claim_by} needs another one, status_waiting@late, without it": strings.Replace(system, "status_waiting@late:", "spare:", 1),
		"DAY {claim_by} is not true of a request that stands @duty":                     strings.Replace(system, "{opens}", "{claim_by}", -1),
		"unknown ending \"@dtuy\": did you mean \"@duty\"?":                             strings.Replace(system, "status_waiting@duty:", "status_waiting@dtuy:", 1),
	} {
		b, problems := flows.Parse(with(files, nil, map[string]string{"en/system.yaml": text}))
		if b != nil || !strings.Contains(problems.Error(), want) {
			t.Errorf("got %v %s, want %s", b != nil, problems, want)
		}
	}
	b, problems := flows.Parse(with(files, nil, map[string]string{"en/gates.yaml": gates + "spare: \"Nobody reads me\"\n"}))
	if b == nil || len(problems) != 1 || problems[0].Code != "UNUSED" || problems[0].Severity != "warning" {
		t.Errorf("an unused text gave %v, not a warning", problems)
	}
}

// TestHash holds that a bundle's hash names its files and nothing else.
func TestHash(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	if files.Hash() != shippedFiles(t).Hash() {
		t.Error("the same files have two hashes")
	}
	moved := with(files, map[string]string{"bot.yaml": "", "bot2.yaml": string(files.Scripts["bot.yaml"])}, nil)
	joined := flows.Files{Scripts: map[string][]byte{"a": []byte("bc")}}
	apart := flows.Files{Scripts: map[string][]byte{"ab": []byte("c")}}
	if moved.Hash() == files.Hash() || joined.Hash() == apart.Hash() {
		t.Error("different files share a hash")
	}
}

// FuzzParse holds that no file, whatever is in it, does more than be refused.
func FuzzParse(f *testing.F) {
	files := shippedFiles(f)
	for _, data := range files.Scripts {
		f.Add(data)
	}
	f.Add([]byte("flow: x\nformat: 1\nstart: a\nstates: {a: {end: b}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		all := with(files, map[string]string{"fuzzed.yaml": string(data)}, nil)
		b, problems := flows.Parse(all)
		if (b == nil) != (len(problems.Errors()) > 0) {
			t.Errorf("a bundle is %v with %d errors", b != nil, len(problems.Errors()))
		}
	})
}

// FuzzRead holds that reading a tree keeps to its limits and gives every problem
// a place in the file.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a: 1", "- [x, {y: z}]", "a: &b c", "{", "a: |\n  b\n", "? x\n: y", "%YAML 1.2\n---\na"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var problems source.Problems
		node := source.Read("f.yaml", data, &problems)
		if node == nil && len(problems) == 0 {
			t.Error("nothing was read and nothing said why")
		}
		for _, p := range problems {
			if p.File != "f.yaml" || p.Line < 0 || p.Message == "" {
				t.Errorf("a problem without a place: %+v", p)
			}
		}
	})
}

// older is a bundle without a line of its words.
func older(t *testing.T, files flows.Files, name, line string) *flows.Bundle {
	t.Helper()
	before, after, ok := strings.Cut(string(files.Locales[name]), "\n"+line)
	_, after, _ = strings.Cut(after, "\n")
	b, problems := flows.Parse(with(files, nil, map[string]string{name: before + "\n" + after}))
	if b == nil || !ok {
		t.Fatal(problems)
	}
	return b
}

// TestOlderWordsAreRead holds that a bundle from before a text was thought of can
// still be used, with an older text in its place: conversations finish on theirs.
func TestOlderWordsAreRead(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	var words strings.Builder
	for line := range strings.Lines(string(files.Locales["en/bot.yaml"])) {
		if !strings.HasPrefix(line, "sorry_line:") && !strings.HasPrefix(line, "closest:") && !strings.HasPrefix(line, "nothing_added:") {
			words.WriteString(line)
		}
	}
	b, problems := flows.Parse(with(files, nil, map[string]string{"en/bot.yaml": words.String()}))
	if b == nil || len(problems) != 3 || problems[0].Severity != "warning" || problems[0].Code != "TEXT" {
		t.Fatalf("read: %v, %v", b != nil, problems)
	}
	if got := older(t, files, "en/commands.yaml", "numbers:").PageText("en", "commands.numbers"); got != "Get help now" {
		t.Errorf("a button of a platform says %q", got)
	}
	c := newChat(t, b, "telegram")
	c.toReview()
	if out := c.says("99"); out.Replies[0].Blocks[0].Key != "bot.sorry" {
		t.Errorf("said %s", out.Replies[0].Blocks[0].Key)
	}
}

// TestNotSureIsUnderstood holds that wherever "not sure" is an answer, the words that
// young people type for it are.
func TestNotSureIsUnderstood(t *testing.T) {
	t.Parallel()
	found := 0
	for file, data := range shippedFiles(t).Locales {
		if !strings.HasPrefix(file, "en/") {
			continue
		}
		var problems source.Problems
		words := map[string]string{}
		for key, value := range source.Read(file, data, &problems).Pairs() {
			words[key.Raw()] = value.Raw()
		}
		for key := range words {
			if !strings.HasSuffix(key, ".unsure") {
				continue
			}
			found++
			also := strings.Split(words[key+".also"], ", ")
			for _, typed := range []string{"idk", "i dont know", "dunno", "not sure", "maybe"} {
				if !slices.Contains(also, typed) {
					t.Errorf("%s: %q is not understood at %s", file, typed, key)
				}
			}
		}
	}
	if found < 7 {
		t.Errorf("only %d questions can be answered so", found)
	}
}
