package discord

import (
	"encoding/json"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/bot"
)

// Meaning is what a payload of Discord's means: the updates, and how it would be
// answered.
type Meaning struct {
	Updates []bot.Inbound
	Answer  map[string]any
}

// Decode reads a payload as a message, as a changed one and as an interaction. It
// goes on after an error, as the library does: then some of it is missing.
func (d *Discord) Decode(payload []byte) Meaning {
	var out Meaning
	for _, edited := range []bool{false, true} {
		var m dg.MessageCreate
		_ = json.Unmarshal(payload, &m)
		if in, ok := decodeMessage(m.Message, edited); ok {
			out.Updates = append(out.Updates, in)
		}
	}
	var i dg.InteractionCreate
	_ = json.Unmarshal(payload, &i)
	if a, ok := d.decide(i.Interaction); ok {
		out.Answer = a.body
		if a.in.Chat != "" {
			out.Updates = append(out.Updates, a.in)
		}
	}
	return out
}

// Waits is how many rate-limit buckets are remembered.
func (d *Discord) Waits() int {
	d.limits.mu.Lock()
	defer d.limits.mu.Unlock()
	return len(d.limits.buckets)
}
