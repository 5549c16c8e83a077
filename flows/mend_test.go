package flows_test

import (
	"slices"
	"testing"

	"github.com/star-house/frontdoor/flows"
)

// TestLostScript holds that a conversation whose bundle is gone goes on with another
// one from where it was, is noted once, and stays with that one.
func TestLostScript(t *testing.T) {
	t.Parallel()
	files := shippedFiles(t)
	c := newChat(t, shipped(t), "telegram")
	c.says("/start")
	c.taps("me")
	c.b = parsed(t, nil, map[string]string{
		"en/gates.yaml": replaced(t, files.Locales["en/gates.yaml"], "How old are you?", "What is your age?")})
	if out := c.says("19"); out.Fault != "lost script" || c.c.Bundle != c.b.Hash || c.c.At[len(c.c.At)-1].String() != "gates.district" {
		t.Errorf("it goes on at %v: %q", c.c.At, out.Fault)
	}
	if out := c.taps("skip"); out.Fault != "" {
		t.Errorf("the second turn: %q", out.Fault)
	}
}

// TestReferralWaitsAfterALostPlace holds that a person whose referral is open stays
// with whoever holds it, when the place or the whole conversation is lost: what they
// write reaches the worker, and no second referral begins.
func TestReferralWaitsAfterALostPlace(t *testing.T) {
	t.Parallel()
	for name, loses := range map[string]func(*chat){
		"its place": func(c *chat) { c.c.At = []flows.Frame{{Flow: "gone", State: "gone"}} },
		"the interrupted place": func(c *chat) {
			c.says("delete")
			c.c.Paused.At = []flows.Frame{{Flow: "gone", State: "gone"}}
			c.taps("keep")
		},
		"everything": func(c *chat) { c.c = flows.Conversation{} },
	} {
		c := newChat(t, shipped(t), "telegram")
		c.toReview()
		c.taps("submit")
		loses(c)
		out := c.do(flows.Input{Happening: flows.Typed, Text: "are you there", Lost: name == "everything"})
		if !slices.Equal(out.Said, []string{"are you there"}) || c.c.Owner != flows.OwnerNobody {
			t.Errorf("%s: the worker reads %q, and the owner is %q", name, out.Said, c.c.Owner)
		}
		if out = c.says("are you there"); len(out.Said) != 1 || out.Fault != "" {
			t.Errorf("%s: then the worker reads %q (%q)", name, out.Said, out.Fault)
		}
	}
}

// TestAnew holds that somebody whose conversation could not be read hears that it is
// not their doing, after the card when they need help, and begins anew.
func TestAnew(t *testing.T) {
	t.Parallel()
	c := newChat(t, shipped(t), "telegram")
	out := c.do(flows.Input{Happening: flows.Typed, Text: "hello", Lost: true})
	if b := out.Replies[0].Blocks; b[0].Key != "bot.fault" || b[1].Key != "referral.welcome" {
		t.Errorf("it begins with %s and goes on with %s", b[0].Key, b[1].Key)
	}
	c = newChat(t, shipped(t), "telegram")
	out = c.do(flows.Input{Happening: flows.Typed, Text: "i want to kill myself", Lost: true})
	if b := out.Replies[0].Blocks; b[0].Key != "cards.suicide" {
		t.Errorf("whoever needs help reads %s first", b[0].Key)
	}
}
