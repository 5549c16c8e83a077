package webchat

import (
	"slices"
	"testing"

	"github.com/star-house/frontdoor/flows/hub"
)

// TestParts holds what can be tapped in a text: the numbers of the contacts and web
// addresses, and never a piece of something else or what somebody told us.
func TestParts(t *testing.T) {
	t.Parallel()
	contacts := map[string]hub.Contact{
		"emergency": {Tel: "999"}, "nhs111": {Tel: "111"}, "childline": {Tel: "0800 1111"}, "star_house": {Tel: "0114 201 2800"},
		"samaritans": {Tel: "116 123"}, "shout": {SMS: "85258", Keyword: "SHOUT"}, "door43": {Address: "43 Division Street"},
	}
	for text, want := range map[string][]string{
		"999: call if someone is hurt":           {"999", "tel:999"},
		"Please call 999, or go to A&E.":         {"999", "tel:999"},
		"Childline, 0800 1111: free":             {"0800 1111", "tel:08001111"},
		"Star House, 0114 201 2800.":             {"0114 201 2800", "tel:01142012800"},
		"Text SHOUT to 85258: free":              {"SHOUT to 85258", "sms:85258?body=SHOUT"},
		"SHOUT is free. Text 85258":              {"85258", "sms:85258?body=SHOUT"},
		"It costs nothing.\n999\n111: call":      {"999", "tel:999", "111", "tel:111"},
		"See https://a.example/999 or 111":       {"https://a.example/999", "https://a.example/999", "111", "tel:111"},
		"(116 123)":                              {"116 123", "tel:116123"},
		"Zadzwoń pod 999!":                       {"999", "tel:999"},
		"The reference is K999-2111":             {},
		"9-111, £999, 1 111, 111 22, 1,111":      {},
		"0800 11112 and 10800 1111 and 1116 123": {},
		"S1 4GE, 07700 900999, 111th":            {},
		"You told us:\n• Phone: 0800 1111\n":     {},
		"• More: I rang\n111\n\nCall 999":        {"999", "tel:999"},
		"Nothing":                                {},
		"":                                       {},
	} {
		got, whole := []string{}, ""
		for _, p := range parts(text, contacts) {
			if whole += p.Text; p.Href != "" {
				got = append(got, p.Text, p.Href)
			}
		}
		if whole != text {
			t.Errorf("%q became %q", text, whole)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
