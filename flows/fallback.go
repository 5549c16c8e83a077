package flows

import "github.com/star-house/frontdoor/flows/screen"

// HelpCard is the card that "Get help now" shows, for a page that has no
// conversation.
func HelpCard(b *Bundle, in Input) Reply {
	r, _ := Fallback(b, Input{Channel: in.Channel, Locale: in.Locale})
	r.Blocks = r.Blocks[1:] // without the word of trouble
	return r
}

// Fallback is what a person gets when nothing can be read or saved: the crisis
// card when their words call for it, and otherwise a kind sentence with the ways
// to help. It needs only the bundle, so it works while the store is away.
func Fallback(b *Bundle, in Input) (Reply, screen.Verdict) {
	t := &turn{b: b, c: &Conversation{Where: Where{Channel: in.Channel, Locale: b.language(in.Locale)}}, in: in}
	v := b.screener.Screen(in.Text)
	c := b.cards[defaultCard]
	if v.Tier != screen.None {
		t.noteHit(v)
		c = t.fits()
	}
	t.say(cardsFile + "." + c.id)
	t.blocks[0].Links = t.links(c)
	t.say("bot.trouble")
	if v.Tier == screen.None {
		t.blocks[0], t.blocks[1] = t.blocks[1], t.blocks[0]
	}
	t.blocks = append(t.blocks, t.inTheirs(cardsFile+"."+defaultCard)...)
	help := Button{Label: t.text1("bot.help"), Data: HelpTap(), ID: helpIndex}
	return Reply{Class: ClassCrisis, Blocks: t.blocks, Last: []Button{help}, Lang: t.c.Locale}, v
}
