package bot

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/star-house/frontdoor/flows"
)

// alphabet has the letters and digits that can be read aloud and not mistaken
// for one another: no 0 and O, no 1, I and L, no U and V.
const alphabet = "23456789ABCDEFGHJKMNPQRSTWXYZ"

// draw is n characters of the alphabet, each equally likely.
func draw(n int) string {
	const even = 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	for len(out) < n {
		var b [32]byte
		_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
		for _, x := range b {
			if int(x) < even && len(out) < n {
				out = append(out, alphabet[int(x)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// token is 128 random bits, in hex.
func token() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// fresh draws the names that one turn may need.
func (s *turns) fresh(returnToken, pageToken string) flows.Fresh {
	reference := draw(8)
	f := flows.Fresh{Conversation: draw(8), Reference: reference[:4] + "-" + reference[4:], Web: s.web}
	if s.web != "" {
		f.Return, f.Page = s.web+"/r/"+returnToken, s.web+"/p/"+pageToken
	}
	return f
}
