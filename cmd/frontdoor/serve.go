package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/discord"
	"github.com/star-house/frontdoor/bot/telegram"
	"github.com/star-house/frontdoor/bot/webchat"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// Paths of the public web server that platforms call, or lead to.
const (
	telegramPath = "/telegram/webhook"
	discordPath  = "/discord/interactions"
	// helpPath is the page of the web chat on which the numbers can be tapped.
	helpPath = "/help"
)

// serveCommand is `frontdoor serve`.
type serveCommand struct {
	Role string `enum:"bot,desk,all" default:"all" help:"What this process does: bot, desk or all."`
}

// Help is the worked example.
func (serveCommand) Help() string {
	return "Example: FRONTDOOR_REDIS_URL=redis://127.0.0.1:6379 FRONTDOOR_KEYS=keys.json FRONTDOOR_TELEGRAM_TOKEN_FILE=token frontdoor serve\n\n" +
		"Settings are read from the environment; NAME_FILE reads one from a file. What a setting switches on is served: " +
		"FRONTDOOR_TELEGRAM_TOKEN, FRONTDOOR_DISCORD_TOKEN with FRONTDOOR_DISCORD_APPLICATION_ID, FRONTDOOR_PUBLIC_URL for the web chat. " +
		"It stops within ten seconds of Ctrl-C, and gives back what it could not finish."
}

// server is what a serve holds until it ends.
type server struct {
	set      serveSettings
	log      *slog.Logger
	store    *store.Store
	library  *bot.Library
	service  *bot.Service
	telegram *telegram.Telegram
	discord  *discord.Discord
	page     *webchat.Web
	prepared atomic.Bool
	// serving are the web servers, failed what ended one of them.
	serving []*http.Server
	failed  chan error
}

// Run serves until it is interrupted.
func (c serveCommand) Run(p *process, ctx withContext) (err error) {
	if c.Role == "desk" {
		return errors.New("the desk has no pages yet: link workers use `frontdoor queue`")
	}
	settings, err := p.readServeSettings()
	if err != nil {
		return err
	}
	folders := scriptFolders{}
	bundle, err := folders.load(p)
	if err != nil {
		return err
	}
	p.warnStale(bundle)
	s := &server{set: settings, log: p.logger(), failed: make(chan error, 4)}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx, bundle); err != nil {
		return err
	}
	return s.run(ctx)
}

// open makes everything, from the store outwards; nothing is served yet.
func (s *server) open(ctx context.Context, bundle *flows.Bundle) error {
	var err error
	if s.store, err = store.Open(store.Config{URL: s.set.redis, Hub: s.set.hub, Keys: s.set.keys}); err != nil {
		return err
	}
	s.library = bot.NewLibrary(s.store, bundle)
	if err := s.prepare(ctx); refused(err) {
		return err
	} else if err != nil {
		s.log.Warn("the store is away: people get help from memory until it is back", "error", err)
	}
	var public net.Listener
	if s.set.needsServer() {
		if public, err = s.listenPublic(ctx); err != nil {
			return err
		}
	}
	platforms, err := s.platforms()
	if err == nil {
		s.service, err = bot.New(s.withAlerts(bot.Config{Store: s.store, Library: s.library, Platforms: platforms, Web: s.webAddress(),
			Private: s.set.private, Log: s.log, Limiters: s.limiters()}))
	}
	if err != nil {
		if public != nil {
			err = errors.Join(err, public.Close())
		}
		return err
	}
	if public != nil {
		s.serveOn(public, s.publicPages())
	}
	admin, err := listen(ctx, s.set.admin)
	if err != nil {
		return fmt.Errorf("FRONTDOOR_ADMIN_LISTEN: %w", err)
	}
	s.serveOn(admin, adminPages(s.store, &s.prepared))
	s.log.Info("serving", "telegram", s.telegramMode(), "discord", s.discord != nil, "web", s.webAddress(), "admin", admin.Addr().String())
	return nil
}

// listenPublic opens the public port. Without a public address it is known by the
// one that it listens on, which is this machine's.
func (s *server) listenPublic(ctx context.Context) (net.Listener, error) {
	public, err := listen(ctx, s.set.listen)
	if err != nil {
		return nil, fmt.Errorf("FRONTDOOR_LISTEN: %w", err)
	}
	if s.set.public == "" {
		_, port, err := net.SplitHostPort(public.Addr().String())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read the address: %w", err), public.Close())
		}
		s.set.public = "http://localhost:" + port
	}
	return public, nil
}

// webAddress is where the chat page is, "" when it is off.
func (s *server) webAddress() string {
	if !s.set.web {
		return ""
	}
	return s.set.public
}

// telegramMode is how Telegram's updates come, for the log.
func (s *server) telegramMode() string {
	switch {
	case s.telegram == nil:
		return "off"
	case s.set.telegram.webhook:
		return "webhook"
	}
	return "poll"
}

