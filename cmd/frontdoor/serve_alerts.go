package main

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/webhook"
)

// alertSettings are where staff are alerted, and which monitor hears that all is
// well; each is off when it is empty.
type alertSettings struct {
	telegram           int64
	discord            string
	webhook, heartbeat string
	desk               string // address of the desk, "" without a public one
}

// alerts reads them, after the platforms and the public address.
func (r *settingsReader) alerts(s *serveSettings) {
	a := alertSettings{webhook: r.hook("FRONTDOOR_STAFF_WEBHOOK"), heartbeat: r.hook("FRONTDOOR_HEARTBEAT_URL")}
	if chat := r.text("FRONTDOOR_STAFF_TELEGRAM_CHAT", ""); chat != "" {
		var err error
		if a.telegram, err = strconv.ParseInt(chat, 10, 64); err != nil || a.telegram == 0 {
			r.wrong("FRONTDOOR_STAFF_TELEGRAM_CHAT should be the number of a group, such as -1001234567890")
		}
		if s.telegram.token == "" {
			r.wrong("FRONTDOOR_STAFF_TELEGRAM_CHAT needs FRONTDOOR_TELEGRAM_TOKEN: the bot writes there")
		}
	}
	if a.discord = r.text("FRONTDOOR_STAFF_DISCORD_CHANNEL", ""); a.discord != "" {
		if strings.Trim(a.discord, "0123456789") != "" {
			r.wrong("FRONTDOOR_STAFF_DISCORD_CHANNEL should be the number of a channel (Copy Channel ID in Discord)")
		}
		if s.discord.token == "" {
			r.wrong("FRONTDOOR_STAFF_DISCORD_CHANNEL needs FRONTDOOR_DISCORD_TOKEN: the bot writes there")
		}
	}
	if s.public != "" {
		a.desk = s.public + "/desk"
	}
	s.alerts = a
}

// hook reads an address that we call. It may hold a secret, so it is not repeated,
// and nothing goes there in the clear.
func (r *settingsReader) hook(name string) string {
	address := r.text(name, "")
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		r.wrong("%s should be an address such as https://example.org/…", name)
	case u.Scheme == "http" && !private(u.Hostname()):
		r.wrong("%s is plain http to another machine: use https", name)
	}
	return address
}

// alerters are the places where staff are told, in their order.
func (s *server) alerters() []bot.Alerter {
	var out []bot.Alerter
	if s.telegram != nil && s.set.alerts.telegram != 0 {
		out = append(out, s.telegram.Staff())
	}
	if s.discord != nil && s.set.alerts.discord != "" {
		out = append(out, s.discord.Staff(s.set.alerts.discord))
	}
	if s.set.alerts.webhook != "" {
		out = append(out, webhook.NewHook(s.set.alerts.webhook))
	}
	if len(out) == 0 {
		s.log.Warn("nobody is alerted to urgent requests: set FRONTDOOR_STAFF_TELEGRAM_CHAT, FRONTDOOR_STAFF_DISCORD_CHANNEL or FRONTDOOR_STAFF_WEBHOOK")
	}
	return out
}

// withAlerts fills in where staff are alerted and who hears that all is well.
func (s *server) withAlerts(c bot.Config) bot.Config {
	c.Alerters, c.Desk = s.alerters(), s.set.alerts.desk
	if s.set.alerts.heartbeat != "" {
		c.Beat = webhook.Beat(s.set.alerts.heartbeat)
	}
	return c
}
