package telegram

import "net/http"

// NewOver makes the Telegram chat over a transport that a test answers.
func NewOver(c Config, transport http.RoundTripper) (*Telegram, error) {
	return newTelegram(c, transport)
}
