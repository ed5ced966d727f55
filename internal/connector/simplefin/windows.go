package simplefin

import (
	"slices"
	"sort"

	"weft/internal/connector/simplefin/span"
	"weft/internal/plaid"
)

// wanted is the whole range that a fetch is for: from the first day wanted through today.
func (r *run) wanted() span.Span {
	to := plaid.DateOf(r.want.Now).AddDays(1)
	from := min(max(r.want.HistoryFrom, 0), to.AddDays(-1)) // servers count seconds from 1970
	return span.Span{From: from, To: to}
}

// covered are the days that an institution has: none, if they were fetched for other products or under other corrections.
func (r *run) covered(id string) []span.Span {
	im := r.memory.Institutions[id]
	if im == nil || im.Overrides != r.credentials.OverrideDigest(id) {
		return nil
	}
	for _, kind := range r.kinds() {
		if !slices.Contains(im.Kinds, kind) {
			return nil
		}
	}
	return span.Merge(im.Covered)
}

// plan are the windows that an institution lacks. They reach back to its oldest pending movement, so that the answer tells what
// has become of it.
func (r *run) plan(id string) []span.Span {
	covered := r.covered(id)
	if im := r.memory.Institutions[id]; im != nil && im.Pending >= r.reach() {
		covered = span.Before(covered, im.Pending.AddDays(span.Resumption-1)) // with a day for the margin of what is declared
	}
	var list []span.Span
	for _, gap := range span.Gaps(r.wanted(), covered) {
		list = append(list, span.Windows(gap)...)
	}
	return list
}

// reach is the oldest day of a pending movement that fetches reach back to, which must not cost them a second window.
func (r *run) reach() plaid.Date { return r.wanted().To.AddDays(1 - span.Longest) }

// newest is the window to begin with: the newest of those that are lacking, by the institution that lacks most of it.
func (r *run) newest() span.Span {
	today := r.wanted().To
	if !r.movements() { // holdings and balances come with any day
		return span.Span{From: today.AddDays(-1), To: today}
	}
	ids := []string{r.only}
	if r.only == "" {
		ids = ids[:0]
		for id := range r.memory.Institutions {
			ids = append(ids, id)
		}
		if len(ids) == 0 {
			ids = append(ids, "") // of which nothing is covered
		}
	}
	first := span.Span{From: today.AddDays(-1), To: today} // asked for even where a clock that ran ahead says that it is there
	for _, id := range ids {
		if plan := r.plan(id); len(plan) > 0 && plan[0].To == today {
			first.From = min(first.From, plan[0].From)
		}
	}
	return first
}

// missing are the windows that the institutions still lack after the first, the newest first. One in which a bank fails is
// not asked for: it will be, when the bank works.
func (r *run) missing() []span.Span {
	var list []span.Span
	for _, g := range r.found {
		if g.broken() != nil || g.incomplete() {
			continue
		}
		for _, w := range r.plan(g.id) {
			within := func(o span.Span) bool { return o.From <= w.From && w.To <= o.To }
			if !slices.ContainsFunc(r.fetched, within) && !slices.ContainsFunc(list, within) {
				list = append(list, w)
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].To > list[j].To })
	return list
}

// cover notes the days that were fetched, for the institutions that had no trouble in them.
func (r *run) cover() {
	for _, g := range r.found {
		if g.broken() != nil || g.incomplete() {
			continue
		}
		covered := r.covered(g.id)
		im := r.memory.of(g.id)
		for i, list := range r.groups {
			if own := pick(list, g.id); own != nil && own.broken() == nil && !own.incomplete() {
				covered = append(covered, r.fetched[i])
			}
		}
		im.Covered, im.Kinds, im.Overrides = span.Merge(covered), r.kinds(), r.credentials.OverrideDigest(g.id)
	}
}
