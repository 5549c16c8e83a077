package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

const (
	// ackTime is how long the call that gives the first answer may take; 3 s after
	// an interaction Discord shows a failure.
	ackTime = 2500 * time.Millisecond
	// takeTime is how long after it may pass until the interaction is taken in.
	takeTime = 1500 * time.Millisecond
	// answerLife is how long an interaction can still be answered (15 min), with
	// some time to spare.
	answerLife = 14 * time.Minute
)

// Prefixes of our custom ids, beside plain button data.
const (
	formPrefix = "form:" // a button that opens a form, and the form itself
	pickPrefix = "pick:" // a list to pick several from
	linePrefix = "line:" // a list of lines to change
)

// pendingAnswer is a command whose answer shows "thinking" until our message takes
// its place.
type pendingAnswer struct {
	token string
	until time.Time
	// given is closed when the first answer was given, or could not be; before that
	// nothing can take its place.
	given chan struct{}
	// wanted is closed when a message is ready to take its place.
	wanted chan struct{}
	want   func()
	// by is the message that took its place, or tried to: it may try again.
	by string
}

// firstAnswer is what an interaction is answered with at once, and the update that
// comes of it; an update without a chat is none.
type firstAnswer struct {
	body map[string]any
	in   bot.Inbound
	// open is the user for whom a private chat is opened.
	open string
}

// onInteraction answers an interaction and queues what it means. It is called by
// the library while it reads the socket, so it must not wait.
func (d *Discord) onInteraction(ctx context.Context, i *dg.Interaction) {
	a, ok := d.decide(i)
	if !ok {
		return
	}
	p := d.thinks(i, a)
	taken := d.follow(ctx, a)
	if taken == nil && a.in.Chat != "" {
		a = d.refused(i, a)
	}
	d.acks.Go(func() {
		p.untilTaken(a, taken)
		err := d.callback(ctx, i, a.body)
		if err != nil {
			d.c.Log.Warn("answer an interaction", "error", describe(err))
		}
		close(p.given)
	})
}

// waits says whether an interaction is confirmed only after it was taken in.
func waits(a firstAnswer) bool {
	kind, _ := a.body["type"].(int)
	return (kind == answerUpdate || kind == answerLater) && a.in.Chat != ""
}

// untilTaken waits until a button, a form or a command has been taken in, so that
// nothing is confirmed that a crash could still lose, but not so long that Discord
// gives up: also when the program stops, and not once there is a message to show.
func (p *pendingAnswer) untilTaken(a firstAnswer, taken <-chan struct{}) {
	if !waits(a) {
		return
	}
	late := time.NewTimer(takeTime)
	defer late.Stop()
	select {
	case <-taken:
	case <-p.wanted:
	case <-late.C:
	}
}

// maxPending bounds the chats whose "thinking" is remembered.
const maxPending = 20_000

// thinks is what is known of a first answer until it was given; one that shows
// "thinking" is remembered. Who gives the answer closes given.
func (d *Discord) thinks(i *dg.Interaction, a firstAnswer) *pendingAnswer {
	p := &pendingAnswer{token: i.Token, until: d.c.Clock().Add(answerLife), given: make(chan struct{}), wanted: make(chan struct{})}
	p.want = sync.OnceFunc(func() { close(p.wanted) })
	if kind, _ := a.body["type"].(int); kind != answerLater || a.in.Chat == "" {
		return p
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.pending) >= maxPending {
		clear(d.pending)
	}
	d.pending[a.in.Chat] = append(d.pending[a.in.Chat], p)
	return p
}

