package flows

import (
	"slices"
	"strings"

	"github.com/star-house/frontdoor/flows/screen"
)

// showCard sends the approved card, before any other word of the turn.
func (t *turn) showCard(st *state) {
	t.blocks = append(t.cardBlocks(t.pickCard(st.card)), t.blocks...)
	t.class = ClassCrisis
	t.say(t.c.top().String())
	t.send(Reply{Options: t.optionButtons(st)})
}

// cardBlocks are the words of a card with its services, and the foot.
func (t *turn) cardBlocks(c *card) []Block {
	key, foot := cardsFile+"."+c.id, cardsFile+".foot"
	out := []Block{{Key: key, Text: t.text1(key), Links: t.links(c)}}
	out = append(out, t.inTheirs(cardsFile+"."+defaultCard)...)
	out = append(out, Block{Key: foot, Text: t.text1(foot)})
	return append(out, t.inTheirs(foot)...)
}

// listen answers somebody who goes on writing to a card: a computer does not talk it
// through, and the whole card again would be no answer. Its first numbers come once
// more, since the card itself may be out of sight by now; all of them for new words
// of crisis.
func (t *turn) listen(st *state, newWords bool) {
	key := cardsFile + ".more"
	block := Block{Key: key, Text: t.text1(key), Links: t.links(t.pickCard(st.card))}
	if !newWords {
		block.Links = block.Links[:min(len(block.Links), fewServices)]
	}
	t.class = ClassCrisis
	t.blocks = append(t.blocks, block)
	t.send(Reply{Options: t.optionButtons(st)})
}

// openCard is the state of the card that waits for a tap, and the card; nil without
// one.
func (t *turn) openCard() (*state, *card) {
	st := t.b.state(t.c.top())
	if st == nil || st.kind != Crisis || t.c.Over != "" {
		return nil, nil
	}
	return st, t.pickCard(st.card)
}

// pickCard is the card that a state names, or the one that fits: in an interrupt
// what was typed, on the path of the questions the red answer.
func (t *turn) pickCard(id string) *card {
	switch {
	case id != fitting:
		if c := t.b.cards[id]; c != nil {
			return c
		}
		return t.b.cards[defaultCard] // an older script names a card that was since withdrawn
	case t.c.Paused != nil:
		return t.fits()
	}
	for _, c := range t.b.cards {
		if slices.Contains(c.red, t.redAnswer()) {
			return c
		}
	}
	return t.b.cards[defaultCard]
}

// fits is the card for the words that were met last, or for the question to which a
// yes was typed: that of after-care when they speak of what is over, if there is one.
func (t *turn) fits() *card {
	if len(t.c.Hits) == 0 {
		return t.b.cards[defaultCard]
	}
	h := t.c.Hits[len(t.c.Hits)-1]
	found := t.b.cards[defaultCard]
	for _, c := range t.b.cards {
		if h.Past && slices.Contains(c.past, screen.Class(h.Class)) {
			return c
		}
		if slices.Contains(c.classes, screen.Class(h.Class)) || h.Rule == yesRule && contains(c.red, h.Class) {
			found = c
		}
	}
	return found
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

// links are the services of a card as lines that can be tapped.
func (t *turn) links(c *card) []Link {
	var out []Link
	for _, id := range t.services(c) {
		out = append(out, Link{Text: t.contactText(id), Href: contactHref(t.b.Hub.Contacts[id])})
	}
	return out
}

// servicesText are the services, in lines, of the card that fits the red answer, or of
// the one for everybody.
func (t *turn) servicesText() string {
	var lines []string
	for _, id := range t.services(t.pickCard(fitting)) {
		lines = append(lines, t.contactText(id))
	}
	return strings.Join(lines, "\n")
}

// services are the contacts of a card that fit the person, the first three, and
// then those that every card has. A card that lists one of these itself puts it
// before all others: in an emergency the first button must be the one that fits.
func (t *turn) services(c *card) []string {
	var first, fit []string
	for _, s := range c.services {
		switch {
		case !s.when.holds(t):
		case contains(always(), s.contact):
			first = append(first, s.contact)
		case len(fit) < maxServices:
			fit = append(fit, s.contact)
		}
	}
	out := slices.Concat(first, fit)
	for _, id := range always() {
		if !contains(first, id) {
			out = append(out, id)
		}
	}
	return out
}
