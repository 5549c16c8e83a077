package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
	"github.com/star-house/frontdoor/store/storetest"
)

// hub is a `frontdoor serve` on a real Redis, with both platforms.
type hub struct {
	t        *testing.T
	env      []string
	telegram *telegramtest.Server
	discord  *discordtest.Server
	serving  *exec.Cmd
	admin    string
}

// newHub starts one; more are settings beside the usual ones.
func newHub(t *testing.T, more ...string) *hub {
	t.Helper()
	redis := storetest.Start(t)
	keys := filepath.Join(t.TempDir(), "keys.json")
	h := &hub{t: t, telegram: telegramtest.Start(t), discord: discordtest.Start(t)}
	h.env = append([]string{"FRONTDOOR_REDIS_URL=" + redis.URL, "FRONTDOOR_KEYS=" + keys,
		"FRONTDOOR_TELEGRAM_TOKEN=" + telegramtest.Token, "FRONTDOOR_TELEGRAM_API=" + h.telegram.URL, "FRONTDOOR_TELEGRAM_RATE=500",
		"FRONTDOOR_DISCORD_TOKEN=" + discordtest.Token, "FRONTDOOR_DISCORD_APPLICATION_ID=" + discordtest.Application,
		"FRONTDOOR_DISCORD_API=" + h.discord.URL, "FRONTDOOR_ADMIN_LISTEN=127.0.0.1:0"}, more...)
	h.runs(0, "", "keys", "init", keys)
	for id, role := range map[string]string{"sam": "worker", "cory": "coordinator", "dee": "duty"} {
		h.runs(0, "", "staff", "add", id, "--name", id, "--role", role)
	}
	h.starts()
	t.Cleanup(h.kill)
	return h
}

// runs runs a command that must end with a code and returns what it printed.
func (h *hub) runs(code int, stdin string, args ...string) string {
	h.t.Helper()
	p := &program{t: h.t, env: h.env}
	return p.wants(code, stdin, args...)
}

// adminAt finds where the pages for operators are.
var adminAt = regexp.MustCompile(`msg=serving .*admin=(\S+)`)