// refused is the answer to an interaction for which there is no room: word of the
// trouble, or the card when what was typed calls for help.
func (d *Discord) refused(i *dg.Interaction, a firstAnswer) firstAnswer {
	d.mu.Lock()
	d.pending[a.in.Chat] = slices.DeleteFunc(d.pending[a.in.Chat], func(p *pendingAnswer) bool { return p.token == i.Token })
	if len(d.pending[a.in.Chat]) == 0 {
		delete(d.pending, a.in.Chat)
	}
	d.mu.Unlock()
	tap, _ := flows.ParseTap(a.in.Tap)
	reply, _ := flows.Fallback(d.c.Library.Newest(), flows.Input{Channel: Name, Locale: a.in.Locale, Text: a.in.Text, Tap: tap})
	return firstAnswer{body: map[string]any{"type": answerNow, "data": d.cardNow(reply)}}
}

// cardNow is a card as the first answer to an interaction: its words, and the page with
// numbers to tap.
func (d *Discord) cardNow(card flows.Reply) map[string]any {
	m := bot.Render(card, d.Channel())[0]
	data := map[string]any{"content": written(m.Text, m.Bold, maxContent)[0], "allowed_mentions": nobody()}
	if page := d.pageRow(m); len(page) > 0 {
		data["components"] = page
	}
	return data
}

// follow queues what an interaction means. What it returns is closed when that has
// been taken in; nil when there is nothing to take in, or no room.
func (d *Discord) follow(ctx context.Context, a firstAnswer) (taken <-chan struct{}) {
	switch {
	case a.open != "":
		d.acks.Go(func() { d.openPrivate(ctx, a) })
	case a.in.Chat != "":
		return d.queue(ctx, a.in)
	}
	return nil
}

// Kinds of first answers, https://discord.com/developers/docs/interactions/receiving-and-responding.
const (
	answerPong   = 1
	answerNow    = 4
	answerLater  = 5
	answerUpdate = 6
	answerForm   = 9
)

// ephemeral is the flag of an answer that only the asker sees.
const ephemeral = 64

// decide reads an interaction; false for one that is not ours to answer.
func (d *Discord) decide(i *dg.Interaction) (firstAnswer, bool) {
	if i == nil || i.ID == "" || i.Data == nil || (i.User == nil && i.Member == nil) {
		return firstAnswer{}, false
	}
	in := bot.Inbound{Channel: Name, Chat: i.ChannelID, Update: "i" + i.ID, Locale: string(i.Locale)}
	if i.GuildID != "" || i.User == nil {
		in.Chat = "" // theirs is not known yet
		return d.inServer(i, in), true
	}
	switch data := i.Data.(type) {
	case dg.ApplicationCommandInteractionData:
		return firstAnswer{body: map[string]any{"type": answerLater}, in: fromCommand(in, data)}, true
	case dg.MessageComponentInteractionData:
		return d.fromComponent(in, data), true
	case dg.ModalSubmitInteractionData:
		in.Happening, in.Text = flows.Typed, formText(data)
		in.Tap = strings.TrimPrefix(data.CustomID, formPrefix)
		return firstAnswer{body: map[string]any{"type": answerUpdate}, in: in}, true
	}
	return firstAnswer{}, false
}

// fromCommand is a slash command as if it had been typed.
func fromCommand(in bot.Inbound, data dg.ApplicationCommandInteractionData) bot.Inbound {
	in.Happening, in.Text = flows.Typed, "/"+data.Name
	for _, o := range data.Options {
		if code, ok := o.Value.(string); ok && o.Name == sourceOption {
			in.Text += " " + code
		}
	}
	return in
}

// fromComponent is a button, a list, or a button that opens a form.
func (d *Discord) fromComponent(in bot.Inbound, data dg.MessageComponentInteractionData) firstAnswer {
	if tap, ok := strings.CutPrefix(data.CustomID, formPrefix); ok {
		return firstAnswer{body: d.form(tap, in.Locale)}
	}
	in.Happening, in.Tap = flows.Tapped, data.CustomID
	if like, ok := strings.CutPrefix(data.CustomID, pickPrefix); ok {
		in.Tap = picked(like, data.Values)
	} else if strings.HasPrefix(data.CustomID, linePrefix) && len(data.Values) == 1 {
		in.Tap = data.Values[0]
	}
	return firstAnswer{body: map[string]any{"type": answerUpdate}, in: in}
}

