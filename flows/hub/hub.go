package hub

import (
	"time"

	// The zone data is compiled in, so that a machine without it works.
	_ "time/tzdata"

	"github.com/star-house/frontdoor/flows/source"
)

// Hub is hub.yaml, checked.
type Hub struct {
	// Name is the hub's name as people read it, "Star House".
	Name string
	// Zone is where its clocks are.
	Zone *time.Location
	Ages Ages
	// MinAge is the least age for each channel, by channel name; a channel that
	// is not listed has Ages.Min. Telegram's terms ask 16 in the UK.
	MinAge map[string]int
	Area   Area
	// Hours says when somebody reads what comes in.
	Hours Hours
	// Clocks says, for each lane, by when a person hears from us.
	Clocks map[string]Clock
	// Lease is how long a claim holds without any sign of work.
	Lease  Span
	Alerts Alerts
	Keep   Keep
	// Identifiers are the kinds of helper who may point a young person to us
	// (requirement R4): an open list.
	Identifiers []string
	// Activities are the categories that have a real service behind them (R18).
	Activities []string
	// LeaveTo is the neutral page that "Leave quickly" on the web goes to.
	LeaveTo string
	// Contacts are services and places by id.
	Contacts map[string]Contact
	// fresh are the days until which what was looked up is good, in the order of the
	// file.
	fresh []fresh
}

// fresh is until when one entry is good, and where that is written.
type fresh struct {
	what  string
	until time.Time
	at    source.Pos
}

// Ages are the bounds of the service, both included.
type Ages struct {
	Min, Max int
	// TeachBack is the highest age at which the conversation checks that the
	// privacy notice was understood.
	TeachBack int
}

// Area is where the service works.
type Area struct {
	Name string
	// Districts are postcode districts such as S1.
	Districts []string
}

// Clock is how soon a lane is claimed and its person contacted.
type Clock struct{ Claim, Contact Span }

// Alerts is how staff are called when nobody looks.
type Alerts struct {
	// Escalate is how long one channel has before the next is told.
	Escalate time.Duration
	// Again is the least time after which staff hear once more of a referral that
	// somebody looked at and nobody claimed.
	Again time.Duration
}

// Keep is how long things are kept.
type Keep struct {
	// Unfinished is for a conversation that was not sent.
	Unfinished time.Duration
	// Closed is for a referral after it was closed.
	Closed time.Duration
	// BackupDays is how long erased data may still be in encrypted backups.
	BackupDays int
}

// Contact is one service or place that a person can turn to.
type Contact struct {
	ID string
	// Tel is a number to call, as people read it.
	Tel string
	// SMS is a number to text, with the Keyword to send.
	SMS, Keyword string
	// URL is a web address.
	URL string
	// Address is a place to walk in.
	Address string
	// Confirmed is false until the service itself has confirmed the entry; the
	// words then say so.
	Confirmed bool
	// At is where the entry stands, for messages about it.
	At source.Pos
}

// Least is the least age on a channel.
func (h *Hub) Least(channel string) int {
	if age, ok := h.MinAge[channel]; ok {
		return age
	}
	return h.Ages.Min
}

// Overdue is when staff hear again of a referral that was past its time, and
// that nobody has claimed since: after its lane's clock once more.
func (h *Hub) Overdue(from time.Time, lane string) time.Time {
	again, clock := from.Add(h.Alerts.Again), h.After(from, h.Clocks[lane].Claim)
	if clock.After(again) {
		return clock
	}
	return again
}

// Number is a whole number that guards may name as hub.NAME.
func (h *Hub) Number(name string) (int, bool) {
	n, ok := map[string]int{"age_min": h.Ages.Min, "age_max": h.Ages.Max, "teach_back_max": h.Ages.TeachBack}[name]
	return n, ok
}

// Stale is a problem for each entry that should have been checked again before a
// time: a contact, the least age of a channel, the holidays. A number that is wrong
// costs a young person the call.
func (h *Hub) Stale(now time.Time) source.Problems {
	var ps source.Problems
	for _, f := range h.fresh {
		if now.Before(f.until.AddDate(0, 0, 1)) {
			continue
		}
		ps.Add(f.at, "STALE", "%s should have been checked again by %s: check it, and write the new checked_on and expires",
			f.what, f.until.Format(time.DateOnly))
	}
	return ps
}

// keepFresh reads until when an entry is good, and notes it for Stale.
func (h *Hub) keepFresh(what string, n *source.Node, ps *source.Problems) time.Time {
	until := n.Date(ps)
	if n != nil {
		h.fresh = append(h.fresh, fresh{what: what, until: until, at: n.Place()})
	}
	return until
}
