package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/bottest"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/flows/screen"
	"github.com/star-house/frontdoor/store"
	"github.com/star-house/frontdoor/store/storetest"
)

// world is a front in which people are in the middle of something, on a real
// server, and what each of them is about to say: one class per channel.
type world struct {
	*front
	server *storetest.Server
	keys   *store.Keys
	says   map[string]plea // by channel
	begun  bool            // they were asked how old they are
}

// chat is where everybody writes in a world.
const chat = "1001"

// newWorld lets everybody begin a conversation on a server.
func newWorld(t *testing.T, server *storetest.Server, says map[string]plea) *world {
	t.Helper()
	w := &world{server: server, keys: storetest.Keys(t), says: says, begun: true}
	w.front = newFront(t, server.URL, w.keys, nil)
	for channel := range says {
		w.does(channel, chat, "#/start", "me")
		w.platforms[channel].forget(chat)
	}
	return w
}

// by is the same world, in which another program takes the updates.
func (w *world) by(f *front) *world {
	other := *w
	other.front = f
	return &other
}

// TestBrokenWorlds holds that whatever is broken, words that call for help bring
// their card before anything else, and that nothing is lost. The classes take turns,
// so that every class and every channel is in it.
func TestBrokenWorlds(t *testing.T) {
	t.Parallel()
	lines := pleas(t, bottest.Bundle(t))
	classes := screen.Classes()
	worlds := []struct {
		name string
		run  func(*testing.T, map[string]plea)
	}{
		{"Redis stopped", stopped}, {"Redis frozen", frozen}, {"Redis behind a black hole", blackHole},
		{"Redis out of memory", outOfMemory}, {"the disk is full", diskFull}, {"a wrong password", wrongPassword},
		{"Redis takes 400 ms", slow}, {"Redis still loads", loading}, {"the program panics", panics},
		{"a script is gone", scriptGone}, {"start-up", startUp}, {"shutdown", shutdown},
	}
	if n := len(worlds) * len(channels()); n < len(classes) {
		t.Fatalf("%d pleas for %d classes", n, len(classes))
	}
	for i, w := range worlds {
		says := map[string]plea{}
		for j, channel := range channels() {
			class := classes[(i*len(channels())+j)%len(classes)]
			says[channel.Name] = lines[class][i%len(lines[class])]
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			w.run(t, says)
		})
	}
}

// asks is an update with the words of each channel.
func (w *world) asks() []bot.Inbound {
	var out []bot.Inbound
	for channel, p := range w.says {
		out = append(out, w.typed(channel, chat, p.text))
	}
	return out
}

// allRefused holds that everybody gets the card, and nothing else, while nothing can
// be stored.
func (w *world) allRefused() []bot.Inbound {
	w.t.Helper()
	asked := w.asks()
	for _, in := range asked {
		w.refused(in, w.says[in.Channel])
	}
	return asked
}

// allTaken holds that the same updates are taken once the world is whole: the card
// comes as it usually does, and the conversation waits behind it.
func (w *world) allTaken(asked []bot.Inbound) {
	w.t.Helper()
	for _, in := range asked {
		w.must(in)
		w.kept(in.Channel)
	}
}

// kept holds that a chat got its card first, once or twice, and that the question
// that was open waits behind it.
func (w *world) kept(channel string) {
	w.t.Helper()
	p := w.says[channel]
	got, before := w.platforms[channel].cards(chat)
	if n := len(got); before > 0 || n < 1 || n > 2 || slices.ContainsFunc(got, func(key string) bool { return key != p.card }) {
		w.t.Errorf("%s: words of %s bring %v, after %d other messages", channel, p.class, got, before)
	}
	if len(w.platforms[channel].last(w.t, chat).Reply.Options) == 0 {
		w.t.Errorf("%s: the card of %s offers nothing", channel, p.class)
	}
	c := w.stands(channel, chat).Conversation
	if c.Paused == nil || w.begun && (len(c.Paused.At) == 0 || c.Paused.At[len(c.Paused.At)-1].String() != "gates.age") {
		w.t.Errorf("%s: after words of %s it stands at %v over %v", channel, p.class, c.At, c.Paused)
	}
}

// stopped is a Redis that was killed.
func stopped(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Start(t), says)
	w.server.Kill()
	asked := w.allRefused()
	w.server.Again()
	w.allTaken(asked)
}

