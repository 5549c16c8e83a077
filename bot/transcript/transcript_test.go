package transcript_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/source"
)

// direct makes drivers that go through no platform.
func direct(_ *testing.T, channel string) func(bot.Accept) transcript.Driver {
	return transcript.Direct(channel)
}

// TestShippedTranscripts plays every transcript on the service itself.
func TestShippedTranscripts(t *testing.T) {
	t.Parallel()
	bottest.Play(t, direct, func(string, *transcript.Transcript) string { return "" })
}

// TestATranscriptCanFail holds that each kind of expectation is really looked
// at: a transcript that expects something else is refused, at its place.
func TestATranscriptCanFail(t *testing.T) {
	t.Parallel()
	b := bottest.Bundle(t)
	for name, step := range map[string]string{
		"bot":        `bot: [welcome]`,
		"state":      `expect: {state: gates.age}`,
		"over":       `expect: {over: closed}`,
		"sent first": `expect: {sent_first: crisis}`,
		"sent":       `expect: {sent: [age]}`,
		"not sent":   `expect: {not_sent: [welcome]}`,
		"silent":     `expect: {silent: true}`,
		"vars":       `expect: {vars: {age: "17"}}`,
		"consents":   `expect: {consents: [answers]}`,
		"owner":      `expect: {owner: worker}`,
		"queue":      `expect: {queue: {open: 1}}`,
		"said":       `expect: {said: [hello]}`,
		"erased":     `expect: {erased: true}`,
		"tap":        `tap: submit`,
		"worker":     `as_worker: {id: sam, claim: ok}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := "test: t\nchannel: telegram\nsteps:\n  - start: true\n  - " + step + "\n"
			err := play(t, b, file)
			if err == nil || !strings.HasPrefix(err.Error(), "t.yaml:5:5: TRANSCRIPT ") {
				t.Errorf("the step %q gave %v", step, err)
			}
		})
	}
}

// play plays a transcript from its text.
func play(t *testing.T, b *flows.Bundle, file string) error {
	t.Helper()
	var problems source.Problems
	script := transcript.Parse("t.yaml", []byte(file), &problems)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	w, err := transcript.NewWorld(b, script.Begins, transcript.Direct(script.Channel))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	return w.Run(t.Context(), script)
}

// TestParseRefuses holds that a transcript with a mistake is refused where the
// mistake is.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]string{
		"tpa: me":                     `t.yaml:4:5: UNKNOWN-KEY unknown key "tpa": did you mean "tap"?`,
		"{tap: me, type: hello}":      "t.yaml:4:6: STEP a step is one thing; this one has 2",
		"wait: soon":                  `t.yaml:4:11: SPAN "soon" is not a length of time: write 10m, 20h, 3d or 2wd`,
		"as_worker: {id: sam}":        "t.yaml:4:17: STEP say what sam does: claim, reply, release, handover, hold, regrade or close",
		"expect: {sate: review}":      `t.yaml:4:14: UNKNOWN-KEY unknown key "sate": did you mean "state"?`,
		"expect: {erased: certainly}": `t.yaml:4:22: VALUE unknown value "certainly": it can be true, false`,
	} {
		var problems source.Problems
		transcript.Parse("t.yaml", []byte("test: t\nchannel: web\nsteps:\n  - "+step+"\n"), &problems)
		if len(problems) == 0 || problems[0].Error() != want {
			t.Errorf("%q gave %v, want %s", step, problems, want)
		}
	}
}

// TestRecordingIsATranscript holds that what a recorder writes can be played.
func TestRecordingIsATranscript(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	r := transcript.NewRecorder(&file, "recorded", "telegram")
	r.Said(flows.Reply{Blocks: []flows.Block{{Key: "referral.welcome"}, {Key: "referral.who"}}})
	r.Did("", flows.Button{ID: "me", Data: "1.ABCD2345.1.0"})
	r.Said(flows.Reply{Blocks: []flows.Block{{Key: "gates.age"}}})
	r.Did(`17 "years": # old`, flows.Button{})
	r.Said(flows.Reply{Blocks: []flows.Block{{Key: "gates.district"}}})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := play(t, bottest.Bundle(t), file.String()); err != nil {
		t.Errorf("%v\n%s", err, file.String())
	}
}
