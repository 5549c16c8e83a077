package discord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/bot"
)

// maxRecalled is how many messages of one chat are fetched at once, Discord's own
// limit being 100.
const maxRecalled = 100

// recall fetches what was written while no session was open: the gateway does not
// bring it. What was taken before is found by its id and counts once.
func (d *Discord) recall(ctx context.Context) {
	if d.c.Recall == nil {
		return
	}
	chats, err := d.c.Recall(ctx)
	if err != nil {
		d.c.Log.Warn("list the known chats", "error", err)
		return
	}
	for _, chat := range chats {
		if err := d.recallChat(ctx, chat); err != nil && ctx.Err() == nil {
			d.c.Log.Warn("fetch missed messages", "error", describe(err))
		}
	}
}

// recallChat fetches one chat's.
func (d *Discord) recallChat(ctx context.Context, chat bot.KnownChat) error {
	after := newest(chat.Seen)
	if after == 0 {
		return nil
	}
	for {
		messages, err := d.rest.Load().ChannelMessages(chat.Chat, maxRecalled, "", fmt.Sprint(after), "", dg.WithContext(ctx))
		var limited *dg.RateLimitError
		if errors.As(err, &limited) {
			pause(ctx, limited.RetryAfter)
			continue
		}
		if err != nil {
			return err
		}
		slices.SortFunc(messages, func(a, b *dg.Message) int { return int(snowflake(a.ID) - snowflake(b.ID)) })
		for _, m := range messages {
			if in, ok := decodeMessage(m, false); ok && snowflake(m.ID) > after {
				d.queue(ctx, in)
			}
		}
		return nil
	}
}

// newest is the highest id among updates that were taken; Discord's ids grow with
// time, whatever they name.
func newest(seen []string) int64 {
	top := int64(0)
	for _, id := range seen {
		top = max(top, snowflake(strings.TrimLeft(id, "mi")))
	}
	return top
}

// snowflake reads one of Discord's ids, 0 for what is none.
func snowflake(id string) int64 {
	id, _, _ = strings.Cut(id, "e")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
