package recurring

import (
	"slices"
	"strings"

	"weft/internal/plaid"
)

// regular are the groups of categories of what is paid regularly, as beginnings of their names.
var regular = []string{"INCOME_", "LOAN_PAYMENTS_", "RENT_AND_UTILITIES_", "GENERAL_SERVICES_INSURANCE", "GENERAL_SERVICES_STORAGE", "GENERAL_SERVICES_CHILDCARE",
	"ENTERTAINMENT_TV_AND_MOVIES", "ENTERTAINMENT_MUSIC_AND_AUDIO", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS"}

func isRegular(r Row) bool {
	return slices.ContainsFunc(regular, func(beginning string) bool { return strings.HasPrefix(r.Category, beginning) })
}

// streamsOf finds the streams among the rows of one payee and direction, which are in order.
func streamsOf(rows []Row) []found {
	switch {
	case len(rows) < 2:
		return nil
	case len(rows) == 2:
		return early(rows)
	}
	if f, ok := whole(rows); ok {
		return []found{f}
	}
	if parts := interrupted(rows); parts != nil {
		return parts
	}
	if f, ok := withoutOne(rows); ok {
		return []found{f}
	}
	return merged(byAmount(rows))
}

// early believes two rows where there is little doubt.
func early(rows []Row) []found {
	a, b := rows[0], rows[1]
	if !a.Amount.Equal(b.Amount) && (!isRegular(a) || !isRegular(b) || !similar(a.Amount, b.Amount)) {
		return nil
	}
	gap := int(b.Date - a.Date)
	f := fit{anchor: b.Date}
	switch {
	case gap >= 13 && gap <= 15:
		f.frequency, f.days, f.tolerance = Biweekly, 14, 3
	case gap >= 27 && gap <= 33:
		f.frequency, f.first, f.tolerance = Monthly, a.Date.Time().Day(), calendarTolerance
	case gap >= 360 && gap <= 370:
		f.frequency, f.days, f.tolerance = Annually, 365, 12
	default:
		return nil
	}
	return []found{{rows, f}}
}

// whole takes all rows as one stream. Three rows prove little, so their amounts must be similar, too.
func whole(rows []Row) (found, bool) {
	if len(rows) == 3 && !isRegular(rows[0]) && !allSimilar(rows) {
		return found{}, false
	}
	f, ok := rhythm(dates(rows))
	return found{rows, f}, ok
}

func dates(rows []Row) []plaid.Date {
	out := make([]plaid.Date, len(rows))
	for i, r := range rows {
		out[i] = r.Date
	}
	return out
}

// interrupted takes the rows as streams one after the other, such as a subscription that was ended and taken up again. Nearly
// all rows must be in one of them.
func interrupted(rows []Row) (parts []found) {
	typical := typicalGap(dates(rows))
	begin, within := 0, 0
	for i := 1; i <= len(rows); i++ {
		if i < len(rows) && int(rows[i].Date-rows[i-1].Date)*2 <= typical*5 {
			continue
		}
		if part := rows[begin:i]; len(part) >= 3 {
			f, ok := whole(part)
			if !ok || (len(parts) > 0 && parts[0].frequency != f.frequency) {
				return nil
			}
			parts = append(parts, f)
			within += len(part)
		}
		begin = i
	}
	if len(parts) == 0 || within*5 < len(rows)*4 {
		return nil
	}
	return parts
}

// mostWithout bounds the rows of which one is left out by trial.
const mostWithout = 80

// withoutOne takes all rows but one as a stream: one more payment at some other time.
func withoutOne(rows []Row) (best found, ok bool) {
	if len(rows) < 6 || len(rows) > mostWithout {
		return found{}, false
	}
	for i := range rows {
		rest := slices.Delete(slices.Clone(rows), i, i+1)
		if f, fits := rhythm(dates(rest)); fits && (!ok || f.misfit < best.misfit) {
			best, ok = found{rest, f}, true
		}
	}
	return best, ok
}

// byAmount looks at the rows of one amount, then at those of similar amounts that are left.
func byAmount(rows []Row) (out []found) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b Row) int { return a.Amount.Cmp(b.Amount) })
	var left []Row
	for begin, i := 0, 1; i <= len(sorted); i++ {
		if i < len(sorted) && sorted[i].Amount.Equal(sorted[begin].Amount) {
			continue
		}
		left = append(left, part(sorted[begin:i], 3, &out)...)
		begin = i
	}
	for begin, i := 0, 1; i <= len(left); i++ {
		if i < len(left) && similar(left[i].Amount, left[begin].Amount) {
			continue
		}
		part(left[begin:i], 5, &out)
		begin = i
	}
	return out
}

// part adds the stream that the rows are, where they are enough, or gives the rows back.
func part(rows []Row, least int, out *[]found) []Row {
	if len(rows) < least {
		return rows
	}
	inOrder := slices.Clone(rows)
	slices.SortStableFunc(inOrder, func(a, b Row) int { return int(a.Date - b.Date) })
	f, ok := rhythm(dates(inOrder))
	if !ok {
		return rows
	}
	*out = append(*out, found{inOrder, f})
	return nil
}

// merged joins streams that follow one another in one rhythm: the price changed.
func merged(list []found) (out []found) {
	slices.SortStableFunc(list, func(a, b found) int { return int(a.rows[0].Date - b.rows[0].Date) })
	for _, f := range list {
		joined := false
		for i := range out {
			before := out[i].rows
			if before[len(before)-1].Date >= f.rows[0].Date || out[i].frequency != f.frequency {
				continue
			}
			all := slices.Concat(before, f.rows)
			if one, ok := rhythm(dates(all)); ok && one.frequency == f.frequency {
				out[i], joined = found{all, one}, true
				break
			}
		}
		if !joined {
			out = append(out, f)
		}
	}
	return out
}

// similar: the greater amount is at most a quarter more than the other.
func similar(a, b plaid.Decimal) bool {
	a, b = a.Abs(), b.Abs()
	if a.Cmp(b) > 0 {
		a, b = b, a
	}
	return b.Mul(plaid.DecimalFromInt(4)).Cmp(a.Mul(plaid.DecimalFromInt(5))) <= 0
}

func allSimilar(rows []Row) bool {
	least, most := rows[0].Amount, rows[0].Amount
	for _, r := range rows {
		if r.Amount.Cmp(least) < 0 {
			least = r.Amount
		}
		if r.Amount.Cmp(most) > 0 {
			most = r.Amount
		}
	}
	return similar(least, most)
}
