package discord

import (
	"context"
	"crypto/rand"
	"net/http"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/bot"
)

// Staff alerts staff in a channel of a server. Nothing that is said there reaches
// us: the gateway is asked for direct messages alone.
type Staff struct {
	d       *Discord
	channel string
}

// Staff is a channel, by its id, in which staff are alerted. The bot has to be
// allowed to write there.
func (d *Discord) Staff(channel string) Staff { return Staff{d, channel} }

// Name is the channel's.
func (Staff) Name() string { return Name }

// Alert sends a plain message that mentions nobody.
func (s Staff) Alert(ctx context.Context, a bot.Alert) error {
	address := dg.EndpointChannelMessages(s.channel)
	body := map[string]any{"content": written(a.Text, nil, maxContent)[0], "allowed_mentions": nobody(), "flags": suppressEmbeds,
		"nonce": rand.Text()[:maxNonce], "enforce_nonce": true}
	_, err := s.d.write(ctx, call{http.MethodPost, address, address}, body)
	return classify(err)
}
