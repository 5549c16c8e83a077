package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/star-house/frontdoor/flows"
)

// menuPause is the longest pause before Telegram is offered the menu again: nobody
// waits for it.
const menuPause = 10 * time.Minute

// commands are those that the menu lists, in its order.
func commands() []string {
	return []string{"start", "help", "human", "back", "privacy", "mydata", "withdraw", "delete", "stop", "hide", "restart", "language"}
}

// describe registers the commands and what the bot is, in every live language, until
// Telegram has taken them all. The menu is a convenience: commands work without it.
func (t *Telegram) describe(ctx context.Context) {
	b, taken := t.c.Library.Newest(), map[string]bool{}
	t.persist(ctx, errand{"telegram does not take the menu", slog.LevelWarn, menuPause, func(ctx context.Context) error {
		var problems error
		for i, lang := range b.Languages() {
			code := lang
			if i == 0 {
				code = "" // for everybody whose language has no list of its own
			}
			if taken[lang] {
				continue
			}
			err := t.describeIn(ctx, b, lang, code)
			taken[lang], problems = err == nil, errors.Join(problems, err)
		}
		return problems
	}})
}

// describeIn registers one language.
func (t *Telegram) describeIn(ctx context.Context, b *flows.Bundle, lang, code string) error {
	var list []models.BotCommand
	for _, name := range commands() {
		list = append(list, models.BotCommand{Command: name, Description: b.PageText(lang, "commands."+name)})
	}
	_, err := t.bot.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: list, LanguageCode: code})
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	_, err = t.bot.SetMyDescription(ctx, &tg.SetMyDescriptionParams{Description: b.PageText(lang, "commands.description"), LanguageCode: code})
	if err != nil {
		return fmt.Errorf("description: %w", err)
	}
	_, err = t.bot.SetMyShortDescription(ctx, &tg.SetMyShortDescriptionParams{ShortDescription: b.PageText(lang, "commands.about"), LanguageCode: code})
	if err != nil {
		return fmt.Errorf("short description: %w", err)
	}
	return nil
}
