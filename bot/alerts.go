package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/store"
)

// Alert is what staff are told when somebody should look at the queue. It has no
// room for a name, for words or for where anybody writes.
type Alert struct {
	// Text is the whole of it in words, with the link.
	Text string
	Lane flows.Lane
	// Count is how many wait in the lane, Oldest how long the first of them has.
	Count  int
	Oldest time.Duration
	// Reference is the referral to look at, the longest waiting of several.
	Reference string
	// Link leads to the desk, "" without a public address.
	Link string
}

// Alerter is a place where staff are told: a chat, a channel, an address.
type Alerter interface {
	// Name is what the log and the audit call it; it holds no address.
	Name() string
	// Alert tells staff and returns when the place has taken it. After an error the
	// next place is told at once. The error goes to the log, so it repeats no
	// address, token or answer. It may wait until ctx ends.
	Alert(ctx context.Context, a Alert) error
}

const (
	// watchEvery is how often alerts that are due are looked for.
	watchEvery = time.Second
	// placeTime is how long one place may take.
	placeTime = 5 * time.Second
	// alertLease is how long a process has for the alerts that it took. Those that
	// it could not begin in time, or that no place took, are due again then.
	alertLease = time.Minute
)

// Why staff are alerted.
const (
	whyLook    = "look"    // to something that cannot wait
	whyOverdue = "overdue" // to what nobody has claimed in its time
)

// watch alerts staff. Several processes may each have one over a store: every
// alert is taken by one of them.
type watch struct {
	store   *store.Store
	library *Library
	clock   func() time.Time
	log     *slog.Logger
	places  []Alerter
	link    string
	// well is when a round last went well, stuck when no place took an alert and none
	// was taken since, in Unix nanoseconds.
	well, stuck atomic.Int64
}

// newWatch tells these places, in their order.
func newWatch(c Config) *watch {
	return &watch{store: c.Store, library: c.Library, clock: c.Clock, log: c.Log, places: c.Alerters, link: c.Desk}
}

// Watch tells staff once what they have to be told now: see Config.Alerters.
func (s *Service) Watch(ctx context.Context) error { return s.watch.round(ctx) }

// watchLoop watches until ctx ends.
func (s *Service) watchLoop(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Watch(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("alert staff", "error", err)
			}
		}
	}
}

// health says what is wrong with alerting staff. An alert that no place takes is
// tried again after its lease, so one that still waits was tried not long ago.
func (w *watch) health(now time.Time) error {
	switch {
	case len(w.places) == 0:
		return nil
	case now.Sub(time.Unix(0, w.stuck.Load())) < 2*alertLease:
		return errNoPlace
	case now.Sub(time.Unix(0, w.well.Load())) > maxIdle:
		return errors.New("no round of alerts went well lately")
	}
	return nil
}

// call is an alert in the making: a referral to which staff have to be alerted, or
// several of a lane whose time is over together.
type call struct {
	due      store.DueAlert
	referral *flows.Referral
	marks    store.Marks
	verdict  verdict
}

// errNoPlace is an alert that no place took.
var errNoPlace = errors.New("no place took the alert")

// round does once what is due.
func (w *watch) round(ctx context.Context) error {
	if len(w.places) == 0 {
		return nil
	}
	began := w.clock()
	due, err := w.store.DueAlerts(ctx, began, alertLease, maxBatch)
	if err != nil {
		return err
	}
	var failed error
	var calls []call
	for _, d := range due {
		c, err := w.consider(ctx, d, began)
		if err != nil {
			failed = errors.Join(failed, err)
		} else if c.verdict.why != "" {
			calls = append(calls, c)
		}
	}
	longest := placeTime * time.Duration(len(w.places))
	for _, group := range together(calls) {
		if w.clock().Sub(began) > alertLease-longest {
			return errors.Join(failed, errors.New("some alerts have to wait: telling staff takes long"))
		}
		if err := w.tell(ctx, group); err != nil {
			failed = errors.Join(failed, err)
			if errors.Is(err, errNoPlace) {
				return failed
			}
		}
	}
	if failed == nil {
		w.well.Store(w.clock().UnixNano())
	}
	return failed
}

// consider reads a referral and decides whether staff are alerted to it now; when
// not, it comes back in its time.
func (w *watch) consider(ctx context.Context, d store.DueAlert, now time.Time) (call, error) {
	sn, err := w.store.Find(ctx, d.Reference)
	if errors.Is(err, store.ErrUnknown) || err == nil && sn.Referral.Status.Over() {
		return call{}, w.store.PutOffAlert(ctx, d, time.Time{})
	}
	if err != nil {
		return call{}, fmt.Errorf("alert to %s: %w", d.Reference, err)
	}
	marks, err := w.store.Marks(ctx, d.Reference)
	if err != nil {
		return call{}, err
	}
	c := call{due: d, referral: sn.Referral, marks: marks}
	c.verdict = judge(w.library.Newest().Hub, c.referral, marks, len(w.places)).by(now)
	if c.verdict.why == "" {
		return c, w.store.PutOffAlert(ctx, d, c.verdict.at)
	}
	return c, nil
}

// verdict is when staff are alerted to a referral, why, and which place is told;
// without a why nobody is, and at is when to think of it again, zero for never.
type verdict struct {
	why  string
	step int
	at   time.Time
}

