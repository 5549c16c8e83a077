package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	dg "github.com/bwmarrin/discordgo"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
)

// suppressEmbeds keeps links in a message from growing pictures.
const suppressEmbeds = 4

// Send sends a message, or puts it in the place of the "thinking" of a command. A
// text that escaping made too long goes out in several; the id names them all. A
// crisis card that Discord does not take as it is goes out as bare words.
func (d *Discord) Send(ctx context.Context, chat string, m bot.Message) (string, error) {
	id, err := d.sendParts(ctx, chat, m)
	var refusal *bot.SendError
	if isHelp(m) && errors.As(err, &refusal) && refusal.Fate == bot.Rejected {
		d.c.Log.Warn("discord rejects a crisis card; it goes out as bare words", "error", err)
		id, err = d.post(ctx, chat, m.ID+"!", map[string]any{"content": m.Text, "allowed_mentions": nobody()})
		return id, classify(err)
	}
	return id, err
}

// sendParts sends a message in its parts. Only help waits here for Discord: from
// memory it is sent once and not again.
func (d *Discord) sendParts(ctx context.Context, chat string, m bot.Message) (string, error) {
	parts := written(m.Text, m.Bold, maxContent)
	var ids []string
	for i, text := range parts {
		body := map[string]any{"content": text, "allowed_mentions": nobody(), "flags": suppressEmbeds}
		if i == len(parts)-1 {
			body["components"] = d.components(m)
		}
		send := d.post
		if i == 0 {
			send = d.first
		}
		id, err := send(ctx, chat, m.ID+string(rune('a'+i%26)), body)
		if wait := waitFor(ctx, err); wait > 0 && isHelp(m) {
			pause(ctx, wait)
			id, err = send(ctx, chat, m.ID+string(rune('a'+i%26)), body)
		}
		if err != nil {
			return "", classify(err)
		}
		ids = append(ids, id)
	}
	return strings.Join(ids, " "), nil
}

// isHelp says whether a message is a crisis card.
func isHelp(m bot.Message) bool { return len(m.Reply.Blocks) > 0 && m.Reply.Class == flows.ClassCrisis }

// waitFor is how long Discord wants us to wait, if ctx lasts that long; 0 otherwise.
func waitFor(ctx context.Context, err error) time.Duration {
	var limited *dg.RateLimitError
	if !errors.As(err, &limited) {
		return 0
	}
	if until, ok := ctx.Deadline(); ok && time.Until(until) <= limited.RetryAfter {
		return 0
	}
	return limited.RetryAfter
}

// first sends what may take the place of "thinking". An attempt whose answer was
// lost is made again in the same place.
func (d *Discord) first(ctx context.Context, chat, nonce string, body map[string]any) (string, error) {
	for p := d.takePending(chat, nonce); p != nil; p = d.takePending(chat, nonce) {
		p.want()
		select {
		case <-p.given:
		case <-ctx.Done():
			return "", ctx.Err()
		}
		address := dg.EndpointWebhookMessage(d.c.Application, p.token, "@original")
		// One bucket for the chat: the address has a token of its own each time.
		id, err := d.write(ctx, call{http.MethodPatch, address, dg.EndpointChannelMessages(chat) + "@original"}, body)
		var refused *dg.RESTError
		if !errors.As(err, &refused) || refused.Response.StatusCode >= http.StatusInternalServerError {
			return id, err
		}
		// Too late for that, or it never reached Discord: as a message of its own.
		d.dropPending(chat, p)
	}
	return d.post(ctx, chat, nonce, body)
}

// post sends one message. Discord drops a second one with the same nonce, so a
// retry of an attempt whose answer was lost shows nothing twice.
func (d *Discord) post(ctx context.Context, chat, nonce string, body map[string]any) (string, error) {
	body["nonce"], body["enforce_nonce"] = nonce[max(0, len(nonce)-maxNonce):], true
	address := dg.EndpointChannelMessages(chat)
	return d.write(ctx, call{http.MethodPost, address, address}, body)
}

// maxNonce is the longest nonce, in characters.
const maxNonce = 25

