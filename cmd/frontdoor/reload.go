package main

import (
	"context"
	"fmt"
	"time"

	"github.com/star-house/frontdoor/flows"
)

// reloadEvery is how often the folders are looked at.
const reloadEvery = time.Second

// reload publishes the scripts whenever a file was saved. Scripts with problems
// are named and left alone: what ran before goes on.
func (t *trial) reload(ctx context.Context, p *process, f scriptFolders) {
	tick := time.NewTicker(reloadEvery)
	defer tick.Stop()
	last := t.library.Newest().Hash
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		files, _, err := f.read()
		if err != nil || files.Hash() == last {
			continue
		}
		last = files.Hash()
		b, problems := flows.Parse(files)
		if b == nil {
			fmt.Fprintf(p.stderr, "%v\nnot used: %d problems\n", problems.Errors(), len(problems.Errors()))
			continue
		}
		if err := t.library.Publish(ctx, b); err != nil {
			fmt.Fprintln(p.stderr, "frontdoor:", err)
			continue
		}
		fmt.Fprintln(p.stderr, "The scripts were read again.")
	}
}
