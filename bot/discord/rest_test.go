package discord_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/discord/discordtest"
	"github.com/star-house/frontdoor/flows"
)

// waits says how long an error wants us to wait, 0 when it does not.
func waits(err error) time.Duration {
	var refusal *bot.SendError
	if errors.As(err, &refusal) && refusal.Fate == bot.RetryLater {
		return refusal.After
	}
	return 0
}

// TestWaitsAreNotSleptThrough holds that a wait which Discord asks for is handed on
// at once, without a call: the last call of a bucket stops that chat, a wait of the
// whole bot all of them; and that it ends when its time is over.
func TestWaitsAreNotSleptThrough(t *testing.T) {
	t.Parallel()
	for kind, others := range map[discordtest.Fault]bool{discordtest.Spent: false, discordtest.Global: true} {
		server, now := discordtest.Start(t), &clock{}
		a := adapter(t, server, discord.Config{Clock: now.now})
		say := func(chat, id string) error {
			_, err := a.Send(t.Context(), chat, bot.Message{ID: id, Text: "hello"})
			return err
		}
		server.Fail("send", kind, 1)
		if err := say("70", "1"); (err != nil) != (kind == discordtest.Global) {
			t.Errorf("%s: the first: %v", kind, err)
		}
		if err := say("70", "2"); waits(err) < 59*time.Minute || server.Called("send") != 1 {
			t.Errorf("%s: the next: %v after %d calls", kind, err, server.Called("send"))
		}
		if err := say("71", "3"); (waits(err) > 59*time.Minute) != others {
			t.Errorf("%s: another chat: %v", kind, err)
		}
		now.passes(61 * time.Minute)
		for _, chat := range []string{"70", "71"} {
			if err := say(chat, "4"+chat); err != nil {
				t.Errorf("%s: an hour later: %v", kind, err)
			}
		}
	}
}

// TestHelpWaitsForDiscord holds that a crisis card is sent after the wait that Discord
// asks for, while the rest is left to the outbox; and that it is not waited for longer
// than there is time.
func TestHelpWaitsForDiscord(t *testing.T) {
	t.Parallel()
	server := discordtest.Start(t)
	a := adapter(t, server, discord.Config{})
	card := bot.Message{ID: "1", Text: "999", Reply: flows.Reply{Class: flows.ClassCrisis, Blocks: []flows.Block{{Text: "999"}}}}
	server.Fail("send", discordtest.Flood, 1)
	if _, err := a.Send(t.Context(), "7", card); err != nil || server.Called("send") != 2 {
		t.Errorf("after %d calls: %v", server.Called("send"), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	server.Fail("send", discordtest.Flood, 1)
	if _, err := a.Send(ctx, "7", card); waits(err) != 1500*time.Millisecond {
		t.Errorf("without the time for it: %v", err)
	}
}

// TestNobodyWaitsForASlowCall holds that a message leaves while what its chat missed is
// still being fetched, that a card leaves while another message to the same chat still
// does, and that neither call keeps the adapter from stopping.
func TestNobodyWaitsForASlowCall(t *testing.T) {
	t.Parallel()
	server, k := discordtest.Start(t), &taken{}
	var log safeBuffer
	a := adapter(t, server, discord.Config{Recall: k.known, Log: slog.New(slog.NewTextHandler(&log, nil))})
	stop := receive(t, server, a, k.accept)
	server.Says(user, "before")
	k.wants(t, "before")
	server.Hold("list")
	server.Drop()
	called(t, server, "list", 1)
	send(t, a, "1", "beside the fetch")
	if strings.Contains(log.String(), "fetch missed messages") {
		t.Error("it waited for the fetch to give up")
	}
	release := server.Hold("send")
	gaveUp := make(chan error, 2)
	for i := range cap(gaveUp) {
		go func() {
			_, err := a.Send(t.Context(), discordtest.Chat(user), bot.Message{ID: fmt.Sprint("slow", i), Text: "slow"})
			gaveUp <- err
		}()
	}
	called(t, server, "send", 3)
	if len(gaveUp) > 0 {
		t.Error("one waited for the other to give up")
	}
	stop()
	release()
	for range cap(gaveUp) {
		<-gaveUp
	}
}

// TestLimitsAreForgotten holds that what is remembered of rate limits does not grow:
// nothing for interactions and for chats that need not wait, and no wait that is over.
func TestLimitsAreForgotten(t *testing.T) {
	t.Parallel()
	server, k, now := discordtest.Start(t), &taken{}, &clock{}
	server.Beat = 999_000 // the clock moves by less than two of these
	a := adapter(t, server, discord.Config{Clock: now.now})
	receive(t, server, a, k.accept)
	var want []string
	const many = 30
	for i := range many {
		server.Command(user, "help", "", false)
		want = append(want, "/help")
		k.wants(t, want...)
		send(t, a, fmt.Sprint("c", i), "hello")
		server.Fail("send", discordtest.Spent, 1)
		if _, err := a.Send(t.Context(), fmt.Sprint("90", i), bot.Message{ID: fmt.Sprint("s", i), Text: "hello"}); err != nil {
			t.Fatal(err)
		}
		server.Presses(user, fmt.Sprint("button", i))
		want = append(want, "")
		k.wants(t, want...)
	}
	if got := a.Waits(); got != many || server.Called("original") != many {
		t.Errorf("%d waits are remembered; %d commands were answered in their place", got, server.Called("original"))
	}
	now.passes(61 * time.Minute)
	server.Fail("send", discordtest.Spent, 1)
	send(t, a, "last", "hello")
	if got := a.Waits(); got != 1 {
		t.Errorf("an hour later %d waits are remembered", got)
	}
}
