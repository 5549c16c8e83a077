package telegram

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	tg "github.com/go-telegram/bot"
)

// Pauses after something went wrong with Telegram.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	// maxAsked bounds a pause that Telegram asks for, or something in between that
	// answers in its place: somebody may need help before.
	maxAsked = 5 * time.Minute
)

// callTime is how long Telegram may take to answer a call; a poll has its own time.
const callTime = 10 * time.Second

// newTransport keeps as many connections as are in use at once; the default of two
// idle ones costs a fifth of the CPU in handshakes.
func newTransport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 100, 100
	return transport
}

// errand is a call that is made until Telegram takes it.
type errand struct {
	problem string        // what to log when it is not taken
	level   slog.Level    // how bad that is
	longest time.Duration // the longest pause between two attempts
	call    func(context.Context) error
}

// persist makes a call until Telegram takes it, or ctx ends.
func (t *Telegram) persist(ctx context.Context, e errand) {
	for wait := firstPause; ctx.Err() == nil; wait = min(2*wait, e.longest) {
		err := e.call(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		t.c.Log.Log(ctx, e.level, e.problem, "error", describe(err))
		pause(ctx, max(wait, asked(err)))
	}
}

// asked is how long a refusal asks us to wait, 0 when it names no time.
func asked(err error) time.Duration {
	var after time.Duration
	var flood *tg.TooManyRequestsError
	var refused *refusal
	switch {
	case errors.As(err, &flood):
		after = time.Duration(flood.RetryAfter) * time.Second
	case errors.As(err, &refused):
		after = refused.after
	}
	return min(after, maxAsked)
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// maxGroups is how many groups may wait to be left. One that finds no room is left
// when the next thing happens in it.
const maxGroups = 100

// leaveSoon has a group left, off the path on which updates are received.
func (t *Telegram) leaveSoon(group int64) {
	select {
	case t.groups <- group:
	default:
		t.c.Log.Warn("too many groups to leave at once")
	}
}

// leaveGroups leaves groups until ctx ends.
func (t *Telegram) leaveGroups(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case group := <-t.groups:
			t.leave(ctx, group)
		}
	}
}

// leave leaves a group, in two attempts. That we are not in it any more is as good.
func (t *Telegram) leave(ctx context.Context, group int64) {
	for range 2 {
		_, err := t.bot.LeaveChat(ctx, &tg.LeaveChatParams{ChatID: group})
		if err == nil || errors.Is(err, tg.ErrorForbidden) || ctx.Err() != nil {
			return
		}
		t.c.Log.Warn("leave a group", "error", describe(err))
		pause(ctx, max(firstPause, asked(err)))
	}
}
