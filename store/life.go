package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// over is a referral that is over.
type over struct {
	Reference string `json:"r"`
	// Purge is when it may be purged, in microseconds.
	Purge int64 `json:"p"`
}

// readOver reads which referrals of a person are over; value is nil when none is.
func readOver(value any) (list []over, revision string, err error) {
	text, ok := value.(string)
	if !ok {
		return nil, "", nil
	}
	revision, data, err := split(text)
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	return list, revision, err
}

// setOver stores which referrals of a person are over, if it still is what was read.
func (t *txn) setOver(name string, list []over, read string) error {
	t.expect(name, read)
	if len(list) == 0 {
		t.do("DEL", name)
		return nil
	}
	data, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("write which referrals are over: %w", err)
	}
	t.do("SET", name, nextRevision(read)+string(data))
	return nil
}

// ended are the person's referrals that are over after the turn.
func (c *commit) ended() []over {
	if c.turn.Erase {
		return nil
	}
	if r := c.turn.Referral; r != nil && r.Status.Over() {
		return append(slices.Clone(c.turn.From.over), over{r.Reference, micros(c.turn.At.Add(c.turn.PurgeAfter))})
	}
	return c.turn.From.over
}

// open says whether a referral is open after the turn.
func (c *commit) open() bool {
	r := c.turn.Referral
	if r == nil {
		r = c.turn.From.Referral
	}
	return r != nil && !r.Status.Over() && !c.turn.Erase
}

// writeKey stores a new data key, or keeps the old one as long as it is needed. Its
// life is only ever made longer, until a referral that kept it for ever is over.
func (c *commit) writeKey() error {
	name, fresh := c.s.keys.dataKey(c.turn.From.Person), c.turn.renews() || c.turn.From.fresh
	if fresh {
		c.tx.do("SET", name, c.key.wrapped)
	}
	switch {
	case c.turn.Keep == 0 || c.open():
		c.tx.do("PERSIST", name)
	case fresh || c.turn.From.Referral != nil:
		c.tx.do("PEXPIRE", name, c.needed().Milliseconds())
	default:
		c.tx.do("PEXPIRE", name, c.needed().Milliseconds(), "GT")
	}
	return nil
}

// needed is how long the data key is needed after a turn that leaves no referral open.
func (c *commit) needed() time.Duration {
	life := max(c.turn.Keep+slack, keyLife)
	for _, o := range c.over {
		life = max(life, time.UnixMicro(o.Purge).Sub(c.turn.At)+slack)
	}
	return life
}
