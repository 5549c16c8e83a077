package transcript

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// Driver is the person's side of a chat.
type Driver interface {
	// Platform is what the service talks to.
	Platform() bot.Platform
	// Act hands one thing that the person does to the service and returns when the
	// service has taken it.
	Act(ctx context.Context, a Act) error
	// Chat is the platform's id of the person's chat.
	Chat() string
	// Seen takes the messages that arrived since the last call.
	Seen() []Message
}

// Resident is a Driver whose platform keeps what it shows in the world's own store.
type Resident interface {
	// Enter is called once, before the service is made, and builds the platform.
	Enter(w *World) error
}

// Act is one thing that a person does.
type Act struct {
	Happening flows.Happening
	Text      string
	Link      string
	Button    flows.Button
}

// Message is what a person got to see.
type Message struct {
	Text string
	// Keys are where the words come from, nil for a driver that sees only words.
	Keys    []string
	Buttons []flows.Button
	// From is the worker who wrote it, "" for the bot.
	From string
}

// World is a service of its own with an embedded store and a clock that stands
// still until a transcript moves it.
type World struct {
	Store   *store.Store
	Service *bot.Service
	Desk    *bot.Desk
	Library *bot.Library
	Driver  Driver
	now     time.Time
	server  *store.Embedded
	keys    *store.Keys
}

// Staff are the people that a world, and `frontdoor try`, comes with.
func Staff() []flows.Staff {
	return []flows.Staff{
		{ID: "sam", Name: "Sam", Role: flows.RoleWorker},
		{ID: "jo", Name: "Jo", Role: flows.RoleWorker},
		{ID: "cory", Name: "Cory", Role: flows.RoleCoordinator},
		{ID: "dee", Name: "Dee", Role: flows.RoleDuty},
	}
}

// NewWorld builds a world around a bundle. newDriver makes the person's side for
// a service that takes updates by accept.
func NewWorld(b *flows.Bundle, begins time.Time, newDriver func(accept bot.Accept) Driver) (*World, error) {
	server, err := store.Embed()
	if err != nil {
		return nil, err
	}
	keys, err := store.NewKeys()
	if err != nil {
		return nil, err
	}
	w := &World{now: begins, server: server, keys: keys}
	if err := w.build(b, newDriver); err != nil {
		return nil, err
	}
	ctx := context.Background()
	for _, who := range Staff() {
		if err := w.Store.AddStaff(ctx, who); err != nil {
			return nil, err
		}
	}
	return w, w.Library.Publish(ctx, b)
}

// Again is what a restart leaves: a new service and a new person's side over what
// is stored. The old world must not be used any more, and closing either closes
// both.
func (w *World) Again(b *flows.Bundle, newDriver func(accept bot.Accept) Driver) (*World, error) {
	next := &World{now: w.now, server: w.server, keys: w.keys}
	return next, next.build(b, newDriver)
}

// build makes the parts of a world over its server.
func (w *World) build(b *flows.Bundle, newDriver func(accept bot.Accept) Driver) error {
	var err error
	w.Store, err = store.Open(store.Config{URL: w.server.URL(), Hub: "star-house", Keys: w.keys, Timeout: store.PatientTimeout})
	if err != nil {
		return err
	}
	w.Library = bot.NewLibrary(w.Store, b)
	w.Driver = newDriver(func(ctx context.Context, in bot.Inbound) error { return w.Service.Accept(ctx, in) })
	if resident, ok := w.Driver.(Resident); ok {
		if err := resident.Enter(w); err != nil {
			return err
		}
	}
	w.Service, err = bot.New(bot.Config{
		Store: w.Store, Library: w.Library, Platforms: []bot.Platform{w.Driver.Platform()},
		Clock: w.Clock, Web: "http://localhost:8080", TurnTime: store.PatientTimeout,
	})
	w.Desk = bot.NewDesk(w.Store, w.Library, w.Clock)
	return err
}

// Clock is the world's time.
func (w *World) Clock() time.Time { return w.now }

// Close stops the world.
func (w *World) Close() error {
	err := w.Store.Close()
	w.server.Close()
	return err
}

// stride is how far the clock moves at once while a transcript waits, so that
// timers fire in their order.
const stride = 10 * time.Minute

// Pass lets time go by, with everything that comes due on the way.
func (w *World) Pass(ctx context.Context, d time.Duration) error {
	for end := w.now.Add(d); w.now.Before(end); {
		step := min(stride, end.Sub(w.now))
		w.now = w.now.Add(step)
		w.server.Pass(step)
		if err := w.Service.Sweep(ctx); err != nil {
			return err
		}
		w.Service.Flush(ctx)
	}
	return nil
}

// direct is the driver that hands updates to the service as they are.
type direct struct {
	channel string
	accept  bot.Accept
	updates int
	seen    []Message
}

// Direct makes a driver for a channel that goes through no platform at all.
func Direct(channel string) func(bot.Accept) Driver {
	return func(accept bot.Accept) Driver { return &direct{channel: channel, accept: accept} }
}

// Platform is the driver itself.
func (d *direct) Platform() bot.Platform { return d }

// Channel has no limits.
func (d *direct) Channel() bot.Channel { return bot.Channel{Name: d.channel} }

// Receive has nothing to receive: Act hands updates over.
func (d *direct) Receive(ctx context.Context, _ bot.Accept) error {
	<-ctx.Done()
	return nil
}

// Send keeps what the person sees.
func (d *direct) Send(_ context.Context, _ string, m bot.Message) (string, error) {
	msg := Message{Text: m.Text, From: m.Reply.From}
	for _, b := range m.Reply.Blocks {
		msg.Keys = append(msg.Keys, b.Key)
		for _, line := range b.Lines {
			msg.Buttons = append(msg.Buttons, line.Change)
		}
	}
	msg.Buttons = append(append(msg.Buttons, m.Reply.Options...), m.Reply.Last...)
	d.seen = append(d.seen, msg)
	return "", nil
}

// Chat is a number, as on Telegram.
func (d *direct) Chat() string { return "1001" }

// Act hands an update over.
func (d *direct) Act(ctx context.Context, a Act) error {
	d.updates++
	in := bot.Inbound{Happening: a.Happening, Channel: d.channel, Chat: d.Chat(), Update: strconv.Itoa(d.updates), Text: a.Text, Tap: a.Button.Data}
	if a.Happening == flows.Opened {
		in.Happening, in.Text, in.Source = flows.Typed, "/start", a.Link
		if a.Link != "" {
			in.Text += " " + a.Link
		}
	}
	if err := d.accept(ctx, in); err != nil {
		return fmt.Errorf("the service did not take it: %w", err)
	}
	return nil
}

// Seen takes what arrived.
func (d *direct) Seen() []Message {
	out := d.seen
	d.seen = nil
	return out
}
