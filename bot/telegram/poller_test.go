package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/telegram/telegramtest"
	"github.com/star-house/frontdoor/store/storetest"
)

// stuck keeps what is handed over, and refuses every update of chats that are stuck.
type stuck struct {
	taken
	free  bool
	chats func(chat string) bool
}

// newStuck refuses the chats that a function names.
func newStuck(chats func(chat string) bool) *stuck {
	k := &stuck{chats: chats}
	k.refuse = func(in bot.Inbound) error {
		if !k.free && k.chats(in.Chat) {
			return errors.New("the store does not take it")
		}
		return nil
	}
	return k
}

// release lets everything through.
func (k *stuck) release() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.free = true
}

// wait waits until something holds of what was handed over.
func (k *stuck) wait(t *testing.T, what string, holds func() bool) {
	t.Helper()
	storetest.Eventually(t, what, func(context.Context) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		if !holds() {
			return fmt.Errorf("tried: %v, behind: %v", k.tries, k.behind)
		}
		return nil
	})
}

// TestStuckChatHoldsNobodyUp holds that while the updates of one chat are not taken,
// those of others are, each once however often Telegram brings it, also more of one
// chat than a conversation remembers; and that the stuck ones are taken, once and in
// order, when they can be.
func TestStuckChatHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	const many = 70
	server := telegramtest.Start(t)
	k := newStuck(func(chat string) bool { return chat == "1" })
	receive(t, adapter(t, server, telegram.Config{}), k.accept)
	server.Says(1, "stuck")
	server.Says(1, "behind")
	var want []string
	for i := range many {
		want = append(want, fmt.Sprint("m", i))
		server.Says(2, want[i])
	}
	k.wait(t, "the other chat is heard, and the stuck one tried again", func() bool {
		return k.tries["m69"] > 0 && k.tries["stuck"] > 2
	})
	if n := server.Called("getUpdates"); n > 40 {
		t.Errorf("Telegram was asked %d times", n)
	}
	before := k.tries["stuck"]
	server.Says(3, "new")
	k.wait(t, "a new chat does not wait for the pauses of the stuck one", func() bool { return k.tries["new"] > 0 })
	if after := k.tries["stuck"]; after > before+1 {
		t.Errorf("the new chat waited for %d tries of the stuck one", after-before)
	}
	k.release()
	if err := server.Confirmed(t.Context(), server.Says(1, "last")); err != nil {
		t.Fatal(err)
	}
	var one, two []string
	for _, in := range k.all {
		switch in.Chat {
		case "1":
			one = append(one, in.Text)
		case "2":
			two = append(two, in.Text)
		}
	}
	if !slices.Equal(one, []string{"stuck", "behind", "last"}) || !slices.Equal(two, want) {
		t.Errorf("taken of the stuck one: %v, of the other: %v", one, two)
	}
}

// TestHeardBehindAnEarlierUpdate holds that an update which waits behind one that is
// not taken is looked at at once, so that a call for help is answered.
func TestHeardBehindAnEarlierUpdate(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := newStuck(func(string) bool { return true })
	receive(t, adapter(t, server, telegram.Config{}), k.accept)
	server.Says(1, "hello")
	k.wait(t, "the first is tried", func() bool { return k.tries["hello"] > 0 })
	server.Says(1, "help me")
	k.wait(t, "the second is looked at", func() bool { return slices.Contains(k.behind, "help me") })
	if k.tries["help me"] > 0 {
		t.Error("the second was tried before the first was taken")
	}
	k.release()
	if err := server.Confirmed(t.Context(), server.Says(1, "thanks")); err != nil {
		t.Fatal(err)
	}
	if got := k.texts(); !slices.Equal(got, []string{"hello", "help me", "thanks"}) {
		t.Errorf("taken: %v", got)
	}
}

// TestHeardInLineAtTheEnd holds that an update which still waits behind one that is not
// taken when the program ends is looked at before it does: a call for help must not wait
// for the next process.
func TestHeardInLineAtTheEnd(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	begun, heard := make(chan struct{}, 2), make(chan string, 2)
	server.Says(1, "hello")
	server.Says(1, "help me")
	stop := receive(t, adapter(t, server, telegram.Config{}), func(ctx context.Context, in bot.Inbound) error {
		if in.Behind {
			heard <- in.Text
		} else {
			begun <- struct{}{}
			<-ctx.Done()
		}
		return errors.New("the store does not take it")
	})
	<-begun
	stop()
	if len(heard) != 1 || <-heard != "help me" || len(begun) > 0 {
		t.Error("what stood in line at the end was not looked at, or was tried")
	}
}

