package discord

import (
	"context"
	"math"
	"time"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

// onMessage queues a message of a direct-message channel. It is called by the
// library while it reads the socket, so it must not wait.
func (d *Discord) onMessage(ctx context.Context, m *dg.Message, edited bool) {
	if in, ok := decodeMessage(m, edited); ok {
		d.queue(ctx, in)
	}
}

// decodeMessage reads a message; false for those of bots, of servers, and for
// changes that nobody made, such as a preview that was added to a link.
func decodeMessage(m *dg.Message, edited bool) (bot.Inbound, bool) {
	if m == nil || m.Author == nil || m.Author.Bot || m.GuildID != "" || m.ChannelID == "" || m.ID == "" {
		return bot.Inbound{}, false
	}
	if m.Type != dg.MessageTypeDefault && m.Type != dg.MessageTypeReply {
		return bot.Inbound{}, false
	}
	in := bot.Inbound{Happening: flows.Typed, Channel: Name, Chat: m.ChannelID, Update: "m" + m.ID, Text: m.Content}
	switch {
	case edited && m.EditedTimestamp == nil:
		return in, false
	case edited:
		in.Happening = flows.Edited
		in.Update += "e" + m.EditedTimestamp.UTC().Format("20060102150405.000")
	case m.Content == "" || len(m.Attachments)+len(m.StickerItems) > 0:
		in.Happening = flows.Media
	}
	return in, true
}

const (
	// retryFirst and retryLast are the pauses while the store does not take an
	// update: the gateway sends nothing twice, so it is kept here meanwhile.
	retryFirst = time.Second
	retryLast  = 5 * time.Second
)

// queue has an update handled after those of its chat that came before, also
// after those that no session brought. What it returns is closed when it was taken;
// nil when there is no room for it: a message is then fetched later, and a call for
// help answered all the same.
func (d *Discord) queue(ctx context.Context, in bot.Inbound) (taken <-chan struct{}) {
	done := make(chan struct{})
	before := idOf(in.Update)
	if in.Happening == flows.Edited {
		before = math.MaxInt64 // it has the id of an older message
	}
	work := func() {
		defer close(done)
		d.catchUp(ctx, in.Chat, before)
		d.hand(ctx, in)
	}
	late := func() { d.late(ctx, in) }
	if d.work.Add(in.Chat, work, late) {
		return done
	}
	d.c.Log.Error("too many updates wait; one is not taken")
	if isMessage(in.Update) && in.Happening != flows.Edited {
		d.leave(ctx, in)
		d.acks.Go(late)
	}
	return nil
}

// late has a call for help answered that waits behind an earlier update of its chat.
func (d *Discord) late(ctx context.Context, in bot.Inbound) {
	if accept := d.accept.Load(); accept != nil {
		in.Behind = true
		_ = (*accept)(ctx, in) // it is never taken this way
	}
}

// hand hands an update over until it is taken. While ctx lives nothing is lost;
// after that it is fetched by whoever receives next.
func (d *Discord) hand(ctx context.Context, in bot.Inbound) {
	defer func() {
		if broken := recover(); broken != nil {
			d.c.Log.Error("internal error", "channel", Name)
		}
	}()
	accept := d.accept.Load()
	for wait := retryFirst; accept != nil; wait = min(2*wait, retryLast) {
		if (*accept)(ctx, in) == nil || ctx.Err() != nil {
			return
		}
		pause(ctx, wait)
	}
}
