// Package span reckons which days to ask a SimpleFIN server for: ranges of days, what is missing in them, and the windows that
// one request may span.
package span

import (
	"cmp"
	"slices"

	"weft/internal/plaid"
)

// Span is a range of days without its last: [From, To).
type Span struct {
	From plaid.Date `json:"from"`
	To   plaid.Date `json:"to"`
}

func (s Span) String() string { return s.From.String() + " to " + s.To.AddDays(-1).String() }

const (
	// Longest is one less than the 90 days that servers admit: a server that counts both ends finds 90 in it.
	Longest = 89
	// Overlap is by how many days windows lie over each other. Banks deliver late.
	Overlap = 5
	// Resumption is how many days before the last fetch the next begins: what was pending then has been posted by now.
	Resumption = 14
)

// Windows cuts a range of days into windows, the newest first, each overlapping the next.
func Windows(s Span) []Span {
	var list []Span
	for to := s.To; ; {
		from := max(s.From, to.AddDays(-Longest))
		if from < to {
			list = append(list, Span{from, to})
		}
		if from <= s.From {
			return list
		}
		to = from.AddDays(Overlap)
	}
}

// Gaps are the ranges of a whole that were not fetched yet, the newest first. They reach into what was fetched: by the
// resumption at its newer end, and by the overlap at its older.
func Gaps(whole Span, covered []Span) []Span {
	var list []Span
	to := whole.To
	for i := len(covered) - 1; i >= 0; i-- {
		c := covered[i]
		if c.To <= whole.From || c.From >= to {
			continue
		}
		if from := max(whole.From, c.To.AddDays(-Resumption)); from < to {
			list = append(list, Span{from, to})
		}
		to = min(to, c.From.AddDays(Overlap))
		if c.From <= whole.From {
			return list
		}
	}
	if whole.From < to {
		list = append(list, Span{whole.From, to})
	}
	return list
}

// Merge joins ranges that lie over each other by the overlap at least, in order. Others stay apart although they meet: what was
// late at their border was not asked for again, and is a gap yet.
func Merge(spans []Span) []Span {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	var list []Span
	for _, s := range sorted {
		if s.From >= s.To {
			continue
		}
		if n := len(list); n > 0 && (s.To <= list[n-1].To || s.From.AddDays(Overlap) <= list[n-1].To) {
			list[n-1].To = max(list[n-1].To, s.To)
			continue
		}
		list = append(list, s)
	}
	return list
}

// Before is what of ranges lies before a day.
func Before(spans []Span, day plaid.Date) []Span {
	var list []Span
	for _, s := range spans {
		if s.To = min(s.To, day); s.From < s.To {
			list = append(list, s)
		}
	}
	return list
}
