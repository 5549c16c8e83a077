package platformtest

import (
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/transcript"
)

// Place is a fake platform: it outlives the programs that talk to it.
type Place interface {
	// Open starts the adapter and gives the person's side. A second call is a
	// program that was started anew, with the same person in the same chat.
	Open(t *testing.T, accept bot.Accept) transcript.Driver
	// Refuse lets the platform refuse the next sends, so many times. It reports
	// false when such a thing cannot happen there.
	Refuse(how bot.Fate, times int) bool
	// Again hands the last update of the person over once more. It reports false
	// when such a thing cannot happen there.
	Again(t *testing.T, d transcript.Driver) bool
}

// Fleeting is a place where the buttons of an earlier message cannot be pressed, nor
// those of a program that has ended. Its person answers what they read last.
type Fleeting interface {
	// Fleeting says so.
	Fleeting()
}

// fleeting says whether a place is one.
func fleeting(p Place) bool {
	_, ok := p.(Fleeting)
	return ok
}
