package flows

import "github.com/star-house/frontdoor/flows/screen"

// Home is the chat that a conversation went away from, onto the private page, and
// comes back to at its end.
type Home struct {
	Channel string `json:"ch"`
	Address string `json:"ad"`
}

// Back is a message to the chat that a conversation came back to.
type Back struct {
	Home
	Reply Reply
}

// exitMoved is the exit of a state that is taken when the person opened the private
// page.
const exitMoved = "moved"

// moved is a person who opened the one-time link: the conversation goes on where
// they are now. A state that offers the page says where it goes on, and whether the
// conversation stays there for good, as it must for somebody who is too young for
// the chat that they came from.
func (t *turn) moved() {
	st := t.b.state(t.c.top())
	if st == nil || t.c.Over != "" || st.exits[exitMoved] == "" {
		t.again()
		return
	}
	t.c.Stay = st.stay
	t.move(st, exitMoved)
	t.settle()
}

// arriveFrom notes where an input comes from. It reports false when the
// conversation is on the private page for good and this is the chat that it left.
func (t *turn) arriveFrom() bool {
	if t.c.Stay && t.in.Channel != pageChannel {
		return false
	}
	switch {
	case t.in.Channel == t.c.Home.Channel:
		t.c.Home = Home{} // they came back by themselves
	case t.in.Channel == pageChannel && t.c.Channel != "" && t.c.Channel != pageChannel:
		t.c.Home = Home{t.c.Channel, t.c.Address}
	}
	t.c.Channel, t.c.Address = t.in.Channel, t.in.Address
	return true
}

// elsewhere is a message in a chat that is too old for its person. Crisis words are
// answered there all the same; anything else is for the page.
func (t *turn) elsewhere() {
	if t.in.Happening != Tapped && t.crisisCard() {
		return
	}
	if t.in.Happening == Tapped && t.in.Tap.Index == helpIndex {
		t.helpCard()
		return
	}
	t.say("bot.on_page")
	t.flush(nil)
	t.out.Replies[len(t.out.Replies)-1].Last = t.lastRow()[1:]
}

// crisisCard shows the card that fits what was typed, without a question: the
// conversation is on the page, and the finding is kept for it. It reports whether it
// did.
func (t *turn) crisisCard() bool {
	v := t.screen()
	t.out.Verdict = v
	if v.Tier == screen.None {
		return false
	}
	t.noteHit(v)
	t.warnStaff(v, clean(t.in.Text))
	t.class = ClassCrisis
	t.blocks = t.cardBlocks(t.fits())
	t.flush(nil)
	t.out.Replies[len(t.out.Replies)-1].Last = t.lastRow()[1:]
	return true
}

// helpCard shows the numbers, without a question.
func (t *turn) helpCard() {
	t.out.Replies = append(t.out.Replies, HelpCard(t.b, t.in))
}

// goHome takes a conversation that is over, or whose referral waits, back to its
// chat.
func (t *turn) goHome() {
	st := t.b.state(t.c.top())
	waits := st != nil && st.kind == Refer && t.c.Paused == nil
	if t.c.Home.Channel == "" || t.c.Stay || t.c.Over == "" && !waits {
		return
	}
	key := "bot.back_here"
	if t.referral != nil && t.c.Over == "" {
		key = "bot.back_sent"
	}
	t.out.Back = &Back{Home: t.c.Home, Reply: Reply{Class: ClassOpen, Last: t.lastRow()[1:],
		Blocks: []Block{{Key: key, Text: t.text1(key)}}}}
	t.c.Channel, t.c.Address, t.c.Home = t.c.Home.Channel, t.c.Home.Address, Home{}
}

// channel is where the person can be reached after the end: the chat that a
// conversation comes back to, or the one that it is in.
func (t *turn) channel() string {
	if t.c.Home.Channel != "" && !t.c.Stay {
		return t.c.Home.Channel
	}
	return t.c.Channel
}
