// Package hub holds what one hub decides for itself: ages, area, hours,
// clocks, limits and contacts, all of it data with an owner and a date in
// hub.yaml, none of it a constant in code.
//
// Start with [Parse] and [Hub]. Calendar questions (is anybody there now, when
// are two working days over) are methods of Hub; they take the time as an
// argument and never ask for it.
package hub
