package bot_test

import (
	"testing"
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
