package discord_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
)

// TestNothingIsLostBetweenSessions holds that, however a session ends, another one
// is opened and brings everything that was written meanwhile, in order and once:
// more than Discord gives at a time.
func TestNothingIsLostBetweenSessions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end        func(*discordtest.Server)
		waits      time.Duration
		identifies int
	}{
		"asked to reconnect": {(*discordtest.Server).Reconnect, 0, 2},
		"dropped":            {(*discordtest.Server).Drop, 0, 2},
		"forgotten":          {(*discordtest.Server).Invalidate, 0, 3},
		// Two and a half times the beat that the gateway names, much less than that
		// of the usual one.
		"silent": {(*discordtest.Server).Silence, 26 * time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, k, now := discordtest.Start(t), &taken{}, &clock{}
			var mu sync.Mutex
			var want []string
			say := func(times int) {
				mu.Lock()
				defer mu.Unlock()
				for range times {
					want = append(want, fmt.Sprint(len(want)))
					server.Says(user, want[len(want)-1])
				}
			}
			server.Beat = 10_000
			server.Ready = func(number int) {
				if number > 1 {
					say(20) // the first that a session brings must not hide what came before
				}
			}
			receive(t, server, adapter(t, server, discord.Config{Recall: k.known, Clock: now.now}), k.accept)
			called(t, server, "heartbeat", 1)
			say(1)
			k.wants(t, "0") // and so everything before it was read
			c.end(server)
			say(130)
			now.passes(c.waits)
			called(t, server, "identify", c.identifies)
			say(1)
			mu.Lock()
			defer mu.Unlock()
			k.wants(t, want...)
			if n := server.Called("identify"); n != c.identifies {
				t.Errorf("identified %d times, want %d", n, c.identifies)
			}
		})
	}
}

// TestMissedComesBeforeNew holds that what somebody writes when a session just
// opened waits for what they wrote before it did, and does not hide it, and that
// nobody waits for the messages of others.
func TestMissedComesBeforeNew(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	receive(t, server, adapter(t, server, discord.Config{Recall: k.known}), k.accept)
	server.Says(early, "1")
	k.wants(t, "1")
	server.Says(user, "2")
	k.wants(t, "1", "2")
	release := server.Hold("list " + discordtest.Chat(early))
	server.Drop()
	server.Says(early, "missed first")
	server.Says(user, "missed")
	called(t, server, "list", 1)
	server.Says(user, "new")
	k.wants(t, "1", "2", "missed", "new")
	server.Says(early, "new first")
	server.Presses(early, "1.ABCD2345.3.0")
	release()
	k.wants(t, "1", "2", "missed", "new", "missed first", "new first", "")
}

// early is somebody whose chat is fetched before that of the person of these
// tests.
const early = "100"

// TestFetchWaits holds that a wait that Discord asks for is waited for, and that
// nothing else is called meanwhile.
func TestFetchWaits(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	receive(t, server, adapter(t, server, discord.Config{Recall: k.known}), k.accept)
	server.Says(early, "1")
	k.wants(t, "1")
	server.Says(user, "2")
	k.wants(t, "1", "2")
	server.Fail("list", discordtest.Flood, 1)
	server.Drop()
	server.Says(user, "second")
	server.Says(early, "first")
	k.wants(t, "1", "2", "first", "second")
	if n := server.Called("list"); n != 3 {
		t.Errorf("fetched %d times", n)
	}
}

// TestFetchIsTriedAgain holds that a store that is away and trouble at Discord only
// delay what was missed, and that a chat that is gone is left alone.
func TestFetchIsTriedAgain(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	away := make(chan struct{}, 1)
	known := func(ctx context.Context) ([]bot.KnownChat, error) {
		select {
		case <-away:
			return nil, errors.New("the store is away")
		default:
			return k.known(ctx)
		}
	}
	receive(t, server, adapter(t, server, discord.Config{Recall: known}), k.accept)
	server.Says(user, "before")
	k.wants(t, "before")
	away <- struct{}{}
	server.Fail("list", discordtest.Down, 1)
	server.Drop()
	server.Says(user, "missed")
	k.wants(t, "before", "missed")
	if n := server.Called("list"); n != 2 {
		t.Errorf("fetched %d times", n)
	}
	server.Fail("list", discordtest.NoChannel, 1)
	server.Drop()
	called(t, server, "list", 3)
	server.Says(user, "new")
	k.wants(t, "before", "missed", "new")
	if n := server.Called("list"); n != 3 {
		t.Errorf("a chat that is gone was asked for again")
	}
}

