package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/star-house/frontdoor/flows"
)

// Snapshot is what was read about a person: a turn decides on it, and commits
// only if it still stands.
type Snapshot struct {
	Person       Person
	Conversation flows.Conversation
	// Referral is the person's open one, nil without one.
	Referral *flows.Referral
	key      *dataKey
	fresh    bool // the data key is not in the store yet
	// revisions as read, "" for what was not there; mark is how the stored data key
	// begins, which is random enough to tell it from any other
	conversation, referral, overRead, mark string
	over                                   []over
	stale                                  bool // an alias of this address leads nowhere any more
}

// Load reads everything that a turn of a person needs, in one round trip. Somebody who
// moved from another channel takes a second one the first time that this process meets
// them.
func (s *Store) Load(ctx context.Context, address Person) (*Snapshot, error) {
	guess := s.moved.of(address)
	own := s.aboutPerson(address)
	names := append([]string{s.keys.alias(address)}, own...)
	if guess != "" {
		names = append(names, s.aboutPerson(guess)...)
	}
	values, err := s.client.MGet(ctx, names...).Result()
	if err != nil {
		return nil, fmt.Errorf("load p_%s: %w", address.Short(), err)
	}
	link, aliased := values[0].(string)
	if aliased {
		var sn *Snapshot
		p, seal := readLink(link)
		if p == guess {
			sn, err = s.snapshot(p, values[1+len(own):])
		} else {
			sn, err = s.LoadPerson(ctx, p)
			s.moved.note(address, p)
		}
		if err != nil || sn.sealed(kindAlias, address, seal) {
			return sn, err
		}
	}
	sn, err := s.snapshot(address, values[1:1+len(own)])
	if err == nil {
		sn.stale = aliased
	}
	return sn, err
}

// maxMoved bounds how many people who moved are remembered.
const maxMoved = 10_000

// moved remembers where addresses led when they were last met. It saves a round trip;
// what is true stands in the store, and is read with it.
type moved struct {
	mu sync.Mutex
	to map[Person]Person
}

// of is where an address led, "" when that is not known.
func (m *moved) of(address Person) Person {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.to[address]
}

// note remembers where an address leads.
func (m *moved) note(address, p Person) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.to == nil || len(m.to) >= maxMoved {
		m.to = map[Person]Person{}
	}
	m.to[address] = p
}

// aboutPerson are the keys that snapshot reads.
func (s *Store) aboutPerson(p Person) []string {
	return []string{s.keys.conversation(p), s.keys.dataKey(p), s.keys.referral(p), s.keys.over(p)}
}

// LoadPerson is Load for somebody whose address is known to be their own.
func (s *Store) LoadPerson(ctx context.Context, p Person) (*Snapshot, error) {
	values, err := s.client.MGet(ctx, s.aboutPerson(p)...).Result()
	if err != nil {
		return nil, fmt.Errorf("load p_%s: %w", p.Short(), err)
	}
	return s.snapshot(p, values)
}

// snapshot opens a conversation, its data key and a referral, and reads which are
// over; each may be absent.
func (s *Store) snapshot(p Person, values []any) (*Snapshot, error) {
	sn := &Snapshot{Person: p}
	var err error
	if sn.over, sn.overRead, err = readOver(values[3]); err != nil {
		return nil, fmt.Errorf("load p_%s: %w", p.Short(), err)
	}
	wrapped, ok := values[1].(string)
	if !ok {
		if values[0] != nil || values[2] != nil {
			return nil, fmt.Errorf("load p_%s: the data key is gone: %w", p.Short(), ErrSealed)
		}
		sn.fresh = true
		sn.key, err = s.vault.newDataKey(p)
		return sn, err
	}
	if sn.key, err = s.vault.openDataKey(p, []byte(wrapped)); err != nil {
		return nil, err
	}
	sn.mark = wrapped[:revisionLength]
	if value, ok := values[0].(string); ok {
		plain, revision, err := sn.unseal(kindConversation, value)
		if err != nil {
			return nil, err
		}
		sn.conversation = revision
		if sn.Conversation, err = flows.DecodeConversation(plain); err != nil {
			return nil, fmt.Errorf("load p_%s: %w", p.Short(), err)
		}
	}
	if value, ok := values[2].(string); ok {
		r, revision, err := sn.openReferral(kindReferral, value)
		if err != nil {
			return nil, err
		}
		sn.Referral, sn.referral = r, revision
	}
	return sn, nil
}

// unseal opens a value that has a revision, and opens under no other.
func (sn *Snapshot) unseal(kind, value string, of ...string) (plain []byte, revision string, err error) {
	revision, sealed, err := split(value)
	if err != nil {
		return nil, "", err
	}
	plain, err = sn.key.open(kind, sn.Person, sealed, append(of, revision)...)
	return plain, revision, err
}

// openReferral opens a stored referral, an open one or, by its reference, a closed
// one.
func (sn *Snapshot) openReferral(kind, value string, of ...string) (*flows.Referral, string, error) {
	plain, revision, err := sn.unseal(kind, value, of...)
	if err != nil {
		return nil, "", err
	}
	r, err := flows.DecodeReferral(plain)
	if err != nil {
		return nil, "", fmt.Errorf("load p_%s: %w", sn.Person.Short(), err)
	}
	return &r, revision, nil
}
