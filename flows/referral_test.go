package flows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/star-house/frontdoor/flows"
)

// staff are one of each role that matters.
func staff(role flows.Role) flows.Staff {
	return flows.Staff{ID: string(role), Name: string(role), Role: role}
}

// waiting is a referral that waits in a lane.
func waiting(lane flows.Lane) flows.Referral {
	return flows.Referral{Reference: "K7QM-2PXD", Status: flows.Received, Lane: lane, Priority: flows.Routine, Since: monday}
}

// TestWhoMayClaim holds which role may hold which lane.
func TestWhoMayClaim(t *testing.T) {
	t.Parallel()
	h := shipped(t).Hub
	may := map[flows.Lane][]flows.Role{
		flows.LaneOpen:  {flows.RoleWorker, flows.RoleCoordinator, flows.RoleDuty},
		flows.LaneCheck: {flows.RoleCoordinator},
		flows.LaneDuty:  {flows.RoleDuty},
	}
	for _, lane := range flows.Lanes() {
		for _, role := range flows.Roles() {
			_, err := waiting(lane).Apply(h, flows.Action{Verb: flows.DoClaim, By: staff(role), At: monday})
			want := error(flows.ErrRole)
			if slices.Contains(may[lane], role) {
				want = nil
			}
			if !errors.Is(err, want) {
				t.Errorf("%s claims from %s: %v, want %v", role, lane, err, want)
			}
		}
	}
	off := staff(flows.RoleWorker)
	off.Disabled = true
	if _, err := waiting(flows.LaneOpen).Apply(h, flows.Action{Verb: flows.DoClaim, By: off, At: monday}); !errors.Is(err, flows.ErrRole) {
		t.Errorf("somebody disabled claims: %v", err)
	}
}

// TestStaleClaim holds that whoever lost a claim can do nothing with it.
func TestStaleClaim(t *testing.T) {
	t.Parallel()
	h := shipped(t).Hub
	sam, jo := staff(flows.RoleWorker), flows.Staff{ID: "jo", Name: "Jo", Role: flows.RoleWorker}
	act := func(r flows.Referral, a flows.Action) (flows.Referral, error) {
		a.At = monday
		return r.Apply(h, a)
	}
	first, err := act(waiting(flows.LaneOpen), flows.Action{Verb: flows.DoClaim, By: sam})
	if err != nil {
		t.Fatal(err)
	}
	held, err := act(first, flows.Action{Verb: flows.DoHandOver, By: sam, To: jo, Number: first.Claim.Number})
	if err != nil || held.Claim.Number <= first.Claim.Number {
		t.Fatal(err, held.Claim)
	}
	for _, verb := range []flows.Verb{flows.DoReply, flows.DoClose, flows.DoRelease, flows.DoHandOver, flows.DoHold} {
		if _, err := act(held, flows.Action{Verb: verb, By: sam, To: sam, Outcome: "completed"}); !errors.Is(err, flows.ErrHolder) {
			t.Errorf("%s by the old holder: %v", verb, err)
		}
		if _, err := act(held, flows.Action{Verb: verb, By: jo, To: jo, Outcome: "completed", Number: first.Claim.Number}); !errors.Is(err, flows.ErrStale) {
			t.Errorf("%s with an old claim: %v", verb, err)
		}
	}
}

// TestClaimTwice holds that claiming what one holds renews the same claim, whatever
// came of it since, and that it does so for its holder alone.
func TestClaimTwice(t *testing.T) {
	t.Parallel()
	h := shipped(t).Hub
	sam, jo := staff(flows.RoleWorker), flows.Staff{ID: "jo", Name: "Jo", Role: flows.RoleWorker}
	r, err := waiting(flows.LaneOpen).Apply(h, flows.Action{Verb: flows.DoClaim, By: sam, At: monday})
	if err != nil {
		t.Fatal(err)
	}
	for i, verb := range []flows.Verb{flows.DoReply, flows.DoHold, flows.DoClaim} {
		at := monday.Add(time.Duration(i+1) * time.Hour)
		again, err := r.Apply(h, flows.Action{Verb: flows.DoClaim, By: sam, At: at})
		if err != nil || again.Status != r.Status || again.Claim.Number != r.Claim.Number || again.Claim.Contacted != r.Claim.Contacted {
			t.Errorf("claimed once more when %s: %s, claim %v: %v", r.Status, again.Status, again.Claim, err)
		}
		if !again.Claim.Until.After(r.Claim.Until) || again.Events[len(again.Events)-1].What != string(flows.DoRenew) {
			t.Errorf("claimed once more when %s: until %s, not after %s", r.Status, again.Claim.Until, r.Claim.Until)
		}
		if _, err := r.Apply(h, flows.Action{Verb: flows.DoClaim, By: jo, At: at}); !errors.Is(err, flows.ErrTaken) {
			t.Errorf("when %s, somebody else claims: %v", r.Status, err)
		}
		if r, err = r.Apply(h, flows.Action{Verb: verb, By: sam, At: at}); err != nil {
			t.Fatal(verb, err)
		}
	}
	if _, err := waiting(flows.LaneOpen).Apply(h, flows.Action{Verb: flows.DoRenew, By: sam, At: monday}); !errors.Is(err, flows.ErrHolder) {
		t.Errorf("what nobody holds is renewed: %v", err)
	}
	sam.Disabled = true
	if _, err := r.Apply(h, flows.Action{Verb: flows.DoClaim, By: sam, At: monday}); !errors.Is(err, flows.ErrRole) {
		t.Errorf("somebody disabled renews: %v", err)
	}
}

