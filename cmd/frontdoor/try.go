package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/bot/transcript"
	"github.com/star-house/frontdoor/bot/webchat"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// defaultPublic is where the web page is when nothing else is said.
const defaultPublic = "http://localhost:8080"

// tryCommand is `frontdoor try`.
type tryCommand struct {
	scriptFolders
	Listen string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where to listen; 127.0.0.1:0 picks a free port."`
}

// Help is the worked example.
func (tryCommand) Help() string {
	return "Example: frontdoor try\nExample: frontdoor try --listen 127.0.0.1:0 --scripts ./scripts\n\n" +
		"Everything is kept in this process and gone when it ends."
}

// trial is what a try holds until it ends.
type trial struct {
	server  *store.Embedded
	store   *store.Store
	library *bot.Library
	folder  string // of the key file
	web     *http.Server
	public  string
	service *bot.Service
	failed  chan error
}

// Run serves until it is interrupted.
func (c tryCommand) Run(p *process, ctx withContext) (err error) {
	folders, err := c.withSettings(p)
	if err != nil {
		return err
	}
	bundle, err := folders.load(p)
	if err != nil {
		return err
	}
	p.warnStale(bundle)
	t := &trial{failed: make(chan error, 1)}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.open(ctx, bundle); err != nil {
		return err
	}
	listener, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	if err := t.serve(p, listener); err != nil {
		return errors.Join(err, listener.Close())
	}
	t.welcome(p, folders)
	if folders.Scripts != "" || folders.Locales != "" {
		go t.reload(ctx, p, folders)
	}
	ctx2, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case err := <-t.failed:
			fmt.Fprintln(p.stderr, "frontdoor:", err)
			cancel()
		case <-ctx2.Done():
		}
	}()
	return t.service.Run(ctx2)
}

// listen opens the port, with a hint when it is taken, or is no address.
func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	var wrong *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen on %s: %w (something else uses it: try --listen 127.0.0.1:0)", address, err)
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("listen on %s: %s (write host:port, such as 127.0.0.1:8080)", address, wrong.Err)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

// open starts the embedded store, with keys in a file that a second terminal can
// use.
func (t *trial) open(ctx context.Context, bundle *flows.Bundle) error {
	var err error
	if t.server, err = store.Embed(); err != nil {
		return err
	}
	if t.folder, err = os.MkdirTemp("", "frontdoor-try-"); err != nil {
		return fmt.Errorf("make a folder for the keys: %w", err)
	}
	if err := writeKeys(t.keyFile()); err != nil {
		return err
	}
	keys, err := readKeys(t.keyFile())
	if err != nil {
		return err
	}
	t.store, err = store.Open(store.Config{URL: t.server.URL(), Hub: "star-house", Keys: keys, Timeout: store.PatientTimeout})
	if err != nil {
		return err
	}
	t.library = bot.NewLibrary(t.store, bundle)
	for _, who := range transcript.Staff() {
		if err := t.store.AddStaff(ctx, who); err != nil {
			return err
		}
	}
	return t.library.Publish(ctx, bundle)
}

// keyFile is where the keys of this try are.
func (t *trial) keyFile() string { return filepath.Join(t.folder, "keys.json") }

// headerTime bounds how long a browser may take to say what it wants.
const headerTime = 10 * time.Second

// serve starts the web page and prepares the service.
func (t *trial) serve(p *process, listener net.Listener) error {
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return fmt.Errorf("read the address: %w", err)
	}
	t.public = "http://localhost:" + port
	web, err := webchat.New(webchat.Config{Public: t.public, Store: t.store, Library: t.library, Log: p.logger()})
	if err != nil {
		return err
	}
	t.service, err = bot.New(bot.Config{
		Store: t.store, Library: t.library, Platforms: []bot.Platform{web}, Web: t.public, Log: p.logger(),
		TurnTime: store.PatientTimeout,
	})
	if err != nil {
		return err
	}
	t.web = newWebServer(web.Handler())
	go func() {
		if err := t.web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.failed <- fmt.Errorf("serve the web page: %w", err)
		}
	}()
	return nil
}

// welcome is the one screen that says where everything is.
func (t *trial) welcome(p *process, f scriptFolders) {
	settings := fmt.Sprintf("FRONTDOOR_REDIS_URL=%s FRONTDOOR_KEYS=%s", t.server.URL(), t.keyFile())
	if f.Scripts != "" {
		settings += " FRONTDOOR_SCRIPTS=" + absolute(f.Scripts)
	}
	if f.Locales != "" {
		settings += " FRONTDOOR_LOCALES=" + absolute(f.Locales)
	}
	fmt.Fprintf(p.stdout, `
  The front door is open on this machine. Nothing is kept when you stop it.

  The chat, as a young person sees it
      %s

  The queue, as a link worker sees it: paste into a second terminal
      %s frontdoor queue list

      then, with the same settings in front and the reference of the list:
      frontdoor queue claim REF --as sam
      frontdoor queue show  REF --as sam
      echo "Hi, I'm Sam" | frontdoor queue reply REF --as sam

  Not installed? Write "go run ./cmd/frontdoor" in place of "frontdoor".
  Staff: sam and jo (workers), cory (coordinator), dee (duty).

  Stop with Ctrl-C.

`, t.public, settings)
}

// absolute is a path that works from anywhere.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// close ends what was begun, the last first.
func (t *trial) close() error {
	var err error
	if t.web != nil {
		err = t.web.Close()
	}
	if t.store != nil {
		err = errors.Join(err, t.store.Close())
	}
	if t.server != nil {
		t.server.Close()
	}
	if t.folder != "" {
		err = errors.Join(err, os.RemoveAll(t.folder))
	}
	return err
}