// TestHeardBehindAHundred holds that while the store takes nothing, somebody is heard
// behind more updates than Telegram shows at once, that this is an alarm, and that all
// of them are taken when the store is back.
func TestHeardBehindAHundred(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	var log bytes.Buffer
	k := newStuck(func(string) bool { return true })
	for i := range 130 {
		server.Says(int64(1000+i%120), fmt.Sprint("x", i))
	}
	server.Says(2000, "i want to kill myself")
	stop := receive(t, adapter(t, server, telegram.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}), k.accept)
	k.wait(t, "whoever calls for help is heard", func() bool { return k.tries["i want to kill myself"] > 0 })
	k.release()
	if err := server.Confirmed(t.Context(), server.Says(2000, "thanks")); err != nil {
		t.Fatal(err)
	}
	k.wait(t, "all are taken", func() bool { return len(k.all) == 132 })
	stop()
	slices.SortFunc(k.all, func(a, b bot.Inbound) int { return strings.Compare(a.Update, b.Update) })
	if n := len(slices.CompactFunc(k.all, func(a, b bot.Inbound) bool { return a.Update == b.Update })); n != 132 {
		t.Errorf("%d different updates were taken", n)
	}
	if n := strings.Count(log.String(), "too many updates cannot be stored"); n != 1 {
		t.Errorf("%d alarms: %s", n, log.String())
	}
}

// TestSlowIsNotPassed holds that a hundred updates whose turns take their time are not
// taken for a hundred that cannot be stored.
func TestSlowIsNotPassed(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	var log bytes.Buffer
	hold := make(chan struct{})
	accept := func(context.Context, bot.Inbound) error { <-hold; return nil }
	for i := range 105 {
		server.Says(int64(1000+i), fmt.Sprint("x", i))
	}
	stop := receive(t, adapter(t, server, telegram.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}), accept)
	storetest.Eventually(t, "Telegram is asked again", func(context.Context) error {
		if n := server.Called("getUpdates"); n < 4 {
			return fmt.Errorf("asked %d times", n)
		}
		return nil
	})
	close(hold)
	if err := server.Confirmed(t.Context(), server.Says(1, "last")); err != nil {
		t.Fatal(err)
	}
	stop()
	if log.Len() > 0 {
		t.Errorf("the log: %s", log.String())
	}
}

// TestPassedIsTriedOnceMore holds that updates which Telegram will not bring again are
// tried once more when the program ends, and the others are left to the next.
func TestPassedIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := newStuck(func(string) bool { return true })
	for i := range 101 {
		server.Says(int64(1000+i), fmt.Sprint("x", i))
	}
	stop := receive(t, adapter(t, server, telegram.Config{}), k.accept)
	k.wait(t, "the last is heard", func() bool { return k.tries["x100"] > 0 })
	k.release()
	stop()
	if n := len(k.texts()); n < 100 {
		t.Errorf("%d updates were taken in the end", n)
	}
}

// TestUpdateThatBreaksTheAdapter holds that an update which breaks what hands it over is
// given up after three tries, and its chat goes on.
func TestUpdateThatBreaksTheAdapter(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	k := &taken{}
	k.refuse = func(in bot.Inbound) error {
		if in.Text == "poison" {
			panic("secret words")
		}
		return nil
	}
	var log bytes.Buffer
	stop := receive(t, adapter(t, server, telegram.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}), k.accept)
	server.Says(1, "poison")
	if err := server.Confirmed(t.Context(), server.Says(1, "next")); err != nil {
		t.Fatal(err)
	}
	stop()
	if got := k.texts(); !slices.Equal(got, []string{"next"}) || k.tries["poison"] != 3 || strings.Contains(log.String(), "secret") {
		t.Errorf("taken %v after %d tries; the log: %s", got, k.tries["poison"], log.String())
	}
}

// TestPostThatBreaksTheAdapter holds that a posted update which breaks the adapter is
// acknowledged: Telegram would bring it for a day, and nothing else of its chat.
func TestPostThatBreaksTheAdapter(t *testing.T) {
	t.Parallel()
	k := &taken{}
	k.refuse = func(bot.Inbound) error { panic("secret words") }
	server, _ := webhook(t, k)
	server.Says(1, "poison")
	if code, err := server.Post(t.Context()); err != nil || code != http.StatusOK {
		t.Errorf("answered %d, %v", code, err)
	}
}
