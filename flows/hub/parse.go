package hub

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows/source"
)

// Parse reads hub.yaml. What is wrong goes to ps.
func Parse(file string, data []byte, ps *source.Problems) *Hub {
	root := source.Read(file, data, ps)
	if root == nil {
		return nil
	}
	f := root.Fields(ps, "format", "name", "timezone", "ages", "channels", "area", "hours", "clocks", "claim_lease",
		"alerts", "keep", "identifiers", "activities", "leave_to", "contacts")
	root.Require(ps, f, "leave_to", "format", "name", "timezone", "ages", "area", "hours", "clocks", "claim_lease", "keep", "contacts")
	f["format"].Int(ps, 1, 1)
	h := &Hub{
		Name:        f["name"].Text(ps),
		Zone:        zone(f["timezone"], ps),
		Ages:        ages(f["ages"], ps),
		Area:        area(f["area"], ps),
		Clocks:      clocks(f["clocks"], ps),
		Lease:       SpanOf(f["claim_lease"], ps),
		Alerts:      alerts(f["alerts"], ps),
		Keep:        keep(f["keep"], ps),
		Identifiers: f["identifiers"].Words(ps),
		Activities:  f["activities"].Words(ps),
		LeaveTo:     f["leave_to"].Text(ps),
	}
	if to, err := url.Parse(h.LeaveTo); err != nil || to.Scheme != "https" || to.Host == "" {
		ps.Add(f["leave_to"].Place(), "VALUE", "leave_to should be a page such as https://www.bbc.co.uk/weather")
	}
	h.MinAge = h.minAges(f["channels"], ps)
	h.Hours = h.hours(f["hours"], ps)
	h.Contacts = h.contacts(f["contacts"], ps)
	return h
}

// zone looks a time zone up by its IANA name.
func zone(n *source.Node, ps *source.Problems) *time.Location {
	if n == nil {
		return time.UTC
	}
	loc, err := time.LoadLocation(n.Text(ps))
	if err != nil || n.Raw() == "Local" {
		ps.Add(n.Pos, "VALUE", "%q is not a time zone: write one such as Europe/London", n.Raw())
		return time.UTC
	}
	return loc
}

// ages reads the bounds.
func ages(n *source.Node, ps *source.Problems) Ages {
	f := n.Fields(ps, "min", "max", "teach_back_max")
	n.Require(ps, f, "min", "max", "teach_back_max")
	a := Ages{Min: f["min"].Int(ps, 0, 120), Max: f["max"].Int(ps, 0, 120), TeachBack: f["teach_back_max"].Int(ps, 0, 120)}
	if n != nil && a.Min > a.Max {
		ps.Add(n.Pos, "VALUE", "the least age %d is above the highest %d", a.Min, a.Max)
	}
	return a
}

// minAges reads the least age of each channel.
func (h *Hub) minAges(n *source.Node, ps *source.Problems) map[string]int {
	out := map[string]int{}
	for key, value := range n.Names(ps) {
		f := value.Fields(ps, "min_age", "source", "checked_on", "expires")
		value.Require(ps, f, "min_age")
		out[key.Raw()] = f["min_age"].Int(ps, 0, 120)
		h.keepFresh("the least age of "+key.Raw(), f["expires"], ps)
	}
	return out
}

// area reads the name of the city and its postcode districts.
func area(n *source.Node, ps *source.Problems) Area {
	f := n.Fields(ps, "name", "districts")
	n.Require(ps, f, "name", "districts")
	a := Area{Name: f["name"].Text(ps)}
	for _, d := range f["districts"].Texts(ps) {
		a.Districts = append(a.Districts, strings.ToUpper(d))
	}
	return a
}

