package flows

import (
	"encoding/json"
	"fmt"
)

// storedFormat is the version of the stored form of conversations and referrals.
// A newer program reads older forms; an older one refuses a newer form rather
// than lose what it does not know.
const storedFormat = '1'

// Encode is the stored form of a conversation: a version and compact JSON.
func (c Conversation) Encode() ([]byte, error) { return encode(c) }

// DecodeConversation reads a stored form. What it returns is checked for shape;
// whether its places exist depends on the bundle, and Advance looks after that.
func DecodeConversation(data []byte) (Conversation, error) {
	var c Conversation
	if err := decode(data, &c); err != nil {
		return Conversation{}, fmt.Errorf("read a stored conversation: %w", err)
	}
	for _, e := range c.Journal {
		if len(e.At) == 0 {
			return Conversation{}, fmt.Errorf("read a stored conversation: an answer without a place")
		}
	}
	return c, nil
}

// Encode is the stored form of a referral.
func (r Referral) Encode() ([]byte, error) { return encode(r) }

// DecodeReferral reads a stored form.
func DecodeReferral(data []byte) (Referral, error) {
	var r Referral
	if err := decode(data, &r); err != nil {
		return Referral{}, fmt.Errorf("read a stored referral: %w", err)
	}
	return r, nil
}

// encode puts the version before the JSON.
func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a stored form: %w", err)
	}
	return append([]byte{storedFormat}, data...), nil
}

// decode checks the version and reads the JSON.
func decode(data []byte, into any) error {
	if len(data) == 0 || data[0] != storedFormat {
		return fmt.Errorf("the form is not version %c", storedFormat)
	}
	return json.Unmarshal(data[1:], into)
}
