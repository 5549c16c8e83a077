package telegram

import (
	"context"
	"strconv"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

// take hands one update over. What is not from a private chat is answered by
// leaving, and what is nobody's, or is said among staff, is dropped.
func (t *Telegram) take(ctx context.Context, u *models.Update, accept bot.Accept) error {
	if t.amongStaff(u) {
		return nil
	}
	if group := groupOf(u); group != 0 {
		t.leaveSoon(group)
		return nil
	}
	in, ok := decode(u)
	if !ok {
		return nil
	}
	if q := u.CallbackQuery; q != nil {
		t.noteTap(in, q)
		// The button stops spinning at once, whatever else takes its time.
		t.answers.Go(func() { t.stopSpinning(ctx, q.ID) })
	}
	return accept(ctx, in)
}

// chatOf is the chat of an update, for keeping order; "" for what has none.
func chatOf(u *models.Update) string {
	in, _ := decode(u)
	return in.Chat
}

// decode reads an update of a private chat; false for all else.
func decode(u *models.Update) (bot.Inbound, bool) {
	in := bot.Inbound{Channel: Name, Update: strconv.FormatInt(u.ID, 10)}
	switch {
	case u.Message != nil:
		return fromMessage(in, u.Message, flows.Typed)
	case u.EditedMessage != nil:
		return fromMessage(in, u.EditedMessage, flows.Edited)
	case u.CallbackQuery != nil:
		q := u.CallbackQuery
		in.Happening, in.Tap, in.Locale = flows.Tapped, q.Data, q.From.LanguageCode
		// In a private chat the chat has the person's id; the message itself may be
		// too old to be given.
		in.Chat = strconv.FormatInt(q.From.ID, 10)
		return in, q.From.ID > 0 && !q.From.IsBot
	case u.MyChatMember != nil && u.MyChatMember.Chat.Type == models.ChatTypePrivate:
		in.Chat = strconv.FormatInt(u.MyChatMember.Chat.ID, 10)
		in.Happening = flows.Unblocked
		if u.MyChatMember.NewChatMember.Type == models.ChatMemberTypeBanned {
			in.Happening = flows.Blocked
		}
		return in, true
	}
	return in, false
}

// fromMessage reads a message: words, or something that is never fetched, with
// its caption.
func fromMessage(in bot.Inbound, m *models.Message, how flows.Happening) (bot.Inbound, bool) {
	if m.Chat.Type != models.ChatTypePrivate || m.From == nil || m.From.IsBot {
		return in, false
	}
	in.Happening, in.Text = how, m.Text
	if m.Text == "" {
		in.Happening, in.Text = flows.Media, m.Caption
	}
	if service(m) {
		return in, false
	}
	in.Chat, in.Locale = strconv.FormatInt(m.Chat.ID, 10), m.From.LanguageCode
	return in, true
}

// service says whether a message is one that the app wrote by itself, such as
// that something was pinned or that a timer for deletion was set.
func service(m *models.Message) bool {
	return m.PinnedMessage != nil || m.MessageAutoDeleteTimerChanged != nil || m.WriteAccessAllowed != nil
}

// groupOf is the group, channel or supergroup that an update comes from, 0 for a
// private chat and for an update that says that we are no longer there.
func groupOf(u *models.Update) int64 {
	var chat models.Chat
	switch {
	case u.Message != nil:
		chat = u.Message.Chat
	case u.EditedMessage != nil:
		chat = u.EditedMessage.Chat
	case u.MyChatMember != nil:
		chat = u.MyChatMember.Chat
		now := u.MyChatMember.NewChatMember.Type
		if now == models.ChatMemberTypeLeft || now == models.ChatMemberTypeBanned {
			return 0
		}
	case u.CallbackQuery != nil && u.CallbackQuery.Message.Message != nil:
		chat = u.CallbackQuery.Message.Message.Chat
	}
	if chat.Type == "" || chat.Type == models.ChatTypePrivate {
		return 0
	}
	return chat.ID
}

// noteTap remembers the message that was tapped, so that a question which is
// drawn anew takes its place.
func (t *Telegram) noteTap(in bot.Inbound, q *models.CallbackQuery) {
	tap, ok := flows.ParseTap(q.Data)
	m := q.Message.Message
	if !ok || m == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.tapped) >= maxTapped {
		clear(t.tapped)
	}
	t.tapped[in.Chat] = tappedMessage{id: m.ID, seq: tap.Seq}
}

// stopSpinning tells the app that the tap arrived. When it is too late for that,
// nothing is lost: the answer is a message.
func (t *Telegram) stopSpinning(ctx context.Context, query string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	if _, err := t.bot.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: query}); err != nil {
		t.c.Log.Debug("answer a tap", "error", describe(err))
	}
}