// platforms makes the chats that are switched on.
func (s *server) platforms() ([]bot.Platform, error) {
	var out []bot.Platform
	var err error
	if c := s.set.telegram; c.token != "" {
		config := telegram.Config{Token: c.token, API: c.api, Library: s.library, Log: s.log, Staff: s.set.alerts.telegram, HelpPage: s.set.helpPage()}
		if c.webhook {
			config.Webhook, config.Secret = s.set.public+telegramPath, c.secret
			if config.Secret == "" {
				// The same on every replica, and nothing that could be guessed from the
				// token alone.
				if config.Secret, err = s.set.keys.Derive("telegram-webhook", c.token); err != nil {
					return nil, err
				}
			}
		}
		if s.telegram, err = telegram.New(config); err != nil {
			return nil, fmt.Errorf("FRONTDOOR_TELEGRAM_TOKEN: %w", err)
		}
		out = append(out, s.telegram)
	}
	if c := s.set.discord; c.token != "" {
		s.discord, err = discord.New(discord.Config{Token: c.token, Application: c.application, API: c.api, PublicKey: c.key,
			Library: s.library, Recall: bot.Recall(s.store, discord.Name, time.Now, s.log), HelpPage: s.set.helpPage(), Log: s.log})
		if err != nil {
			return nil, err
		}
		out = append(out, s.discord)
	}
	if s.set.web {
		if s.page, err = webchat.New(webchat.Config{Public: s.set.public, Store: s.store, Library: s.library, Log: s.log}); err != nil {
			return nil, err
		}
		out = append(out, s.page)
	}
	return out, nil
}

// limiters pace Telegram; Discord says itself when to wait. What may leave at once is a
// fifth of a second's messages: all that leaves in any second stays near the rate.
func (s *server) limiters() map[string]bot.Limiter {
	if s.telegram == nil {
		return nil
	}
	perSecond := s.set.telegram.rate
	return map[string]bot.Limiter{telegram.Name: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/5)))}
}

// publicPages are the chat page and what platforms call.
func (s *server) publicPages() http.Handler {
	mux := http.NewServeMux()
	if s.telegram != nil && s.set.telegram.webhook {
		mux.Handle("POST "+telegramPath, s.telegram.Handler())
	}
	if s.discord != nil && s.set.discord.key != "" {
		mux.Handle("POST "+discordPath, s.discord.Handler())
	}
	if s.page != nil {
		mux.Handle("/", s.page.Handler())
	}
	return mux
}

// serveOn serves pages on a port until the end.
func (s *server) serveOn(l net.Listener, pages http.Handler) {
	web := newWebServer(pages)
	s.serving = append(s.serving, web)
	go func() {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
	}()
}

// bodyTime bounds how long what somebody posts may take to arrive.
const bodyTime = 10 * time.Second

// newWebServer is a web server that waits for nobody for ever: not for a header, not
// for a body. Live pages stay open. What the library would log holds addresses of
// people, so it is dropped.
func newWebServer(pages http.Handler) *http.Server {
	timely := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			// The server sets it anew for the next request.
			if err := http.NewResponseController(rw).SetReadDeadline(time.Now().Add(bodyTime)); err != nil {
				rw.WriteHeader(http.StatusInternalServerError)
				return
			}
		}
		pages.ServeHTTP(rw, r)
	})
	return &http.Server{Handler: timely, ReadHeaderTimeout: headerTime, IdleTimeout: 2 * time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
}

// errUnsafe is a Redis that may lose what it confirmed.
var errUnsafe = errors.New("set FRONTDOOR_REDIS_CHECK=warn to start all the same")

// refused says whether a store is there and must not be served.
func refused(err error) bool {
	return errors.Is(err, errUnsafe) || errors.Is(err, store.ErrOtherKeys)
}

// prepare checks the store and keeps the scripts in it.
func (s *server) prepare(ctx context.Context) error {
	problems, err := s.store.Durable(ctx)
	if err != nil {
		return err
	}
	if len(problems) > 0 && s.set.refuse {
		return fmt.Errorf("%s\n%w", strings.Join(problems, "\n"), errUnsafe)
	}
	for _, problem := range problems {
		s.log.Warn("the store is not safe", "problem", problem)
	}
	if err := s.store.CheckKeys(ctx); err != nil {
		return err
	}
	if err := s.library.Publish(ctx, s.library.Newest()); err != nil {
		return err
	}
	s.prepared.Store(true)
	return nil
}

// prepareEvery is how often a store that was away at the start is tried.
const prepareEvery = time.Second

// keepPreparing tries until the store is there.
func (s *server) keepPreparing(ctx context.Context) {
	tick := time.NewTicker(prepareEvery)
	defer tick.Stop()
	for !s.prepared.Load() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch err := s.prepare(ctx); {
		case refused(err):
			s.failed <- err
			return
		case err == nil:
			s.log.Info("the store is there")
		}
	}
}

// stopWeb is how long pages that are being read may take at the end; live pages
// are cut off then, and come back by themselves.
const stopWeb = 2 * time.Second

// run serves until ctx ends or something fails, and then drains.
func (s *server) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go s.keepPreparing(ctx)
	go func() {
		select {
		case err := <-s.failed:
			cancel(err)
		case <-ctx.Done():
		}
		s.log.Info("stopping")
	}()
	err := s.service.Run(ctx)
	if cause := context.Cause(ctx); err == nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return err
}

// close ends what was begun, the last first.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWeb)
	defer cancel()
	var err error
	for _, web := range s.serving {
		if web.Shutdown(ctx) != nil {
			err = errors.Join(err, web.Close())
		}
	}
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return err
}
