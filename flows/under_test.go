package flows_test

import (
	"strings"
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// replaced is a file of the scripts or the words with parts replaced, old and new in
// turn.
func replaced(t *testing.T, file []byte, parts ...string) string {
	t.Helper()
	text := string(file)
	for i := 0; i < len(parts); i += 2 {
		if !strings.Contains(text, parts[i]) {
			t.Fatalf("there is no %q to replace", parts[i])
		}
		text = strings.ReplaceAll(text, parts[i], parts[i+1])
	}
	return text
}

// TestUnderNamesNewestContacts holds that a helpline whose number changed has its new
// number on the cards of conversations that began before, and nothing else of the hub
// changes under them.
func TestUnderNamesNewestContacts(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	old := shipped(t)
	newest := parsed(t, map[string]string{
		"hub.yaml": replaced(t, files.Scripts["hub.yaml"], `"0800 068 4141"`, `"0800 999 9999"`, "name: Star House", "name: Moon House"),
	}, nil)
	merged := old.Under(newest)
	c := newChat(t, merged, "telegram")
	c.says("/start")
	c.taps("me")
	out := c.says("i want to kill myself")
	if l := out.Replies[0].Blocks[0].Links[1]; !strings.Contains(l.Text, "0800 999 9999") || l.Href != "tel:08009999999" {
		t.Errorf("the card names %q, %s", l.Text, l.Href)
	}
	if merged.Hub.Name != "Star House" || old.Hub.Contacts["papyrus"].Tel == newest.Hub.Contacts["papyrus"].Tel {
		t.Errorf("the hub is %q, and the older bundle has %+v", merged.Hub.Name, old.Hub.Contacts["papyrus"])
	}
}

// newCrisis is a script whose way through crisis asks something new, promises
// something new, calls a new flow, names a new card and a new contact.
func newCrisis(t *testing.T) *flows.Bundle {
	t.Helper()
	files := shippedFiles(t)
	return parsed(t, map[string]string{
		"crisis.yaml": replaced(t, files.Scripts["crisis.yaml"],
			"still_safe", "safe_today",
			"start: now\n", "start: now\nconsents:\n  call_me: {version: 1, covers: [where_now], keep: 1d, to: hub}\n",
			"  glad: {end: resume, say: glad}\n", "  glad: {call: calm, to: promise}\n"+
				"  promise: {consent: call_me, agree: where, decline: glad_over}\n"+
				"  where: {choose: where_now, options: [home, out], to: soft}\n"+
				"  soft: {crisis: soft, options: [{id: carry_on, to: glad_over}]}\n"+
				"  glad_over: {end: resume, say: glad}\n",
			"  check_in: {type", "  where_now: {type: enum, of: [home, out], class: special}\n  check_in: {type"),
		"calm.yaml": "flow: calm\nformat: 1\nstart: breathe\nvars:\n  breathing: {type: enum, of: [better, same], class: special}\n" +
			"states:\n  breathe: {choose: breathing, options: [better, same], to: over}\n  over: {end: calm}\n",
		"crisis/soft.yaml": "format: 1\ncard: soft\nservices: [{contact: night_line, when: \"breathing != better\"}]\n",
		"hub.yaml":         replaced(t, files.Scripts["hub.yaml"], "contacts:\n", "contacts:\n  night_line: {tel: \"0800 111 2222\", source: https://example.org, checked_on: 2026-11-01, expires: 2027-05-01}\n"),
	}, map[string]string{
		"en/crisis.yaml": replaced(t, files.Locales["en/crisis.yaml"], "still_safe", "safe_today") +
			"promise: May we ring you?\npromise.agree: Yes\npromise.decline: No\nwhere: Where are you?\nwhere.home: Home\n" +
			"where.out: Out\nwhere_now.label: Where\nsoft.carry_on: Carry on\nsoft: This may help.\n",
		"en/calm.yaml":     "breathe: Breathe with me.\nbreathe.better: Better\nbreathe.same: The same\nbreathing.label: Breathing\n",
		"en/cards.yaml":    string(files.Locales["en/cards.yaml"]) + "\nsoft: You did well.\n",
		"en/contacts.yaml": string(files.Locales["en/contacts.yaml"]) + "\nnight_line: Night line, {tel}\n",
	})
}

// TestUnderHasAllThatCrisisReaches holds that whatever the newest way through crisis
// asks, promises, calls and names is there for a conversation that began before.
func TestUnderHasAllThatCrisisReaches(t *testing.T) {
	t.Parallel()
	old := shipped(t)
	merged := old.Under(newCrisis(t))
	if problems := flows.NamesOf(merged); len(problems) > 0 {
		t.Errorf("names that lead nowhere: %v", problems)
	}
	c := newChat(t, merged, "telegram")
	c.says("/start")
	c.taps("me")
	c.says("im not suicidal")
	out := c.taps("safe", "better", "agree", "home")
	if got := out.Replies[0].Blocks[0]; got.Key != "cards.soft" || !strings.Contains(got.Links[0].Text, "0800 111 2222") {
		t.Errorf("the new card is %+v", got)
	}
	if out = c.taps("carry_on"); out.Fault != "" || c.c.At[len(c.c.At)-1].String() != "gates.age" {
		t.Errorf("after it: %q at %v", out.Fault, c.c.At)
	}
	if problems := flows.NamesOf(old); len(problems) > 0 {
		t.Errorf("the older bundle was changed: %v", problems)
	}
}

// TestUnknownVariable holds that a question whose variable is not known breaks
// nothing: within crisis the person goes on, elsewhere the conversation begins anew.
func TestUnknownVariable(t *testing.T) {
	t.Parallel()
	c := newChat(t, flows.Without(shipped(t), "still_safe"), "telegram")
	c.says("/start")
	c.taps("me")
	c.says("im not suicidal")
	if out := c.taps("unsure"); out.Fault != "no such variable" || out.Replies[0].Class != flows.ClassCrisis {
		t.Errorf("whoever is not sure gets %s, %q", out.Replies[0].Blocks[0].Key, out.Fault)
	}
	c = newChat(t, flows.Without(shipped(t), "age"), "telegram")
	c.says("/start")
	c.taps("me")
	if out := c.says("19"); out.Fault != "no such variable" || out.Replies[0].Blocks[0].Key != "bot.fault" {
		t.Errorf("an answer that cannot be kept: %s, %q", out.Replies[0].Blocks[0].Key, out.Fault)
	}
}
