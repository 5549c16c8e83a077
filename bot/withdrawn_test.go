package bot_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// does does a piece of work that may not be refused.
func (r *rig) does(w bot.Work) bot.Done {
	r.t.Helper()
	done, err := r.desk.Do(r.t.Context(), w)
	if err != nil {
		r.t.Fatal(err)
	}
	r.settles()
	return done
}

// settles sends all that waits to be sent.
func (r *rig) settles() {
	r.t.Helper()
	if err := r.Sweep(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.Flush(r.t.Context())
}

// writes types words and sends what comes of it.
func (r *rig) writes(chat, text string) {
	r.t.Helper()
	if err := r.says(chat, text); err != nil {
		r.t.Fatal(err)
	}
	r.settles()
}

// TestWithdrawnIsGone holds that nobody at the desk reads what its person took
// back, neither its former holder nor a coordinator nor the duty person, whoever
// closed it; and that what stays says no more than that there was a request.
func TestWithdrawnIsGone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(r *rig, reference string){
		"by its person": func(r *rig, _ string) {
			r.writes("7", "withdraw")
			r.taps("7", "yes")
		},
		"by staff": func(r *rig, reference string) {
			r.does(bot.Work{Reference: reference, Verb: flows.DoClose, By: "cory", Outcome: "withdrawn"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := embeddedRig(t)
			for id, role := range map[string]flows.Role{"cory": flows.RoleCoordinator, "cleo": flows.RoleCoordinator, "dee": flows.RoleDuty} {
				if err := r.store.AddStaff(t.Context(), flows.Staff{ID: id, Name: "N" + id, Role: role}); err != nil {
					t.Fatal(err)
				}
			}
			reference := r.refers("7")
			r.writes("7", "MY SECRET")
			r.does(bot.Work{Reference: reference, Verb: flows.DoRegrade, By: "cory", Light: flows.Amber, Text: "MY SECRET"})
			r.does(bot.Work{Reference: reference, Verb: flows.DoClaim, By: "cory"})
			r.does(bot.Work{Reference: reference, Verb: flows.DoReply, By: "cory", Text: "MY SECRET"})
			end(r, reference)
			for _, who := range []string{"cory", "cleo", "dee"} {
				f, err := r.desk.Show(t.Context(), reference, who)
				if err != nil {
					t.Fatal(err)
				}
				all, err := json.Marshal(f)
				if err != nil {
					t.Fatal(err)
				}
				sent := f.Referral.Sent
				if len(sent.Answers)+len(sent.Summary)+len(sent.Contact)+len(sent.Consents)+len(f.Messages)+len(f.Delivery) > 0 ||
					len(f.Referral.Reasons) > 0 || strings.Contains(string(all), "Alex") || strings.Contains(string(all), "MY SECRET") {
					t.Errorf("%s still reads %s", who, all)
				}
				if f.Referral.Lane != flows.LaneCheck || f.Referral.Ended.Outcome != "withdrawn" || len(f.Referral.Events) < 4 {
					t.Errorf("%s should see that there was a request: %s", who, all)
				}
			}
		})
	}
}

// unsent are the ways to an ending that sends nothing, each from the first word on:
// # before what is typed, all else is tapped.
func unsent() map[string][]string {
	screening := []string{"#/start", "me", "#19", "skip", "here", "agree"}
	return map[string][]string{
		"too young":      {"#/start", "me", "#12"},
		"too old":        {"#/start", "me", "#40"},
		"elsewhere":      {"#/start", "me", "#19", "skip", "elsewhere"},
		"no answers":     {"#/start", "me", "#19", "skip", "here", "decline"},
		"taken back":     append(slices.Clone(screening), "#withdraw", "yes"),
		"just numbers":   append(slices.Clone(screening), "no", "numbers"),
		"not to duty":    append(slices.Clone(screening), "no", "tell", "cancel"),
		"time ran out":   append(slices.Clone(screening), "yes", "+25h"),
		"review, delete": append(slices.Clone(screening), toReview...),
	}
}

// toReview is from the first question about health to "Don't send".
var toReview = []string{"yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no", "lonely", "done", "just_talk",
	"no", "skip", "#Alex", "chat", "any", "nothing", "cancel", "delete"}

// walk types, taps and waits.
func (r *rig) walk(chat string, steps ...string) {
	r.t.Helper()
	for _, step := range steps {
		switch step[0] {
		case '#':
			r.writes(chat, step[1:])
		case '+':
			d, err := time.ParseDuration(step[1:])
			if err != nil {
				r.t.Fatal(err)
			}
			r.now = r.now.Add(d)
			r.settles()
		default:
			r.taps(chat, step)
		}
	}
}

// TestEndingsLeaveWhatWasSent holds that a closed referral can be read after each
// ending that sends nothing, and that it is gone once its person deleted everything.
func TestEndingsLeaveWhatWasSent(t *testing.T) {
	t.Parallel()
	for name, steps := range unsent() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := embeddedRig(t)
			r.hire("sam")
			reference := r.refers("7")
			r.does(bot.Work{Reference: reference, Verb: flows.DoClaim, By: "sam"})
			r.does(bot.Work{Reference: reference, Verb: flows.DoReply, By: "sam", Text: "Hello Alex"})
			r.does(bot.Work{Reference: reference, Verb: flows.DoClose, By: "sam", Outcome: "completed"})
			r.walk("7", steps...)
			person, err := r.store.PersonOf(t.Context(), reference)
			if err != nil {
				t.Fatal(err)
			}
			if sn, err := r.store.LoadPerson(t.Context(), person); err != nil || sn.Conversation.ID != "" {
				t.Errorf("the ending left a conversation: %v", err)
			}
			f, err := r.desk.Show(t.Context(), reference, "sam")
			if err != nil || f.Referral.Sent.Contact["nickname"] != "Alex" || len(f.Messages) != 1 {
				t.Fatalf("the closed referral is not what it was: %v %v", f, err)
			}
			r.writes("7", "/mydata")
			if texts := strings.Join(r.platform.texts("7"), "\n"); !strings.Contains(texts, "keeps it, and the messages about it, until") {
				t.Errorf("/mydata hides what is kept: %s", r.platform.last(t, "7").Text)
			}
			r.walk("7", "#delete", "yes")
			if _, err := r.desk.Show(t.Context(), reference, "sam"); !errors.Is(err, store.ErrUnknown) {
				t.Errorf("deleted, and yet: %v", err)
			}
		})
	}
}
