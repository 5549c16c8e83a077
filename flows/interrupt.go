package flows

import (
	"slices"
	"strings"
)

// Interrupt is something that a person may say at any moment, whatever the
// conversation is waiting for.
type Interrupt string

// The interrupts. A script says where each goes; it cannot switch one off.
const (
	OnCrisis   Interrupt = "crisis"
	OnConcern  Interrupt = "concern"
	OnStop     Interrupt = "stop"
	OnDelete   Interrupt = "delete"
	OnWithdraw Interrupt = "withdraw"
	OnHuman    Interrupt = "human"
	OnRestart  Interrupt = "restart"
	OnBack     Interrupt = "back"
	OnLanguage Interrupt = "language"
	OnPrivacy  Interrupt = "privacy"
	OnMyData   Interrupt = "mydata"
	OnHelp     Interrupt = "help"
	OnHide     Interrupt = "hide"
	// OnStatus is what a person with an open referral gets for "start again".
	OnStatus Interrupt = "status"
	// OnCheckIn is what the program says the next day to somebody who agreed to it.
	OnCheckIn Interrupt = "check_in"
)

// Interrupts lists them in the fixed order in which they are tested; concern is
// the lower tier of crisis.
func Interrupts() []Interrupt {
	return []Interrupt{OnCrisis, OnConcern, OnStop, OnDelete, OnWithdraw, OnHuman, OnRestart, OnBack, OnLanguage,
		OnPrivacy, OnMyData, OnHelp, OnHide, OnStatus, OnCheckIn}
}

// typed are the interrupts that have words of their own; the first two come
// from the screener, and the last two from a restart and a timer.
func typed() []Interrupt { return Interrupts()[2:13] }

// commandOf reads a command such as /help or HELP@ourbot: the interrupt, and
// what follows it. The empty Interrupt means that the text is no command.
func commandOf(text string) (Interrupt, string) {
	if !strings.HasPrefix(text, "/") {
		return "", ""
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(text[1:]), " ")
	word, _, _ = strings.Cut(strings.ToLower(word), "@")
	if i := Interrupt(word); slices.Contains(typed(), i) {
		return i, strings.TrimSpace(rest)
	}
	if word == "start" {
		return OnRestart, strings.TrimSpace(rest)
	}
	return "", ""
}

// interruptOf is the interrupt whose words are the whole message, in any live
// language: people switch language under stress.
func (b *Bundle) interruptOf(text string) Interrupt {
	if i, _ := commandOf(text); i != "" {
		return i
	}
	said := fold(text)
	if said == "" {
		return ""
	}
	for _, i := range typed() {
		if b.Words.means(i, said) {
			return i
		}
	}
	return ""
}

// AsksForHelp says whether a whole message asks for the numbers, as /help and "help" do.
func (b *Bundle) AsksForHelp(text string) bool { return b.interruptOf(text) == OnHelp }
