package flows

import (
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows/screen"
)

// Happening is what kind of thing an Input is.
type Happening string

// What can happen to a conversation.
const (
	Opened    Happening = "opened"  // the person came to the chat and said nothing yet
	Typed     Happening = "typed"   // Input.Text; also commands such as /help
	Tapped    Happening = "tapped"  // Input.Tap
	Media     Happening = "media"   // a photo, a voice note, …; Input.Text is its caption
	Edited    Happening = "edited"  // an earlier message was changed to Input.Text
	TimeIsUp  Happening = "timer"   // Input.Timer
	StaffDone Happening = "staff"   // Input.Staff did something to the referral
	Blocked   Happening = "blocked" // the platform says that nothing reaches the person any more
	Unblocked Happening = "unblocked"
	Moved     Happening = "moved" // the one-time link to the private page was opened
)

// Input is one thing that happened, with all that Advance may know about the
// world: the time, and names drawn at random for it.
type Input struct {
	Happening Happening
	// Update is the platform's id of it; the same id twice changes nothing.
	Update  string
	At      time.Time
	Channel string
	// Address is the platform's id of the chat, "" for what did not come from it.
	Address string
	// Locale is the language that the platform reports, "" when it does not.
	Locale string
	// Source is the code of a deep link, "" without one.
	Source string
	Text   string
	// Tap is the button that was tapped, or, with Typed, the one that opened the
	// form into which the text was typed.
	Tap   Tap
	Timer TimerName
	Staff StaffAct
	Fresh Fresh
	// Lost says that the person's conversation was set aside, because nobody could read
	// it, and begins anew with this.
	Lost bool
	// Private says that on this channel questions about health are asked on the
	// private page.
	Private bool
	// Referral is the person's open referral, nil without one. For a staff act it
	// is the referral after the act.
	Referral *Referral
	// Kept are the person's closed referrals that are not purged yet.
	Kept []Kept
}

// Fresh are names that nobody can guess, drawn for this input; used at most
// once, and only if the turn needs them.
type Fresh struct {
	Conversation string // eight characters
	Reference    string // two groups of four
	// Web is the public address of the web page, Return a private link back to
	// this conversation, Page a one-time link that takes it to the private page; ""
	// where there is none.
	Web, Return, Page string
}

// StaffAct is what a member of staff did.
type StaffAct struct {
	Verb Verb
	Name string
	// Text is a reply, as the worker wrote it.
	Text string
}

// Outcome is what comes of an Input. Nothing in it has happened yet.
type Outcome struct {
	Conversation Conversation
	// Replies are messages to the person, in order.
	Replies []Reply
	// Referral is the referral as it has to be stored, nil when it is unchanged.
	Referral *Referral
	// Said is for the worker's eyes: what the person wrote while a referral is
	// open.
	Said []string
	// Timers are all that should run for this conversation; others are cleared.
	Timers []Timer
	// Counts are anonymous labels to count.
	Counts []string
	// Alert is why staff should look at the referral at once, "" if they need not.
	Alert string
	// Forget says that the conversation and its messages are destroyed, and that
	// what the person sent is not: an ending that sends nothing asks for it.
	Forget bool
	// Erase says that everything known about the person is destroyed, every
	// referral of theirs included, except that their last updates were handled.
	Erase bool
	// Ends says that the person takes something back, or asks to: stop, delete,
	// withdraw. It must work when nothing else does.
	Ends bool
	// Link says that Fresh.Return was given out and now leads here.
	Link bool
	// Page says that Fresh.Page was given out and now leads here, once.
	Page bool
	// Back is a message to another chat than the one the input came from, nil
	// without one.
	Back *Back
	// Hide says that the platform should remove our messages where it can.
	Hide bool
	// Verdict is what the screener said of a text.
	Verdict screen.Verdict
	// Repeat says that the input had been handled before; nothing is to be done.
	Repeat bool
	// Fault says that a limit of the engine was met, and which.
	Fault string
}

// maxSteps bounds how many states one input may walk through.
const maxSteps = 200

// turn is one call of Advance.
type turn struct {
	b        *Bundle
	c        *Conversation
	in       Input
	out      Outcome
	referral *Referral
	blocks   []Block // said so far, waiting for the question that carries them
	kept     *Kept   // the closed referral that a text is about, nil for none
	suffix   string  // ".again" when a referral that waits is looked at again
	class    Class
}

// Advance decides what an input means for a conversation. It is total: whatever
// comes in, the outcome is a conversation in a legal state.
func Advance(b *Bundle, c Conversation, in Input) Outcome {
	if c.saw(in.Update) {
		return Outcome{Conversation: c, Repeat: true}
	}
	t := &turn{b: b, c: c.clone(), in: in, class: ClassOpen}
	if in.Referral != nil && !in.Referral.Status.over() {
		r := *in.Referral
		t.referral = &r
	}
	t.c.remember(in.Update)
	t.mend()
	if in.Lost {
		t.anew()
	}
	t.handle()
	return t.finishTurn()
}

