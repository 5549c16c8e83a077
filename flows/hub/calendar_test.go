package hub_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/star-house/frontdoor/flows/hub"
	"github.com/star-house/frontdoor/flows/source"
)

// shipped is the hub.yaml that ships.
func shipped(t testing.TB) *hub.Hub {
	t.Helper()
	data, err := os.ReadFile("../scripts/hub.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var problems source.Problems
	h := hub.Parse("hub.yaml", data, &problems)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return h
}

// at reads a time of the hub's own clock.
func at(t testing.TB, h *hub.Hub, s string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", s, h.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// TestWorkingDays holds when working days are over, across nights, weekends,
// bank holidays and the change of the clocks.
func TestWorkingDays(t *testing.T) {
	t.Parallel()
	h := shipped(t)
	for _, c := range []struct{ from, span, want string }{
		{"2026-11-23 10:00", "1wd", "2026-11-24 10:00"}, // Monday
		{"2026-11-23 10:00", "5wd", "2026-11-30 10:00"},
		{"2026-11-27 16:30", "1wd", "2026-11-30 16:30"}, // Friday to Monday
		{"2026-11-27 18:00", "1wd", "2026-12-01 09:00"}, // after closing counts as the next opening
		{"2026-11-28 12:00", "2wd", "2026-12-02 09:00"}, // Saturday
		{"2026-11-23 06:00", "1wd", "2026-11-24 09:00"}, // before opening
		{"2026-12-24 10:00", "1wd", "2026-12-29 10:00"}, // Christmas, a weekend and the substitute day
		{"2026-12-31 10:00", "1wd", "2027-01-04 10:00"}, // New Year on a Friday
		{"2027-03-25 10:00", "1wd", "2027-03-30 10:00"}, // Easter and the change to summer time
		{"2026-11-23 10:00", "90m", "2026-11-23 11:30"},
		{"2026-11-23 10:00", "3d", "2026-11-26 10:00"},
	} {
		span, err := hub.ParseSpan(c.span)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.After(at(t, h, c.from), span).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s after %s is %s, want %s", c.span, c.from, got, c.want)
		}
	}
}

// TestWorkingDaysProperty holds that the end of a span of working days is always
// in the hub's hours, and later for a longer span.
func TestWorkingDaysProperty(t *testing.T) {
	t.Parallel()
	h := shipped(t)
	rapid.Check(t, func(rt *rapid.T) {
		from := time.Unix(rapid.Int64Range(1_790_000_000, 1_860_000_000).Draw(rt, "from"), 0)
		n := rapid.IntRange(1, 20).Draw(rt, "days")
		end := h.After(from, hub.Span{WorkingDays: n})
		if !h.Open(end) || end.Before(from) {
			rt.Fatalf("%d working days after %s is %s", n, from, end)
		}
		if longer := h.After(from, hub.Span{WorkingDays: n + 1}); !longer.After(end) {
			rt.Fatalf("one day more is not later: %s, %s", end, longer)
		}
	})
}

// TestOpen holds when somebody is there.
func TestOpen(t *testing.T) {
	t.Parallel()
	h := shipped(t)
	for when, want := range map[string]bool{
		"2026-11-23 09:00": true, "2026-11-23 16:59": true, "2026-11-23 17:00": false, "2026-11-23 08:59": false,
		"2026-11-28 12:00": false, "2026-12-25 12:00": false, "2026-12-28 12:00": false, "2026-12-29 12:00": true,
	} {
		if got := h.Open(at(t, h, when)); got != want {
			t.Errorf("open at %s is %v", when, got)
		}
	}
}

// TestQuietHours holds that a reminder moves to the morning.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	h := shipped(t)
	evening, morning := hub.TimeOfDay(21*60), hub.TimeOfDay(8*60)
	for when, want := range map[string]string{
		"2026-11-23 20:59": "2026-11-23 20:59", "2026-11-23 21:00": "2026-11-24 08:00",
		"2026-11-24 03:00": "2026-11-24 08:00", "2026-11-24 08:00": "2026-11-24 08:00",
		"2026-11-30 23:30": "2026-12-01 08:00",
	} {
		if got := h.Outside(at(t, h, when), evening, morning).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s moves to %s, want %s", when, got, want)
		}
	}
}

