package hub

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows/source"
)

// Span is a length of time that staff write as 10m, 20h, 3d or 2wd. Working
// days need a hub's calendar, so they are kept apart from the length.
type Span struct {
	Length time.Duration
	// WorkingDays is set alone, for spans such as 2wd.
	WorkingDays int
}

// SpanOf reads a span; the zero Span for an absent value.
func SpanOf(n *source.Node, ps *source.Problems) Span {
	if n == nil {
		return Span{}
	}
	s, err := ParseSpan(n.Text(ps))
	if err != nil {
		ps.Add(n.Pos, "SPAN", "%v", err)
	}
	return s
}

// maxSpan is the longest span of any unit; a year of days.
const maxSpan = 9999

// ParseSpan reads 10m, 20h, 3d or 2wd.
func ParseSpan(s string) (Span, error) {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n > maxSpan || strings.HasPrefix(digits, "+") {
		return Span{}, fmt.Errorf("%q is not a length of time: write 10m, 20h, 3d or 2wd", s)
	}
	switch s[len(digits):] {
	case "m":
		return Span{Length: time.Duration(n) * time.Minute}, nil
	case "h":
		return Span{Length: time.Duration(n) * time.Hour}, nil
	case "d":
		return Span{Length: time.Duration(n) * 24 * time.Hour}, nil
	case "wd":
		return Span{WorkingDays: n}, nil
	}
	return Span{}, fmt.Errorf("%q is not a length of time: write 10m, 20h, 3d or 2wd", s)
}

// String is the form that staff write.
func (s Span) String() string {
	const day = 24 * time.Hour
	switch {
	case s.WorkingDays > 0:
		return fmt.Sprintf("%dwd", s.WorkingDays)
	case s.Length >= day && s.Length%day == 0:
		return fmt.Sprintf("%dd", s.Length/day)
	case s.Length >= time.Hour && s.Length%time.Hour == 0:
		return fmt.Sprintf("%dh", s.Length/time.Hour)
	}
	return fmt.Sprintf("%dm", s.Length/time.Minute)
}

// TimeOfDay is minutes after midnight.
type TimeOfDay int

// TimeOf reads "09:00".
func TimeOf(n *source.Node, ps *source.Problems) TimeOfDay {
	if n == nil {
		return 0
	}
	t, err := time.Parse("15:04", n.Text(ps))
	if err != nil {
		ps.Add(n.Pos, "TIME", "%q should be a time of day such as \"09:00\"", n.Raw())
	}
	return TimeOfDay(t.Hour()*60 + t.Minute())
}

// String is the 24-hour form, 09:00.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", t/60, t%60) }

// Hours are the times at which somebody reads what comes in.
type Hours struct {
	From, To TimeOfDay
	days     [7]bool // by time.Weekday
	holidays map[string]bool
	known    time.Time // the last day that the list of holidays covers
}

// HolidaysKnownUntil is the last day that the list of bank holidays covers.
func (h *Hub) HolidaysKnownUntil() time.Time { return h.Hours.known }

// Works says whether a time falls on a working day of the hub.
func (h *Hub) Works(at time.Time) bool {
	local := at.In(h.Zone)
	return h.Hours.days[local.Weekday()] && !h.Hours.holidays[local.Format(time.DateOnly)]
}

// Open says whether somebody is there at a time.
func (h *Hub) Open(at time.Time) bool {
	local := at.In(h.Zone)
	minute := TimeOfDay(local.Hour()*60 + local.Minute())
	return h.Works(at) && minute >= h.Hours.From && minute < h.Hours.To
}

// maxDaysOff bounds the search for a working day; no calendar has this many
// days off in a row, so reaching it means the calendar is wrong.
const maxDaysOff = 60

// After is the moment at which a span that began at a time is over. Working
// days count from the next working day when the start is on a day off, and a
// start outside the hours counts as the next opening.
func (h *Hub) After(at time.Time, s Span) time.Time {
	if s.WorkingDays == 0 {
		return at.Add(s.Length)
	}
	start := h.nextWorking(at)
	day := start
	for range s.WorkingDays {
		day = h.nextWorking(h.opening(day.AddDate(0, 0, 1)))
	}
	return h.atTime(day, start)
}

// nextWorking is the time itself when it falls on a working day, before
// closing, and otherwise the next opening.
func (h *Hub) nextWorking(at time.Time) time.Time {
	local := at.In(h.Zone)
	minute := TimeOfDay(local.Hour()*60 + local.Minute())
	if h.Works(local) && minute < h.Hours.From {
		return h.opening(local)
	}
	if h.Works(local) && minute < h.Hours.To {
		return local
	}
	for range maxDaysOff {
		local = h.opening(local.AddDate(0, 0, 1))
		if h.Works(local) {
			return local
		}
	}
	return local
}

// opening is the start of the hours on a day.
func (h *Hub) opening(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, int(h.Hours.From)/60, int(h.Hours.From)%60, 0, 0, h.Zone)
}

// atTime is the day of one time with the time of day of another.
func (h *Hub) atTime(day, clock time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, clock.Hour(), clock.Minute(), clock.Second(), 0, h.Zone)
}

// Outside moves a time out of quiet hours, to their end; from may be later
// than to, as in 21:00 to 08:00.
func (h *Hub) Outside(at time.Time, from, to TimeOfDay) time.Time {
	local := at.In(h.Zone)
	minute := TimeOfDay(local.Hour()*60 + local.Minute())
	evening := from > to && minute >= from
	quiet := evening || (from > to && minute < to) || (minute >= from && minute < to)
	if !quiet {
		return at
	}
	y, m, d := local.Date()
	if evening {
		d++
	}
	return time.Date(y, m, d, int(to)/60, int(to)%60, 0, 0, h.Zone)
}
