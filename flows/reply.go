package flows

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Class orders messages that wait to be sent; the lower goes first.
type Class int

// The classes, see performance.md's order of sending.
const (
	ClassCrisis Class = iota
	ClassWorker
	ClassFirst
	ClassOpen
	ClassReminder
)

// Reply is one message to the person, in words. How it looks is for each
// platform to decide.
type Reply struct {
	Class  Class   `json:"c"`
	Blocks []Block `json:"b"`
	// Options answer the question, in order. Last is the row that closes every
	// message.
	Options []Button `json:"o,omitempty"`
	Last    []Button `json:"l"`
	// Hint is the keyboard that suits a typed answer: "text", "numeric", "tel",
	// "email"; "" when nothing is to be typed.
	Hint string `json:"h,omitempty"`
	// Seq is the question's number. Redraws says that the message takes the place
	// of the one that showed the same question.
	Seq     int  `json:"s,omitempty"`
	Redraws bool `json:"r,omitempty"`
	// None says that several options may be on, and that none is an answer too.
	None bool `json:"n,omitempty"`
	// From is the link worker who wrote it, "" for our own words.
	From string `json:"f,omitempty"`
	// Lang is the language of a question, for the words that a platform adds to it.
	Lang string `json:"g,omitempty"`
}

// Block is one part of a message.
type Block struct {
	// Key is where the words come from, "" for a worker's.
	Key   string `json:"k,omitempty"`
	Text  string `json:"t"`
	Links []Link `json:"a,omitempty"`
	Lines []Item `json:"i,omitempty"`
	// Lang is the language of the words, "" for that of the reply.
	Lang string `json:"g,omitempty"`
}

// Link is a line that can be tapped: a number to call or text, a page.
type Link struct {
	Text string `json:"t"`
	// Href is a tel:, sms: or https: address.
	Href string `json:"h,omitempty"`
}

// Item is a line of a review, with the button that changes it.
type Item struct {
	Line
	Change Button `json:"b,omitzero"`
}

// Button is something to tap.
type Button struct {
	Label string `json:"l"`
	Data  string `json:"d"`
	// On marks an option that is switched on, or the earlier answer.
	On bool `json:"o,omitempty"`
	// ID is the option's name in the script, for tests and statistics.
	ID string `json:"i,omitempty"`
}

// Tap is a button that was tapped: 1.CONVERSATION.SEQ.INDEX, at most 30 bytes.
type Tap struct {
	Conversation string `json:"c,omitempty"`
	Seq          int    `json:"s,omitempty"`
	Index        string `json:"x,omitempty"`
}

// Indexes that are not options.
const (
	backIndex  = "b"
	helpIndex  = "h"
	startIndex = "s"
	againIndex = "a" // shows the open question again
	doneIndex  = "d"
	skipIndex  = "n"
	keepIndex  = "k"
	editPrefix = "e" // e4 changes the answer to question 4
	linePrefix = "x" // x2 changes the review's line 2
	onPrefix   = "+" // +3 switches option 3 on
	offPrefix  = "-"
	setPrefix  = "=" // =d switches options 0, 2 and 3 on, all others off, and is done
)

// tapVersion is the first field of a button's data.
const tapVersion = "1"

// ParseTap reads a button's data; false for data that is not ours.
func ParseTap(data string) (Tap, bool) {
	parts := strings.Split(data, ".")
	if len(data) > 30 || len(parts) != 4 || parts[0] != tapVersion || parts[3] == "" {
		return Tap{}, false
	}
	seq, err := strconv.Atoi(parts[2])
	if err != nil || seq < 0 {
		return Tap{}, false
	}
	return Tap{Conversation: parts[1], Seq: seq, Index: parts[3]}, true
}

// String is the button's data.
func (x Tap) String() string {
	return tapVersion + "." + x.Conversation + "." + strconv.Itoa(x.Seq) + "." + x.Index
}

// SetTap is the data that answers a choose … many at once, where a platform has a
// list to pick from: like is any button of the question, picked the places of the
// options that are on.
func SetTap(like string, picked []int) (string, bool) {
	tap, ok := ParseTap(like)
	bits := uint64(0)
	for _, i := range picked {
		if i < 0 || i >= 64 {
			return "", false
		}
		bits |= 1 << i
	}
	tap.Index = setPrefix + strconv.FormatUint(bits, 16)
	return tap.String(), ok
}

// HelpTap is the data of a help button that works in any chat, also before there
// is a conversation and while the store is away.
func HelpTap() string { return Tap{Conversation: "-", Index: helpIndex}.String() }

// button is a button of the open question, labelled by a key.
func (t *turn) button(key, index string) Button {
	label := t.text1(key)
	for _, theirs := range t.inTheirs(key) {
		label += " · " + theirs.Text
	}
	return Button{Label: label, Data: Tap{t.c.ID, t.c.Ask.Seq, index}.String(), ID: index}
}

// say adds a block to the message in the making, in the words that are true of how
// the person's request stands.
func (t *turn) say(key string) {
	key = t.standing(key)
	t.blocks = append(t.blocks, Block{Key: key, Text: t.text1(key)})
}

// flush sends the blocks so far as one message.
func (t *turn) flush(options []Button) {
	t.send(Reply{Options: options})
}

// send completes a message with the blocks so far and the last row.
func (t *turn) send(r Reply) {
	r.Class, r.Blocks, r.Seq, r.Last, r.Lang = t.class, t.blocks, t.c.Ask.Seq, t.lastRow(), t.c.Locale
	t.blocks = nil
	if len(r.Blocks) > 0 {
		t.out.Replies = append(t.out.Replies, r)
	}
}

// lastRow is what closes every message of ours.
func (t *turn) lastRow() []Button {
	out := []Button{t.button("bot.back", backIndex), t.button("bot.help", helpIndex)}
	name(out, "back", "help")
	return out
}

// hashOf is the SHA-256 of a wording, in hex.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// contains is slices.Contains for names.
func contains(list []string, name string) bool { return slices.Contains(list, name) }