// TestSpans holds which spans are read, and that each is written as it was.
func TestSpans(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"10m", "20h", "3d", "2wd", "0m"} {
		span, err := hub.ParseSpan(s)
		if err != nil || span.String() != s {
			t.Errorf("%s is read as %s: %v", s, span, err)
		}
	}
	for _, s := range []string{"", "10", "m", "-1d", "+1d", "1.5h", "10000d", "2 wd", "2WD", "1w"} {
		if _, err := hub.ParseSpan(s); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}

// TestOverdue holds when staff hear again of what nobody claims: after the lane's
// clock, or after a while where that is longer.
func TestOverdue(t *testing.T) {
	t.Parallel()
	h := shipped(t)
	for lane, want := range map[string]string{"open": "2026-12-01 16:30", "check": "2026-11-30 16:30", "duty": "2026-11-27 17:30"} {
		if got := h.Overdue(at(t, h, "2026-11-27 16:30"), lane).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s is called out again at %s, want %s", lane, got, want)
		}
	}
}

// TestAlerts holds that a hub may say how staff are called, and need not.
func TestAlerts(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../scripts/hub.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const shipped = "alerts: {escalate: 10m, again: 1h}"
	if !strings.Contains(string(data), shipped) {
		t.Fatalf("hub.yaml has no %q", shipped)
	}
	usual := hub.Alerts{Escalate: 10 * time.Minute, Again: time.Hour}
	for line, want := range map[string]hub.Alerts{
		shipped: usual, "": usual, "alerts: {escalate: 5m, again: 2h}": {Escalate: 5 * time.Minute, Again: 2 * time.Hour},
		"alerts: {escalate: 10m}": {}, "alerts: {escalate: 0m, again: 1h}": {}, "alerts: {escalate: 1wd, again: 1h}": {},
		"alerts: {escalate: soon, again: 1h}": {},
	} {
		var problems source.Problems
		h := hub.Parse("hub.yaml", []byte(strings.Replace(string(data), shipped, line, 1)), &problems)
		if bad := want == (hub.Alerts{}); bad != (len(problems) > 0) || !bad && h.Alerts != want {
			t.Errorf("%q is read as %+v: %v", line, h.Alerts, problems)
		}
	}
}

// TestContactsAreFresh holds that every contact that ships has a source and is
// not past its date on the day that this was written.
func TestContactsAreFresh(t *testing.T) {
	t.Parallel()
	h := shipped(t)
	ships := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	if late := h.Stale(ships.AddDate(0, 3, 0)); len(late) > 0 {
		t.Errorf("past their check three months after they shipped: %v", late)
	}
	// The contacts, the least ages of two apps, and the holidays.
	if late := h.Stale(ships.AddDate(4, 0, 0)); len(late) != len(h.Contacts)+3 {
		t.Errorf("only %d of %d contacts and three more grow old", len(late), len(h.Contacts))
	}
}

// TestStale holds the day on which an entry is too old, and where that is said.
func TestStale(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	h := shipped(t)
	if early := h.Stale(day("2027-03-01T23:59:59Z")); len(early) > 0 {
		t.Errorf("on the last day: %v", early)
	}
	late := h.Stale(day("2027-03-02T00:00:00Z"))
	if len(late) != 2 || late[0].Line == 0 || late[0].Column < 40 || late[0].Severity != "error" ||
		late[0].Code != "STALE" || !strings.Contains(late[0].Message, `the contact "star_house" should have been checked again by 2027-03-01`) {
		t.Errorf("on the day after: %v", late)
	}
}
