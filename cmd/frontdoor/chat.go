package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/terminal"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/store"
)

// chatCommand is `frontdoor chat`.
type chatCommand struct {
	scriptFolders
	Record string `placeholder:"FILE" help:"Write a transcript of the chat to a new file."`
}

// Help is the worked example.
func (chatCommand) Help() string {
	return "Example: frontdoor chat --scripts ./scripts --record my-chat.yaml\n\n" +
		"Type a number, a label or words; leave with Ctrl-D. Nothing is kept but the recording."
}

// Run is the chat, until the input ends.
func (c chatCommand) Run(p *process, ctx withContext) (err error) {
	bundle, err := c.load(p)
	if err != nil {
		return err
	}
	server, keys, err := embedded()
	if err != nil {
		return err
	}
	defer server.Close()
	st, err := store.Open(store.Config{URL: server.URL(), Hub: "star-house", Keys: keys, Timeout: store.PatientTimeout})
	if err != nil {
		return err
	}
	defer p.closeStore(st)
	config := terminal.Config{In: p.stdin, Out: p.stdout}
	if c.Record != "" {
		file, err := os.OpenFile(c.Record, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("begin the recording: %w", err)
		}
		recorder := transcript.NewRecorder(file, c.Record, terminal.Name)
		config.Recorder = recorder
		defer func() { err = errors.Join(err, recorder.Close(), file.Close()) }()
	}
	term := terminal.New(config)
	service, err := bot.New(bot.Config{
		Store: st, Library: bot.NewLibrary(st, bundle), Platforms: []bot.Platform{term}, Web: defaultPublic, Log: p.logger(),
		TurnTime: store.PatientTimeout,
	})
	if err != nil {
		return err
	}
	return p.talk(ctx, service, term)
}

// talk takes lines one by one, and prints each answer before the next is read.
func (p *process) talk(ctx context.Context, service *bot.Service, term *terminal.Terminal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := service.Sweep(ctx); err != nil && ctx.Err() == nil {
					fmt.Fprintln(p.stderr, "frontdoor:", err)
				}
				service.Flush(ctx)
			}
		}
	}()
	err := term.Receive(ctx, func(ctx context.Context, in bot.Inbound) error {
		err := service.Accept(ctx, in)
		service.Flush(ctx)
		return err
	})
	fmt.Fprintln(p.stdout)
	return err
}

// embedded is a store of this process with keys of its own.
func embedded() (*store.Embedded, *store.Keys, error) {
	server, err := store.Embed()
	if err != nil {
		return nil, nil, err
	}
	keys, err := store.NewKeys()
	return server, keys, err
}
