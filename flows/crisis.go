package flows

import (
	"slices"
	"time"

	"github.com/star-house/frontdoor/flows/screen"
)

const (
	// safeOption is the answer to the question of concern that says "I'm safe".
	safeOption = "safe"
	// doseOfConcern is how long a person who said that they are safe is not asked
	// the same again (safeguarding.md, rule 11). Crisis words are always answered.
	doseOfConcern = 24 * time.Hour
	// maxServices is how many services a card names before 111 and 999.
	maxServices = 3
)

// always are the contacts at the foot of every card.
func always() []string { return []string{"nhs111", "emergency"} }

// crisis screens a text and, when help should be offered now, interrupts with
// it. It reports whether it did.
func (t *turn) crisis(text string) bool {
	v := t.b.screener.Screen(t.in.Text)
	t.out.Verdict = v
	if v.Tier == screen.None || t.isOption(text) || (v.Tier == screen.Concern && t.lately(v.Class)) {
		return false
	}
	t.c.Hits = append(t.c.Hits, Hit{
		Tier: v.Tier.String(), Class: string(v.Class), Rule: v.Rule, Version: v.Version, At: t.in.At,
	})
	target := OnCrisis
	if v.Tier == screen.Concern {
		target = OnConcern
	} else {
		t.class = ClassCrisis
	}
	t.hold(text)
	t.warnStaff(v, text)
	t.pause(t.b.bot.targets[target])
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
// be offered back after the card. It is stored only while the card is open.
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
	r := *t.referral
	reason := reasonConcernWords
	if v.Tier == screen.Crisis {
		reason = reasonCrisisWords
	}
	r.press(t.in.At, reason)
	t.keepReferral(&r)
	t.out.Alert = reason
	t.out.Said = append(t.out.Said, text)
}

// tapCard notes what the person chose on a card or a question of concern.
func (t *turn) tapCard(id string) {
	if n := len(t.c.Hits); n > 0 && t.c.Paused != nil {
		t.c.Hits[n-1].Tapped = id
	}
}

// showCard sends the approved card, before any other word of the turn.
func (t *turn) showCard(st *state) {
	c := t.pickCard(st.card)
	key := cardsFile + "." + c.id
	block := Block{Key: key, Text: t.text1(key)}
	for _, id := range t.services(c) {
		block.Links = append(block.Links, Link{Text: t.contactText(id), Href: contactHref(t.b.Hub.Contacts[id])})
	}
	t.blocks = append([]Block{block, {Key: cardsFile + ".foot", Text: t.text1(cardsFile + ".foot")}}, t.blocks...)
	t.class = ClassCrisis
	t.say(t.c.top().String())
	t.send(Reply{Options: t.optionButtons(st)})
}

// pickCard is the card that a state names, or the one that fits: in an interrupt
// the class of what was typed, on the path of the questions the red answer.
func (t *turn) pickCard(id string) *card {
	if id != fitting {
		return t.b.cards[id]
	}
	n := len(t.c.Hits)
	for _, c := range t.b.cards {
		if t.c.Paused != nil && n > 0 && c.fits(t.c.Hits[n-1]) {
			return c
		}
		if t.c.Paused == nil && slices.Contains(c.red, t.redAnswer()) {
			return c
		}
	}
	return t.b.cards[defaultCard]
}

// fits says whether a card is for what was met: the class of words, or the question
// to which a yes was typed.
func (c *card) fits(h Hit) bool {
	return slices.Contains(c.classes, screen.Class(h.Class)) || h.Rule == yesRule && contains(c.red, h.Class)
}

// redAnswer is the variable of the newest red answer, "" without one.
func (t *turn) redAnswer() string {
	for _, e := range slices.Backward(t.c.Journal) {
		if t.b.lightOf(e) == Red {
			return e.Var
		}
	}
	return ""
}

// services are the contacts of a card that fit the person, the first three, and
// then those that every card has.
func (t *turn) services(c *card) []string {
	var out []string
	for _, s := range c.services {
		if len(out) < maxServices && s.when.holds(t) {
			out = append(out, s.contact)
		}
	}
	return append(out, always()...)
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
		t.back()
		return
	case OnRestart:
		if t.restartNow(rest) {
			return
		}
	case OnHelp:
		t.class = ClassCrisis
		t.noteReferral("opened help")
	}
	t.pause(t.b.bot.targets[i])
	t.settle()
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
