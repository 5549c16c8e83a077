package source

import "slices"

// Near is the candidate that a person most probably meant when writing word:
// one slip away (a letter missing, added, changed, or two swapped), or two for
// words of six letters or more. It is "" when none is close or two are equally
// close, since a wrong guess is worse than none.
func Near(word string, candidates []string) string {
	limit := 1
	if len([]rune(word)) >= 6 {
		limit = 2
	}
	best, found, tie := limit+1, "", false
	for _, c := range candidates {
		d := Distance(word, c, limit)
		switch {
		case d < best:
			best, found, tie = d, c, false
		case d == best && d <= limit && c != found:
			tie = true
		}
	}
	if tie {
		return ""
	}
	return found
}

// Distance counts the slips between two words (insert, delete, change, swap of
// neighbours; each counts one), and stops counting past limit: any greater
// distance is reported as limit+1.
func Distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		if slices.Min(row) > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], limit+1)
}
