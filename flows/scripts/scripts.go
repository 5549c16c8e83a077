// Package scripts holds the conversations that ship, as files that staff edit:
// bot.yaml (what holds everywhere), hub.yaml (what the hub decides), one file a
// flow, the crisis cards, and the transcripts that test them.
package scripts

import "embed"

// FS holds the files as they stand in this folder.
//
//go:embed *.yaml crisis/*.yaml transcripts/*.yaml
var FS embed.FS
