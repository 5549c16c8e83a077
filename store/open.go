package store

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

//go:embed lua/take.lua
var takeLua string

//go:embed lua/sent.lua
var sentLua string

//go:embed lua/later.lua
var laterLua string

//go:embed lua/hasten.lua
var hastenLua string

//go:embed lua/ticket.lua
var ticketLua string

//go:embed lua/lead.lua
var leadLua string

//go:embed lua/alert.lua
var alertLua string

//go:embed lua/note.lua
var noteLua string

// Config says where the store is and whose it is.
type Config struct {
	// URL is redis://, rediss:// or unix://; several addresses separated by commas
	// are a cluster; ?pool_size=N allows N connections.
	URL string
	// Hub is in the hash tag of every key: lower-case letters, digits and -.
	Hub  string
	Keys *Keys
	// Timeout is how long one command may take; 0 is a second. A turn that waits
	// longer is answered from memory instead, so it is short.
	Timeout time.Duration
}

// defaultTimeout is that of a Redis beside the program.
const defaultTimeout = time.Second

// PatientTimeout suits a store inside the process: nothing is gained by giving up
// on oneself when the machine is busy.
const PatientTimeout = 20 * time.Second

// Store is one hub's store. Its methods may be used by many goroutines.
type Store struct {
	client  redis.UniversalClient
	keys    keys
	vault   *Keys
	moved   moved
	scripts struct {
		commit, ticket, note                   *redis.Script
		take, sent, later, hasten, lead, alert *freeing
	}
}

// Open prepares a store. It does not wait for Redis: see Ping.
func Open(c Config) (*Store, error) {
	if c.Keys == nil {
		return nil, errors.New("open the store: no keys")
	}
	if strings.Trim(c.Hub, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || c.Hub == "" {
		return nil, fmt.Errorf("open the store: the hub %q should be lower-case letters, digits and -", c.Hub)
	}
	options, err := parseURL(c.URL)
	if err != nil {
		return nil, err
	}
	options.ReadTimeout = cmp.Or(c.Timeout, defaultTimeout)
	options.WriteTimeout, options.DialTimeout, options.PoolTimeout = options.ReadTimeout, options.ReadTimeout, 2*options.ReadTimeout
	s := &Store{client: redis.NewUniversalClient(options), keys: keys{hub: c.Hub}, vault: c.Keys}
	s.scripts.commit = redis.NewScript(commitLua)
	s.scripts.take = newFreeing(takeLua)
	s.scripts.sent = newFreeing(sentLua)
	s.scripts.later = newFreeing(laterLua)
	s.scripts.hasten = newFreeing(hastenLua)
	s.scripts.lead = newFreeing(leadLua)
	s.scripts.ticket = redis.NewScript(ticketLua)
	s.scripts.alert = newFreeing(alertLua)
	s.scripts.note = redis.NewScript(noteLua)
	return s, nil
}

// parseURL reads an address or a list of them. Its errors leave out the URL,
// which may hold a password.
func parseURL(raw string) (*redis.UniversalOptions, error) {
	first, rest, cluster := strings.Cut(raw, ",")
	one, err := redis.ParseURL(first)
	if err != nil {
		var bad *url.Error
		if errors.As(err, &bad) {
			err = bad.Err
		}
		return nil, fmt.Errorf("read the Redis address: %w (write redis://host:6379, rediss://… or unix:///path)", err)
	}
	o := &redis.UniversalOptions{
		Addrs: []string{one.Addr}, DB: one.DB, Username: one.Username, Password: one.Password, TLSConfig: one.TLSConfig,
		PoolSize: one.PoolSize, // 0: ten for each processor
		// A write that was cut off may have happened: it is never repeated blindly.
		MaxRetries:               -1,
		DialerRetries:            1,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if one.Network == "unix" {
		o.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", one.Addr)
		}
	}
	if !cluster {
		return o, nil
	}
	o.IsClusterMode = true
	for host := range strings.SplitSeq(rest, ",") {
		if _, _, err := net.SplitHostPort(host); err != nil {
			return nil, fmt.Errorf("read the Redis address: %q should be host:port", host)
		}
		o.Addrs = append(o.Addrs, host)
	}
	return o, nil
}

// Ping says whether Redis answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	return nil
}

// Close lets go of the connections.
func (s *Store) Close() error {
	if err := s.client.Close(); err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// Derive is a secret for a purpose, from the key file.
func (s *Store) Derive(purpose ...string) (string, error) { return s.vault.Derive(purpose...) }

// Person is whom a platform's id stands for: the same id on the same channel is
// the same person, and nothing leads back without the key file.
func (s *Store) Person(channel, id string) (Person, error) {
	name, err := s.vault.Derive("address", channel, id)
	return Person(name), err
}