// picked is the tap that a list stands for, "" when the list is odd.
func picked(like string, values []string) string {
	var places []int
	for _, v := range values {
		n, err := strconv.Atoi(v)
		if err != nil {
			return ""
		}
		places = append(places, n)
	}
	tap, _ := flows.SetTap(like, places)
	return tap
}

// form is a form with one field, for an answer that is typed. What is typed there
// does not stand in the chat.
func (d *Discord) form(tap, locale string) map[string]any {
	b := d.c.Library.Newest()
	label := b.PageText(b.Language(locale), "commands.type")
	field := map[string]any{"type": 4, "custom_id": "text", "style": 2, "label": label, "min_length": 1, "max_length": 2000, "required": true}
	return map[string]any{"type": answerForm, "data": map[string]any{"custom_id": formPrefix + tap, "title": label,
		"components": []any{map[string]any{"type": 1, "components": []any{field}}}}}
}

// formText is what was typed into a form.
func formText(data dg.ModalSubmitInteractionData) string {
	for _, row := range data.Components {
		if r, ok := row.(*dg.ActionsRow); ok {
			for _, c := range r.Components {
				if field, ok := c.(*dg.TextInput); ok {
					return field.Value
				}
			}
		}
	}
	return ""
}

// inServer answers so that nobody else sees it: with the numbers, or with where to
// talk. A start also opens the private chat.
func (d *Discord) inServer(i *dg.Interaction, in bot.Inbound) firstAnswer {
	b := d.c.Library.Newest()
	lang := b.Language(in.Locale)
	say := func(text string) map[string]any {
		return map[string]any{"type": answerNow, "data": map[string]any{"content": text, "flags": ephemeral, "allowed_mentions": nobody()}}
	}
	data, isCommand := i.Data.(dg.ApplicationCommandInteractionData)
	if isCommand && data.Name == "help" {
		card := d.cardNow(flows.HelpCard(b, flows.Input{Channel: Name, Locale: lang}))
		card["flags"] = ephemeral
		return firstAnswer{body: map[string]any{"type": answerNow, "data": card}}
	}
	a := firstAnswer{body: say(b.PageText(lang, "commands.in_private"))}
	if isCommand && data.Name == "start" && i.Member != nil && i.Member.User != nil {
		a.open, a.in = i.Member.User.ID, fromCommand(in, data)
		_, a.in.Source, _ = strings.Cut(a.in.Text, " ")
		a.in.Happening, a.in.Text = flows.Opened, ""
	}
	return a
}

// openPrivate opens a private chat with somebody who asked for it in a server.
func (d *Discord) openPrivate(ctx context.Context, a firstAnswer) {
	c := call{http.MethodPost, dg.EndpointUserChannels("@me"), dg.EndpointUserChannels("")}
	channel, err := d.write(ctx, c, map[string]any{"recipient_id": a.open})
	if err != nil {
		d.c.Log.Warn("open a private chat", "error", describe(err))
		return
	}
	a.in.Chat = channel
	d.queue(ctx, a.in)
}

// nobody is the list of those who may be mentioned by a message of ours.
func nobody() map[string]any { return map[string]any{"parse": []string{}} }

// callback gives an interaction its first answer. It does not go through the
// library, which would keep a rate-limit bucket for each interaction for ever.
// It is given also while the program stops: nobody else can.
func (d *Discord) callback(ctx context.Context, i *dg.Interaction, body map[string]any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTime)
	defer cancel()
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, dg.EndpointInteractionResponse(i.ID, i.Token), bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("answer an interaction: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", d.rest.UserAgent)
	response, err := d.client.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return &dg.RESTError{Request: request, Response: response}
	}
	return nil
}