// hours reads the working week and the days off.
func (h *Hub) hours(n *source.Node, ps *source.Problems) Hours {
	f := n.Fields(ps, "days", "from", "to", "holidays")
	n.Require(ps, f, "days", "from", "to", "holidays")
	out := Hours{From: TimeOf(f["from"], ps), To: TimeOf(f["to"], ps), holidays: map[string]bool{}}
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	for _, item := range f["days"].List(ps) {
		if i := slices.Index(names, item.OneOf(ps, names...)); i >= 0 {
			out.days[i] = true
		}
	}
	if n != nil && out.days == [7]bool{} {
		ps.Add(n.Pos, "VALUE", "name at least one working day")
		out.days[time.Monday] = true
	}
	off := f["holidays"].Fields(ps, "source", "checked_on", "expires", "days")
	f["holidays"].Require(ps, off, "source", "checked_on", "expires", "days")
	out.known = h.keepFresh("the list of holidays", off["expires"], ps)
	for _, item := range off["days"].List(ps) {
		out.holidays[item.Date(ps).Format(time.DateOnly)] = true
	}
	return out
}

// clocks reads how soon each lane is served.
func clocks(n *source.Node, ps *source.Problems) map[string]Clock {
	out := map[string]Clock{}
	for key, value := range n.Fields(ps, "open", "check", "duty") {
		f := value.Fields(ps, "claim", "contact")
		value.Require(ps, f, "claim", "contact")
		out[key] = Clock{Claim: SpanOf(f["claim"], ps), Contact: SpanOf(f["contact"], ps)}
	}
	return out
}

// How staff are called by a hub.yaml that does not say, such as one of a bundle
// from before it could.
const (
	defaultEscalate = 10 * time.Minute
	defaultAgain    = time.Hour
)

// alerts reads how staff are called when nobody looks.
func alerts(n *source.Node, ps *source.Problems) Alerts {
	if n == nil {
		return Alerts{Escalate: defaultEscalate, Again: defaultAgain}
	}
	f := n.Fields(ps, "escalate", "again")
	n.Require(ps, f, "escalate", "again")
	a := Alerts{Escalate: SpanOf(f["escalate"], ps).Length, Again: SpanOf(f["again"], ps).Length}
	if a.Escalate < time.Minute || a.Again < time.Minute {
		ps.Add(n.Pos, "VALUE", "escalate and again should be minutes or hours, such as 10m and 1h")
	}
	return a
}

// keep reads the periods after which data goes.
func keep(n *source.Node, ps *source.Problems) Keep {
	f := n.Fields(ps, "unfinished", "closed", "backup_days")
	n.Require(ps, f, "unfinished", "closed", "backup_days")
	k := Keep{
		Unfinished: SpanOf(f["unfinished"], ps).Length,
		Closed:     SpanOf(f["closed"], ps).Length,
		BackupDays: f["backup_days"].Int(ps, 0, 365),
	}
	if n != nil && (k.Unfinished < time.Hour || k.Closed < time.Hour) {
		ps.Add(n.Pos, "VALUE", "unfinished and closed should be hours or days, such as 24h and 30d")
	}
	return k
}

// contacts reads services and places.
func (h *Hub) contacts(n *source.Node, ps *source.Problems) map[string]Contact {
	out := map[string]Contact{}
	for key, value := range n.Names(ps) {
		f := value.Fields(ps, "tel", "sms", "keyword", "url", "address", "source", "checked_on", "expires", "confirmed")
		value.Require(ps, f, "source", "checked_on", "expires")
		c := Contact{
			ID: key.Raw(), Tel: f["tel"].Text(ps), SMS: f["sms"].Text(ps), Keyword: f["keyword"].Text(ps),
			URL: f["url"].Text(ps), Address: f["address"].Text(ps),
			Confirmed: f["confirmed"] == nil || f["confirmed"].Bool(ps), At: key.Pos,
		}
		if c.Tel+c.SMS+c.URL+c.Address == "" {
			ps.Add(key.Pos, "MISSING", "the contact %q has no tel, sms, url or address", c.ID)
		}
		checked := f["checked_on"].Date(ps)
		if h.keepFresh("the contact "+strconv.Quote(c.ID), f["expires"], ps).Before(checked) {
			ps.Add(key.Pos, "DATE", "the contact %q expires before it was checked", c.ID)
		}
		out[c.ID] = c
	}
	return out
}
