package telegram

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/star-house/frontdoor/bot"
)

// Name is the channel's name in scripts and in the queue.
const Name = "telegram"

// Limits of the Bot API, https://core.telegram.org/bots/api#sendmessage and
// #inlinekeyboardbutton; text counts UTF-16 units after entities are parsed.
const (
	maxText  = 4096
	maxLabel = 64 // no limit is documented; longer labels are cut by the apps
)

// officialAPI is where bots talk to Telegram.
const officialAPI = "https://api.telegram.org"

// Config is what the Telegram chat needs.
type Config struct {
	// Token is the bot's secret, 123456:ABC….
	Token string
	// API is the base address of the Bot API, "" for the official one.
	API string
	// Webhook is the address under which Telegram reaches Handler, "" to poll.
	// Secret then comes with every update.
	Webhook, Secret string
	// Library has the words of the commands.
	Library *bot.Library
	Log     *slog.Logger
	// Wait is how long one poll waits for updates; 0 is 50 seconds, the most that
	// Telegram allows.
	Wait time.Duration
	// Staff is the chat in which staff are alerted, 0 without one. Nothing that is
	// said there is read, and it is not left.
	Staff int64
	// HelpPage is the public https address of the page on which numbers can be tapped,
	// "" without one.
	HelpPage string
	// Clock tells the time; nil is the real one.
	Clock func() time.Time
}

// Validate says what is wrong with the settings, without repeating a secret.
func (c Config) Validate() error {
	id, secret, ok := strings.Cut(c.Token, ":")
	if !ok || len(secret) < 3 || strings.Trim(id, "0123456789") != "" || id == "" {
		return errors.New("the Telegram token should look like 123456:ABC…, as BotFather gave it")
	}
	if c.Webhook != "" && c.Secret == "" {
		return errors.New("a webhook needs a secret")
	}
	return nil
}

// Telegram is the platform.
type Telegram struct {
	c      Config
	api    string
	client *http.Client // for polls
	bot    *tg.Bot
	accept atomic.Pointer[bot.Accept]
	// answers are the taps that are being answered.
	answers *bot.Crew
	groups  chan int64 // to be left
	mu      sync.Mutex
	tapped  map[string]tappedMessage // by chat
	// staff is the chat for alerts; it moves when the group becomes a supergroup.
	staff atomic.Int64
	// heard is when a poll was last answered, in Unix nanoseconds.
	heard atomic.Int64
}

// tappedMessage is the message whose button was tapped last in a chat, and the
// question it shows: what is drawn anew takes its place.
type tappedMessage struct{ id, seq int }

// maxTapped bounds what is remembered of taps; a chat that is forgotten gets a new
// message instead of a changed one.
const maxTapped = 20_000

// New makes the Telegram chat. It calls nobody: Telegram may be away when the
// program starts.
func New(c Config) (*Telegram, error) { return newTelegram(c, newTransport()) }

// newTelegram makes it over a transport.
func newTelegram(c Config, transport http.RoundTripper) (*Telegram, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Wait == 0 {
		c.Wait = 50 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	t := &Telegram{c: c, api: strings.TrimRight(c.API, "/"), client: &http.Client{Transport: transport}, answers: bot.NewCrew(),
		groups: make(chan int64, maxGroups), tapped: map[string]tappedMessage{}}
	if t.api == "" {
		t.api = officialAPI
	}
	t.staff.Store(c.Staff)
	var err error
	t.bot, err = tg.New(c.Token, tg.WithSkipGetMe(), tg.WithServerURL(t.api), tg.WithHTTPClient(c.Wait, &http.Client{Transport: transport, Timeout: callTime}),
		// Without these two the library prints whole updates.
		tg.WithDefaultHandler(func(context.Context, *tg.Bot, *models.Update) {}), tg.WithErrorsHandler(func(error) {}))
	if err != nil {
		return nil, errors.New("the Telegram token cannot be used")
	}
	return t, nil
}

// Channel is one message of 4,096 units. Only one process may poll; webhooks reach
// any.
func (t *Telegram) Channel() bot.Channel {
	return bot.Channel{Name: Name, MaxText: maxText, MaxLabel: maxLabel, HelpPage: t.c.HelpPage, Exclusive: t.c.Webhook == ""}
}

// allowed are the kinds of update that we ask for. Telegram remembers the list, so
// it is sent every time.
func allowed() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member"}
}

// Receive polls, or has Telegram call the webhook, until ctx ends. It waits for no
// call but the first of those that say how updates reach us.
func (t *Telegram) Receive(ctx context.Context, accept bot.Accept) error {
	t.accept.Store(&accept)
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup // what never holds reception up
	defer func() {
		cancel()
		t.accept.Store(nil)
		t.answers.Wait()
		beside.Wait()
	}()
	announced := make(chan struct{})
	tried := sync.OnceFunc(func() { close(announced) })
	beside.Go(func() {
		t.persist(ctx, errand{"telegram does not take our settings", slog.LevelError, lastPause, func(ctx context.Context) error {
			defer tried()
			return t.announce(ctx)
		}})
	})
	beside.Go(func() { t.describe(ctx) })
	beside.Go(func() { t.leaveGroups(ctx) })
	if t.c.Webhook != "" {
		<-ctx.Done()
		return nil
	}
	// While there is a webhook, polls are refused. Whether it could be removed is no
	// reason not to try.
	select {
	case <-announced:
	case <-ctx.Done():
	}
	return t.poll(ctx, accept)
}

// announce sets the webhook, or removes it so that polling works.
func (t *Telegram) announce(ctx context.Context) error {
	if t.c.Webhook == "" {
		_, err := t.bot.DeleteWebhook(ctx, &tg.DeleteWebhookParams{})
		return err
	}
	_, err := t.bot.SetWebhook(ctx, &tg.SetWebhookParams{URL: t.c.Webhook, SecretToken: t.c.Secret, AllowedUpdates: allowed()})
	return err
}
