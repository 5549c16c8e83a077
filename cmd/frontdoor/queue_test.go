package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// TestQueueListsWhatOpens holds that one request that cannot be opened hides no other,
// and that who reads the list hears of it, beside the data.
func TestQueueListsWhatOpens(t *testing.T) {
	t.Parallel()
	p := try(t)
	p.refers("Kit")
	p.refers("Max")
	sealed := p.damage()
	for _, args := range [][]string{{"queue", "list", "--json"}, {"queue", "list"}} {
		out, errs, code := p.runs("", args...)
		if code != 0 || errs != "frontdoor: 1 request cannot be opened: run with the right key file, or look at the log\n" {
			t.Errorf("%v: exit code %d and %q", args, code, errs)
		}
		var rows []row
		switch {
		case args[len(args)-1] == "list":
			if strings.Count(out, "\n") != 2 {
				t.Errorf("the list:\n%s", out)
			}
		case json.Unmarshal([]byte(out), &rows) != nil || len(rows) != 1:
			t.Errorf("the list: %s", out)
		}
	}
	if p.damage() == sealed {
		t.Fatal("the other one was damaged once more")
	}
	out, errs, code := p.runs("", "queue", "list")
	if code != 0 || out != "" || !strings.HasPrefix(errs, "frontdoor: 2 requests cannot be opened: ") {
		t.Errorf("with none that opens: exit code %d, %q and %q", code, out, errs)
	}
}

// damage makes one open referral unreadable that is not, and returns its key.
func (p *program) damage() string {
	p.t.Helper()
	options, err := redis.ParseURL(strings.TrimPrefix(p.env[0], "FRONTDOOR_REDIS_URL="))
	must(p.t, err)
	client := redis.NewClient(options)
	defer client.Close()
	names, err := client.Keys(p.t.Context(), "fd:{*}:r:*").Result()
	must(p.t, err)
	for _, name := range names {
		if value, err := client.Get(p.t.Context(), name).Result(); err == nil && value != "damaged" {
			must(p.t, client.Set(p.t.Context(), name, "damaged", 0).Err())
			return name
		}
	}
	p.t.Fatalf("no referral among %v", names)
	return ""
}

// TestClaimTwice holds that who claims what they hold already hears that it is theirs,
// and nobody else does.
func TestClaimTwice(t *testing.T) {
	t.Parallel()
	p := try(t)
	p.refers("Kit")
	var rows []row
	must(t, json.Unmarshal([]byte(p.wants(0, "", "queue", "list", "--json")), &rows))
	ref := rows[0].Reference
	for _, want := range []string{" is yours\n", " is yours already\n", " is yours already\n"} {
		if out := p.wants(0, "", "queue", "claim", ref, "--as", "sam"); out != ref+want {
			t.Errorf("a claim brings %q, want %q", out, ref+want)
		}
	}
	p.wants(1, "", "queue", "claim", ref, "--as", "jo")
}
