package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

// TestWhoOpenedADutyReferral holds that whoever reads a red referral sees who else
// did, and that other lanes keep no such list.
func TestWhoOpenedADutyReferral(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram")
	reference := p.duty("one", "Sam")
	p.opens("dee", reference)
	p.opens("cory", reference)
	file, err := p.desk.Show(t.Context(), reference, "dee")
	if err != nil {
		t.Fatal(err)
	}
	var who []string
	for _, l := range file.Readers {
		if l.What != "read" || l.Reference != reference {
			t.Errorf("%+v is not that somebody opened it", l)
		}
		who = append(who, l.By)
	}
	if len(who) != 3 || who[0] != "dee" || who[1] != "cory" || who[2] != "dee" {
		t.Errorf("opened by %v", who)
	}
}

// TestClaimTwiceIsHeardOnce holds that a claim that is renewed holds for longer, and
// that its person hears of the first one only.
func TestClaimTwiceIsHeardOnce(t *testing.T) {
	t.Parallel()
	r := embeddedRig(t)
	r.hire("sam")
	claim := bot.Work{Reference: r.refers("7"), Verb: flows.DoClaim, By: "sam"}
	first := r.does(claim)
	r.now = r.now.Add(time.Hour)
	again := r.does(claim)
	if first.Renewed || !again.Renewed || !again.Referral.Claim.Until.After(first.Referral.Claim.Until) {
		t.Errorf("claimed: %v, and once more: %v", first.Referral.Claim, again.Referral.Claim)
	}
	heard := strings.Count(strings.Join(r.platform.texts("7"), "\n"), "has picked up your request")
	if heard != 1 {
		t.Errorf("its person heard of the claim %d times", heard)
	}
}
