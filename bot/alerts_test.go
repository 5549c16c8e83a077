package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// noticeboard keeps what staff are told in several places, in order.
type noticeboard struct {
	mu  sync.Mutex
	got []told
}

// told is one alert and where it came.
type told struct {
	place string
	bot.Alert
}

// corner is one place of a noticeboard; it takes nothing while err is set.
type corner struct {
	board *noticeboard
	name  string
	err   error
}

// Name is the place's.
func (c *corner) Name() string { return c.name }

// Alert keeps an alert.
func (c *corner) Alert(_ context.Context, a bot.Alert) error {
	c.board.mu.Lock()
	defer c.board.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	c.board.got = append(c.board.got, told{c.name, a})
	return nil
}

// take is what staff were told since the last time.
func (n *noticeboard) take() []told {
	n.mu.Lock()
	defer n.mu.Unlock()
	got := n.got
	n.got = nil
	return got
}

// post is a rig whose staff are told in places, and the places.
type post struct {
	*rig
	board   *noticeboard
	corners map[string]*corner
}

// newPost gives a rig places with these names.
func newPost(r *rig, names ...string) *post {
	r.t.Helper()
	p := &post{rig: r, board: &noticeboard{}, corners: map[string]*corner{}}
	var places []bot.Alerter
	for _, name := range names {
		c := &corner{board: p.board, name: name}
		p.corners[name] = c
		places = append(places, c)
	}
	var err error
	r.Service, err = bot.New(bot.Config{Store: r.store, Library: r.library, Platforms: []bot.Platform{r.platform},
		Clock: func() time.Time { return r.now }, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		TurnTime: store.PatientTimeout, Alerters: places, Desk: "https://chat.example.org/desk"})
	if err != nil {
		r.t.Fatal(err)
	}
	for id, role := range map[string]flows.Role{"sam": flows.RoleWorker, "cory": flows.RoleCoordinator, "dee": flows.RoleDuty} {
		if err := r.store.AddStaff(r.t.Context(), flows.Staff{ID: id, Name: id, Role: role}); err != nil {
			r.t.Fatal(err)
		}
	}
	return p
}