// taking is an update that is being taken.
type taking struct {
	bot.Inbound
	ended chan error
}

// begins takes updates without waiting for their end.
func (w *world) begins(ctx context.Context, updates []bot.Inbound) []taking {
	var out []taking
	for _, in := range updates {
		one := taking{in, make(chan error, 1)}
		out = append(out, one)
		go func() { one.ended <- w.Accept(ctx, one.Inbound) }()
	}
	return out
}

// allAnswered waits until everybody has the card, and holds that their updates are
// still being taken then: nobody waits for the store.
func (w *world) allAnswered(all []taking) {
	w.t.Helper()
	for _, one := range all {
		storetest.Eventually(w.t, one.Channel+" gets the card", func(context.Context) error {
			if got, _ := w.platforms[one.Channel].cards(chat); len(got) == 0 {
				return fmt.Errorf("words of %s bring nothing", w.says[one.Channel].class)
			}
			return nil
		})
		select {
		case err := <-one.ended:
			w.t.Fatalf("%s: the update was taken before the card came: %v", one.Channel, err)
		default:
		}
	}
}

// frozen is a Redis that stops answering and goes on later.
func frozen(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Start(t), says)
	w.server.Freeze()
	asked := w.begins(t.Context(), w.asks())
	w.allAnswered(asked)
	w.server.Thaw()
	for _, one := range asked {
		if err := <-one.ended; err != nil {
			t.Errorf("%s: %v", one.Channel, err)
		}
	}
	w.Flush(t.Context())
	for channel := range says {
		w.kept(channel)
	}
}

// blackHole is an address that takes connections and never answers.
func blackHole(t *testing.T, says map[string]plea) {
	hole := newRelay(t, "", 0)
	w := &world{front: newFront(t, hole.url(), storetest.Keys(t), nil), says: says}
	asked := w.begins(t.Context(), w.asks())
	w.allAnswered(asked)
	hole.close()
	for _, one := range asked {
		if err := <-one.ended; err == nil {
			t.Errorf("%s: an update that was not stored was acknowledged", one.Channel)
		}
		if got, before := w.platforms[one.Channel].cards(chat); before > 0 || !slices.Equal(got, []string{says[one.Channel].card}) {
			t.Errorf("%s: the update was answered with %v, after %d other messages", one.Channel, got, before)
		}
	}
}

// outOfMemory is a Redis that takes nothing more. People whom it knows and strangers
// are answered from memory, and nothing is acknowledged; only who stops, or deletes
// everything, is still served.
func outOfMemory(t *testing.T, says map[string]plea) {
	const talks, stops, deletes, stranger = "1002", "1003", "1004", "1005"
	w := newWorld(t, storetest.Start(t), says)
	for channel := range says {
		for _, chat := range []string{talks, stops, deletes} {
			w.does(channel, chat, "#/start", "me")
		}
	}
	w.tell("CONFIG", "SET", "maxmemory", "1")
	asked := w.allRefused()
	var others []bot.Inbound
	for channel, p := range says {
		in := w.typed(channel, talks, "17")
		w.troubled(in)
		w.troubled(w.typed(channel, stranger, "hello"))
		w.refused(w.typed(channel, stranger, p.text), p)
		w.does(channel, stops, "#stop")
		w.does(channel, deletes, "#delete", "yes")
		w.wantLast(channel, stops, "system.stop")
		w.wantLast(channel, deletes, "system.deleted")
		if c := w.stands(channel, deletes).Conversation; c.ID != "" || len(c.Journal) > 0 {
			t.Errorf("%s: of who deleted everything there is %v", channel, c.Journal)
		}
		others = append(others, in)
	}
	w.tell("CONFIG", "SET", "maxmemory", "0")
	w.allTaken(asked)
	for _, in := range others {
		w.must(in)
		if at := w.stands(in.Channel, talks).Conversation.At; len(at) == 0 || at[len(at)-1].String() != "gates.district" {
			t.Errorf("%s: after the same words again it stands at %v", in.Channel, at)
		}
	}
}

// tell gives the server a command.
func (w *world) tell(command ...any) {
	w.t.Helper()
	if _, err := w.server.Do(command...); err != nil {
		w.t.Fatal(err)
	}
}