// by is the verdict at a time: what is later is not for now.
func (v verdict) by(now time.Time) verdict {
	if v.at.After(now) {
		v.why = ""
	}
	return v
}

// judge decides when staff are alerted to an open referral next. What cannot wait
// goes from place to place and round again until somebody looks. What is only past
// its time goes once to each place until somebody looks, and then rests for as long
// as its lane's clock.
func judge(h *hub.Hub, r *flows.Referral, m store.Marks, places int) verdict {
	running := func(why string) bool { return m.Why == why && m.Told.After(m.Seen) }
	next := m.Told.Add(h.Alerts.Escalate)
	again := func(from time.Time) time.Time { return h.Overdue(from, string(r.Lane)) }
	switch {
	case m.Called.After(m.Seen) && running(whyLook):
		return verdict{whyLook, m.Step, next}
	case m.Called.After(m.Seen):
		return verdict{whyLook, 0, m.Called}
	case r.Claim.By != "":
		return verdict{}
	case running(whyOverdue) && m.Step < places:
		return verdict{whyOverdue, m.Step, next}
	case running(whyOverdue):
		return verdict{whyOverdue, 0, again(m.Told)}
	case m.Seen.After(r.Due):
		return verdict{whyOverdue, 0, again(m.Seen)}
	}
	return verdict{whyOverdue, 0, r.Due}
}

// together puts what is overdue in the same lane, at the same step, into one
// alert: after a weekend many clocks end in the same minute. The longest waiting
// comes first.
func together(calls []call) [][]call {
	slices.SortStableFunc(calls, func(a, b call) int {
		return cmp.Or(cmp.Compare(a.verdict.why, b.verdict.why), a.referral.Since.Compare(b.referral.Since))
	})
	var out [][]call
	for _, c := range calls {
		i := slices.IndexFunc(out, func(group []call) bool {
			return c.verdict.why == whyOverdue && group[0].verdict.why == whyOverdue &&
				group[0].referral.Lane == c.referral.Lane && group[0].verdict.step == c.verdict.step
		})
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], c)
	}
	return out
}

// tell alerts staff to a group and notes that it did.
func (w *watch) tell(ctx context.Context, group []call) error {
	first := group[0]
	alert, err := w.write(ctx, first)
	if err != nil {
		return err
	}
	place, tried := w.offer(ctx, alert, first.verdict.step)
	if place == "" {
		w.stuck.Store(w.clock().UnixNano())
		return fmt.Errorf("alert to %s: %w", first.due.Reference, errNoPlace)
	}
	w.stuck.Store(0)
	ctx = context.WithoutCancel(ctx) // they were told, whatever ends now
	h, now := w.library.Newest().Hub, w.clock()
	var failed error
	for _, c := range group {
		m := c.marks
		m.Told, m.Why, m.Step = now, c.verdict.why, c.verdict.step+tried
		_, err := w.store.Alerted(ctx, c.due, m, judge(h, c.referral, m, len(w.places)).at)
		line := store.Line{At: now, What: "alerted " + place, Reference: c.due.Reference, By: "frontdoor"}
		failed = errors.Join(failed, err, w.store.Audit(ctx, line))
	}
	return failed
}

// offer tells the place whose turn it is, or the first after it that takes the
// alert. It returns the place's name, "" when there was none, and how many were
// tried.
func (w *watch) offer(ctx context.Context, a Alert, step int) (place string, tried int) {
	for tried = range w.places {
		p := w.places[(step+tried)%len(w.places)]
		within, cancel := context.WithTimeout(ctx, placeTime)
		err := p.Alert(within, a)
		cancel()
		if err == nil {
			w.log.Info("staff were alerted", "place", p.Name(), "reference", a.Reference, "lane", a.Lane)
			return p.Name(), tried + 1
		}
		if ctx.Err() != nil {
			return "", tried
		}
		w.log.Error("an alert was not taken", "place", p.Name(), "reference", a.Reference, "error", err)
	}
	return "", len(w.places)
}

// write puts an alert into words.
func (w *watch) write(ctx context.Context, c call) (Alert, error) {
	r := c.referral
	a := Alert{Lane: r.Lane, Reference: r.Reference, Link: w.link}
	count, since, err := w.store.LaneLoad(ctx, r.Lane)
	if err != nil {
		return a, err
	}
	load := "lane_empty"
	if a.Count = count; count > 0 {
		a.Oldest, load = max(w.clock().Sub(since), 0), "lane"
	}
	said := c.verdict.why
	if said == whyLook && r.Lane == flows.LaneDuty {
		said = string(flows.LaneDuty)
	}
	b := w.library.Newest()
	values := map[string]string{"reference": r.Reference, "lane": string(r.Lane), "count": strconv.Itoa(count), "age": age(b, a.Oldest)}
	a.Text = b.StaffText(said, values) + "\n" + b.StaffText(load, values)
	if a.Link != "" {
		a.Text += "\n" + a.Link
	}
	return a, nil
}

// age is a waiting time as people say it.
func age(b *flows.Bundle, d time.Duration) string {
	unit, n := "days", d/(24*time.Hour)
	switch {
	case d < time.Hour:
		unit, n = "minutes", d/time.Minute
	case d < 48*time.Hour:
		unit, n = "hours", d/time.Hour
	}
	return b.StaffText(unit, map[string]string{"age": strconv.Itoa(int(n))})
}