// handle sends an input to its place.
func (t *turn) handle() {
	if t.in.At.Sub(t.c.Begun.At) >= goesOn {
		t.c.Begun = Begun{}
	}
	switch t.in.Happening {
	case TimeIsUp:
		t.class = ClassReminder
		t.timer()
		return
	case StaffDone:
		t.class = ClassWorker
		t.staff()
		return
	case Blocked:
		if t.c.Silence == "" {
			t.c.Silence = Unreachable
		}
		return
	}
	if t.c.Silence == Unreachable {
		t.c.Silence = ""
	}
	if t.in.Happening == Unblocked {
		return
	}
	t.c.Touched = t.in.At
	if t.c.CheckIn.IsZero() {
		t.c.Forget = time.Time{} // they answered hello: from here it is a chat like any other
	}
	if !t.arriveFrom() {
		t.elsewhere()
		return
	}
	if t.c.ID == "" {
		t.create()
	}
	switch t.in.Happening {
	case Moved:
		t.moved()
	case Opened:
		t.opened()
	case Tapped:
		t.c.Ask.Later = false // they have come back to it
		t.tapped()
	default:
		t.text()
	}
}

// create gives a new conversation its name; it begins with the first question.
func (t *turn) create() {
	t.class = ClassFirst
	t.c.ID, t.c.Bundle = t.in.Fresh.Conversation, t.b.Hash
	if t.c.Locale == "" || !contains(t.b.bot.live, t.c.Locale) {
		t.c.Locale = t.b.language(t.in.Locale)
	}
	t.c.Source = t.b.source(t.in.Source)
}

// language is the live language for what a platform reports, the default when
// it is not live.
func (b *Bundle) language(reported string) string {
	for _, lang := range b.bot.live {
		if reported == lang || len(reported) > len(lang) && reported[:len(lang)+1] == lang+"-" {
			return lang
		}
	}
	return b.bot.live[0]
}

// begin starts the script from its first state.
func (t *turn) begin() {
	t.c.At = []Frame{{t.b.bot.entry, t.b.flows[t.b.bot.entry].start}}
	t.settle()
}

// opened is a person who comes to the chat: a new one is welcomed, one in the
// middle sees the open question again.
func (t *turn) opened() {
	t.again()
}

// text is everything typed. Crisis language comes first, before commands and
// before the state sees it.
func (t *turn) text() {
	text := clean(t.in.Text)
	if t.crisis(text) {
		return
	}
	if t.in.Happening != Typed {
		t.unreadable(text)
		return
	}
	if t.notSafe(text) {
		return
	}
	if x := t.in.Tap; x != (Tap{}) && (x.Conversation != t.c.ID || x.Seq != t.c.Ask.Seq) {
		t.tap(x) // typed into the form of an older question
		return
	}
	_, rest := commandOf(text)
	if i := t.b.interruptOf(text); i != "" && !t.offers(i, text) {
		t.interrupt(i, rest)
		return
	}
	switch {
	case t.ended():
		t.offerStart()
	case t.relays(text):
		t.relay(text)
	case len(t.c.At) == 0:
		t.begin()
	default:
		t.answer(text)
	}
}

// ended says whether there is nothing to answer here: the chat is over, or the
// person asked for silence and no interrupt, such as a card, is open.
func (t *turn) ended() bool { return t.c.Over != "" || t.c.Silence != "" && t.c.Paused == nil }

// offerStart says that the chat has ended and how to begin anew.
func (t *turn) offerStart() {
	key := "bot.ended"
	if t.c.Silence != "" {
		key = "bot.stopped"
	}
	t.say(key)
	t.flush([]Button{t.button("bot.start", startIndex)})
}

// unreadable is a message that cannot be an answer: one that is not text, which
// is never fetched, and one that was changed after it was sent. Something that
// is not text gets a kind sentence and the card, because what it says is unknown.
func (t *turn) unreadable(text string) {
	key := map[Happening]string{Media: "media", Edited: "edited"}[t.in.Happening]
	if t.relays("") {
		t.out.Said = append(t.out.Said, strings.TrimSpace(t.text1("bot."+key+"_for_worker")+" "+text))
	}
	if t.in.Happening == Edited && t.c.Owner == OwnerWorker {
		return
	}
	t.say("bot." + key)
	if t.in.Happening == Edited {
		t.again()
		return
	}
	t.interrupt(OnHelp, "")
}

// finishTurn closes the books of a turn.
func (t *turn) finishTurn() Outcome {
	if len(t.blocks) > 0 {
		t.flush(nil)
	}
	t.goHome()
	t.out.Timers = t.timers()
	t.out.Conversation = *t.c
	if t.out.Erase || t.out.Forget {
		t.out.Conversation = Conversation{Where: Where{Channel: t.c.Channel, Locale: t.c.Locale}, Touched: t.c.Touched, Seen: t.c.Seen,
			Ask: Asking{Tapped: t.c.Ask.Tapped}}
		t.out.Timers = nil
		if at := t.c.CheckIn; !at.IsZero() {
			// What was told is gone; where to say hello is kept until it is said.
			c := &t.out.Conversation
			c.ID, c.Bundle, c.Where, c.Over, c.CheckIn = t.c.ID, t.c.Bundle, t.c.Where, t.c.Over, at
			c.Forget = t.c.Forget
			t.c = c
			t.out.Timers = t.timers()
		}
	}
	return t.out
}