// diskFull is a Redis whose log of writes cannot grow any more.
func diskFull(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Cramped(t, 256), says)
	for i := 0; ; i++ {
		if _, err := w.server.Do("SET", fmt.Sprint("fill", i), strings.Repeat("x", 16<<10)); err != nil {
			break
		}
		if i > 64 {
			t.Fatal("a megabyte fits into 256 KiB")
		}
	}
	w.allRefused()
}

// wrongPassword is a Redis that no longer knows the program.
func wrongPassword(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Start(t), says)
	w.tell("CONFIG", "SET", "requirepass", "another")
	path := strings.TrimPrefix(w.server.URL, "unix://")
	asked := w.by(newFront(t, "unix://:wrong@"+path, w.keys, nil)).allRefused()
	w.by(newFront(t, "unix://:another@"+path, w.keys, nil)).allTaken(asked)
}

// slow is a Redis that takes its time: the card does not wait for it, and the turn
// is stored.
func slow(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Start(t), says)
	relay := newRelay(t, strings.Replace(w.server.URL, "unix://", "unix ", 1), 400*time.Millisecond)
	w = w.by(newFront(t, relay.url(), w.keys, nil))
	for _, one := range w.begins(t.Context(), w.asks()) {
		if err := <-one.ended; err != nil {
			t.Errorf("%s: %v", one.Channel, err)
		}
		if got, _ := w.platforms[one.Channel].cards(chat); len(got) != 1 {
			t.Errorf("%s: when the turn was stored, %d cards had come", one.Channel, len(got))
		}
	}
	w.Flush(t.Context())
	for channel := range says {
		w.kept(channel)
	}
}

// loading is a Redis that was started and still reads what it has.
func loading(t *testing.T, says map[string]plea) {
	server, err := store.Embed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	w := &world{front: newFront(t, server.URL(), storetest.Keys(t), nil), says: says}
	server.Fail("LOADING Redis is loading the dataset in memory")
	asked := w.allRefused()
	server.Fail("")
	w.allTaken(asked)
}

// panics is a program that breaks in the middle of each turn: after three tries the
// update is set aside, and the chat goes on.
func panics(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Start(t), says)
	breaks := false
	w = w.by(newFront(t, w.server.URL, w.keys, func(c *bot.Config) { c.Clock = breaking(&breaks) }))
	for _, in := range w.asks() {
		for try := range 3 {
			breaks = true
			if err := w.Accept(t.Context(), in); (err == nil) != (try == 2) {
				t.Errorf("%s: try %d: %v", in.Channel, try, err)
			}
		}
		if got, before := w.platforms[in.Channel].cards(chat); before > 0 || !slices.Equal(got, []string{says[in.Channel].card}) {
			t.Errorf("%s: an update that breaks the program brings %v, after %d others", in.Channel, got, before)
		}
		w.must(w.typed(in.Channel, chat, in.Text))
		w.kept(in.Channel)
	}
}

// breaking is a clock that panics once when it is told to: the first time that a
// turn asks it.
func breaking(breaks *bool) func() time.Time {
	return func() time.Time {
		if *breaks {
			*breaks = false
			panic("the clock is broken")
		}
		return storetest.Monday
	}
}

// scriptGone is a store that has lost the script that conversations began with: they go
// on with the newest.
func scriptGone(t *testing.T, says map[string]plea) {
	server := storetest.Start(t)
	keys := storetest.Keys(t)
	old := newFront(t, server.URL, keys, nil)
	files := bottest.Files(t)
	files.Locales["en/gates.yaml"] = bytes.Replace(files.Locales["en/gates.yaml"], []byte("How old are you?"), []byte("What is your age?"), 1)
	b, problems := flows.Parse(files)
	if b == nil {
		t.Fatal(problems)
	}
	if err := old.library.Publish(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for channel := range says {
		old.does(channel, chat, "#/start", "me")
	}
	w := &world{front: newFront(t, server.URL, keys, nil), server: server, says: says, begun: true}
	w.tell("DEL", "fd:{star-house}:bundle:"+b.Hash)
	w.allTaken(w.asks())
}

// startUp is a program that comes up before its Redis.
func startUp(t *testing.T, says map[string]plea) {
	w := newWorld(t, storetest.Start(t), says)
	w.server.Kill()
	w = w.by(newFront(t, w.server.URL, w.keys, nil))
	asked := w.allRefused()
	w.server.Again()
	w.allTaken(asked)
}
