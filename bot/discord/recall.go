package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/bot"
)

const (
	// maxRecalled is how many messages of a chat are fetched at once, Discord's own
	// limit being 100, and maxPages how often: ours are among them.
	maxRecalled = 100
	maxPages    = 20
)

// gap is what was not taken of a chat: all after a message. times is how often
// something was left since; then what is fetched meanwhile does not close it.
type gap struct {
	after int64
	times int
}

// listMissed notes the chats in which something may have been written while no
// session was open: the gateway does not bring it. It must be called before a
// session opens, since the last message that was taken is found by its id.
func (d *Discord) listMissed(ctx context.Context) bool {
	if d.c.Recall == nil {
		return true
	}
	chats, err := d.c.Recall(ctx)
	if err != nil {
		d.c.Log.Warn("list the known chats", "error", err)
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, chat := range chats {
		// One that is still listed has been waiting since an earlier session.
		if _, waits := d.missed[chat.Chat]; !waits {
			if after := lastTaken(chat.Seen); after > 0 {
				d.missed[chat.Chat] = gap{after: after}
			}
		}
	}
	return true
}

// forgetMissed drops the list.
func (d *Discord) forgetMissed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.missed)
}

// leave notes a message for which there is no room, and has it fetched later.
// Interactions cannot be fetched: whoever sent one is told at once.
func (d *Discord) leave(ctx context.Context, in bot.Inbound) {
	before := idOf(in.Update) - 1
	d.mu.Lock()
	left, listed := d.missed[in.Chat]
	if !listed || before < left.after {
		left.after = before
	}
	left.times++
	d.missed[in.Chat] = left
	d.mu.Unlock()
	if d.leaving.CompareAndSwap(false, true) {
		d.acks.Go(func() {
			defer d.leaving.Store(false)
			d.recall(ctx, true)
		})
	}
}

// recall fetches what every listed chat missed, one chat after the other, until
// all is there or ctx ends. listed is false when there is no list yet.
func (d *Discord) recall(ctx context.Context, listed bool) {
	for wait := retryFirst; ctx.Err() == nil; wait = min(2*wait, retryLast) {
		listed = listed || d.listMissed(ctx)
		d.mu.Lock()
		chats := slices.Sorted(maps.Keys(d.missed))
		d.mu.Unlock()
		if listed && len(chats) == 0 {
			return
		}
		for _, chat := range chats {
			d.catchUpSoon(ctx, chat)
		}
		d.mu.Lock()
		left := len(d.missed)
		d.mu.Unlock()
		if left > 0 || !listed {
			pause(ctx, wait)
		}
	}
}

// chatTime is how long the fetching of one chat keeps the next one waiting: one that is
// stuck goes on by itself.
const chatTime = 2 * time.Second

// catchUpSoon has a chat caught up in its turn, unless that is under way, and waits for
// it for a while, so that not all chats are fetched at once; not at all at the end.
func (d *Discord) catchUpSoon(ctx context.Context, chat string) {
	if ctx.Err() != nil {
		return
	}
	d.mu.Lock()
	under := d.catching[chat]
	d.catching[chat] = true
	d.mu.Unlock()
	if under {
		return
	}
	done := make(chan struct{})
	end := func() {
		d.mu.Lock()
		delete(d.catching, chat)
		d.mu.Unlock()
		close(done)
	}
	if !d.work.Add(chat, func() { defer end(); d.catchUp(ctx, chat, math.MaxInt64) }, nil) {
		end()
		return
	}
	late := time.NewTimer(chatTime)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	case <-ctx.Done():
	}
}

// catchUp hands over what a chat missed before an update, if anything. It is called in
// the chat's turn, before that update is handed over, and tried again when it fails.
func (d *Discord) catchUp(ctx context.Context, chat string, before int64) {
	d.mu.Lock()
	missed, listed := d.missed[chat]
	d.mu.Unlock()
	if !listed || missed.after >= before {
		return
	}
	err := d.fetch(ctx, chat, missed.after)
	if ctx.Err() != nil {
		return
	}
	var refusal *bot.SendError
	if err != nil && !errors.Is(err, errBroken) {
		d.c.Log.Warn("fetch missed messages", "error", describe(err))
		if !errors.As(classify(err), &refusal) || refusal.Fate == bot.RetryLater {
			return
		}
	}
	d.mu.Lock()
	if d.missed[chat] == missed {
		delete(d.missed, chat)
	}
	d.mu.Unlock()
}

// fetch hands over what was written in a chat after a message, oldest first. What
// was taken before is found by its id and counts once.
func (d *Discord) fetch(ctx context.Context, chat string, after int64) (err error) {
	defer func() {
		if recover() != nil {
			d.c.Log.Error("internal error", "channel", Name, "stack", string(debug.Stack()))
			err = errBroken
		}
	}()
	for range maxPages {
		page, err := d.page(ctx, chat, after)
		if err != nil {
			return err
		}
		for _, m := range page {
			after = max(after, snowflake(m.ID))
			if in, ok := decodeMessage(m, false); ok {
				d.hand(ctx, in)
			}
		}
		if len(page) < maxRecalled || ctx.Err() != nil {
			return nil
		}
	}
	d.c.Log.Error("too much was written while the gateway was away; the rest is not fetched")
	return nil
}

// errBroken is a history that breaks the adapter. It is not fetched again: what is
// written next must not wait for it.
var errBroken = errors.New("internal error")

// page is the next messages of a chat after one, oldest first. It waits as long as
// Discord asks for.
func (d *Discord) page(ctx context.Context, chat string, after int64) ([]*dg.Message, error) {
	address := fmt.Sprintf("%s?limit=%d&after=%d", dg.EndpointChannelMessages(chat), maxRecalled, after)
	for {
		answer, err := d.request(ctx, call{http.MethodGet, address, "read " + chat}, nil)
		var limited *dg.RateLimitError
		if errors.As(err, &limited) && ctx.Err() == nil {
			pause(ctx, limited.RetryAfter)
			continue
		}
		if err != nil {
			return nil, err
		}
		var messages []*dg.Message
		if err := json.Unmarshal(answer, &messages); err != nil {
			return nil, fmt.Errorf("read missed messages: %w", err)
		}
		slices.SortFunc(messages, func(a, b *dg.Message) int { return cmp.Compare(snowflake(a.ID), snowflake(b.ID)) })
		return messages, nil
	}
}

// lastTaken is the id after which something may be missing: of the newest message
// that was taken, or of the oldest button. Buttons may come another way than
// messages, so a new one does not say that all messages before it came.
func lastTaken(seen []string) int64 {
	message, button := int64(0), int64(0)
	for _, update := range seen {
		if id, ok := strings.CutPrefix(update, "m"); ok {
			message = max(message, snowflake(id))
		} else if n := snowflake(strings.TrimPrefix(update, "i")); n > 0 && (button == 0 || n < button) {
			button = n
		}
	}
	return cmp.Or(message, button)
}

// isMessage says whether an update is a message, new or changed, and no interaction.
func isMessage(update string) bool { return strings.HasPrefix(update, "m") }

// idOf is the id that an update's own is made of.
func idOf(update string) int64 { return snowflake(strings.TrimLeft(update, "mi")) }

// snowflake reads one of Discord's ids, which grow with time, whatever they name;
// 0 for what is none.
func snowflake(id string) int64 {
	id, _, _ = strings.Cut(id, "e")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
