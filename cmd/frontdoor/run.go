package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// Exit codes of contract.md.
const (
	exitFine   = 0
	exitNo     = 1
	exitBroken = 2
)

// process is what a command may touch of the world outside.
type process struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(name string) (string, bool)
	now            func() time.Time
}

// commands is the tree of commands; kong reads it.
type commands struct {
	Try   tryCommand   `cmd:"" help:"The whole product on this machine, nothing to install."`
	Serve serveCommand `cmd:"" help:"Telegram, Discord and the web chat: what the settings switch on."`
	Chat  chatCommand  `cmd:"" help:"Talk to the scripts in the terminal."`
	Flows flowsCommand `cmd:"" help:"Check, test and classify."`
	Queue queueCommand `cmd:"" help:"The link workers' queue."`
	Staff staffCommand `cmd:"" help:"Who may work."`
	Keys  keysCommand  `cmd:"" help:"The key file."`
}

// answerNo is an answer that is no: exit code 1. An empty one has been given
// already.
type answerNo string

// Error is the answer.
func (n answerNo) Error() string { return string(n) }

// no is an answer that is no.
func no(format string, args ...any) error { return answerNo(fmt.Sprintf(format, args...)) }

// run is the whole program. It returns the exit code.
func run(p process) int {
	quietRedis()
	var cli commands
	code := -1
	parser, err := kong.New(&cli, kong.Name("frontdoor"), kong.Writers(p.stdout, p.stderr),
		kong.Description("A front door to youth social prescribing. Start with: frontdoor try"),
		kong.Exit(func(c int) { code = c }), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}))
	if err != nil {
		fmt.Fprintln(p.stderr, "frontdoor: internal error:", err)
		return exitBroken
	}
	found, err := parser.Parse(p.args)
	if code >= 0 {
		return code // --help was printed
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "frontdoor: %v\nSee: frontdoor --help\n", err)
		return exitBroken
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err = found.Run(&p, withContext{ctx})
	return p.exitCode(err)
}

// withContext lets kong hand the context to a command.
type withContext struct{ context.Context }

// exitCode says what an error comes to, after printing it.
func (p *process) exitCode(err error) int {
	if err == nil {
		return exitFine
	}
	var answer answerNo
	if errors.As(err, &answer) && answer == "" {
		return exitNo
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(p.stderr, "frontdoor:", line)
	}
	if errors.As(err, &answer) {
		return exitNo
	}
	for _, refusal := range []error{flows.ErrTaken, flows.ErrRole, flows.ErrHolder, flows.ErrOver, flows.ErrStale,
		flows.ErrAction, store.ErrUnknown} {
		if errors.Is(err, refusal) {
			return exitNo
		}
	}
	return exitBroken
}

// quietRedis keeps the client library from printing lines of its own: what goes
// wrong comes back as an error.
func quietRedis() { redis.SetLogger(&logging.VoidLogger{}) }

// logger writes what operators should know to standard error.
func (p *process) logger() *slog.Logger { return slog.New(slog.NewTextHandler(p.stderr, nil)) }
