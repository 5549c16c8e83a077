package discord

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	dg "github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"github.com/star-house/frontdoor/bot"
)

// Name is the channel's name in scripts and in the queue.
const Name = "discord"

// Limits of Discord: 2,000 characters a message and 80 on a button. Escaping can
// make a text longer, so less is planned for.
const (
	maxText    = 1800
	maxContent = 2000
	maxLabel   = 80
)

// officialAPI is where bots talk to Discord.
const officialAPI = "https://discord.com"

// Config is what the Discord chat needs.
type Config struct {
	// Token is the bot's secret, Application its id.
	Token, Application string
	// API is the base address that serves /api/v9 and names the gateway, "" for the
	// official one.
	API string
	// PublicKey, in hex, switches the interactions endpoint on; "" leaves it off.
	PublicKey string
	// Library has the words of the commands.
	Library *bot.Library
	// Recall lists the chats from which missed messages are fetched.
	Recall func(context.Context) ([]bot.KnownChat, error)
	Log    *slog.Logger
	// HelpPage is the public https address of the page on which numbers can be tapped,
	// "" without one.
	HelpPage string
	// Clock tells the time; nil is the real one.
	Clock func() time.Time
}

// Validate says what is wrong with the settings, without repeating a secret.
func (c Config) Validate() error {
	if c.Token == "" || strings.ContainsAny(c.Token, " \t\r\n") {
		return errors.New("the Discord token should be the one of the developer portal, without \"Bot \"")
	}
	if c.Application == "" || strings.Trim(c.Application, "0123456789") != "" {
		return errors.New("FRONTDOOR_DISCORD_APPLICATION_ID should be the number of the developer portal")
	}
	if _, err := parseKey(c.PublicKey); c.PublicKey != "" && err != nil {
		return err
	}
	return nil
}

// Discord is the platform.
type Discord struct {
	c      Config
	client *http.Client
	rest   *dg.Session
	limits *limits
	accept atomic.Pointer[bot.Accept]
	work   *bot.Sequence
	// lastByte is when something last came over the gateway, in Unix nanoseconds.
	lastByte atomic.Int64
	mu       sync.Mutex
	pending  map[string][]*pendingAnswer // by chat, oldest first
	missed   map[string]gap              // by chat, what has to be fetched
	catching map[string]bool             // chats that are being caught up
	acks     *bot.Crew
	leaving  atomic.Bool // what was left is being fetched
}

// maxWork bounds the updates that wait to be handled, maxOfOne those of one chat.
const (
	maxWork  = 20_000
	maxOfOne = 200
)

// New makes the Discord chat. It calls nobody: Discord may be away when the
// program starts.
func New(c Config) (*Discord, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.API == "" {
		c.API = officialAPI
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	base, err := url.Parse(strings.TrimRight(c.API, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, errors.New("FRONTDOOR_DISCORD_API should be an address such as https://discord.com")
	}
	d := &Discord{c: c, work: bot.NewSequence(bot.Limits{All: maxWork, OfOne: maxOfOne}, c.Log), acks: bot.NewCrew(), limits: newLimits(),
		pending: map[string][]*pendingAnswer{}, missed: map[string]gap{}, catching: map[string]bool{}}
	d.client = &http.Client{Timeout: callTime, Transport: rewriting{base: base, next: newTransport()}}
	d.rest, err = d.newSession()
	return d, err
}

// newSession is a session of the library with its traps closed.
func (d *Discord) newSession() (*dg.Session, error) {
	s, err := dg.New("Bot " + d.c.Token)
	if err != nil {
		return nil, errors.New("the Discord token cannot be used")
	}
	s.Client = d.client
	s.LogLevel = -1 // its lines hold addresses with tokens
	s.StateEnabled = false
	s.SyncEvents = true // in order; the handlers only queue
	s.ShouldReconnectOnError = false
	s.ShouldRetryOnRateLimit = false
	s.MaxRestRetries = 0
	s.Identify.Intents = dg.IntentDirectMessages
	return s, nil
}

// Channel is one message of 2,000 characters. One process owns the gateway, and
// what it missed has to be fetched.
func (d *Discord) Channel() bot.Channel {
	return bot.Channel{Name: Name, MaxText: maxText, MaxLabel: maxLabel, HelpPage: d.c.HelpPage, Exclusive: true, Recalls: true}
}

// Receive registers the commands and keeps a gateway session until ctx ends,
// whatever Discord says; what is wrong stands in the log.
func (d *Discord) Receive(ctx context.Context, accept bot.Accept) error {
	d.accept.Store(&accept)
	defer func() {
		// What came before the end is still taken: a button comes only once.
		d.acks.Wait()
		d.work.Wait()
		d.accept.Store(nil)
		d.forgetMissed() // another process may receive meanwhile
	}()
	registered := false
	var p pauses
	for ctx.Err() == nil {
		registered = registered || d.register(ctx)
		err := d.session(ctx, &p)
		if ctx.Err() != nil {
			return nil
		}
		d.c.Log.Warn("the Discord gateway ended and is opened anew", "error", describe(err))
		pause(ctx, p.next(d.c.Clock()))
	}
	return nil
}

// Silence is how long nothing has come over the gateway; 0 before there was one.
func (d *Discord) Silence() time.Duration {
	last := d.lastByte.Load()
	if last == 0 {
		return 0
	}
	return d.c.Clock().Sub(time.Unix(0, last))
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// describe is an error that may be logged: the library's hold addresses with
// tokens and the bodies of answers.
func describe(err error) error {
	var refused *dg.RESTError
	var limited *dg.RateLimitError
	var closed *websocket.CloseError
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil, errors.Is(err, errSilent), errors.Is(err, errClosed), errors.Is(err, errStuck):
		return err
	case errors.As(err, &refused) && refused.Response != nil:
		return fmt.Errorf("discord answers %d (code %d)", refused.Response.StatusCode, codeOf(refused))
	case errors.As(err, &limited):
		return errors.New("discord asks us to wait")
	case errors.As(err, &closed):
		return fmt.Errorf("discord closes the gateway (code %d)", closed.Code)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("discord takes too long")
	}
	return errors.New("discord cannot be reached, or answers oddly")
}

// codeOf is Discord's own code of a refusal, 0 when it gives none.
func codeOf(refused *dg.RESTError) int {
	if refused.Message == nil {
		return 0
	}
	return refused.Message.Code
}
