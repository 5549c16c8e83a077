// Package locales holds every sentence that a person reads, as files that staff
// and translators edit: LANG/FLOW.yaml for the words of a flow, and LANG/crisis
// for the words that call for help. It hands out bytes and knows nothing of what
// they mean.
package locales

import "embed"

// FS holds the files as they stand in this folder.
//
//go:embed */*.yaml */crisis/*.yaml
var FS embed.FS