// TestReleaseKeepsThePlace holds that a referral goes back to where it was, and
// that its person never waits anew.
func TestReleaseKeepsThePlace(t *testing.T) {
	t.Parallel()
	h := shipped(t).Hub
	r := waiting(flows.LaneCheck)
	cory := staff(flows.RoleCoordinator)
	for _, verb := range []flows.Verb{flows.DoClaim, flows.DoReply, flows.DoRelease} {
		var err error
		if r, err = r.Apply(h, flows.Action{Verb: verb, By: cory, At: monday.Add(48 * time.Hour)}); err != nil {
			t.Fatal(verb, err)
		}
	}
	if r.Status != flows.Received || r.Lane != flows.LaneCheck || !r.Since.Equal(monday) || r.Claim.By != "" {
		t.Errorf("released to %s in %s, since %s, by %q", r.Status, r.Lane, r.Since, r.Claim.By)
	}
	open, err := r.Apply(h, flows.Action{Verb: flows.DoRelease, By: cory, At: monday})
	if err != nil || open.Lane != flows.LaneOpen {
		t.Errorf("a coordinator lets it go to %s: %v", open.Lane, err)
	}
	if _, err := r.Apply(h, flows.Action{Verb: flows.DoRelease, By: staff(flows.RoleWorker), At: monday}); !errors.Is(err, flows.ErrHolder) {
		t.Errorf("a worker releases what waits: %v", err)
	}
	duty := waiting(flows.LaneDuty)
	if _, err := duty.Apply(h, flows.Action{Verb: flows.DoRelease, By: cory, At: monday}); !errors.Is(err, flows.ErrHolder) {
		t.Errorf("a coordinator releases from duty: %v", err)
	}
}

// TestOutcomes holds the status that each outcome leads to, and that nothing
// follows it.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	h := shipped(t).Hub
	sam := staff(flows.RoleWorker)
	for outcome, want := range map[string]flows.Status{
		"completed": flows.Completed, "routed": flows.Completed, "declined": flows.Rejected,
		"unreachable": flows.Cancelled, "withdrawn": flows.Cancelled,
	} {
		r, err := waiting(flows.LaneOpen).Apply(h, flows.Action{Verb: flows.DoClaim, By: sam, At: monday})
		if err != nil {
			t.Fatal(err)
		}
		r, err = r.Apply(h, flows.Action{Verb: flows.DoClose, By: sam, At: monday, Outcome: outcome})
		if err != nil || r.Status != want || r.Ended.Outcome != outcome {
			t.Errorf("%s: %s %v %v", outcome, r.Status, r.Ended, err)
		}
		if _, err := r.Apply(h, flows.Action{Verb: flows.DoReply, By: sam, At: monday}); !errors.Is(err, flows.ErrOver) {
			t.Errorf("after %s: %v", outcome, err)
		}
	}
	if _, err := waiting(flows.LaneOpen).Apply(h, flows.Action{Verb: flows.DoClose, By: sam, At: monday, Outcome: "lost"}); err == nil {
		t.Error("an unknown outcome was taken")
	}
}

// TestLifecycle holds, for any order of actions, that a referral has a holder
// exactly when somebody works on it, that its person's waiting time never
// changes, that claim numbers only grow, and that what is over stays over.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	h := shipped(t).Hub
	verbs := []flows.Verb{flows.DoClaim, flows.DoRelease, flows.DoHandOver, flows.DoReply, flows.DoHold, flows.DoClose, flows.DoLapse, flows.DoWithdraw}
	rapid.Check(t, func(rt *rapid.T) {
		r := waiting(rapid.SampledFrom(flows.Lanes()).Draw(rt, "lane"))
		for range rapid.IntRange(1, 30).Draw(rt, "actions") {
			role := rapid.SampledFrom(flows.Roles()).Draw(rt, "role")
			next, err := r.Apply(h, flows.Action{
				Verb: rapid.SampledFrom(verbs).Draw(rt, "verb"), By: staff(role),
				To: staff(rapid.SampledFrom(flows.Roles()).Draw(rt, "to")), Outcome: "completed", At: monday,
			})
			if err != nil {
				if r.Status.Over() && !errors.Is(err, flows.ErrOver) {
					rt.Fatalf("over, and refused with %v", err)
				}
				continue
			}
			working := slices.Contains([]flows.Status{flows.Accepted, flows.InProgress, flows.OnHold}, next.Status)
			switch {
			case r.Status.Over():
				rt.Fatal("something happened to a referral that is over")
			case working != (next.Claim.By != "") && !next.Status.Over():
				rt.Fatalf("%s, held by %q", next.Status, next.Claim.By)
			case !next.Since.Equal(monday) || next.Claim.Number < r.Claim.Number:
				rt.Fatalf("since %s, claim %d after %d", next.Since, next.Claim.Number, r.Claim.Number)
			case len(next.Events) != len(r.Events)+1:
				rt.Fatal("an action left no line in the timeline")
			}
			r = next
		}
	})
}

// TestNothingIsSentUnseen holds, on each channel, that what the referral takes along
// is word for word what the review showed.
func TestNothingIsSentUnseen(t *testing.T) {
	t.Parallel()
	for channel, contact := range map[string][]string{"telegram": {"chat", "any", "nothing"}, "web": {"call", "any", "nothing"}} {
		c := newChat(t, shipped(t), channel)
		c.toContact()
		c.taps(contact[:len(contact)-2]...)
		if channel == "web" {
			c.says("0114 496 0123")
		}
		c.taps(contact[len(contact)-2:]...)
		var shown []flows.Line
		for _, item := range c.out.Replies[len(c.out.Replies)-1].Blocks[0].Lines {
			shown = append(shown, item.Line)
		}
		c.taps("submit")
		for _, line := range c.referral.Sent.Summary {
			if !slices.Contains(shown, line) {
				t.Errorf("%s: %v was sent, and the review showed %v", channel, line, shown)
			}
		}
	}
}