// takePending is the oldest command of this chat that still shows "thinking", or
// the one whose place the message took before; nil when there is none.
func (d *Discord) takePending(chat, message string) *pendingAnswer {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prune(chat, func(p *pendingAnswer) bool { return d.c.Clock().After(p.until) })
	for _, by := range []string{message, ""} {
		if i := slices.IndexFunc(d.pending[chat], func(p *pendingAnswer) bool { return p.by == by }); i >= 0 {
			p := d.pending[chat][i]
			p.by = message
			return p
		}
	}
	return nil
}

// dropPending forgets a command.
func (d *Discord) dropPending(chat string, gone *pendingAnswer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prune(chat, func(p *pendingAnswer) bool { return p == gone })
}

// prune forgets some commands of a chat. The caller holds the lock.
func (d *Discord) prune(chat string, gone func(*pendingAnswer) bool) {
	d.pending[chat] = slices.DeleteFunc(d.pending[chat], gone)
	if len(d.pending[chat]) == 0 {
		delete(d.pending, chat)
	}
}

// maxHidden bounds how many messages are taken back at once; each is a call.
const maxHidden = 25

// Hide deletes the newest of our own messages. The person's stay: nobody but they
// can delete them. One that cannot be deleted does not save the others.
func (d *Discord) Hide(ctx context.Context, chat string, sent []string) error {
	ids := strings.Fields(strings.Join(sent, " "))
	var first error
	for _, id := range ids[max(0, len(ids)-maxHidden):] {
		err := d.remove(ctx, chat, id)
		if first == nil {
			first = err
		}
		var refusal *bot.SendError
		if ctx.Err() != nil || errors.As(err, &refusal) && refusal.Fate == bot.Gone {
			break
		}
	}
	return first
}

// remove deletes one message. It waits once if Discord asks for it: there is no
// second Hide.
func (d *Discord) remove(ctx context.Context, chat, id string) error {
	c := call{http.MethodDelete, dg.EndpointChannelMessage(chat, id), dg.EndpointChannelMessage(chat, "")}
	_, err := d.request(ctx, c, nil)
	var limited *dg.RateLimitError
	if errors.As(err, &limited) {
		pause(ctx, limited.RetryAfter)
		_, err = d.request(ctx, c, nil)
	}
	var refused *dg.RESTError
	if errors.As(err, &refused) && codeOf(refused) == codeUnknownMessage {
		return nil
	}
	return classify(err)
}

// Codes of Discord's, https://discord.com/developers/docs/topics/opcodes-and-status-codes.
const (
	codeUnknownChannel = 10003
	codeUnknownMessage = 10008
	codeMissingAccess  = 50001
	codeCannotSend     = 50007
)

// retryUnknown is how long to wait where Discord names no time.
const retryUnknown = time.Minute

// classify says what an error of the library means for the message. What it
// returns repeats nothing that Discord wrote.
func classify(err error) error {
	var limited *dg.RateLimitError
	var refused *dg.RESTError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &limited):
		return &bot.SendError{Fate: bot.RetryLater, After: max(limited.RetryAfter, time.Second/2), Code: http.StatusTooManyRequests}
	case !errors.As(err, &refused) || refused.Response == nil:
		return describe(err)
	}
	status, code := refused.Response.StatusCode, codeOf(refused)
	switch {
	case code == codeCannotSend, code == codeUnknownChannel, code == codeMissingAccess, status == http.StatusForbidden:
		return &bot.SendError{Fate: bot.Gone, Code: code}
	case status == http.StatusUnauthorized:
		return &bot.SendError{Fate: bot.RetryLater, After: retryUnknown, Code: status}
	case status >= http.StatusInternalServerError:
		return describe(err)
	}
	return &bot.SendError{Fate: bot.Rejected, Code: code}
}

// Component types and button styles of Discord's.
const (
	typeRow     = 1
	typeButton  = 2
	typeList    = 3
	stylePlain  = 2
	styleLink   = 5
	styleGo     = 1
	styleDanger = 4
)

const (
	// maxRows is how many rows a message has, and maxInRow how many buttons a row.
	maxRows  = 5
	maxInRow = 5
	// maxInList is how many options a list has.
	maxInList = 25
)

