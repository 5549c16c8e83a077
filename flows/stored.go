package flows

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/star-house/frontdoor/flows/source"
)

// storedFormat is the version of the stored form of conversations and referrals.
// A newer program reads older forms; an older one refuses a newer form rather
// than lose what it does not know.
const storedFormat = '1'

// ErrForm is a stored form that this program does not read, now or later: of another
// version, or damaged.
var ErrForm = errors.New("stored in a form that this program does not read")

// ParseStored reads the files of a bundle that was checked when it was published,
// under a newer one. It is not held to checks that came later, or every release that
// adds one would break every conversation that is under way. What is needed to walk
// through it safely must be there: otherwise the bundle is nil.
func ParseStored(files Files, newest *Bundle) (*Bundle, source.Problems) {
	p := newLoader(files)
	p.hub(files.Scripts)
	if len(p.problems.Errors()) > 0 || p.b.Hub == nil {
		p.b.Hub, p.problems = newest.Hub, nil // hours and numbers of today serve as well
	}
	p.bot(files.Scripts)
	if p.b.bot.targets == nil || len(p.b.bot.live) == 0 {
		return nil, p.problems.Sorted()
	}
	p.structure(files.Scripts)
	p.words(files.Locales)
	p.compileGuards()
	p.b.Hash = files.Hash()
	p.b = p.b.Under(newest)
	p.checkNames()
	if slices.ContainsFunc(p.problems.Errors(), unsafe) {
		return nil, p.problems.Sorted()
	}
	return p.b, p.problems.Sorted()
}

// unsafe says whether a problem means that something was not understood, or that a
// name leads nowhere. The other problems are about scripts that could be better; a
// text that is missing comes from the newest bundle.
func unsafe(p source.Problem) bool {
	lenient := []string{"TEXT", "MISSING", "RED", "CONSENT", "CRISIS", "CALL", "LOOP", "TYPE"}
	return !slices.Contains(lenient, p.Code)
}

// Encode is the stored form of a conversation: a version and compact JSON.
func (c Conversation) Encode() ([]byte, error) { return encode(c) }

// DecodeConversation reads a stored form. What it returns is checked for shape;
// whether its places exist depends on the bundle, and Advance looks after that.
func DecodeConversation(data []byte) (Conversation, error) {
	var c Conversation
	if err := decode(data, &c); err != nil {
		return Conversation{}, fmt.Errorf("read a stored conversation: %w", err)
	}
	for _, e := range c.Journal {
		if len(e.At) == 0 {
			return Conversation{}, fmt.Errorf("read a stored conversation: an answer without a place: %w", ErrForm)
		}
	}
	return c, nil
}

// Encode is the stored form of a referral.
func (r Referral) Encode() ([]byte, error) { return encode(r) }

// DecodeReferral reads a stored form.
func DecodeReferral(data []byte) (Referral, error) {
	var r Referral
	if err := decode(data, &r); err != nil {
		return Referral{}, fmt.Errorf("read a stored referral: %w", err)
	}
	return r, nil
}

// encode puts the version before the JSON.
func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a stored form: %w", err)
	}
	return append([]byte{storedFormat}, data...), nil
}

// decode checks the version and reads the JSON.
func decode(data []byte, into any) error {
	if len(data) == 0 || data[0] != storedFormat {
		return fmt.Errorf("the form is not version %c: %w", storedFormat, ErrForm)
	}
	if json.Unmarshal(data[1:], into) != nil {
		return fmt.Errorf("damaged: %w", ErrForm) // the library's error can repeat what is stored
	}
	return nil
}
