package product

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"

	"weft/internal/item"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Days are how many rows of a log each account of an Item has on each day. They are kept as a document of the Item, written in the
// transaction that writes the rows: by them the number of rows of a range is known without counting, and the day of an offset
// without passing over the rows before it.
type Days map[string]accountDays

// accountDays are the days that have rows, the oldest first, and how many rows there are until the end of each.
type accountDays struct {
	days []plaid.Date
	rows []int64
}

// ReadDays reads the document, an object with one array an account: a day, how many rows it has, the next day as a distance from the
// one before, how many it has, and so on. Without rows there is none.
func ReadDays(doc []byte) (Days, error) {
	var coded map[string][]int64
	if len(doc) > 0 {
		if err := json.Unmarshal(doc, &coded); err != nil {
			return nil, fmt.Errorf("product: stored days: %w", err)
		}
	}
	d := make(Days, len(coded))
	for id, list := range coded {
		a := accountDays{make([]plaid.Date, len(list)/2), make([]int64, len(list)/2)}
		var day, rows int64
		for i := range a.days {
			day, rows = day+list[2*i], rows+list[2*i+1]
			a.days[i], a.rows[i] = plaid.Date(day), rows
		}
		d[id] = a
	}
	return d, nil
}

// before is how many rows there are before a day.
func (a accountDays) before(day plaid.Date) int64 {
	i, _ := slices.BinarySearch(a.days, day)
	if i == 0 {
		return 0
	}
	return a.rows[i-1]
}

// of are the accounts of a range. Those that the bank no longer has are left out.
func (d Days) of(it item.Item, r Range) []string {
	ids := r.Accounts
	if len(ids) == 0 {
		ids = slices.Collect(maps.Keys(d))
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(it.Gone, id) })
}

// Total is how many rows a range has, over all of its pages.
func (d Days) Total(it item.Item, r Range) int64 { return d.rows(d.of(it, r), r.From, r.To) }

func (d Days) rows(accounts []string, from, to plaid.Date) (n int64) {
	for _, id := range accounts {
		n += d[id].before(to+1) - d[id].before(from)
	}
	return n
}

// seek finds the day of the row at an offset of a range that has so many, and how many rows of the day are newer.
func (d Days) seek(accounts []string, r Range, offset int64) (day plaid.Date, newer int64) {
	back := sort.Search(int(r.To-r.From), func(n int) bool { return d.rows(accounts, r.To.AddDays(-n), r.To) > offset })
	day = r.To.AddDays(-back)
	return day, offset - d.rows(accounts, day+1, r.To)
}

// DayChanges are rows that have come and gone, by account and day (YYYY-MM-DD).
type DayChanges map[accountDay]int64

type accountDay struct{ account, day string }

// Came counts a row, Went one less.
func (c DayChanges) Came(account, day string) { c[accountDay{account, day}]++ }

// Went is the opposite of Came.
func (c DayChanges) Went(account, day string) { c[accountDay{account, day}]-- }

// Write brings the document of a kind to the changes. The Item is locked.
func (c DayChanges) Write(ctx context.Context, tx *store.Tx, it item.Item, kind string) error {
	maps.DeleteFunc(c, func(_ accountDay, n int64) bool { return n == 0 })
	if len(c) == 0 {
		return nil
	}
	docs, err := document.Read(ctx, tx, it.Tenant, it.Key, kind)
	if err != nil {
		return err
	}
	old, err := ReadDays(docs.ByKind[kind])
	if err != nil {
		return err
	}
	counts := make(map[string]map[plaid.Date]int64, len(old))
	for id, a := range old {
		counts[id] = make(map[plaid.Date]int64, len(a.days))
		for _, day := range a.days {
			counts[id][day] = a.before(day+1) - a.before(day)
		}
	}
	for at, n := range c {
		day, err := plaid.ParseDate(at.day)
		if err != nil {
			return err
		}
		if counts[at.account] == nil {
			counts[at.account] = map[plaid.Date]int64{}
		}
		if counts[at.account][day] += n; counts[at.account][day] < 0 {
			return fmt.Errorf("product: %s of Item %s has less than no rows on %s", kind, it.ID, at.day)
		}
	}
	_, err = item.PutDocument(ctx, tx, it.Key, kind, coded(counts))
	return err
}

// coded is the form of ReadDays.
func coded(counts map[string]map[plaid.Date]int64) map[string][]int64 {
	out := make(map[string][]int64, len(counts))
	for id, byDay := range counts {
		last := plaid.Date(0)
		for _, day := range slices.Sorted(maps.Keys(byDay)) {
			if n := byDay[day]; n > 0 {
				out[id] = append(out[id], int64(day-last), n)
				last = day
			}
		}
	}
	return out
}
