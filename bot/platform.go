package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// Platform is a place where people write: an adapter that decodes and encodes
// and does nothing else.
type Platform interface {
	// Channel names the platform and says what its messages can hold. It does not
	// change and must not block.
	Channel() Channel
	// Receive hands every update to accept until ctx ends, and then returns nil.
	// It acknowledges an update to the platform only after accept returned nil;
	// after an error it leaves it to be delivered again. Updates of one person are
	// handed over in the order in which they came. An error ends the service.
	Receive(ctx context.Context, accept Accept) error
	// Send delivers one message to a chat and returns the platform's id of it, ""
	// where there is none. A refusal is a *SendError; any other error means that
	// nobody knows whether it arrived, and it is tried again.
	Send(ctx context.Context, chat string, m Message) (id string, err error)
}

// Hider is a platform that can take our own messages back.
type Hider interface {
	// Hide removes messages of ours from a chat, by the ids that Send returned, as
	// far as the platform lets it. It is asked once and not again.
	Hide(ctx context.Context, chat string, ids []string) error
}

// Accept takes an update. When it returns nil the update is stored or was seen
// before, and must be acknowledged; after an error it must not be.
type Accept func(ctx context.Context, in Inbound) error

// Channel is what the service has to know about a platform.
type Channel struct {
	// Name is its name in scripts and settings: telegram, discord, web, terminal.
	Name string
	// MaxText is how many UTF-16 units one message holds, 0 for no limit.
	MaxText int
	// MaxLabel is how many UTF-16 units a button's label holds, 0 for no limit.
	MaxLabel int
	// Exclusive says that only one process may receive at a time; the others wait
	// for their turn.
	Exclusive bool
	// HelpPage is the public https address of the page on which numbers can be tapped,
	// for platforms on which they are plain text; "" without one.
	HelpPage string
	// Recalls says that messages which were written while nobody received have to
	// be fetched chat by chat; the service then keeps a list of its people.
	Recalls bool
}

// Inbound is one update, decoded.
type Inbound struct {
	Happening flows.Happening
	Channel   string
	// Chat is the platform's id of the chat: opaque to everybody but its adapter.
	Chat string
	// Update is the platform's id of the update, unique within the chat.
	Update string
	Text   string
	// Tap is the data of a button.
	Tap string
	// Locale is the language that the platform reports, Source a deep link's code.
	Locale string
	Source string
	// Behind says that an earlier update of the chat was not taken yet, so that this
	// one cannot be either and comes once more: nothing is stored, and only a call for
	// help is answered.
	Behind bool `json:"-"`
}

// Message is a reply made ready for a platform: within its limits, as plain text
// with rows of buttons, and as the parts it was made of for platforms that show
// more than text.
type Message struct {
	// ID is the same for every attempt to send this message, at most 25
	// characters.
	ID   string
	Text string
	// Bold are the parts of Text that stand out.
	Bold []Span
	Rows [][]flows.Button
	// Lines are the buttons that change a line of a review; they belong between
	// Rows and Last.
	Lines []flows.Button
	Last  []flows.Button
	// Page is where the numbers of a crisis card can be called and texted with a tap,
	// "" for a message without numbers: a button of its own before the others.
	Page string
	// Reply is what it was made from; a message that had to be cut in two carries
	// it in the last part.
	Reply flows.Reply
}

// Span is a part of a text, in UTF-16 units.
type Span struct{ From, Length int }

// Fate is why a platform refused a message.
type Fate int

// The fates: try again after a while; this message never; nobody there any more.
const (
	RetryLater Fate = iota + 1
	Rejected
	Gone
)

// String names a fate for logs.
func (f Fate) String() string { return [...]string{"", "later", "rejected", "gone"}[f] }

// SendError is a refusal by a platform, classified by its adapter.
type SendError struct {
	Fate Fate
	// After is how long to wait before the next try, for RetryLater.
	After time.Duration
	// Code is the platform's own code, such as 403 or 50007.
	Code int
}

// Error names the fate and the platform's code, and nothing of the message.
func (e *SendError) Error() string { return fmt.Sprintf("refused (%s, code %d)", e.Fate, e.Code) }
