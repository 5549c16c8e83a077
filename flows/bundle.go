package flows

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/star-house/frontdoor/flows/screen"
)

// Files is what the bundle was parsed from, to be kept with it.
func (b *Bundle) Files() Files { return b.files }

// Languages are those that a young person may choose, the default first.
func (b *Bundle) Languages() []string { return slices.Clone(b.bot.live) }

// Language is the first live language that a list such as a browser's
// Accept-Language asks for, the default when none is live.
func (b *Bundle) Language(accepted string) string {
	for part := range strings.SplitSeq(accepted, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if lang := b.language(strings.ToLower(tag)); lang != b.bot.live[0] {
			return lang
		}
	}
	return b.bot.live[0]
}

// PageText is a text that belongs to no conversation, with the hub's values
// filled in.
func (b *Bundle) PageText(lang, key string) string {
	t := &turn{b: b, c: &Conversation{Where: Where{Locale: lang}}}
	return t.text1(b.newKey(key))
}

// StaffText is a text of alerts.yaml with values filled in, in the first language.
func (b *Bundle) StaffText(name string, values map[string]string) string {
	text, _ := b.Words.lookup(b.bot.live[0], alertsFile+"."+name)
	return fill(text, func(name string) string { return values[name] })
}

// state is the state that a frame names, nil when the bundle has none.
func (b *Bundle) state(f Frame) *state {
	fl := b.flows[f.Flow]
	if fl == nil {
		return nil
	}
	return fl.states[f.State]
}

// Hash is the canonical SHA-256 of the files: sorted paths, each with the length
// of what follows, so that no two sets of files share one.
func (f Files) Hash() string {
	h := sha256.New()
	for _, part := range []map[string][]byte{f.Scripts, f.Locales} {
		for _, path := range slices.Sorted(maps.Keys(part)) {
			h.Write(lengthOf(path))
			h.Write([]byte(path))
			h.Write(lengthOf(part[path]))
			h.Write(part[path])
		}
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// lengthOf is a length as eight bytes.
func lengthOf[T string | []byte](v T) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(len(v)))
}

// Screen says whether a text calls for help.
func (b *Bundle) Screen(text string) screen.Verdict { return b.screener.Screen(text) }

// Explain is Screen, and names the view of the text in which the rule was found.
func (b *Bundle) Explain(text string) (screen.Verdict, string) { return b.screener.Explain(text) }
