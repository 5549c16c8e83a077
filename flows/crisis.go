package flows

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/star-house/frontdoor/flows/screen"
)

const (
	// safeOption is the answer to the question of concern that says "I'm safe".
	safeOption = "safe"
	// doseOfConcern is how long a person who said that they are safe is not asked
	// the same again (safeguarding.md, rule 11). Crisis words are always answered.
	doseOfConcern = 24 * time.Hour
	// noAnswer is noted for a question of concern that was answered by anything else.
	noAnswer = "no_answer"
	// waitsForAnswer is how long a question of concern is asked again after something
	// else came in its place.
	waitsForAnswer = time.Hour
	// goesOn is how long after a message the next one may end its sentence.
	goesOn = 5 * time.Minute
	// maxServices is how many services a card names before 111 and 999.
	maxServices = 3
	// fewServices is how many are named again to somebody who writes on.
	fewServices = 2
)

// always are the contacts at the foot of every card.
func always() []string { return []string{"nhs111", "emergency"} }

// crisis screens a text and, when help should be offered now, interrupts with
// it. It reports whether it did.
func (t *turn) crisis(text string) bool {
	v := t.screen()
	t.out.Verdict = v
	if v.Tier == screen.None || t.isOption(text) || t.hadEnough(v) {
		return false
	}
	open, shown := t.openCard()
	t.noteHit(v)
	t.hold(text)
	t.warnStaff(v, text)
	switch fits := t.fits(); {
	case open != nil && fits == shown && v.Class != screen.Attempt:
		t.listen(open, true) // they have just read this card
	case v.Tier == screen.Crisis, open != nil, t.asksSafety():
		t.class = ClassCrisis
		t.pause(t.b.bot.targets[OnCrisis])
		t.settle()
	default:
		t.pause(t.b.bot.targets[OnConcern])
		t.settle()
	}
	return true
}

// screen reads a text by itself and then, when that calls for nothing, as the end of
// what the message before it began: many write one sentence in two messages.
func (t *turn) screen() screen.Verdict {
	text, begun := t.in.Text, t.c.Begun
	v := t.b.screener.Screen(text)
	t.c.Begun = Begun{}
	if t.in.Happening != Typed {
		return v
	}
	if begun.Words != "" {
		text = begun.Words + " " + text
		if v.Tier == screen.None {
			v = t.b.screener.Screen(text)
		}
	}
	if words := t.b.screener.Opening(text); words != "" && v.Tier == screen.None {
		t.c.Begun = Begun{Words: words, At: t.in.At}
	}
	return v
}

// hadEnough says whether words of concern are not asked about now, because the person
// said not long ago that they are safe.
func (t *turn) hadEnough(v screen.Verdict) bool {
	return v.Tier == screen.Concern && !t.asksSafety() && t.lately(v.Class)
}

// noteHit keeps which rule was met, never the text.
func (t *turn) noteHit(v screen.Verdict) {
	t.c.Hits = append(t.c.Hits, Hit{
		Tier: v.Tier.String(), Class: string(v.Class), Past: v.Past, Rule: v.Rule, Language: v.Language, Version: v.Version, At: t.in.At,
	})
}

// asksConcern says whether the question of concern is open: are you safe right now?
func (t *turn) asksConcern() bool {
	return t.c.Paused != nil && t.c.top() == t.b.bot.targets[OnConcern]
}

// asksSafety says whether the open question asks that, in an interrupt or on the
// path of the questions: there it is the one whose red answer has the card for
// somebody who says that they are not.
func (t *turn) asksSafety() bool {
	if t.asksConcern() {
		return true
	}
	st := t.b.state(t.c.top())
	c := t.b.cards[notSafeCard]
	return st != nil && st.kind == Choose && t.c.Over == "" && c != nil && contains(c.red, st.question.variable)
}

// notSafe takes what is typed at the question of concern: whoever is asked whether
// they are safe and says anything but one of its answers gets the card, as after
// silence. It reports whether it did. Staff were called to an open referral by the
// words before, so whatever is said now is for them as well.
func (t *turn) notSafe(text string) bool {
	st := t.b.state(t.c.top())
	if !t.asksConcern() || st.exits["expire"] == "" || t.b.interruptOf(text) != "" {
		return false
	}
	if t.open() {
		t.out.Said = append(t.out.Said, text)
	}
	if t.saysIt(st, text) {
		return false
	}
	t.notAnswered(st)
	return true
}

// saysIt says whether a text is an answer to the question of concern. A spelling
// that is only close to "I'm safe" is none: "I'm sad" is two letters away.
func (t *turn) saysIt(st *state, text string) bool {
	i := t.match(st, text)
	if i < 0 {
		return false
	}
	id := st.question.options[i].id
	return id != safeOption || t.isOption(text) || fold(text) == id || !strings.ContainsFunc(text, unicode.IsLetter)
}

// notAnswered leaves the question of concern for the card.
func (t *turn) notAnswered(st *state) {
	t.tapCard(noAnswer)
	t.class = ClassCrisis
	t.move(st, "expire")
	t.settle()
}

// askedAgain asks the question of concern once more when something else that always
// works, such as PRIVACY, came in the place of its answer. It reports whether it did.
func (t *turn) askedAgain() bool {
	n := len(t.c.Hits)
	if n == 0 {
		return false
	}
	if h := t.c.Hits[n-1]; h.Tier != screen.Concern.String() || h.Tapped != "" || t.in.At.Sub(h.At) > waitsForAnswer {
		return false
	}
	t.pause(t.b.bot.targets[OnConcern])
	t.settle()
	return true
}

