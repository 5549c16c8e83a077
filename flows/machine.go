package flows

import (
	"context"
	"errors"
	"fmt"

	"github.com/looplab/fsm"
)

// transition is one arrow: an event leads from one place to another.
type transition struct{ event, from, to string }

// fire says where an event leads. It builds a machine of the given arrows only
// and throws it away: building one is cheap while it is small, and the library's
// machines must be neither shared nor used again after an error.
func fire(from, event string, arrows []transition) (string, error) {
	events := make(fsm.Events, len(arrows))
	for i, a := range arrows {
		events[i] = fsm.EventDesc{Name: a.event, Src: []string{a.from}, Dst: a.to}
	}
	machine := fsm.NewFSM(from, events, nil)
	err := machine.Event(context.Background(), event)
	var stays fsm.NoTransitionError
	if err != nil && !errors.As(err, &stays) {
		return "", fmt.Errorf("event %s at %s: %w", event, from, err)
	}
	return machine.Current(), nil
}

// arrows are the transitions that leave a state.
func (st *state) arrows() []transition {
	out := make([]transition, 0, len(st.exits))
	for event, to := range st.exits {
		out = append(out, transition{event, st.name, to})
	}
	return out
}