// TestFetchBeginsAfterTheLastMessage holds that a button, which may come another
// way, does not hide a message before it, and that a chat of buttons alone is
// fetched from as well.
func TestFetchBeginsAfterTheLastMessage(t *testing.T) {
	t.Parallel()
	for name, messages := range map[string][]string{"after a message": {"first"}, "after buttons": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, k := discordtest.Start(t), &taken{}
			var seen []string
			for _, text := range messages {
				seen = append(seen, "m"+server.Says(user, text), "m"+server.Edits(user, "changed"))
			}
			if len(messages) == 0 {
				seen = append(seen, "i"+server.Presses(user, "x"))
			}
			server.Says(user, "missed")
			seen = append(seen, "i"+server.Presses(user, "y"))
			known := func(context.Context) ([]bot.KnownChat, error) {
				return []bot.KnownChat{{Chat: discordtest.Chat(user), Seen: seen}, {Chat: "70", Seen: []string{"start", ""}}}, nil
			}
			receive(t, server, adapter(t, server, discord.Config{Recall: known}), k.accept)
			k.wants(t, "missed")
			if n := server.Called("list"); n != 1 {
				t.Errorf("fetched %d times", n)
			}
		})
	}
}

// TestSilence holds how long the gateway is said to have been silent.
func TestSilence(t *testing.T) {
	t.Parallel()
	server, k, now := discordtest.Start(t), &taken{}, &clock{}
	a := adapter(t, server, discord.Config{Clock: now.now})
	now.passes(time.Hour)
	if got := a.Silence(); got != 0 {
		t.Errorf("before there was a gateway: %v", got)
	}
	receive(t, server, a, k.accept)
	called(t, server, "heartbeat", 1)
	server.Says(user, "hello")
	k.wants(t, "hello")
	now.passes(time.Minute)
	if got := a.Silence(); got != time.Minute {
		t.Errorf("after a minute: %v", got)
	}
}

// TestStoppedWhileOpening holds that a session that opens after it was given up
// does not stay behind and answer beside the next process.
func TestStoppedWhileOpening(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	release := server.Hold("gateway")
	a := adapter(t, server, discord.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Receive(ctx, (&taken{}).accept) }()
	called(t, server, "gateway", 1)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	release()
	called(t, server, "closed", 1)
	if n := server.Called("identify"); n != 0 {
		t.Errorf("identified %d times", n)
	}
}

// TestResumed holds that after a reconnect and a drop the session goes on, so that what
// somebody wrote for the first time in between is not lost.
func TestResumed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*discordtest.Server){"asked to reconnect": (*discordtest.Server).Reconnect, "dropped": (*discordtest.Server).Drop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, k := discordtest.Start(t), &taken{}
			server.OnResume = discordtest.Resumed
			receive(t, server, adapter(t, server, discord.Config{Recall: k.known}), k.accept)
			server.Says(user, "before")
			k.wants(t, "before")
			end(server)
			server.Says("3001", "i am new")
			k.wants(t, "before", "i am new")
			server.Says(user, "after")
			k.wants(t, "before", "i am new", "after")
			if resumed, began := server.Called("resume"), server.Called("identify"); resumed != 1 || began != 1 {
				t.Errorf("resumed %d times, began %d sessions", resumed, began)
			}
		})
	}
}

// TestNotResumed holds that a session which the gateway does not resume is followed by
// a new one, also after the answer on which the library deadlocks.
func TestNotResumed(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{discordtest.Forgotten, discordtest.Again} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			server, k := discordtest.Start(t), &taken{}
			server.OnResume = answer
			receive(t, server, adapter(t, server, discord.Config{Recall: k.known}), k.accept)
			server.Says(user, "before")
			k.wants(t, "before")
			server.Reconnect()
			server.Says(user, "missed")
			k.wants(t, "before", "missed")
			if resumed, began := server.Called("resume"), server.Called("identify"); resumed != 1 || began != 2 {
				t.Errorf("resumed %d times, began %d sessions", resumed, began)
			}
		})
	}
}