// starts starts the program and waits until it serves.
func (h *hub) starts() {
	h.t.Helper()
	h.serving = exec.Command("frontdoor", "serve")
	h.serving.Env = append(os.Environ(), h.env...)
	log, err := h.serving.StderrPipe()
	must(h.t, err)
	must(h.t, h.serving.Start())
	lines := bufio.NewScanner(log)
	h.admin = ""
	for h.admin == "" && lines.Scan() {
		if m := adminAt.FindStringSubmatch(lines.Text()); m != nil {
			h.admin = m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	storetest.Eventually(h.t, "the service is ready", func(context.Context) error {
		r, err := http.Get("http://" + h.admin + "/readyz")
		if err != nil {
			return err
		}
		if err := r.Body.Close(); err != nil || r.StatusCode != http.StatusOK {
			return fmt.Errorf("%d: %w", r.StatusCode, err)
		}
		if h.discord.Sessions() == 0 {
			return fmt.Errorf("the gateway is not open")
		}
		return nil
	})
}

// kill ends the program as a crash would.
func (h *hub) kill() {
	if err := h.serving.Process.Kill(); err == nil {
		_ = h.serving.Wait() // it was killed, and says so
	}
}

// crash kills the program, and waits until Discord has noticed.
func (h *hub) crash() {
	h.t.Helper()
	h.kill()
	storetest.Eventually(h.t, "the gateway is closed", func(context.Context) error {
		if n := h.discord.Sessions(); n > 0 {
			return fmt.Errorf("%d sessions", n)
		}
		return nil
	})
}

// chatter is a person in a chat of some platform.
type chatter interface {
	start()
	says(text string)
	// presses presses the newest button whose label begins so, or picks it from a
	// list and is done.
	presses(label string) error
	// last is the text of the newest message.
	last() string
}

// onTelegram is a person on Telegram.
type onTelegram struct {
	*telegramtest.Server
	chat int64
}

func (p onTelegram) start()           { p.Says(p.chat, "/start p42") }
func (p onTelegram) says(text string) { p.Says(p.chat, text) }
func (p onTelegram) last() string {
	screen := p.Screen(p.chat)
	if len(screen) == 0 {
		return ""
	}
	return screen[len(screen)-1].Text
}

func (p onTelegram) presses(label string) error {
	screen := p.Screen(p.chat)
	for _, row := range screen[len(screen)-1].Keyboard {
		for _, b := range row {
			if strings.HasPrefix(b.Text, label) {
				p.Taps(p.chat, b.Data)
				return nil
			}
		}
	}
	return fmt.Errorf("no button %q under %.200q", label, p.last())
}

// onDiscord is a person on Discord.
type onDiscord struct {
	*discordtest.Server
	user string
}

func (p onDiscord) start()           { p.Command(p.user, "start", "p42", false) }
func (p onDiscord) says(text string) { p.Says(p.user, text) }
func (p onDiscord) last() string {
	screen := p.Screen(discordtest.Chat(p.user))
	if len(screen) == 0 {
		return ""
	}
	return strings.ReplaceAll(screen[len(screen)-1].Content, `\`, "")
}

func (p onDiscord) presses(label string) error {
	screen := p.Screen(discordtest.Chat(p.user))
	data, err := json.Marshal(screen[len(screen)-1].Components)
	if err != nil {
		return err
	}
	var rows []struct {
		Components []struct {
			Label   string
			ID      string `json:"custom_id"`
			Options []struct{ Label, Value string }
		}
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		for _, c := range row.Components {
			if c.Label != "" && strings.HasPrefix(c.Label, label) {
				p.Presses(p.user, c.ID)
				return nil
			}
			for _, o := range c.Options {
				if strings.HasPrefix(o.Label, label) {
					p.Presses(p.user, c.ID, o.Value)
					return nil
				}
			}
		}
	}
	return fmt.Errorf("no button %q in %s", label, data)
}

// step is what a person reads and what they do then: press, or type after a "> ".
type step struct{ reads, does string }

// before are the steps up to the questions about health, and after those behind
// them.
func before() []step {
	return []step{{"Who is this for?", "Me"}, {"How old are you?", "> 19"}, {"postcode", "> S10"},
		{"Is it OK to ask", "Yes"}, {"safe right now", "Yes, I"}}
}

// rest are the questions about health from the second on, and what follows.
func rest(alive string) []step {
	return []step{{"not being alive", alive}, {"hurt yourself", "No"}, {"Is anyone hurting", "No"}, {"badly hurt someone", "No"},
		{"see, hear", "No"}, {"food, weight", "No"}, {"drink, drugs", "No"}, {"normal things", "A bit"}, {"somebody already", "No"},
		{"help with?", "Feeling lonely"}, {"like to try", "I just want"}, {"come with you", "Yes"}, {"own words", "> I like <b>chess</b> & @everyone"},
		{"call you?", "> Kit"}, {"get in touch?", "Here"}, {"safe and good time", "Any"}, {"we should know?", "Nothing"},
		{"Here is what I will send", "Send it"}}
}

// red are the steps of somebody who is in danger.
func red() []step {
	return append(before(), step{"not being alive", "Yes, and"}, step{"stopped the questions", "Tell"}, step{"Send", "Send"})
}

// walks does the steps. After every so many the program is killed and started
// anew: 0 never.
func (h *hub) walks(p chatter, steps []step, killEvery int) string {
	h.t.Helper()
	p.start()
	for i, s := range steps {
		h.reads(p, s.reads)
		if killEvery > 0 && i%killEvery == killEvery-1 {
			h.crash()
			if text, ok := strings.CutPrefix(s.does, "> "); ok {
				p.says(text) // while nobody listens
				h.starts()
				continue
			}
			h.starts()
		}
		h.does(p, s.does)
	}
	h.reads(p, "Your reference is")
	return regexp.MustCompile(`[2-9A-Z]{4}-[2-9A-Z]{4}`).FindString(p.last())
}

// does does one thing; of a list that needs it, it is done afterwards.
func (h *hub) does(p chatter, what string) {
	h.t.Helper()
	if text, ok := strings.CutPrefix(what, "> "); ok {
		p.says(text)
		return
	}
	asked := p.last()
	must(h.t, p.presses(what))
	if _, ok := p.(onTelegram); ok && strings.Contains(asked, "hen tap Done") {
		storetest.Eventually(h.t, "Done", func(context.Context) error { return p.presses("Done") })
	}
}

// reads waits until the newest message has some words.
func (h *hub) reads(p chatter, words string) {
	h.t.Helper()
	storetest.Eventually(h.t, words, func(context.Context) error {
		if got := p.last(); !strings.Contains(got, words) {
			return fmt.Errorf("the newest message is %.100q", got)
		}
		return nil
	})
}

// TestServe is the second issue's promise: green, amber and red people come from
// hello to a reference on both platforms, a worker's words reach each, and their
// answers come back in order.
func TestServe(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	for name, p := range map[string]func(n int) chatter{
		"telegram": func(n int) chatter { return onTelegram{h.telegram, int64(1000 + n)} },
		"discord":  func(n int) chatter { return onDiscord{h.discord, fmt.Sprint(2000 + n)} },
	} {
		for i, c := range []struct {
			steps     []step
			lane, who string
		}{
			{append(before(), rest("No")...), "open", "sam"}, {append(before(), rest("It comes")...), "check", "cory"}, {red(), "duty", "dee"},
		} {
			person := p(i)
			h.talks(person, h.walks(person, c.steps, 0), name+" "+c.lane, c.who)
		}
	}
}

// talks lets a worker claim a referral, write, and read the answers.
func (h *hub) talks(p chatter, reference, lane, who string) {
	h.t.Helper()
	list := h.runs(0, "", "queue", "list", "--json")
	channel, lane, _ := strings.Cut(lane, " ")
	if !regexp.MustCompile(`(?s)"reference": ?"` + reference + `",\s*"lane": ?"` + lane + `".{1,300}"channel": ?"` + channel + `"`).MatchString(list) {
		h.t.Errorf("%s should be in %s from %s:\n%s", reference, lane, channel, list)
	}
	h.runs(0, "", "queue", "claim", reference, "--as", who)
	h.runs(0, "Hi, I'm *"+who+"* <3", "queue", "reply", reference, "--as", who)
	h.reads(p, "Hi, I'm *"+who+"* <3")
	for i := range 5 {
		p.says(fmt.Sprintf("answer %d", i))
	}
	var file struct {
		Messages []struct{ Text, Delivery string }
	}
	storetest.Eventually(h.t, "the answers are on the desk", func(context.Context) error {
		must(h.t, json.Unmarshal([]byte(h.runs(0, "", "queue", "show", reference, "--as", who, "--json")), &file))
		if len(file.Messages) < 6 {
			return fmt.Errorf("%d messages", len(file.Messages))
		}
		return nil
	})
	for i, m := range file.Messages {
		if want := fmt.Sprintf("answer %d", i-1); i > 0 && m.Text != want || i == 0 && m.Delivery != "sent" {
			h.t.Errorf("message %d is %+v", i, m)
		}
	}
}

// TestServeKilled holds that killing the program loses nothing: people go on where
// they were, and what they typed meanwhile is taken.
func TestServeKilled(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	for _, p := range []chatter{onTelegram{h.telegram, 1001}, onDiscord{h.discord, "2001"}} {
		reference := h.walks(p, append(before(), rest("No")...), 4)
		if list := h.runs(0, "", "queue", "list", "--json"); strings.Count(list, reference) != 1 {
			t.Errorf("the queue after the crashes:\n%s", list)
		}
	}
}

// TestServeStops holds that the program ends by itself when it is asked to, with
// nothing wrong.
func TestServeStops(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	p := onTelegram{h.telegram, 1001}
	p.start()
	h.reads(p, "Who is this for?")
	must(t, h.serving.Process.Signal(syscall.SIGTERM))
	if err := h.serving.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// TestRefusesOtherKeys holds that nothing runs on a hub's data with another key file
// than it was begun with, one clear line each, and that the right one still does.
func TestRefusesOtherKeys(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	other := filepath.Join(t.TempDir(), "other.json")
	h.runs(0, "", "keys", "init", other)
	p := &program{t: t, env: append(slices.Clone(h.env), "FRONTDOOR_KEYS="+other)}
	for _, command := range [][]string{{"serve"}, {"queue", "list"}, {"staff", "list"}} {
		_, said, code := p.runs("", command...)
		if code != exitBroken || strings.Count(strings.TrimSpace(said), "\n") != 0 || !strings.Contains(said, "FRONTDOOR_KEYS") {
			t.Errorf("%v: exit code %d:\n%s", command, code, said)
		}
	}
	h.runs(0, "", "queue", "list")
}

// TestServeRefusesUnsafeRedis holds that a Redis that may lose what it confirmed is
// refused, one line each, and only warned of when that is asked for.
func TestServeRefusesUnsafeRedis(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	unsafe := storetest.Start(t, "--appendfsync", "everysec", "--maxmemory-policy", "allkeys-lru")
	p := &program{t: t, env: append(h.env, "FRONTDOOR_REDIS_URL="+unsafe.URL)}
	_, said, code := p.runs("", "serve")
	for _, want := range []string{"appendfsync everysec, and needs always", "maxmemory-policy allkeys-lru, and needs noeviction", "FRONTDOOR_REDIS_CHECK=warn"} {
		if code != exitBroken || !strings.Contains(said, want) {
			t.Errorf("exit code %d, without %q:\n%s", code, want, said)
		}
	}
}
