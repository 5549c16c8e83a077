package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	dg "github.com/bwmarrin/discordgo"
)

// callTime bounds one call of Discord's REST interface.
const callTime = 10 * time.Second

// newTransport keeps as many connections as are in use at once.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 100, 100
	return transport
}

// rewriting sends the library's calls, whose addresses are fixed, to the base
// address of the settings.
type rewriting struct {
	base *url.URL
	next http.RoundTripper
}

// RoundTrip changes where a call goes. A wait for the whole bot comes with a header
// that the library does not read, and leaves with the one that it does.
func (r rewriting) RoundTrip(request *http.Request) (*http.Response, error) {
	to := request.Clone(request.Context())
	to.URL.Scheme, to.URL.Host, to.Host = r.base.Scheme, r.base.Host, r.base.Host
	to.URL.Path = r.base.Path + request.URL.Path
	response, err := r.next.RoundTrip(to)
	if err != nil {
		return nil, err
	}
	if h := response.Header; h.Get("X-RateLimit-Global") != "" && h.Get("X-RateLimit-Reset-After") == "" && h.Get("Retry-After") != "" {
		h.Set("X-RateLimit-Reset-After", h.Get("Retry-After"))
	}
	return response, nil
}

// limits are the waits that Discord asked for: in one rate-limit bucket, or of the
// whole bot. Only those that are not over yet are kept.
type limits struct {
	mu      sync.Mutex
	buckets map[string]time.Time // until when
	all     time.Time
}

// newLimits waits for nothing.
func newLimits() *limits { return &limits{buckets: map[string]time.Time{}} }

// wait is how long a bucket has to wait.
func (l *limits) wait(bucket string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.buckets[bucket].Sub(now), l.all.Sub(now), 0)
}

// note keeps what an answer asked for, 0 for nothing.
func (l *limits) note(bucket string, now time.Time, wait, global time.Duration) {
	if wait <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := now.Add(global); global > 0 && until.After(l.all) {
		l.all = until
	}
	maps.DeleteFunc(l.buckets, func(_ string, until time.Time) bool { return !until.After(now) })
	l.buckets[bucket] = now.Add(wait)
}

// call is what is called, and the rate-limit bucket that it counts in.
type call struct{ method, address, bucket string }

// request makes one call. While Discord wants us to wait it is not made, and the
// answer is that of Discord itself: a *dg.RateLimitError.
//
// The library would sleep through such a wait, and let the calls of one bucket wait
// for the slowest of them; neither would end with ctx. So each call gets a limiter
// of its own, which is read afterwards and thrown away.
func (d *Discord) request(ctx context.Context, c call, body any) ([]byte, error) {
	if wait := d.limits.wait(c.bucket, d.c.Clock()); wait > 0 {
		return nil, &dg.RateLimitError{RateLimit: &dg.RateLimit{TooManyRequests: &dg.TooManyRequests{RetryAfter: wait}}}
	}
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("write a call: %w", err)
		}
	}
	limiter := dg.NewRatelimiter()
	bucket := limiter.LockBucket(c.bucket)
	answer, err := d.rest.RequestWithLockedBucket(c.method, c.address, "application/json", raw, bucket, 0, dg.WithContext(ctx))
	d.limits.note(c.bucket, d.c.Clock(), limiter.GetWaitTime(bucket, 1), limiter.GetWaitTime(bucket, 0))
	return answer, err
}

// write makes one call and returns the id of what it made or changed.
func (d *Discord) write(ctx context.Context, c call, body map[string]any) (string, error) {
	answer, err := d.request(ctx, c, body)
	if err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &made); err != nil {
		return "", fmt.Errorf("read an answer: %w", err)
	}
	return made.ID, nil
}
