package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// linkTo is a link from an address to a person, sealed with the data key that they have
// now: when they erase everything, they get another key, and no link that was given out
// before leads to what they say afterwards.
func linkTo(key *dataKey, kind string, p, address Person) (string, error) {
	seal, err := key.seal(kind, p, nil, string(address))
	return string(p) + ":" + string(seal), err
}

// readLink takes a link apart: the person and the seal.
func readLink(link string) (Person, string) {
	p, seal, _ := strings.Cut(link, ":")
	return Person(p), seal
}

// sealed says whether a link from an address was sealed with the data key that the
// person has now.
func (sn *Snapshot) sealed(kind string, address Person, seal string) bool {
	_, err := sn.key.open(kind, sn.Person, []byte(seal), string(address))
	return err == nil
}

// writeLinks makes the links that a turn gave out lead to its person, and removes one
// that leads nowhere any more.
func (c *commit) writeLinks() error {
	k, p := c.s.keys, c.turn.From.Person
	for _, ticket := range c.turn.Tickets {
		link, err := linkTo(c.key, kindTicket, p, ticket)
		if err != nil {
			return err
		}
		c.tx.do("SET", k.ticket(ticket), link, "PX", ticketLife.Milliseconds())
	}
	for _, address := range c.turn.Aliases {
		link, err := linkTo(c.key, kindAlias, p, address)
		if err != nil {
			return err
		}
		c.tx.do("SET", k.alias(address), link, "PX", aliasLife.Milliseconds())
	}
	if c.turn.From.stale {
		c.tx.do("DEL", k.alias(p))
	}
	return nil
}

// TakeTicket opens a one-time link: from now on an address leads to the person for
// whom the link was made. It works once; ErrUnknown when the link was used, is too
// old, was never made, or was made before its person erased everything.
func (s *Store) TakeTicket(ctx context.Context, ticket, address Person) error {
	link, sn, err := s.ticket(ctx, ticket)
	if err != nil {
		return err
	}
	alias, err := linkTo(sn.key, kindAlias, sn.Person, address)
	if err != nil {
		return err
	}
	taken, err := s.scripts.ticket.Run(ctx, s.client, []string{s.keys.ticket(ticket), s.keys.alias(address)},
		link, alias, aliasLife.Milliseconds()).Int()
	if err == nil && taken == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("open a one-time link: %w", err)
	}
	return nil
}

// ticket reads a one-time link and its person.
func (s *Store) ticket(ctx context.Context, ticket Person) (link string, sn *Snapshot, err error) {
	link, err = s.client.Get(ctx, s.keys.ticket(ticket)).Result()
	if errors.Is(err, redis.Nil) {
		err = ErrUnknown
	}
	p, seal := readLink(link)
	if err == nil {
		sn, err = s.LoadPerson(ctx, p)
	}
	if err == nil && !sn.sealed(kindTicket, ticket, seal) {
		err = ErrUnknown
	}
	if err != nil {
		return "", nil, fmt.Errorf("open a one-time link: %w", err)
	}
	return link, sn, nil
}

// HasTicket says whether a one-time link can still be opened; it does not use it.
func (s *Store) HasTicket(ctx context.Context, ticket Person) (bool, error) {
	_, _, err := s.ticket(ctx, ticket)
	if errors.Is(err, ErrUnknown) {
		return false, nil
	}
	return err == nil, err
}
