package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

const (
	// maxConflicts is how often a turn is decided anew because somebody else was
	// faster. Each loss means that another turn of the same person won.
	maxConflicts = 20
	// sendLease is how long a process that died keeps others from sending what it
	// had begun; one that lives renews it.
	sendLease = 5 * time.Second
)

// turns runs turns: load, decide, commit. The service and the desk share it.
type turns struct {
	store   *store.Store
	library *Library
	clock   func() time.Time
	web     string // public address of the web page, "" without one
	// recalls are the channels whose people are listed.
	recalls map[string]bool
	// private are the channels on which questions about health are asked on the
	// private page.
	private map[string]bool
}

// decide makes the input of a turn from what was read. An error ends the turn
// and leaves everything as it is.
type decide func(*store.Snapshot) (flows.Input, error)

// result is what a turn came to.
type result struct {
	outcome flows.Outcome
	lease   store.Lease
	queue   []outgoing
	turn    store.Turn
}

// run runs one turn. What amend adds to the write is committed with it; lease is
// 0 for a process that does not send.
func (s *turns) run(ctx context.Context, load func(context.Context) (*store.Snapshot, error), d decide,
	amend func(*store.Turn, []outgoing), lease time.Duration) (result, error) {
	for range maxConflicts {
		sn, err := load(ctx)
		if err != nil {
			return result{}, err
		}
		res, err := s.once(ctx, sn, d, amend, lease)
		if !errors.Is(err, store.ErrConflict) {
			return res, err
		}
	}
	return result{}, fmt.Errorf("gave up after %d tries: %w", maxConflicts, store.ErrConflict)
}

// once decides and commits on one snapshot.
func (s *turns) once(ctx context.Context, sn *store.Snapshot, d decide, amend func(*store.Turn, []outgoing),
	lease time.Duration) (result, error) {
	bundle, err := s.library.For(ctx, sn.Conversation)
	if err != nil {
		return result{}, err
	}
	in, err := d(sn)
	if err != nil {
		return result{}, err
	}
	returnToken, pageToken := token(), token()
	in.Fresh, in.Private = s.fresh(returnToken, pageToken), s.private[cmp.Or(in.Channel, sn.Conversation.Channel)]
	if in.Referral == nil {
		in.Referral = sn.Referral
	}
	if in.Kept, err = s.store.Kept(ctx, sn); err != nil {
		return result{}, err
	}
	res := result{outcome: flows.Advance(bundle, sn.Conversation, in)}
	if res.outcome.Repeat {
		return res, nil
	}
	res.turn, res.queue = s.effects(sn, in, res.outcome)
	res.turn.Lease = lease
	if err := s.links(&res, returnToken, pageToken); err != nil {
		return result{}, err
	}
	if amend != nil {
		amend(&res.turn, res.queue)
	}
	if err := pack(&res.turn, res.queue); err != nil {
		return result{}, err
	}
	res.lease, err = s.store.Commit(ctx, res.turn)
	return res, err
}

// links makes the links that a turn gave out lead to its person.
func (s *turns) links(res *result, returnToken, pageToken string) error {
	if res.outcome.Link {
		alias, err := s.store.Person("web", ReturnChat(returnToken))
		if err != nil {
			return err
		}
		res.turn.Aliases = append(res.turn.Aliases, alias)
	}
	if res.outcome.Page {
		ticket, err := s.store.Person("web", Ticket(pageToken))
		if err != nil {
			return err
		}
		res.turn.Tickets = append(res.turn.Tickets, ticket)
	}
	return nil
}

// Ticket names a one-time link by its token.
func Ticket(token string) string { return "page-" + token }

// ReturnChat is the chat on the web page that a private return link opens: the
// person it was made for, whatever browser it is opened in.
func ReturnChat(token string) string { return "return-" + token }
