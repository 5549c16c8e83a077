package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	dg "github.com/bwmarrin/discordgo"
)

const (
	// maxInteraction is the largest interaction that is read, in bytes.
	maxInteraction = 1 << 20
	// settleTime is how long Discord has to read the answer to a posted interaction.
	settleTime = 250 * time.Millisecond
	// maxAge is how old a signed interaction may be, either way.
	maxAge = 5 * time.Minute
)

// parseKey reads a public key in hex.
func parseKey(key string) (ed25519.PublicKey, error) {
	raw, err := hex.DecodeString(key)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, errors.New("FRONTDOOR_DISCORD_PUBLIC_KEY should be 64 hex digits, as the developer portal shows it")
	}
	return raw, nil
}

// Handler takes the interactions that Discord posts to the endpoint. A wrong
// signature, or an old one, is answered 401; Discord itself tries that.
func (d *Discord) Handler() http.Handler {
	key, err := parseKey(d.c.PublicKey)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if err != nil {
			http.NotFound(rw, r)
			return
		}
		body, status := d.signed(rw, r, key)
		if status != http.StatusOK {
			rw.WriteHeader(status)
			return
		}
		d.endpoint(rw, r, body)
	})
}

// signed reads a request and checks who wrote it, and when.
func (d *Discord) signed(rw http.ResponseWriter, r *http.Request, key ed25519.PublicKey) ([]byte, int) {
	stamp := r.Header.Get("X-Signature-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || d.c.Clock().Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return nil, http.StatusUnauthorized
	}
	signature, err := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
	if err != nil || len(signature) != ed25519.SignatureSize {
		return nil, http.StatusUnauthorized
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxInteraction))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	case !ed25519.Verify(key, append([]byte(stamp), body...), signature):
		return nil, http.StatusUnauthorized
	}
	return body, http.StatusOK
}

// endpoint has one interaction handled and answers it in the body. While
// nobody takes updates here it is not answered, and the person sees that.
func (d *Discord) endpoint(rw http.ResponseWriter, r *http.Request, body []byte) {
	var i dg.Interaction
	if err := json.Unmarshal(body, &i); err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	a := firstAnswer{body: map[string]any{"type": answerPong}}
	if i.Type != dg.InteractionPing {
		var ok bool
		if a, ok = d.decide(&i); !ok {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		if d.accept.Load() == nil {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	p := d.thinks(&i, a)
	ctx := context.WithoutCancel(r.Context())
	taken := d.follow(ctx, a)
	if taken == nil && a.in.Chat != "" {
		a = d.refused(&i, a)
	}
	p.untilTaken(a, taken)
	if err := reply(rw, a.body); err != nil {
		d.c.Log.Warn("answer an interaction", "error", describe(err))
	}
	// Discord has to have read the answer before anything may take its place.
	time.AfterFunc(settleTime, func() { close(p.given) })
}

// reply writes an answer, and sends it off: what takes its place may follow at
// once.
func reply(rw http.ResponseWriter, body map[string]any) error {
	answer, err := json.Marshal(body)
	if err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "application/json")
	if _, err := rw.Write(answer); err != nil {
		return err
	}
	return http.NewResponseController(rw).Flush()
}
