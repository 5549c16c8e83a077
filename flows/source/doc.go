// Package source reads the YAML files that staff write and remembers where
// every word of them stands, so that each refusal can say file, line, column
// and what to do about it.
//
// Start with [Read], which turns one file into a tree of [Node], and with the
// Node methods (Fields, Text, Int, List …), which take the tree apart and add
// what is wrong to a [Problems]. It is stricter than YAML: no anchors, aliases,
// tags or merge keys, no second document, no file over [MaxBytes], because
// each of those lets one file mean something that its reader does not see.
package source
