package screen

import "strings"

// budgetRule is the rule of a verdict on a text that took too many steps to read.
const budgetRule = "budget"

// maxSteps is how much work one text may take, in steps of about a nanosecond: some
// 5 ms. Steps are counted, not timed, so that a text counts the same on a busy
// machine as on an idle one.
const maxSteps = 5_000_000

// What work costs, in steps.
const (
	stepsToken  = 120 // a word in its place
	stepsLetter = 60  // a letter of a word for which forms are made, or that is taken apart
	stepsStar   = 150 // a letter tried in the place of a star
	stepsWalk   = 50  // a word followed through the tree of phrases
	stepsMark   = 20  // a symbol marked
	stepsRule   = 3   // a pattern asked whether it is possible
	stepsPlaces = 30  // one place of a pattern looked up
	perStep     = 4   // how many words of 64 places one step takes in
)

// budget is what is left of the steps of one text. What reads a text spends them and
// stops when there are none; what was found until then still counts.
type budget struct{ left int }

// spend takes steps away, and reports whether there are any left.
func (b *budget) spend(steps int) bool {
	b.left -= steps
	return b.left > 0
}

// spent says whether none are left.
func (b *budget) spent() bool { return b.left <= 0 }

// stepsOf is what making the forms of a word costs.
func stepsOf(word string) int {
	tries := 0
	if stars := strings.Count(word, string(star)); stars > 0 && stars <= maxStars && len(word) <= maxTyped {
		tries = 1
		for range stars {
			tries *= len(letters)
		}
	}
	return len(word)*stepsLetter + tries*stepsStar
}
