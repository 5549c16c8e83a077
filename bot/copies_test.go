package bot_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store/storetest"
)

// copies is two processes that serve the same chats, over one server, and take every
// update several times.
type copies struct {
	*front
	other *front
	clock *later
	all   []bot.Inbound // every update so far
}

// newCopies starts neither. What both send is seen in one place.
func newCopies(t *testing.T) *copies {
	t.Helper()
	server, keys, clock := storetest.Start(t), storetest.Keys(t), &later{}
	c := &copies{clock: clock}
	c.front = newFront(t, server.URL, keys, func(c *bot.Config) { c.Clock = clock.now })
	c.other = newFront(t, server.URL, keys, func(config *bot.Config) {
		config.Clock = clock.now
		for i, p := range config.Platforms {
			name := p.Channel().Name
			config.Platforms[i] = onChannel{c.platforms[name], p.Channel()}
		}
	})
	return c
}

// deliver brings updates five times each, to both processes at once, and sends what
// comes of them.
func (c *copies) deliver(updates ...bot.Inbound) {
	c.t.Helper()
	var all sync.WaitGroup
	for _, in := range updates {
		for i := range 5 {
			all.Go(func() {
				if err := []*front{c.front, c.other}[i%2].Accept(c.t.Context(), in); err != nil {
					c.t.Errorf("%s: %v", in.Channel, err)
				}
			})
		}
	}
	all.Wait()
	for _, f := range []*front{c.front, c.other} {
		f.sends()
	}
}

// step is an update as does makes it: # before what is typed, all else is tapped.
func (c *copies) step(channel, step string) bot.Inbound {
	c.t.Helper()
	in := c.typed(channel, chat, "")
	if text, ok := strings.CutPrefix(step, "#"); ok {
		in.Text = text
		return in
	}
	m := c.platforms[channel].last(c.t, chat)
	i := slices.IndexFunc(m.Reply.Options, func(b flows.Button) bool { return b.ID == step })
	if i < 0 {
		c.t.Fatalf("no button %q in %q", step, m.Text)
	}
	in.Happening, in.Tap = flows.Tapped, m.Reply.Options[i].Data
	return in
}

// way is a way of a green adult from hello to the review.
func way(channel string) []string {
	steps := []string{"#/start", "me", "#19", "skip", "here", "agree", "yes", "no", "no", "no", "no", "no", "no", "no", "some_days", "no",
		"lonely", "done", "just_talk", "no", "skip", "#Alex"}
	if channel == "web" {
		steps = append(steps, "text", "#07700 900123")
	} else {
		steps = append(steps, "chat")
	}
	return append(steps, "any", "nothing")
}

// TestOneSubmissionOneReferral holds that one referral comes of one submission, and as
// many messages as if every update had come once: when each comes five times to two
// processes, when the last button is tapped five times, and when all comes again a day
// later.
func TestOneSubmissionOneReferral(t *testing.T) {
	t.Parallel()
	for _, channel := range channels() {
		t.Run(channel.Name, func(t *testing.T) {
			t.Parallel()
			once := newFront(t, storetest.Start(t).URL, storetest.Keys(t), nil)
			once.does(channel.Name, chat, append(way(channel.Name), "submit")...)
			want := once.platforms[channel.Name].texts(chat)
			c := newCopies(t)
			for _, step := range way(channel.Name) {
				c.all = append(c.all, c.step(channel.Name, step))
				c.deliver(c.all[len(c.all)-1])
			}
			var taps []bot.Inbound
			for range 5 {
				taps = append(taps, c.step(channel.Name, "submit"))
			}
			c.deliver(taps...)
			c.all = append(c.all, taps...)
			c.referred(channel.Name, want)
			c.clock.pass(24 * time.Hour)
			for _, in := range c.all {
				c.deliver(in)
			}
			c.referred(channel.Name, want)
		})
	}
}

// referred holds that there is one referral, and that each message was sent once.
func (c *copies) referred(channel string, want []string) {
	c.t.Helper()
	queue, _, err := c.store.Queue(c.t.Context())
	if err != nil || len(queue) != 1 || c.stands(channel, chat).Referral.Reference != queue[0].Reference {
		c.t.Fatalf("the queue: %v %v", queue, err)
	}
	got, last := c.platforms[channel].texts(chat), len(want)-1 // which has the reference
	if len(got) != len(want) || !slices.Equal(got[:last], want[:last]) || !strings.Contains(got[last], queue[0].Reference) {
		c.t.Fatalf("%s: %d messages were sent, not %d:\n%q", channel, len(got), len(want), got)
	}
}
