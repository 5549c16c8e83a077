package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/store"
)

// serveSettings are the settings of `serve`, checked.
type serveSettings struct {
	hub, redis string
	keys       *store.Keys
	refuse     bool // to start on a Redis that may lose things
	listen     string
	public     string // "" until the listener has a port, or without a web server
	admin      string
	web        bool            // the chat page is on
	private    map[string]bool // channels whose questions about health go to the page
	telegram   telegramSettings
	discord    discordSettings
	alerts     alertSettings
}

// telegramSettings are off without a token.
type telegramSettings struct {
	token, api, secret string
	webhook            bool
	rate               float64 // messages a second
}

// discordSettings are off without a token.
type discordSettings struct{ token, application, api, key string }

// needsServer says whether anything needs the public web server.
func (s serveSettings) needsServer() bool { return s.web || s.telegram.webhook || s.discord.key != "" }

// helpPage is the address of the page with numbers to tap, "" where a phone elsewhere
// would not find it, or not safely.
func (s serveSettings) helpPage() string {
	u, err := url.Parse(s.public)
	if !s.web || err != nil || u.Scheme != "https" || private(u.Hostname()) {
		return ""
	}
	return s.public + helpPath
}

// settingsReader reads settings and collects what is wrong with them, so that
// somebody who sets a server up sees all of it at once.
type settingsReader struct {
	p        *process
	problems []error
}

// text reads one setting.
func (r *settingsReader) text(name, otherwise string) string {
	value, err := r.p.setting(name, otherwise)
	if err != nil {
		r.problems = append(r.problems, err)
	}
	return value
}

// wrong notes a problem.
func (r *settingsReader) wrong(format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

// oneOf reads a setting that has few values.
func (r *settingsReader) oneOf(name string, values ...string) string {
	got := r.text(name, values[0])
	for _, v := range values {
		if got == v {
			return got
		}
	}
	r.wrong("%s is %q, and should be %s", name, got, strings.Join(values, " or "))
	return values[0]
}

// readServeSettings reads and checks all of them.
func (p *process) readServeSettings() (serveSettings, error) {
	r := &settingsReader{p: p}
	s := serveSettings{hub: r.text("FRONTDOOR_HUB", "star-house"), redis: r.text("FRONTDOOR_REDIS_URL", "")}
	if s.redis == "" {
		r.wrong("FRONTDOOR_REDIS_URL is not set: write redis://host:6379")
	}
	s.refuse = r.oneOf("FRONTDOOR_REDIS_CHECK", "refuse", "warn") == "refuse"
	s.keys = r.keyFile()
	s.telegram = r.telegram()
	s.discord = r.discord()
	r.addresses(&s)
	s.private = r.sensitiveSteps(s.web)
	r.alerts(&s)
	if s.telegram.token == "" && s.discord.token == "" && !s.web {
		r.wrong("nothing is switched on: set FRONTDOOR_TELEGRAM_TOKEN, FRONTDOOR_DISCORD_TOKEN or FRONTDOOR_PUBLIC_URL")
	}
	if s.telegram.webhook && s.public == "" {
		r.wrong("FRONTDOOR_TELEGRAM_MODE=webhook needs FRONTDOOR_PUBLIC_URL, where Telegram finds this server")
	}
	return s, errors.Join(r.problems...)
}

// keyFile reads the keys.
func (r *settingsReader) keyFile() *store.Keys {
	path := r.text("FRONTDOOR_KEYS", "")
	if path == "" {
		r.wrong("FRONTDOOR_KEYS is not set: it is the path of the file that `frontdoor keys init` makes")
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o007 != 0 {
		r.wrong("everybody on this machine may use the key file %s: chmod 600 it", path)
	}
	keys, err := readKeys(path)
	if err != nil {
		r.problems = append(r.problems, err)
	}
	return keys
}

// maxRate is above what any bot token may send.
const maxRate = 1000

// telegram reads the settings of Telegram.
func (r *settingsReader) telegram() telegramSettings {
	s := telegramSettings{
		token: r.text("FRONTDOOR_TELEGRAM_TOKEN", ""), api: r.text("FRONTDOOR_TELEGRAM_API", ""),
		secret:  r.text("FRONTDOOR_TELEGRAM_SECRET", ""),
		webhook: r.oneOf("FRONTDOOR_TELEGRAM_MODE", "poll", "webhook") == "webhook",
	}
	rate := r.text("FRONTDOOR_TELEGRAM_RATE", "25")
	var err error
	if s.rate, err = strconv.ParseFloat(rate, 64); err != nil || !(s.rate > 0 && s.rate <= maxRate) {
		r.wrong("FRONTDOOR_TELEGRAM_RATE is %q, and should be messages a second, such as 25", rate)
	}
	if s.token == "" {
		return telegramSettings{}
	}
	// What Telegram allows in a secret: https://core.telegram.org/bots/api#setwebhook.
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	if s.secret != "" && (len(s.secret) < 16 || len(s.secret) > 256 || strings.Trim(s.secret, allowed) != "") {
		r.wrong("FRONTDOOR_TELEGRAM_SECRET should be 16 to 256 letters, digits, _ and -, or be left out")
	}
	r.api("FRONTDOOR_TELEGRAM_API", s.api)
	if err := (telegram.Config{Token: s.token}).Validate(); err != nil {
		r.wrong("FRONTDOOR_TELEGRAM_TOKEN: %w", err)
	}
	return s
}

// discord reads the settings of Discord.
func (r *settingsReader) discord() discordSettings {
	s := discordSettings{
		token: r.text("FRONTDOOR_DISCORD_TOKEN", ""), application: r.text("FRONTDOOR_DISCORD_APPLICATION_ID", ""),
		api: r.text("FRONTDOOR_DISCORD_API", ""), key: r.text("FRONTDOOR_DISCORD_PUBLIC_KEY", ""),
	}
	if s.token == "" {
		return discordSettings{}
	}
	r.api("FRONTDOOR_DISCORD_API", s.api)
	if err := (discord.Config{Token: s.token, Application: s.application, PublicKey: s.key}).Validate(); err != nil {
		r.problems = append(r.problems, err)
	}
	return s
}

// api refuses an address over which the token would travel in the clear.
func (r *settingsReader) api(name, address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		r.wrong("%s should be an address such as https://example.org", name)
	case u.Scheme == "http" && !private(u.Hostname()):
		r.wrong("%s is plain http to another machine: the token would travel in the clear", name)
	}
}

// addresses reads where to listen, and refuses what would carry a young person's
// words in the clear.
func (r *settingsReader) addresses(s *serveSettings) {
	s.listen, s.admin = r.text("FRONTDOOR_LISTEN", ""), r.text("FRONTDOOR_ADMIN_LISTEN", "127.0.0.1:9090")
	s.public = strings.TrimRight(r.text("FRONTDOOR_PUBLIC_URL", ""), "/")
	s.web = s.public != "" || s.listen != ""
	if s.listen == "" {
		s.listen = "127.0.0.1:8080"
	}
	for name, address := range map[string]string{"FRONTDOOR_LISTEN": s.listen, "FRONTDOOR_ADMIN_LISTEN": s.admin} {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			r.wrong("%s is %q, and should be host:port, such as 127.0.0.1:8080", name, address)
		}
	}
	if overlap(s.listen, s.admin) {
		r.wrong("FRONTDOOR_ADMIN_LISTEN is the same as FRONTDOOR_LISTEN: what it shows is not for the public")
	}
	host, _, _ := net.SplitHostPort(s.listen)
	switch {
	case s.public != "":
		r.publicURL(s.public)
	case s.needsServer() && !loopback(host):
		r.wrong("FRONTDOOR_LISTEN is open to other machines: set FRONTDOOR_PUBLIC_URL to the https address that leads to it")
	}
}

