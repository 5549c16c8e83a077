package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Line is one line of the audit: who did what to which referral. It has no room
// for content.
type Line struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	// Reference is "" for what is not about a referral.
	Reference string `json:"reference,omitempty"`
	// By is a staff id, "person" or "frontdoor".
	By string `json:"by"`
}

// Audit adds a line that belongs to no turn, such as that somebody looked.
func (s *Store) Audit(ctx context.Context, line Line) error {
	data, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("write an audit line: %w", err)
	}
	if err := s.client.RPush(ctx, s.keys.audit(), data).Err(); err != nil {
		return fmt.Errorf("write an audit line: %w", err)
	}
	return nil
}

// AuditLines are the newest lines, oldest of them first.
func (s *Store) AuditLines(ctx context.Context, most int) ([]Line, error) {
	rows, err := s.client.LRange(ctx, s.keys.audit(), int64(-most), -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	out := make([]Line, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row), &out[i]); err != nil {
			return nil, fmt.Errorf("read the audit, line %d: %w", i+1, err)
		}
	}
	return out, nil
}

// Counts are the anonymous counts of the month of a time.
func (s *Store) Counts(ctx context.Context, at time.Time) (map[string]string, error) {
	out, err := s.client.HGetAll(ctx, s.keys.counts(at)).Result()
	if err != nil {
		return nil, fmt.Errorf("read the counts: %w", err)
	}
	return out, nil
}
