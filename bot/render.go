package bot

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/star-house/frontdoor/flows"
)

// wideLabel is from how many UTF-16 units on a button gets a row of its own.
const wideLabel = 18

// Render makes a reply ready for a channel: one message where its limits allow,
// several where they do not, with the buttons under the last.
func Render(r flows.Reply, to Channel) []Message {
	parts := pages(r, to.MaxText)
	last := &parts[len(parts)-1]
	last.Reply = r
	last.Rows = rows(r.Options, to.MaxLabel)
	for _, b := range r.Blocks {
		for _, line := range b.Lines {
			last.Lines = append(last.Lines, fit(line.Change, to.MaxLabel))
		}
	}
	if hasNumbers(r) {
		last.Page = to.HelpPage
	}
	for _, b := range r.Last {
		last.Last = append(last.Last, fit(b, to.MaxLabel))
	}
	return parts
}

// hasNumbers says whether a reply is a card with numbers to call or text.
func hasNumbers(r flows.Reply) bool {
	if r.Class != flows.ClassCrisis {
		return false
	}
	return slices.ContainsFunc(r.Blocks, func(b flows.Block) bool {
		return slices.ContainsFunc(b.Links, func(l flows.Link) bool {
			return strings.HasPrefix(l.Href, "tel:") || strings.HasPrefix(l.Href, "sms:")
		})
	})
}

// pages lays the blocks out as text, in as few messages as the limit allows.
func pages(r flows.Reply, most int) []Message {
	out := []Message{{}}
	for i, block := range r.Blocks {
		for j, piece := range pieces(block, most) {
			page := &out[len(out)-1]
			gap := "\n\n"
			if j > 0 || (i == 1 && r.From != "") {
				gap = "\n"
			}
			if page.Text == "" {
				gap = ""
			}
			if most > 0 && page.Text != "" && units(page.Text+gap+piece.text) > most {
				out = append(out, Message{})
				page, gap = &out[len(out)-1], ""
			}
			at := units(page.Text + gap)
			page.Text += gap + piece.text
			if piece.bold > 0 {
				page.Bold = append(page.Bold, Span{From: at + piece.from, Length: piece.bold})
			}
		}
	}
	return out
}

// piece is a part of a block that is not torn apart unless it is too long by
// itself; bold is how many of its units, from a place on, stand out.
type piece struct {
	text       string
	from, bold int
}

// pieces are the parts of a block: its text, its links, its lines.
func pieces(b flows.Block, most int) []piece {
	var out []piece
	for _, text := range cut(b.Text, most) {
		p := piece{text: text}
		if b.Key == "bot.worker_says" {
			p.bold = units(text)
		}
		out = append(out, p)
	}
	for _, link := range b.Links {
		out = append(out, piece{text: "• " + link.Text})
	}
	for i, line := range b.Lines {
		number := strconv.Itoa(i+1) + ". "
		for j, text := range cut(number+line.Label+": "+line.Text, most) {
			p := piece{text: text}
			if j == 0 {
				p.from, p.bold = units(number), units(line.Label)
			}
			out = append(out, p)
		}
	}
	return out
}

// cut breaks a text that is too long for one message, at a space where there is
// one in the last part.
func cut(text string, most int) []string {
	var out []string
	for most > 0 && units(text) > most {
		end, size := 0, 0
		for i, r := range text {
			n := utf16.RuneLen(r)
			if size+n > most {
				break
			}
			size += n
			end = i + len(string(r))
		}
		if space := strings.LastIndexAny(text[:end], " \n"); space > end/2 {
			end = space + 1
		}
		out = append(out, strings.TrimRight(text[:end], " \n"))
		text = text[end:]
	}
	return append(out, text)
}

// units is the length of a text as the platforms count it.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// rows lays options out: short labels share a row, two by two, long ones stand
// alone, in the order of the script.
func rows(options []flows.Button, most int) [][]flows.Button {
	var out [][]flows.Button
	for i, b := range options {
		b = fit(b, most)
		n := len(out)
		short := units(b.Label) < wideLabel
		if short && i > 0 && len(out[n-1]) == 1 && units(out[n-1][0].Label) < wideLabel {
			out[n-1] = append(out[n-1], b)
			continue
		}
		out = append(out, []flows.Button{b})
	}
	return out
}

// fit marks a button that is on and keeps its label within the limit.
func fit(b flows.Button, most int) flows.Button {
	if b.On {
		b.Label = "✓ " + b.Label
	}
	if most > 0 && units(b.Label) > most {
		b.Label = cut(b.Label, most-1)[0] + "…"
	}
	return b
}
