// Package webhook calls the two addresses that a hub may set: one that takes
// alerts for staff, and one of a monitor that wants to hear that the program is
// well. Both addresses are secrets: whoever knows them can write there, so no
// error repeats them.
package webhook
