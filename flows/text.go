package flows

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/star-house/frontdoor/flows/hub"
)

// text1 is one text in the person's language, filled.
func (t *turn) text1(key string) string {
	text, ok := t.b.Words.lookup(t.c.Locale, key)
	if !ok {
		// The parser holds every key of a live language; this is a draft, or a
		// language that is no longer live.
		text, _ = t.b.Words.lookup(t.b.bot.live[0], key)
	}
	return fill(text, t.value)
}

// keyOr is the first of two keys that has a text.
func (t *turn) keyOr(key, otherwise string) string {
	if _, ok := t.b.Words.lookup(t.b.bot.live[0], key); ok {
		return key
	}
	return otherwise
}

// fillings are the names in braces that are not variables, for the parser.
func fillings() []string {
	return []string{"reference", "worker", "services", "hub", "area", "opens", "closes", "claim_by", "keep_until", "web", "return_link", "private_link",
		"answers", "backup_days", "keep_days", "unfinished_hours", "age_min", "age_max", "min_age", "helper_link", "helper_qr"}
}

// value is what stands for a name in braces.
func (t *turn) value(name string) string {
	h := t.b.Hub
	switch name {
	case "reference", "worker", "claim_by", "keep_until":
		return t.referralValue(name)
	case "web":
		return t.page("")
	case "helper_link":
		return t.page("/s/" + t.helperCode())
	case "helper_qr":
		return t.page("/q/" + t.helperCode())
	case "private_link":
		t.out.Page = t.in.Fresh.Page != ""
		return t.in.Fresh.Page
	case "return_link":
		t.out.Link = t.in.Fresh.Return != ""
		return t.in.Fresh.Return
	case "answers":
		return t.answersText()
	case "services":
		return t.servicesText()
	case "min_age":
		return strconv.Itoa(h.Least(cmp.Or(t.in.Channel, t.c.Channel)))
	}
	if text, ok := hubValue(h, name); ok {
		return text
	}
	if id, ok := strings.CutPrefix(name, "contact."); ok {
		return t.contactText(id)
	}
	if e := t.c.entry(name); e != nil {
		return t.answerText(e)
	}
	return ""
}

// referralValue is a value of the referral that a text is about: a closed one while
// it is listed, and otherwise the open one; "" without one.
func (t *turn) referralValue(name string) string {
	switch {
	case name == "worker":
		return t.workerName()
	case name == "claim_by":
		return t.dueDay()
	case t.kept != nil && name == "keep_until":
		return t.day(t.kept.Until)
	case t.kept != nil:
		return t.kept.Referral.Reference
	case t.referral != nil && name == "reference":
		return t.referral.Reference
	}
	return ""
}

// page is an address on the web page; where there is none, words that say whom to
// ask.
func (t *turn) page(path string) string {
	if t.in.Fresh.Web == "" {
		return t.text1("bot.no_page")
	}
	return t.in.Fresh.Web + path
}

// helperCode is the kind of helper, as a link carries it.
func (t *turn) helperCode() string {
	if e := t.c.entry("helper"); e != nil {
		return e.first()
	}
	return ""
}

// hubValue is a value of hub.yaml by its name in braces.
func hubValue(h *hub.Hub, name string) (string, bool) {
	switch name {
	case "hub":
		return h.Name, true
	case "area":
		return h.Area.Name, true
	case "opens":
		return h.Hours.From.String(), true
	case "closes":
		return h.Hours.To.String(), true
	case "backup_days":
		return strconv.Itoa(h.Keep.BackupDays), true
	case "keep_days":
		return strconv.Itoa(int(h.Keep.Closed / (24 * time.Hour))), true
	case "unfinished_hours":
		return strconv.Itoa(int(h.Keep.Unfinished / time.Hour)), true
	case "age_min":
		return strconv.Itoa(h.Ages.Min), true
	case "age_max":
		return strconv.Itoa(h.Ages.Max), true
	}
	return "", false
}

// workerName is who works on the referral.
func (t *turn) workerName() string {
	if t.in.Staff.Name != "" {
		return t.in.Staff.Name
	}
	if t.referral != nil {
		return t.referral.Claim.Name
	}
	return ""
}

// dueDay is the day by which the referral should be claimed, in words.
func (t *turn) dueDay() string {
	if t.referral == nil {
		return ""
	}
	return t.day(t.referral.Due)
}

// day writes a date in the person's language: "Friday 27 November".
func (t *turn) day(at time.Time) string {
	local := at.In(t.b.Hub.Zone)
	text, _ := t.b.Words.lookup(t.c.Locale, "dates.day")
	return fill(text, func(name string) string {
		switch name {
		case "weekday":
			return t.text1("dates." + strings.ToLower(local.Weekday().String()))
		case "month":
			return t.text1("dates." + strings.ToLower(local.Month().String()))
		}
		return strconv.Itoa(local.Day())
	})
}

// answersText lists every answer that is held, for /mydata: those of the chat, and
// what was sent earlier and is still kept.
func (t *turn) answersText() string {
	var out []string
	var done []string
	for _, e := range slices.Backward(t.c.Journal) {
		if contains(done, e.Var) {
			continue
		}
		done = append(done, e.Var)
		out = append(out, "• "+t.label(e.Var)+": "+t.answerText(&e))
	}
	slices.Reverse(out)
	for _, k := range t.in.Kept {
		out = append(out, t.keptText(k))
	}
	if len(out) == 0 {
		return t.text1("bot.no_answers")
	}
	return strings.Join(out, "\n")
}

// keptText tells what of a closed referral is still kept, and until when.
func (t *turn) keptText(k Kept) string {
	t.kept = &k
	defer func() { t.kept = nil }()
	if k.Referral.Withdrawn() {
		return t.text1("bot.kept_withdrawn")
	}
	out := []string{t.text1("bot.kept")}
	for _, line := range k.Referral.Sent.Summary {
		out = append(out, "• "+line.Label+": "+line.Text)
	}
	return strings.Join(out, "\n")
}

// contactText is one contact as a line, with a note when nobody has confirmed it.
func (t *turn) contactText(id string) string {
	c := t.b.Hub.Contacts[id]
	text, _ := t.b.Words.lookup(t.c.Locale, contactsFile+"."+id)
	text = fill(text, func(name string) string { return contactField(c, name) })
	if !c.Confirmed {
		text += " " + t.text1(contactsFile+".unconfirmed")
	}
	return text
}

// contactField is a field of a contact by its name in braces.
func contactField(c hub.Contact, name string) string {
	return map[string]string{"tel": c.Tel, "sms": c.SMS, "keyword": c.Keyword, "url": c.URL, "address": c.Address}[name]
}

// contactHref is where a tap on a contact goes: a call first, then a text
// message, then a page; "" for a place.
func contactHref(c hub.Contact) string {
	switch {
	case c.Tel != "":
		return "tel:" + strings.ReplaceAll(c.Tel, " ", "")
	case c.SMS != "":
		return "sms:" + c.SMS + "?body=" + c.Keyword
	}
	return c.URL
}
