package telegram

import (
	"context"
	"errors"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/star-house/frontdoor/bot"
)

// Staff alerts staff in the chat of Config.Staff.
type Staff struct{ t *Telegram }

// Staff is the place where staff are alerted; Config.Staff has to be set.
func (t *Telegram) Staff() Staff { return Staff{t} }

// Name is the channel's.
func (Staff) Name() string { return Name }

// Alert sends a plain message. A group that became a supergroup has another id
// since; it is found, and the message goes there.
func (s Staff) Alert(ctx context.Context, a bot.Alert) error {
	err := s.send(ctx, a.Text)
	var moved *tg.MigrateError
	if errors.As(err, &moved) && s.t.moveStaff(int64(moved.MigrateToChatID)) {
		err = s.send(ctx, a.Text)
	}
	return classify(err)
}

// send makes one attempt.
func (s Staff) send(ctx context.Context, text string) error {
	off := true
	_, err := s.t.bot.SendMessage(ctx, &tg.SendMessageParams{
		ChatID: s.t.staff.Load(), Text: text, LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
	})
	return err
}

// moveStaff follows the staff chat to its new id, and reports whether there is one.
func (t *Telegram) moveStaff(to int64) bool {
	if to == 0 {
		return false
	}
	if t.staff.Swap(to) != to {
		// Whoever reads this finds the new id in the app; a log holds no ids.
		t.c.Log.Error("the staff chat has a new id: set FRONTDOOR_STAFF_TELEGRAM_CHAT to it before the next start")
	}
	return true
}

// amongStaff says whether an update comes from the chat in which staff are alerted.
func (t *Telegram) amongStaff(u *models.Update) bool {
	staff := t.staff.Load()
	if staff == 0 {
		return false
	}
	if m := u.Message; m != nil && m.Chat.ID == staff {
		t.moveStaff(m.MigrateToChatID)
	}
	if m := u.Message; m != nil && m.MigrateFromChatID == staff {
		return t.moveStaff(m.Chat.ID)
	}
	return placeOf(u) == staff
}

// placeOf is the chat of any update, 0 for one that has none.
func placeOf(u *models.Update) int64 {
	switch {
	case u.Message != nil:
		return u.Message.Chat.ID
	case u.EditedMessage != nil:
		return u.EditedMessage.Chat.ID
	case u.MyChatMember != nil:
		return u.MyChatMember.Chat.ID
	case u.CallbackQuery != nil && u.CallbackQuery.Message.Message != nil:
		return u.CallbackQuery.Message.Message.Chat.ID
	case u.CallbackQuery != nil:
		return u.CallbackQuery.From.ID
	}
	return 0
}
