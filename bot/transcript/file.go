package transcript

import (
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/flows/source"
)

// Transcript is one file.
type Transcript struct {
	Name    string
	Channel string
	// Begins is when the clock starts; a Monday morning unless the file says more.
	Begins time.Time
	Steps  []Step
}

// Step is one line: exactly one of its parts is set.
type Step struct {
	At     source.Pos
	Start  *Start
	Bot    []string // keys of the texts of the replies, in order
	Tap    string
	Type   string
	Media  string // what kind, such as photo
	Edited string // an earlier message is changed to this
	Stale  *Stale
	Double bool // the last tap once more
	Wait   hub.Span
	Edit   string // a line of the review
	Expect *Expect
	Worker *Worker
}

// Start is a person who opens the chat.
type Start struct{ Link string }

// Stale is a tap on a button of an earlier question.
type Stale struct{ State, Option string }

// Worker is something that a member of staff does; Want is ok, or the refusal.
type Worker struct {
	ID   string
	Verb flows.Verb
	// To, Text and Outcome belong to handover, reply and close; Light, with Text as
	// the reason, to regrade.
	To, Text, Outcome string
	Light             flows.Light
	Want              string
}

// Expect is what must be true; zero parts are not looked at.
type Expect struct {
	State     string
	Over      string
	SentFirst string
	Sent      []string
	NotSent   []string
	Vars      map[string][]string
	Consents  []string
	Owner     string
	Queue     map[string]string
	Said      []string // what the desk reads, newest last
	Erased    bool
	Silent    bool // nothing was sent since the last step that did something
}

// defaultBegins is a Monday at ten, when the hub is open.
const defaultBegins = "2026-11-23T10:00:00Z"

// Parse reads a transcript. What is wrong with it goes to ps.
func Parse(file string, data []byte, ps *source.Problems) *Transcript {
	root := source.Read(file, data, ps)
	f := root.Fields(ps, "test", "flow", "locale", "channel", "begins", "steps")
	root.Require(ps, f, "test", "channel", "steps")
	t := &Transcript{Name: f["test"].Text(ps), Channel: f["channel"].Name(ps)}
	begins := defaultBegins
	if f["begins"] != nil {
		begins = f["begins"].Text(ps)
	}
	var err error
	if t.Begins, err = time.Parse(time.RFC3339, begins); err != nil {
		ps.Add(f["begins"].Place(), "DATE", "begins should be a time such as %s", defaultBegins)
	}
	for _, item := range f["steps"].List(ps) {
		t.Steps = append(t.Steps, parseSteps(item, ps)...)
	}
	return t
}

// parseSteps reads one step, or several taps written as a list.
func parseSteps(n *source.Node, ps *source.Problems) []Step {
	for key, value := range n.Pairs() {
		if key.Raw() == "tap" && !value.IsText() {
			var out []Step
			for _, item := range value.List(ps) {
				out = append(out, Step{At: item.Place(), Tap: item.Text(ps)})
			}
			return out
		}
	}
	return []Step{parseStep(n, ps)}
}

// parseStep reads one step.
func parseStep(n *source.Node, ps *source.Problems) Step {
	f := n.Fields(ps, "start", "bot", "tap", "type", "media", "edited", "stale_tap", "double_tap", "wait", "edit",
		"back", "expect", "as_worker")
	st := Step{At: n.Place()}
	if len(f) != 1 {
		ps.Add(n.Place(), "STEP", "a step is one thing; this one has %d", len(f))
		return st
	}
	switch {
	case f["start"] != nil:
		st.Start = &Start{}
		if !f["start"].IsText() {
			st.Start.Link = f["start"].Fields(ps, "link")["link"].Text(ps)
		}
	case f["stale_tap"] != nil:
		sf := f["stale_tap"].Fields(ps, "state", "option")
		st.Stale = &Stale{State: sf["state"].Text(ps), Option: sf["option"].Text(ps)}
	case f["back"] != nil:
		st.Tap = "back"
	case f["expect"] != nil:
		st.Expect = parseExpect(f["expect"], ps)
	case f["as_worker"] != nil:
		st.Worker = parseWorker(f["as_worker"], ps)
	}
	st.Bot = f["bot"].Texts(ps)
	st.Double = f["double_tap"] != nil
	st.Wait = hub.SpanOf(f["wait"], ps)
	for key, into := range map[string]*string{"tap": &st.Tap, "type": &st.Type, "media": &st.Media, "edited": &st.Edited, "edit": &st.Edit} {
		if f[key] != nil {
			*into = f[key].Text(ps)
		}
	}
	return st
}

// parseWorker reads what a member of staff does.
func parseWorker(n *source.Node, ps *source.Problems) *Worker {
	f := n.Fields(ps, "id", "claim", "reply", "release", "handover", "hold", "close", "regrade", "reason", "want")
	n.Require(ps, f, "id")
	w := &Worker{ID: f["id"].Text(ps), Want: "ok"}
	if f["want"] != nil {
		w.Want = f["want"].Text(ps)
	}
	for _, verb := range []flows.Verb{flows.DoClaim, flows.DoRelease, flows.DoHold} {
		if v := f[string(verb)]; v != nil {
			w.Verb, w.Want = verb, v.Text(ps)
		}
	}
	switch {
	case f["reply"] != nil:
		w.Verb, w.Text = flows.DoReply, f["reply"].Text(ps)
	case f["handover"] != nil:
		w.Verb, w.To = flows.DoHandOver, f["handover"].Text(ps)
	case f["close"] != nil:
		w.Verb, w.Outcome = flows.DoClose, f["close"].Text(ps)
	case f["regrade"] != nil:
		w.Verb, w.Light, w.Text = flows.DoRegrade, flows.Light(f["regrade"].Text(ps)), f["reason"].Text(ps)
	}
	if w.Verb == "" {
		ps.Add(n.Place(), "STEP", "say what %s does: claim, reply, release, handover, hold, regrade or close", w.ID)
	}
	return w
}

// parseExpect reads what must be true.
func parseExpect(n *source.Node, ps *source.Problems) *Expect {
	f := n.Fields(ps, "state", "over", "sent_first", "sent", "not_sent", "vars", "consents", "owner", "queue", "said",
		"erased", "silent")
	e := &Expect{
		State: f["state"].Text(ps), Over: f["over"].Text(ps), SentFirst: f["sent_first"].Text(ps),
		Sent: f["sent"].Texts(ps), NotSent: f["not_sent"].Texts(ps), Consents: f["consents"].Texts(ps),
		Owner: f["owner"].Text(ps), Said: f["said"].Texts(ps),
		Erased: f["erased"].Bool(ps), Silent: f["silent"].Bool(ps),
	}
	if f["vars"] != nil {
		e.Vars = map[string][]string{}
		for key, value := range f["vars"].Pairs() {
			e.Vars[key.Raw()] = value.Texts(ps)
		}
	}
	if f["queue"] != nil {
		e.Queue = map[string]string{}
		for key, value := range f["queue"].Pairs() {
			e.Queue[key.Raw()] = value.Text(ps)
		}
	}
	return e
}