// after lets time pass, and wants exactly these places to be told then.
func (p *post) after(d time.Duration, want ...string) []told {
	p.t.Helper()
	p.now = p.now.Add(d)
	if err := p.Watch(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	got := p.board.take()
	var places []string
	for _, a := range got {
		places = append(places, a.place)
	}
	if fmt.Sprint(places) != fmt.Sprint(want) {
		p.t.Fatalf("at %s told in %v, want %v", p.now.Format("Mon 15:04:05"), places, want)
	}
	return got
}

// duty walks a chat to the duty lane.
func (p *post) duty(chat, name string) string {
	p.t.Helper()
	for _, step := range []string{"/start", "<me", "19", "<skip", "<here", "<agree", "<yes", "<plan", "<tell"} {
		p.does(chat, step)
	}
	m := p.platform.last(p.t, chat)
	for _, block := range m.Reply.Blocks {
		for _, line := range block.Lines {
			if strings.HasPrefix(line.Change.Label, "Name") {
				p.tapData(chat, line.Change.Data)
			}
		}
	}
	p.does(chat, name)
	p.does(chat, "<submit")
	queue, _, err := p.desk.Queue(p.t.Context())
	if err != nil || len(queue) == 0 || queue[0].Lane != flows.LaneDuty {
		p.t.Fatalf("the duty lane is empty: %v\n%s", err, p.platform.last(p.t, chat).Text)
	}
	return queue[len(queue)-1].Reference
}

// does types words, or taps what follows "<".
func (p *post) does(chat, step string) {
	p.t.Helper()
	if name, ok := strings.CutPrefix(step, "<"); ok {
		p.taps(chat, name)
		return
	}
	if err := p.says(chat, step); err != nil {
		p.t.Fatal(err)
	}
	p.Flush(p.t.Context())
}

// tapData taps a button by its data.
func (p *post) tapData(chat, data string) {
	p.t.Helper()
	p.updates++
	in := bot.Inbound{Happening: flows.Tapped, Channel: "telegram", Chat: chat, Update: fmt.Sprint(p.updates), Tap: data}
	if err := p.Accept(p.t.Context(), in); err != nil {
		p.t.Fatal(err)
	}
	p.Flush(p.t.Context())
}

// work is something that a member of staff does.
func (p *post) work(by, reference string, verb flows.Verb) {
	p.t.Helper()
	if _, err := p.desk.Do(p.t.Context(), bot.Work{Reference: reference, Verb: verb, By: by}); err != nil {
		p.t.Fatal(err)
	}
	p.sweeps()
}

// sweeps does what a service does by itself, and sends.
func (p *post) sweeps() {
	p.t.Helper()
	if err := p.Sweep(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	p.Flush(p.t.Context())
}

// opens is a member of staff who reads a referral.
func (p *post) opens(by, reference string) {
	p.t.Helper()
	if _, err := p.desk.Show(p.t.Context(), reference, by); err != nil {
		p.t.Fatal(err)
	}
}

// due is when the time of the only referral is over.
func (p *post) due() time.Duration {
	p.t.Helper()
	queue, _, err := p.desk.Queue(p.t.Context())
	if err != nil || len(queue) != 1 {
		p.t.Fatal(queue, err)
	}
	return queue[0].Due.Sub(p.now)
}

const step = 10 * time.Minute // escalate in hub.yaml

// TestDutyAlertsAtOnce holds that a red referral is told at once, what is told, and
// that it says nothing about anybody: not in the words, not in the log.
func TestDutyAlertsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram")
	p.after(0)
	reference := p.duty("canary-chat", "Canaryname")
	p.now = p.now.Add(90 * time.Second)
	p.does("canary-chat", "canary words: i want to kill myself")
	got := p.after(0, "telegram")[0]
	want := "Duty: " + reference + " needs somebody now.\nLane duty. Waiting: 1. The oldest: 1 min.\nhttps://chat.example.org/desk"
	if got.Text != want || got.Count != 1 || got.Lane != flows.LaneDuty || got.Reference != reference ||
		got.Oldest != 90*time.Second || got.Link != "https://chat.example.org/desk" {
		t.Errorf("told %+v", got)
	}
	file, err := p.desk.Show(t.Context(), reference, "dee")
	if err != nil || !strings.Contains(fmt.Sprint(file), "Canaryname") || !strings.Contains(fmt.Sprint(file), "canary words") {
		t.Fatalf("the canary is not in the referral: %v %v", file, err)
	}
	log := regexp.MustCompile(`(?m)^time=\S+ `).ReplaceAllString(p.log.String(), "") // a time may have a 19 in it
	for _, text := range []string{fmt.Sprintf("%+v", got), log} {
		if low := strings.ToLower(text); strings.Contains(low, "canary") || strings.Contains(low, "kill") || strings.Contains(low, "19") {
			t.Errorf("it says too much: %s", text)
		}
	}
	if !strings.Contains(p.log.String(), reference) {
		t.Errorf("the log does not say that staff were alerted: %s", p.log)
	}
	p.audited(reference, "alerted telegram", 1)
}

// audited counts the lines of the audit that say something about a referral.
func (p *post) audited(reference, what string, want int) {
	p.t.Helper()
	lines, err := p.store.AuditLines(p.t.Context(), 1000)
	if err != nil {
		p.t.Fatal(err)
	}
	n := 0
	for _, line := range lines {
		if line.Reference == reference && line.What == what {
			n++
		}
	}
	if n != want {
		p.t.Errorf("the audit says %q %d times, want %d", what, n, want)
	}
}

// TestEscalation holds that an alert that nobody looks at goes from place to place
// and round again, and that a claim ends it.
func TestEscalation(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram", "discord", "webhook")
	reference := p.duty("1001", "Alex")
	p.after(0, "telegram")
	p.after(step - time.Second)
	p.after(time.Second, "discord")
	p.after(time.Second)
	p.after(step, "webhook")
	p.after(step, "telegram")
	p.work("dee", reference, flows.DoClaim)
	p.after(step)
	p.after(100 * time.Hour)
}

// TestLookingStops holds that opening a referral ends the alerts, and that one
// that nobody claims then is called out again.
func TestLookingStops(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram", "discord")
	reference := p.duty("1001", "Alex")
	p.after(0, "telegram")
	p.now = p.now.Add(time.Minute)
	p.opens("cory", reference)
	p.after(step)
	p.after(time.Hour - step - time.Second) // again, since it was opened
	again := p.after(time.Second, "telegram")[0]
	if !strings.HasPrefix(again.Text, "Overdue: nobody has picked up "+reference) || !strings.Contains(again.Text, "The oldest: 1 h.") {
		t.Errorf("told %q", again.Text)
	}
	p.after(step, "discord")
	p.after(step)
	p.after(time.Hour-step, "telegram")
}

// TestOverdue holds that a referral that nobody claims in its lane's time is told
// then, once in each place, and not again before that time has passed once more.
func TestOverdue(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram", "discord")
	p.refers("1001")
	p.after(0)
	due := p.due()
	p.after(due - time.Second)
	got := p.after(time.Second, "telegram")[0]
	if got.Lane != flows.LaneOpen || !strings.Contains(got.Text, "The oldest: 2 days.") {
		t.Errorf("told %+v", got)
	}
	p.after(step - time.Second)
	p.after(time.Second, "discord")
	p.after(step)
	p.after(47 * time.Hour)
	p.after(2*time.Hour, "telegram")
}

// TestClaimedInTime holds that a referral that was claimed is not told, and that
// one that comes back past its time is told at once, whoever held it.
func TestClaimedInTime(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram")
	reference := p.refers("1001")
	due := p.due()
	p.work("sam", reference, flows.DoClaim)
	p.after(due + time.Hour)
	p.opens("cory", reference)
	p.work("sam", reference, flows.DoRelease)
	p.after(0, "telegram")
	p.after(time.Hour)
	p.work("sam", reference, flows.DoClaim)
	p.now = p.now.Add(72 * time.Hour)
	p.sweeps() // the claim lapses
	p.after(0, "telegram")
	p.after(time.Minute)
	p.does("1001", "/withdraw")
	p.does("1001", "<yes")
	p.after(200 * time.Hour)
	if due, err := p.store.DueAlerts(t.Context(), p.now, time.Minute, 10); err != nil || len(due) > 0 {
		t.Errorf("after it was withdrawn, still watched: %v %v", due, err)
	}
}

// TestOverdueTogether holds that what is over in the same minute is one alert, and
// that claiming one of two leaves the other.
func TestOverdueTogether(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram", "discord")
	first := p.refers("1001")
	due := p.due()
	p.now = p.now.Add(time.Second)
	second := p.refers("1002")
	got := p.after(due, "telegram")[0]
	if got.Count != 2 || got.Reference != first {
		t.Errorf("told %+v", got)
	}
	p.audited(first, "alerted telegram", 1)
	p.audited(second, "alerted telegram", 1)
	p.work("sam", first, flows.DoClaim)
	if got := p.after(step, "discord")[0]; got.Count != 1 || got.Reference != second {
		t.Errorf("told %+v", got)
	}
}

// TestCrisisWords holds that crisis words of somebody whose request is open are
// told at once, whether it waits or is held, once for a burst of them, and again
// for new words after somebody looked.
func TestCrisisWords(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram", "discord")
	reference := p.refers("1001")
	p.after(time.Hour)
	crisis := func() {
		p.does("1001", "i want to kill myself")
		p.does("1001", "<carry_on")
	}
	crisis()
	got := p.after(0, "telegram")[0]
	if !strings.HasPrefix(got.Text, "Please look at "+reference+" now.\nLane open. Waiting: 1.") {
		t.Errorf("told %q", got.Text)
	}
	p.now = p.now.Add(time.Minute)
	crisis()
	p.after(0)
	p.after(step-time.Minute, "discord")
	p.work("sam", reference, flows.DoClaim)
	p.after(step)
	p.now = p.now.Add(time.Minute)
	crisis()
	got = p.after(0, "telegram")[0]
	if !strings.Contains(got.Text, "Nobody is waiting in it") || got.Count != 0 || got.Oldest != 0 {
		t.Errorf("told %+v", got)
	}
	p.does("1001", "are you there")
	p.after(step, "discord")
	p.now = p.now.Add(time.Minute)
	p.opens("sam", reference)
	p.after(step)
	p.now = p.now.Add(time.Minute)
	crisis()
	p.after(0, "telegram")
}

// TestRefusedAlert holds that an alert that one place does not take is offered to
// the next at once, that the log says so, and that one that nobody takes is tried
// again within about a minute.
func TestRefusedAlert(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram", "discord", "webhook")
	p.corners["telegram"].err = &bot.SendError{Fate: bot.Gone, Code: 403}
	p.duty("1001", "Alex")
	p.after(0, "discord")
	if log := p.log.String(); !strings.Contains(log, "place=telegram") || !strings.Contains(log, "403") {
		t.Errorf("the log says %s", log)
	}
	p.after(step, "webhook")
	for _, c := range p.corners {
		c.err = errors.New("away")
	}
	p.now = p.now.Add(step)
	if err := p.Watch(t.Context()); err == nil {
		t.Error("an alert that nobody took is not an error")
	}
	for _, c := range p.corners {
		c.err = nil
	}
	p.after(time.Second)
	p.after(time.Minute+time.Second, "telegram")
}

// TestTwoServicesAlertOnce holds that of two processes over one store only one
// tells staff, at each step.
func TestTwoServicesAlertOnce(t *testing.T) {
	t.Parallel()
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keys := storetest.Keys(t)
	one, two := newPost(newRig(t, server.URL(), keys), "telegram"), newPost(newRig(t, server.URL(), keys), "telegram")
	for i := range 5 {
		one.duty(fmt.Sprint(i), "Alex")
	}
	for range 3 {
		var both sync.WaitGroup
		for _, p := range []*post{one, two} {
			both.Go(func() {
				for range 4 {
					if err := p.Watch(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
		seen := map[string]int{}
		for _, a := range append(one.board.take(), two.board.take()...) {
			seen[a.Reference]++
		}
		for reference, n := range seen {
			if n != 1 || len(seen) != 5 {
				t.Errorf("%s was told %d times, of %d", reference, n, len(seen))
			}
		}
		one.now, two.now = one.now.Add(step), two.now.Add(step)
	}
}

// TestRunAlerts holds that a service that runs alerts by itself.
func TestRunAlerts(t *testing.T) {
	t.Parallel()
	p := newPost(embeddedRig(t), "telegram")
	p.duty("1001", "Alex")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	storetest.Eventually(t, "staff are told", func(context.Context) error {
		if len(p.board.take()) == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