// publicURL refuses an address that is none, or that is not https on another machine.
func (r *settingsReader) publicURL(address string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || (u.Scheme != "http" && u.Scheme != "https"):
		r.wrong("FRONTDOOR_PUBLIC_URL should be an address such as https://chat.example.org, with nothing after the name")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		r.wrong("FRONTDOOR_PUBLIC_URL is plain http: what young people write would travel in the clear; use https")
	}
}

// overlap says whether two addresses are one: the same port, and the same host or
// all hosts.
func overlap(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	every := func(host string) bool {
		return host == "" || net.ParseIP(host).Equal(net.IPv4zero) || net.ParseIP(host).Equal(net.IPv6zero)
	}
	return portA == portB && portA != "0" && (hostA == hostB || every(hostA) || every(hostB) || loopback(hostA) && loopback(hostB))
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip.IsLoopback()
}

// private says whether a host is this machine or one beside it, such as a Bot API
// server of one's own in the same network.
func private(host string) bool {
	ip := net.ParseIP(host)
	return loopback(host) || ip.IsPrivate() || (ip == nil && !strings.Contains(host, "."))
}

// sensitiveSteps reads where questions about health are asked: one word for every
// channel, or CHANNEL=WORD with commas between.
func (r *settingsReader) sensitiveSteps(web bool) map[string]bool {
	const name, inChat, onPage = "FRONTDOOR_SENSITIVE_STEPS", "in-chat", "private-page"
	out := map[string]bool{}
	value := r.text(name, inChat)
	for part := range strings.SplitSeq(value, ",") {
		channel, where, one := strings.Cut(strings.TrimSpace(part), "=")
		channels := []string{channel}
		if !one {
			channels, where = []string{telegram.Name, discord.Name}, channel
		}
		if where != inChat && where != onPage || one && channel != telegram.Name && channel != discord.Name {
			r.wrong("%s is %q, and should be in-chat, private-page, or telegram=private-page,discord=in-chat", name, value)
			return nil
		}
		for _, c := range channels {
			out[c] = where == onPage
			if out[c] && !web {
				r.wrong("%s asks for the private page, which needs FRONTDOOR_PUBLIC_URL", name)
				return nil
			}
		}
	}
	return out
}
