package flows

import (
	"time"

	"github.com/star-house/frontdoor/flows/hub"
)

// TimerName is what a timer is for; a conversation has at most one of each.
type TimerName string

// The timers of a conversation.
const (
	TimerRemind TimerName = "remind"
	TimerExpire TimerName = "expire"
	// TimerCheckIn says hello the day after help was needed, if the person agreed.
	TimerCheckIn TimerName = "check_in"
	// TimerForget erases what was kept for that hello when nobody answered it.
	TimerForget TimerName = "forget"
)

// TimerNames lists them, for the store to clear.
func TimerNames() []TimerName {
	return []TimerName{TimerRemind, TimerExpire, TimerCheckIn, TimerForget}
}

// Timer is something that happens to a conversation when nobody does anything.
type Timer struct {
	Name TimerName
	At   time.Time
}

// timers are all that should run for the conversation as it stands.
func (t *turn) timers() []Timer {
	var out []Timer
	if !t.c.CheckIn.IsZero() {
		out = append(out, Timer{TimerCheckIn, t.c.CheckIn})
	}
	if !t.c.Forget.IsZero() {
		out = append(out, Timer{TimerForget, t.c.Forget})
	}
	st := t.b.state(t.c.top())
	if t.c.Over != "" || st == nil {
		return out
	}
	if at, ok := t.nextReminder(st); ok {
		out = append(out, Timer{TimerRemind, at})
	}
	span := st.wait.expire
	if span == (hub.Span{}) && t.c.Owner == OwnerBot {
		span = t.b.bot.defaults.expire
	}
	if span != (hub.Span{}) {
		out = append(out, Timer{TimerExpire, t.b.Hub.After(t.c.Touched, span)})
	}
	return out
}

// reminders are those of a state, or the ones that it inherits.
func (t *turn) reminders(st *state) []hub.Span {
	if st.kind == Refer || len(st.wait.remind) > 0 {
		return st.wait.remind
	}
	return t.b.bot.defaults.remind
}

// nextReminder is when the next reminder is due, outside the quiet hours.
func (t *turn) nextReminder(st *state) (time.Time, bool) {
	spans := t.reminders(st)
	if t.c.Silence != "" || t.c.Paused != nil || t.c.Owner == OwnerWorker || t.c.Ask.Sent >= len(spans) {
		return time.Time{}, false
	}
	at := t.b.Hub.After(t.c.Touched, spans[t.c.Ask.Sent])
	return t.b.Hub.Outside(at, t.b.bot.quiet, t.b.bot.quietTo), true
}

// timer is a timer that is due.
func (t *turn) timer() {
	if t.early() {
		return
	}
	if t.c.Home.Channel != "" && !t.c.Stay {
		// A page may be closed by now; the chat is not.
		t.c.Channel, t.c.Address, t.c.Home = t.c.Home.Channel, t.c.Home.Address, Home{}
	}
	switch t.in.Timer {
	case TimerCheckIn:
		t.checkIn()
		return
	case TimerForget:
		t.endHello()
		return
	}
	st := t.b.state(t.c.top())
	if st == nil || t.c.Over != "" {
		return
	}
	switch t.in.Timer {
	case TimerRemind:
		t.c.Ask.Sent++
		key := "bot.remind"
		if st.wait.say != "" {
			key = t.c.top().Flow + "." + st.wait.say
		}
		t.say(key)
		t.flush(t.reminderButtons(st))
	case TimerExpire:
		t.expire(st)
	}
}

const (
	// afterHelp is how long after the yes hello is said, later when that would be in
	// the quiet hours: the same time tomorrow, a moment after answers that were left
	// unfinished are deleted, so that it does not come on top of them.
	afterHelp = 24*time.Hour + 5*time.Minute
	// keptForHello is how long after the yes the chat's address may be kept for it,
	// whatever happens. People are told two days; the two hours less are for a store
	// that cannot run the timer in time and lets its keys expire instead.
	keptForHello = 46 * time.Hour
)

// agreeToCheckIn sets the time for hello, and the time by which all is forgotten.
func (t *turn) agreeToCheckIn() {
	t.c.CheckIn = t.b.Hub.Outside(t.in.At.Add(afterHelp), t.b.bot.quiet, t.b.bot.quietTo)
	t.c.Forget = t.in.At.Add(keptForHello)
}

// noHello takes the promised hello back.
func (t *turn) noHello() { t.c.CheckIn, t.c.Forget = time.Time{}, time.Time{} }

// endHello forgets what was kept for a hello that nobody answered. A chat that goes
// on stays, as any other does.
func (t *turn) endHello() {
	t.noHello()
	if t.c.onlyHello() {
		t.forget()
	}
}

// Lifetime is how long a conversation may be kept after a time: as long as an
// unfinished one, but when it is there for a promised hello only, not past the time
// by which that is forgotten.
func (c Conversation) Lifetime(at time.Time, unfinished time.Duration) time.Duration {
	left := c.Forget.Sub(at)
	switch {
	case c.Forget.IsZero():
		return unfinished
	case c.onlyHello():
		return max(left, time.Minute)
	}
	return max(left, unfinished)
}

// onlyHello says whether nothing is kept but where to say hello: the chat is over,
// also while its hello waits for an answer.
func (c Conversation) onlyHello() bool {
	if c.Paused != nil {
		return len(c.Journal) == 0 && len(c.Paused.At) == 0
	}
	return len(c.Journal) == 0 && len(c.At) == 0
}

// checkIn says hello, unless a person of the hub is there already. Nothing in it
// says what it is about: somebody else may read it on the lock screen.
func (t *turn) checkIn() {
	late := !t.c.Forget.IsZero() && !t.in.At.Before(t.c.Forget)
	t.c.CheckIn = time.Time{}
	if t.c.Owner == OwnerWorker || t.c.Silence != "" || late {
		return
	}
	if t.c.Over == "" && len(t.c.At) > 0 && !t.open() {
		// They are in the middle of something: no question on top of theirs.
		t.say("bot.hello")
		t.flush(nil)
		return
	}
	t.pause(t.b.bot.targets[OnCheckIn])
	t.settle()
}

// early says whether the timer is one that the conversation no longer wants now:
// the person did something since it was set.
func (t *turn) early() bool {
	for _, want := range t.timers() {
		if want.Name == t.in.Timer {
			return want.At.After(t.in.At)
		}
	}
	return true
}

// reminderButtons is one neutral button that shows the question again. A
// reminder must say nothing about what was talked about: somebody else may read
// it on the lock screen.
func (t *turn) reminderButtons(st *state) []Button {
	if st.kind == Refer {
		return nil
	}
	b := t.button("bot.carry_on", againIndex)
	b.ID = "again"
	return []Button{b}
}

// expire goes on without the person: where the state says, or to the bundle's
// own ending.
func (t *turn) expire(st *state) {
	if to, ok := st.exits["expire"]; ok {
		if n := len(t.c.Hits); n > 0 && t.asksConcern() {
			t.c.Hits[n-1].Tapped = noAnswer
		}
		t.c.At[len(t.c.At)-1].State = to
		t.settle()
		return
	}
	t.c.Paused = nil
	t.c.At = []Frame{t.b.bot.defaults.expireTo}
	t.settle()
}
