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

// linked is the person to whom a link leads, without looking at its seal.
func linked(link string) Person {
	p, _, _ := strings.Cut(link, ":")
	return Person(p)
}

// follow loads the person to whom a link leads; ErrUnknown when it leads nowhere any
// more.
func (s *Store) follow(ctx context.Context, kind string, address Person, link string) (*Snapshot, error) {
	_, seal, _ := strings.Cut(link, ":")
	sn, err := s.LoadPerson(ctx, linked(link))
	if err != nil {
		return nil, err
	}
	if _, err := sn.key.open(kind, sn.Person, []byte(seal), string(address)); err != nil {
		return nil, fmt.Errorf("follow a link to p_%s: %w", sn.Person.Short(), ErrUnknown)
	}
	return sn, nil
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
	if err == nil {
		sn, err = s.follow(ctx, kindTicket, ticket, link)
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
