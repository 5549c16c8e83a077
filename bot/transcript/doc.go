// Package transcript runs conversations that are written down as files, in the
// script's own words: what the person types and taps, what the bot says, what a
// worker does, and what must then be true. They are the tests of the scripts, and
// staff can write them.
//
// [Parse] reads a file, [NewWorld] builds a service of its own with a clock that
// the file moves, and [World.Run] plays it. Every step goes through the store, so
// each conversation is written and read back between every two steps.
//
// A [Driver] is the person's side. The one of this package hands updates to the
// service as they are; the tests of the platforms bring drivers that go through a
// fake of the platform, and play the same files.
package transcript
