package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// Kept reads the referrals of a person that are over and not purged yet, the one that
// stays longest last. It costs a round trip only for somebody who has one.
func (s *Store) Kept(ctx context.Context, sn *Snapshot) ([]flows.Kept, error) {
	if len(sn.over) == 0 {
		return nil, nil
	}
	var names []string
	for _, o := range sn.over {
		names = append(names, s.keys.closed(o.Reference))
	}
	values, err := s.client.MGet(ctx, names...).Result()
	if err != nil {
		return nil, fmt.Errorf("closed referrals of p_%s: %w", sn.Person.Short(), err)
	}
	var out []flows.Kept
	for i, value := range values {
		sealed, ok := value.(string)
		if !ok {
			continue // purged meanwhile
		}
		r, _, err := sn.openReferral(kindClosed, sealed, sn.over[i].Reference)
		if errors.Is(err, ErrSealed) {
			continue // nobody can read it any more
		}
		if err != nil {
			return nil, err
		}
		out = append(out, flows.Kept{Referral: *r, Until: time.UnixMicro(sn.over[i].Purge)})
	}
	slices.SortFunc(out, func(a, b flows.Kept) int { return a.Until.Compare(b.Until) })
	return out, nil
}

// References are those of the closed referrals that go when the person is erased.
func (sn *Snapshot) References() []string {
	var out []string
	for _, o := range sn.over {
		out = append(out, o.Reference)
	}
	slices.Sort(out)
	return out
}