// isOption says whether a text is word for word an answer that the open question
// offers, its label or one of its other words: then its light decides, and a red one
// leads to the card by itself.
func (t *turn) isOption(text string) bool {
	st := t.b.state(t.c.top())
	if st == nil || st.kind != Choose || t.c.Over != "" {
		return false
	}
	said := fold(text)
	return slices.ContainsFunc(st.question.options, func(o option) bool {
		key := t.c.top().String() + "." + o.id
		return fold(t.text1(key)) == said || t.b.Words.lookupIs(t.c.Locale, key+".also", text)
	})
}

// offers says whether the words of an interrupt are what a button of the open
// question says, as "Start again" is where that is asked: then they answer it. Words
// that stop or take back interrupt all the same.
func (t *turn) offers(i Interrupt, text string) bool {
	return (i == OnRestart || i == OnHuman) && t.isOption(text)
}

// lately says whether the person was asked about this class within the dose and
// said that they are safe.
func (t *turn) lately(class screen.Class) bool {
	return slices.ContainsFunc(t.c.Hits, func(h Hit) bool {
		return h.Class == string(class) && h.Tapped == safeOption && t.in.At.Sub(h.At) < doseOfConcern
	})
}

// hold keeps a text that may be the answer to the open question, so that it can
// be offered back after the card; it is none where a number is asked for. It is
// stored only while the card is open.
func (t *turn) hold(text string) {
	st := t.b.state(t.c.top())
	if t.c.Paused != nil || st == nil || st.kind != Ask || t.in.Happening != Typed {
		return
	}
	if _, no := t.b.vars[st.question.variable].read(text); no == "" {
		t.c.Ask.Held = text
	}
}

// warnStaff makes an open referral urgent and passes the words on to whoever
// reads it: they are part of what the person says to Star House.
func (t *turn) warnStaff(v screen.Verdict, text string) {
	if !t.open() {
		return
	}
	reason := reasonConcernWords
	if v.Tier == screen.Crisis {
		reason = reasonCrisisWords
	}
	t.press(reason)
	t.out.Said = append(t.out.Said, text)
}

// press makes an open referral urgent and calls staff to it.
func (t *turn) press(reason string) {
	if !t.open() {
		return
	}
	r := *t.referral
	r.press(t.in.At, reason)
	t.keepReferral(&r)
	t.out.Alert = reason
}

// tapCard notes what the person chose on a card or a question of concern. Whoever
// does not say that they are safe counts as somebody who typed words of crisis.
func (t *turn) tapCard(id string) {
	n := len(t.c.Hits)
	if n == 0 || t.c.Paused == nil {
		return
	}
	if t.asksConcern() && id != safeOption {
		t.press(reasonCrisisWords)
	}
	t.c.Hits[n-1].Tapped = id
}

// pause opens an interrupt over what is there. An interrupt within an interrupt
// takes its place, so that going back always leads to the conversation.
func (t *turn) pause(target Frame) {
	if t.c.Paused == nil {
		t.c.Paused = &Pause{At: t.c.At, Over: t.c.Over, Ask: t.c.Ask}
	}
	t.c.At, t.c.Over = []Frame{target}, ""
	t.c.Ask = Asking{Last: t.c.Ask.Last, Tapped: t.c.Ask.Tapped}
}

// interrupt does what a command or a word asks for.
func (t *turn) interrupt(i Interrupt, rest string) {
	switch i {
	case OnBack:
		if t.asksConcern() {
			t.notAnswered(t.b.state(t.c.top()))
			return
		}
		t.back()
		return
	case OnRestart:
		if t.restartNow(rest) {
			return
		}
	case OnHuman:
		if t.cardOffers(i) {
			return
		}
	case OnHelp:
		t.class = ClassCrisis
		t.noteReferral("opened help")
	case OnStop, OnDelete, OnWithdraw:
		t.out.Ends = true
	}
	t.pause(t.b.bot.targets[i])
	t.settle()
}

// cardOffers takes the words for a person as the button of the card that is open,
// which knows what this is about. It reports whether there was one.
func (t *turn) cardOffers(i Interrupt) bool {
	st, _ := t.openCard()
	if st == nil {
		return false
	}
	n := slices.IndexFunc(st.question.options, func(o option) bool { return o.id == string(i) })
	if n >= 0 {
		t.choose(st, n)
	}
	return n >= 0
}

// restartNow begins anew where there is nothing to lose; it reports whether it
// did. A person with an open referral is shown how it stands, and one in the
// middle is asked.
func (t *turn) restartNow(code string) bool {
	t.c.Silence = ""
	if t.open() {
		t.pause(t.b.bot.targets[OnStatus])
		t.settle()
		return true
	}
	if t.c.Over == "" && len(t.c.Journal) > 0 {
		return false
	}
	if code != "" {
		t.c.Source = t.b.source(code)
	}
	t.restart()
	t.class = ClassFirst
	t.settle()
	return true
}

// source is what a deep link's code stands for: the script's name for it, or the
// code itself when it is short and plain, "" otherwise.
func (b *Bundle) source(code string) string {
	if named, ok := b.bot.sources[code]; ok {
		return named
	}
	plain := func(r rune) bool {
		return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if len(code) > 32 || slices.ContainsFunc([]rune(code), func(r rune) bool { return !plain(r) }) {
		return ""
	}
	return code
}
