package bot

import (
	"context"
	"log/slog"
	"time"

	"github.com/star-house/frontdoor/store"
)

// recallFor is how far back a platform looks for messages that were written while
// nobody received.
const recallFor = 7 * 24 * time.Hour

// KnownChat is a chat of which a platform may have to fetch what it missed.
type KnownChat struct {
	Chat string
	// Seen are the ids of the last updates that were taken.
	Seen []string
}

// Recall lists the chats of a channel in which something was going on lately. That some
// cannot be told, because their data cannot be opened, goes to the log.
func Recall(st *store.Store, channel string, clock func() time.Time, log *slog.Logger) func(context.Context) ([]KnownChat, error) {
	return func(ctx context.Context) ([]KnownChat, error) {
		people, unreadable, err := st.Known(ctx, channel, clock().Add(-recallFor))
		if err != nil {
			return nil, err
		}
		if unreadable > 0 {
			log.Warn("chats whose data cannot be opened are not recalled", "channel", channel, "count", unreadable)
		}
		out := make([]KnownChat, len(people))
		for i, sn := range people {
			out[i] = KnownChat{Chat: sn.Conversation.Address, Seen: sn.Conversation.Seen}
		}
		return out, nil
	}
}
