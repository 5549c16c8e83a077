package flows

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Conversation is everything that is known about one chat. The zero value is a
// person who has never written.
type Conversation struct {
	// ID is eight characters; buttons carry it. It is "" until the first turn.
	ID string `json:"i,omitempty"`
	// Bundle is the hash of the bundle that it began with.
	Bundle string `json:"b,omitempty"`
	Where
	// Touched is when the person last did something.
	Touched time.Time `json:"t,omitzero"`
	// At is where it stands: the flow that began it, then each called flow. Over
	// is the label of the ending, once it has ended; At is then empty.
	At   []Frame `json:"at,omitempty"`
	Over string  `json:"ov,omitempty"`
	// Ask is the question that is open.
	Ask Asking `json:"q"`
	// Paused is what an interrupt interrupted.
	Paused  *Pause  `json:"p,omitempty"`
	Journal []Entry `json:"j,omitempty"`
	// Consents are those that stand; a withdrawn one is removed.
	Consents []Given `json:"c,omitempty"`
	// Hits are the crisis words met: rule and tier, never the text.
	Hits []Hit `json:"h,omitempty"`
	// Begun is what the last message may have begun to say.
	Begun Begun `json:"bg,omitzero"`
	// CheckIn is when to say hello after help was needed, if the person agreed.
	CheckIn time.Time `json:"ci,omitzero"`
	// Forget is when what is kept for that hello is erased at the latest.
	Forget time.Time `json:"fo,omitzero"`
	Owner  Owner     `json:"o,omitempty"`
	// Home is the chat that a conversation on the private page comes back to; with
	// Stay it never does, because its person is too young for that chat.
	Home Home `json:"hm,omitzero"`
	Stay bool `json:"sy,omitempty"`
	// Silence is why nothing is sent unasked, "" while messages may go out.
	Silence Silence `json:"st,omitempty"`
	// Seen are the ids of the last updates, newest last, at most maxSeen.
	Seen []string `json:"u,omitempty"`
}

// Where is how a person came and in which language they are spoken to.
type Where struct {
	Channel string `json:"ch,omitempty"`
	// Address is the platform's id of the chat that the person used last. It is
	// here, inside what is sealed, and nowhere else.
	Address string `json:"ad,omitempty"`
	Locale  string `json:"l,omitempty"`
	Source  string `json:"so,omitempty"`
}

// Frame is a place in a script. Its text form is flow.state.
type Frame struct{ Flow, State string }

// parseFrame reads flow.state.
func parseFrame(s string) (Frame, error) {
	flow, state, ok := strings.Cut(s, ".")
	if !ok || flow == "" || state == "" || strings.Contains(state, ".") {
		return Frame{}, fmt.Errorf("%q should be flow.state", s)
	}
	return Frame{flow, state}, nil
}

// String is flow.state, and the beginning of the keys of its texts.
func (f Frame) String() string { return f.Flow + "." + f.State }

// MarshalText writes flow.state.
func (f Frame) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads flow.state.
func (f *Frame) UnmarshalText(b []byte) error {
	got, err := parseFrame(string(b))
	*f = got
	return err
}

// Asking is the state of the open question.
type Asking struct {
	// Seq numbers questions as they are shown; Last is the highest so far. A
	// button of an older Seq is a stale one; 0 is a question that was not shown yet.
	Seq  int `json:"s,omitempty"`
	Last int `json:"n,omitempty"`
	// Misses counts answers that were not understood.
	Misses int `json:"m,omitempty"`
	// Yes says that a yes was typed to a question in which several options mean yes.
	Yes bool `json:"y,omitempty"`
	// Picked are the options switched on so far of a choose … many.
	Picked []string `json:"p,omitempty"`
	// Before is the earlier answer, shown after Back and in an edit.
	Before *Entry `json:"b,omitempty"`
	// Kept are answers that an edit has still to walk through.
	Kept []Entry `json:"k,omitempty"`
	// Heard are the keys of what was said on the way that an edit walks again.
	Heard []string `json:"w,omitempty"`
	// Held is a text with crisis words that may still become the answer.
	Held string `json:"h,omitempty"`
	// Tapped is the last button that was taken, for second taps.
	Tapped Tap `json:"t,omitzero"`
	// Later says that they put it off: what they type next brings it back first.
	Later bool `json:"l,omitempty"`
	// Sent counts the reminders that went out for this question.
	Sent int `json:"r,omitempty"`
}

// Pause is an interrupted place.
type Pause struct {
	At   []Frame `json:"at"`
	Over string  `json:"ov,omitempty"`
	Ask  Asking  `json:"q"`
}

