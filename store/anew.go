package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// ErrForm is a stored value that is damaged: it will not be readable later either.
var ErrForm = errors.New("stored in a form that cannot be read")

// Unreadable says whether an error means that what is stored about a person cannot be
// read by this program, however often it is tried; false while the store is away.
func Unreadable(err error) bool {
	return errors.Is(err, ErrSealed) || errors.Is(err, ErrForm) || errors.Is(err, flows.ErrForm)
}

const (
	// lostLife is how long what could not be read is kept for somebody to look at, and
	// maxLost how much of it a person has.
	lostLife = 30 * 24 * time.Hour
	maxLost  = 10
)

// Lost is what is stored about a person and could not be read, as it was found.
type Lost struct {
	At           time.Time `json:"at"`
	Conversation []byte    `json:"conversation,omitempty"`
	Referral     []byte    `json:"referral,omitempty"`
	// Key is the wrapped data key, only when it was what could not be read.
	Key []byte `json:"key,omitempty"`
}

// BeginAnew moves what cannot be read about the person of an address out of the way,
// sealed as it is, so that their next turn finds nothing in its place. What can be
// read stays. The parts that were moved are returned; none, when all can be read.
func (s *Store) BeginAnew(ctx context.Context, address Person, now time.Time) (Lost, error) {
	person := address // their own; without the store what follows tells
	if link, err := s.client.Get(ctx, s.keys.alias(address)).Result(); err == nil {
		person, _ = readLink(link)
	}
	lost, tx, err := s.unreadable(ctx, person)
	if err != nil || lost.empty() {
		return lost, err
	}
	lost.At = now
	body, err := json.Marshal(lost)
	if err != nil {
		return Lost{}, fmt.Errorf("set aside what is stored of p_%s: %w", person.Short(), err)
	}
	tx.do("RPUSH", s.keys.lost(person), body)
	tx.do("LTRIM", s.keys.lost(person), -maxLost, -1)
	tx.do("PEXPIRE", s.keys.lost(person), lostLife.Milliseconds())
	if _, err := tx.run(ctx, s.client, s.scripts.commit); err != nil {
		return Lost{}, fmt.Errorf("set aside what is stored of p_%s: %w", person.Short(), scrub(err))
	}
	return lost, nil
}

// empty says whether everything could be read.
func (l Lost) empty() bool { return l.Conversation == nil && l.Referral == nil && l.Key == nil }

// unreadable finds what cannot be read, and begins the transaction that removes it.
func (s *Store) unreadable(ctx context.Context, p Person) (Lost, *txn, error) {
	values, err := s.client.MGet(ctx, s.aboutPerson(p)...).Result()
	if err != nil {
		return Lost{}, nil, fmt.Errorf("load p_%s: %w", p.Short(), err)
	}
	conversation, key, referral := bytesOf(values[0]), bytesOf(values[1]), bytesOf(values[2])
	tx := newTxn()
	tx.expect(s.keys.conversation(p), head(conversation))
	tx.expect(s.keys.referral(p), head(referral))
	lost := Lost{}
	opens := func(value any, at int) bool {
		all := []any{nil, values[1], nil, nil}
		all[at] = value
		_, err := s.snapshot(p, all)
		return err == nil
	}
	if key != nil && !opens(nil, 0) {
		lost.Key = key
		tx.do("DEL", s.keys.dataKey(p))
	}
	if conversation != nil && !opens(values[0], 0) {
		lost.Conversation = conversation
		tx.do("DEL", s.keys.conversation(p))
	}
	if referral != nil && !opens(values[2], 2) {
		lost.Referral = referral
		tx.do("DEL", s.keys.referral(p))
	}
	return lost, tx, nil
}

// bytesOf is a value of MGET, nil when there is none.
func bytesOf(value any) []byte {
	if s, ok := value.(string); ok {
		return []byte(s)
	}
	return nil
}

// head is where the revision of a value stands, "" for none.
func head(value []byte) string { return string(value[:min(revisionLength, len(value))]) }

// Lost lists what of a person could not be read and was set aside, oldest first.
func (s *Store) Lost(ctx context.Context, p Person) ([]Lost, error) {
	rows, err := s.client.LRange(ctx, s.keys.lost(p), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("what was set aside of p_%s: %w", p.Short(), err)
	}
	out := make([]Lost, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row), &out[i]); err != nil {
			return nil, fmt.Errorf("what was set aside of p_%s: %w", p.Short(), ErrForm)
		}
	}
	return out, nil
}
