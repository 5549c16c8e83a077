package flows

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
)

// Files is what the bundle was parsed from, to be kept with it.
func (b *Bundle) Files() Files { return b.files }

// Languages are those that a young person may choose, the default first.
func (b *Bundle) Languages() []string { return slices.Clone(b.bot.live) }

// Under is the bundle with the safety of a newer one: crisis cards, crisis
// words and the words that stop and delete always come from the newest, while
// everything else stays as the conversation began.
func (b *Bundle) Under(newest *Bundle) *Bundle {
	if newest == nil || newest.Hash == b.Hash {
		return b
	}
	merged := *b
	merged.cards, merged.screener = newest.cards, newest.screener
	merged.Words = b.Words.under(newest.Words)
	merged.flows = maps.Clone(b.flows)
	merged.flows[crisisFlow] = newest.flows[crisisFlow]
	merged.bot.targets = maps.Clone(b.bot.targets)
	merged.bot.targets[OnCrisis] = newest.bot.targets[OnCrisis]
	merged.bot.targets[OnConcern] = newest.bot.targets[OnConcern]
	return &merged
}

// state is the state that a frame names, nil when the bundle has none.
func (b *Bundle) state(f Frame) *state {
	fl := b.flows[f.Flow]
	if fl == nil {
		return nil
	}
	return fl.states[f.State]
}

// hash is the canonical SHA-256 of the files: sorted paths, each with the length
// of what follows, so that no two sets of files share one.
func (f Files) hash() string {
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
