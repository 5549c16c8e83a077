package main

import (
	"strings"
	"testing"
	"time"

	"github.com/star-house/frontdoor/bot"
	"github.com/star-house/frontdoor/flows"
	"github.com/star-house/frontdoor/store"
)

// TestShowSaysWhoOpenedIt holds that `queue show` prints who opened a referral, and
// nothing about it where no such list is kept.
func TestShowSaysWhoOpenedIt(t *testing.T) {
	t.Parallel()
	file := bot.File{Referral: flows.Referral{Reference: "K7QM-2PXD", Lane: flows.LaneDuty}}
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for want, readers := range map[string][]store.Line{
		"\nWho opened it\n  2026-11-23T10:00:00Z  read by dee\n": {{At: at, What: "read", Reference: "K7QM-2PXD", By: "dee"}},
		"\nTimeline\n": nil,
	} {
		file.Readers = readers
		var out strings.Builder
		must(t, (&process{stdout: &out}).printFull(fullRowOf(file)))
		if !strings.HasSuffix(out.String(), want) {
			t.Errorf("it prints %q, which does not end with %q", out.String(), want)
		}
	}
}