// components lays out, on a card, the link to the page with numbers; the answers, as
// buttons, as a list where several may be picked, as lists of the lines that can be
// changed; and last the row that closes every message.
func (d *Discord) components(m bot.Message) []any {
	rows := d.pageRow(m)
	picks := toPick(m.Reply)
	if len(picks) > 0 {
		rows = append(rows, pickList(picks))
	}
	rows = append(rows, d.answerRows(m, picks)...)
	for i := 0; i < len(m.Lines); i += maxInList {
		rows = append(rows, d.lineList(m.Lines[i:min(i+maxInList, len(m.Lines))], i, m.Reply.Lang))
	}
	if len(m.Last) > 0 {
		rows = append(rows, row(buttons(m.Last)...))
	}
	return rows
}

// toPick are the options of which several may be on. Each is switched by a tap,
// which is how it is known from the buttons beside it.
func toPick(r flows.Reply) []flows.Button {
	var out []flows.Button
	for _, o := range r.Options {
		if switches(o) {
			out = append(out, o)
		}
	}
	return out
}

// switches says whether a button switches an option on or off.
func switches(b flows.Button) bool {
	tap, _ := flows.ParseTap(b.Data)
	return strings.HasPrefix(tap.Index, "+") || strings.HasPrefix(tap.Index, "-")
}

// answerRows are the buttons that answer, spread evenly over the rows there are,
// and for a typed answer the one that opens a form. What is picked from a list
// needs no button, nor does being done: closing the list says that. But a list in
// which nothing was picked cannot be closed, so where that is an answer there is one.
func (d *Discord) answerRows(m bot.Message, picks []flows.Button) []any {
	var all []flows.Button
	for _, r := range m.Rows {
		for _, b := range r {
			if len(picks) == 0 || !switches(b) && (b.ID != "done" || m.Reply.None) {
				all = append(all, b)
			}
		}
	}
	out := buttons(all)
	if m.Reply.Hint != "" && len(m.Last) > 0 {
		out = append([]any{map[string]any{"type": typeButton, "style": styleGo, "label": d.word(m.Reply.Lang, "commands.type"), "custom_id": formPrefix + m.Last[0].Data}}, out...)
	}
	free := maxRows - 1 - min(len(picks), 1) - len(d.pageRow(m))
	if len(m.Lines) > 0 {
		free -= (len(m.Lines) + maxInList - 1) / maxInList
	}
	each := min(max((len(out)+free-1)/free, 1), maxInRow)
	var rows []any
	for i := 0; i < len(out); i += each {
		rows = append(rows, row(out[i:min(i+each, len(out))]...))
	}
	return rows
}

// word is a text of ours in the language of a question.
func (d *Discord) word(lang, key string) string {
	b := d.c.Library.Newest()
	return b.PageText(b.Language(lang), key)
}

// pageRow is the row of a card that opens the page on which numbers can be tapped; none
// for a message without.
func (d *Discord) pageRow(m bot.Message) []any {
	if m.Page == "" {
		return nil
	}
	return []any{row(map[string]any{"type": typeButton, "style": styleLink, "label": d.word(m.Reply.Lang, "commands.numbers"), "url": m.Page})}
}

// row is one row of components.
func row(components ...any) map[string]any {
	return map[string]any{"type": typeRow, "components": components}
}

// buttons are plain buttons; the one that gets help stands out.
func buttons(from []flows.Button) []any {
	out := make([]any, len(from))
	for i, b := range from {
		style := stylePlain
		if b.ID == "help" {
			style = styleDanger
		}
		out[i] = map[string]any{"type": typeButton, "style": style, "label": b.Label, "custom_id": b.Data}
	}
	return out
}

// pickList is a list to pick several options from; closing it is the answer.
func pickList(options []flows.Button) map[string]any {
	var list []any
	for _, o := range options {
		tap, _ := flows.ParseTap(o.Data)
		list = append(list, map[string]any{"label": o.Label, "value": strings.TrimLeft(tap.Index, "+-"), "default": o.On})
	}
	return row(map[string]any{"type": typeList, "custom_id": pickPrefix + options[0].Data, "options": list,
		"min_values": 1, "max_values": len(list)})
}

// lineList is a list of lines that can be changed.
func (d *Discord) lineList(lines []flows.Button, from int, lang string) map[string]any {
	var list []any
	for i, line := range lines {
		list = append(list, map[string]any{"label": fmt.Sprintf("%d. %s", from+i+1, line.Label), "value": line.Data})
	}
	return row(map[string]any{"type": typeList, "custom_id": fmt.Sprint(linePrefix, from), "options": list,
		"placeholder": d.word(lang, "commands.change"), "min_values": 1, "max_values": 1})
}
