package telegramtest

import (
	"fmt"
	"strings"
)

// Button is one under a message: with data, or with an address that it opens.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
	URL  string `json:"url"`
}

// problem is what Telegram would say against a button, "" for nothing. It takes no
// address of one's own machine.
func (b Button) problem() string {
	switch {
	case b.Text == "":
		return "text buttons are unallowed in the inline keyboard"
	case b.URL == "" && (len(b.Data) == 0 || len(b.Data) > 64):
		return fmt.Sprintf("button data has %d bytes", len(b.Data))
	case b.URL != "" && (b.Data != "" || !strings.HasPrefix(b.URL, "https://") || !strings.Contains(b.URL, ".")):
		return fmt.Sprintf("inline keyboard button URL %q is invalid: Wrong HTTP URL", b.URL)
	}
	return ""
}

// keyboardProblem is what Telegram would say against a keyboard, "" for nothing.
func keyboardProblem(rows [][]Button) string {
	for _, row := range rows {
		if len(row) > 8 {
			return fmt.Sprintf("a row of %d buttons", len(row))
		}
		for _, b := range row {
			if problem := b.problem(); problem != "" {
				return problem
			}
		}
	}
	return ""
}