// Entry is one answer in the journal.
type Entry struct {
	Seq   int      `json:"s"`
	At    []Frame  `json:"at"`
	Var   string   `json:"v"`
	Value []string `json:"x,omitempty"`
	// Skipped is an answer that was passed over: asked, and not given.
	Skipped bool `json:"k,omitempty"`
}

// top is the state that asked.
func (e Entry) top() Frame { return e.At[len(e.At)-1] }

// first is the only value of all types but set.
func (e Entry) first() string {
	if len(e.Value) == 0 {
		return ""
	}
	return e.Value[0]
}

// Given is a consent that a person gave.
type Given struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Locale  string `json:"locale"`
	// Hash is the SHA-256 of the wording that was shown, in hex.
	Hash string    `json:"hash"`
	At   time.Time `json:"at"`
	// Seq is the number of the question at which it was given.
	Seq int `json:"seq"`
}

// Hit is crisis words that were met.
type Hit struct {
	Tier  string `json:"t"`
	Class string `json:"c"`
	// Past says that they speak of what is over, which has a card of its own.
	Past bool   `json:"p,omitempty"`
	Rule string `json:"r"`
	// Language is that of the list, "" when no rule decided.
	Language string `json:"l,omitempty"`
	// Version is that of the word lists.
	Version string    `json:"v"`
	At      time.Time `json:"at"`
	// Tapped is the option that the person chose on the card.
	Tapped string `json:"x,omitempty"`
}

// Begun is an unfinished message, in words that are in every sentence: see
// screen.Screener.Opening.
type Begun struct {
	Words string    `json:"w"`
	At    time.Time `json:"t"`
}

// Owner says whose words a person gets.
type Owner string

// The owners: the script, a link worker, or nobody yet (a referral that waits).
const (
	OwnerBot    Owner = ""
	OwnerWorker Owner = "worker"
	OwnerNobody Owner = "nobody"
)

// Silence is why nothing is sent to a person who does not write first.
type Silence string

// The silences: the person asked for it, or the platform reaches them no more.
// The first ends when they ask to start again, the second when they write.
const (
	Stopped     Silence = "stopped"
	Unreachable Silence = "unreachable"
)

// maxSeen is how many update ids a conversation remembers. Telegram's ids
// restart at random after a quiet week, so repeats are found by membership.
const maxSeen = 64

// saw says whether an update was handled before.
func (c *Conversation) saw(update string) bool {
	return update != "" && slices.Contains(c.Seen, update)
}

// remember notes an update as handled.
func (c *Conversation) remember(update string) {
	if update == "" {
		return
	}
	c.Seen = append(c.Seen, update)
	if over := len(c.Seen) - maxSeen; over > 0 {
		c.Seen = c.Seen[over:]
	}
}

// top is the frame that the conversation stands in.
func (c *Conversation) top() Frame {
	if len(c.At) == 0 {
		return Frame{}
	}
	return c.At[len(c.At)-1]
}

// entry is the newest answer to a variable, nil when there is none.
func (c *Conversation) entry(name string) *Entry {
	for i := len(c.Journal) - 1; i >= 0; i-- {
		if c.Journal[i].Var == name {
			return &c.Journal[i]
		}
	}
	return nil
}

// consented says whether a consent stands.
func (c *Conversation) consented(id string) bool {
	return slices.ContainsFunc(c.Consents, func(g Given) bool { return g.ID == id })
}

// hitReasons are the reasons that typed words add to the colour: crisis words
// always, words of concern also when the person said that they are safe.
func (c *Conversation) hitReasons() []string {
	var out []string
	for _, h := range c.Hits {
		reason := reasonConcernWords
		if h.Tier == "crisis" || (h.Tapped != "" && h.Tapped != safeOption) {
			reason = reasonCrisisWords
		}
		if !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	slices.Sort(out)
	slices.Reverse(out) // crisis-words before concern-words
	return out
}

// clone is a copy that shares nothing that a turn changes.
func (c Conversation) clone() *Conversation {
	c.At = slices.Clone(c.At)
	c.Journal = slices.Clone(c.Journal)
	c.Consents = slices.Clone(c.Consents)
	c.Hits = slices.Clone(c.Hits)
	c.Seen = slices.Clone(c.Seen)
	c.Ask = c.Ask.clone()
	if c.Paused != nil {
		c.Paused = &Pause{At: slices.Clone(c.Paused.At), Over: c.Paused.Over, Ask: c.Paused.Ask.clone()}
	}
	return &c
}

// clone is a copy that shares nothing that a turn changes.
func (a Asking) clone() Asking {
	a.Picked = slices.Clone(a.Picked)
	a.Kept = slices.Clone(a.Kept)
	a.Heard = slices.Clone(a.Heard)
	return a
}
