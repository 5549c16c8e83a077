package telegram

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

const (
	// answerTime is how long the answer to a tap may take.
	answerTime = 3 * time.Second
	// retryUnknown is how long to wait where Telegram names no time.
	retryUnknown = time.Minute
)

// Send sends a message, or changes the one that showed the same question before.
func (t *Telegram) Send(ctx context.Context, chat string, m bot.Message) (string, error) {
	id, err := strconv.ParseInt(chat, 10, 64)
	if err != nil {
		return "", &bot.SendError{Fate: bot.Gone}
	}
	if old := t.redrawn(chat, m.Reply); old != 0 {
		sent, err := t.redraw(ctx, id, old, m)
		if err == nil || !errors.Is(err, tg.ErrorBadRequest) {
			return sent, classify(err)
		}
	}
	sent, err := t.post(ctx, id, m)
	if m.Page != "" && errors.Is(err, tg.ErrorBadRequest) {
		// Telegram judges addresses by rules of its own; the card must not depend on them.
		t.c.Log.Warn("telegram rejects a card; it goes out without the button to our page", "error", describe(err))
		m.Page = ""
		sent, err = t.post(ctx, id, m)
	}
	if err != nil {
		return "", classify(err)
	}
	return strconv.Itoa(sent.ID), nil
}

// post makes one attempt to send a message.
func (t *Telegram) post(ctx context.Context, chat int64, m bot.Message) (*models.Message, error) {
	off := true
	return t.bot.SendMessage(ctx, &tg.SendMessageParams{
		ChatID: chat, Text: m.Text, Entities: entities(m.Bold), ReplyMarkup: t.keyboard(m),
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
	})
}

// redrawn is the message that a reply takes the place of, 0 when it is a new one.
func (t *Telegram) redrawn(chat string, r flows.Reply) int {
	if !r.Redraws {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if last := t.tapped[chat]; last.seq == r.Seq {
		return last.id
	}
	return 0
}

// redraw changes a message. A second time it says that nothing changed, which is
// what was wanted.
func (t *Telegram) redraw(ctx context.Context, chat int64, message int, m bot.Message) (string, error) {
	_, err := t.bot.EditMessageText(ctx, &tg.EditMessageTextParams{
		ChatID: chat, MessageID: message, Text: m.Text, Entities: entities(m.Bold), ReplyMarkup: t.keyboard(m),
	})
	if err != nil && strings.Contains(err.Error(), "message is not modified") {
		return "", nil
	}
	return "", err
}

// entities mark what stands out. No text of ours is ever parsed for markup.
func entities(bold []bot.Span) []models.MessageEntity {
	var out []models.MessageEntity
	for _, s := range bold {
		out = append(out, models.MessageEntity{Type: models.MessageEntityTypeBold, Offset: s.From, Length: s.Length})
	}
	return out
}

// linesPerRow is how many buttons that change a line share a row.
const linesPerRow = 2

// keyboard lays the buttons out: on a card the page with numbers to tap, the answers,
// then the lines of a review, then the row that closes every message.
func (t *Telegram) keyboard(m bot.Message) models.ReplyMarkup {
	var rows [][]models.InlineKeyboardButton
	if m.Page != "" {
		b := t.c.Library.Newest()
		label := b.PageText(b.Language(m.Reply.Lang), "commands.numbers")
		rows = append(rows, []models.InlineKeyboardButton{{Text: label, URL: m.Page}})
	}
	for _, row := range m.Rows {
		rows = append(rows, buttons("", row))
	}
	for i := 0; i < len(m.Lines); i += linesPerRow {
		rows = append(rows, buttons("✎ ", m.Lines[i:min(i+linesPerRow, len(m.Lines))]))
	}
	if len(m.Last) > 0 {
		rows = append(rows, buttons("", m.Last))
	}
	if len(rows) == 0 {
		return nil
	}
	return models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

// buttons is one row.
func buttons(mark string, row []flows.Button) []models.InlineKeyboardButton {
	out := make([]models.InlineKeyboardButton, len(row))
	for i, b := range row {
		out[i] = models.InlineKeyboardButton{Text: mark + b.Label, CallbackData: b.Data}
	}
	return out
}

// Hide deletes messages of ours; Telegram lets that be done for 48 hours.
func (t *Telegram) Hide(ctx context.Context, chat string, ids []string) error {
	id, err := strconv.ParseInt(chat, 10, 64)
	if err != nil {
		return nil
	}
	var messages []int
	for _, s := range ids {
		if n, err := strconv.Atoi(s); err == nil {
			messages = append(messages, n)
		}
	}
	_, err = t.bot.DeleteMessages(ctx, &tg.DeleteMessagesParams{ChatID: id, MessageIDs: messages})
	return classify(err)
}

// classify says what an error of the library means for the message. What it
// returns repeats nothing that Telegram wrote.
func classify(err error) error {
	var flood *tg.TooManyRequestsError
	var moved *tg.MigrateError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &flood):
		return &bot.SendError{Fate: bot.RetryLater, After: time.Duration(max(flood.RetryAfter, 1)) * time.Second, Code: http.StatusTooManyRequests}
	case errors.Is(err, tg.ErrorForbidden):
		return &bot.SendError{Fate: bot.Gone, Code: http.StatusForbidden}
	case errors.As(err, &moved), errors.Is(err, tg.ErrorBadRequest) && strings.Contains(err.Error(), "chat not found"):
		return &bot.SendError{Fate: bot.Gone, Code: http.StatusBadRequest}
	case errors.Is(err, tg.ErrorBadRequest):
		return &bot.SendError{Fate: bot.Rejected, Code: http.StatusBadRequest}
	case errors.Is(err, tg.ErrorUnauthorized), errors.Is(err, tg.ErrorNotFound):
		return &bot.SendError{Fate: bot.RetryLater, After: retryUnknown, Code: http.StatusUnauthorized}
	}
	return describe(err)
}

// describe is an error that may be logged: the library's may hold the token, an
// answer's body or a text.
func describe(err error) error {
	var refused *refusal
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("telegram takes too long")
	case errors.Is(err, tg.ErrorUnauthorized), errors.Is(err, tg.ErrorNotFound):
		return errors.New("telegram does not know the token")
	case errors.Is(err, tg.ErrorConflict):
		return errors.New("another program uses the token")
	case errors.Is(err, tg.ErrorBadRequest):
		return errors.New("telegram takes a call of ours for wrong")
	}
	return errors.New("telegram cannot be reached, or answers oddly")
}
