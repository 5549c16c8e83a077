package flows

// Light is a streetlight colour. It says only who talks to the person next and
// how soon; it is never shown to them and never means "safe".
type Light string

// The three colours, and none for answers that say nothing about it.
const (
	NoLight Light = ""
	Green   Light = "green"
	Amber   Light = "amber"
	Red     Light = "red"
)

// rank orders colours from best to worst.
func (l Light) rank() int {
	switch l {
	case Red:
		return 2
	case Amber:
		return 1
	}
	return 0
}

// Lane is a queue that a role works on: open by any link worker, check by a
// coordinator first, duty by the duty person, never as social prescribing.
type Lane string

// The three lanes, see mission.md's streetlight table.
const (
	LaneOpen  Lane = "open"
	LaneCheck Lane = "check"
	LaneDuty  Lane = "duty"
)

// Lanes lists them in the order in which a hub looks at them.
func Lanes() []Lane { return []Lane{LaneDuty, LaneCheck, LaneOpen} }

// Reasons beside the ids of questions, for what was typed rather than chosen.
const (
	reasonCrisisWords  = "crisis-words"
	reasonConcernWords = "concern-words"
	// reasonPerson calls staff and gives no colour: the person asked for somebody.
	reasonPerson = "asked-for-a-person"
)

// finding is what the answers so far come to.
type finding struct {
	light   Light
	ambers  int
	urgent  bool
	reasons []string
}

// streetlight reads the colour of what was answered and typed so far: the worst
// answer wins, and enough ambers or crisis words make it a priority.
func (b *Bundle) streetlight(c *Conversation) finding {
	f := finding{light: Green}
	for _, e := range c.Journal {
		light := b.lightOf(e)
		if light.rank() > f.light.rank() {
			f.light = light
		}
		if light == Amber {
			f.ambers++
		}
		if light.rank() > 0 {
			f.reasons = append(f.reasons, e.Var+"."+e.first())
		}
	}
	f.urgent = f.light == Red || f.ambers >= b.bot.priority
	for _, reason := range c.hitReasons() {
		f.reasons = append(f.reasons, reason)
		f.urgent = f.urgent || reason == reasonCrisisWords
		if f.light == Green {
			f.light = Amber
		}
	}
	return f
}

// lightOf is the worst colour among the options of one answer.
func (b *Bundle) lightOf(e Entry) Light {
	st := b.state(e.top())
	if st == nil || st.question == nil {
		return NoLight
	}
	worst := NoLight
	for _, o := range st.question.options {
		for _, v := range e.Value {
			if v == o.id && (worst == NoLight || o.light.rank() > worst.rank()) {
				worst = o.light
			}
		}
	}
	return worst
}
