package linkmoney

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"

	"weft/internal/httpapi"
)

// Pages of what is answered by pages.
const (
	usualPage = 100
	mostPage  = 500
)

// paged is an answer of which there are pages.
type paged[T any] interface {
	answer[T]
	// size is how many rows the page has, and how many there are.
	size() (rows, total int)
	// follow adds the next page of the same Item.
	follow(*T)
	// cut leaves count rows from offset on, newest first.
	cut(offset, count int)
}

// byPages is ofUser for what is answered by pages: count and offset are over the whole. Finish, if set, adds to the page.
func byPages[T any, P paged[T]](d *Dialect, dataType, path string, finish func(context.Context, *span, *T) error) httpapi.Endpoint {
	return d.before(path, over(d, dataType, func(ctx context.Context, s *span) (all *T, err error) {
		defer func() {
			if err == nil && finish != nil {
				err = finish(ctx, s, all)
			}
		}()
		if len(s.parts) == 1 {
			return ask[T](ctx, d, path, s.grant(s.parts[0]), s.parts[0].body)
		}
		var o struct {
			Count, Offset *int
		}
		_ = json.Unmarshal(s.body["options"], &o) // what is wrong with them the first Item's route tells
		// So far that no sum with a page's length is too large.
		offset, count := min(max(deref(o.Offset, 0), 0), math.MaxInt-mostPage), deref(o.Count, usualPage)
		all, err = gather[T, P](s.parts, func(p part) (*T, error) { return newest[T, P](ctx, d, path, s, p, offset, count) })
		if err == nil {
			P(all).cut(offset, count)
		}
		return all, err
	}))
}

func deref(p *int, otherwise int) int {
	if p == nil {
		return otherwise
	}
	return *p
}

// newest are the first rows of an Item, as many as may be among those that are asked for. The first page is asked as the client
// has asked, so that the route refuses what is wrong; that one is counted by the limits.
func newest[T any, P paged[T]](ctx context.Context, d *Dialect, path string, s *span, p part, offset, count int) (*T, error) {
	var first *T
	grant := s.grant(p)
	if 1 <= count && count <= mostPage && offset > 0 {
		want := min(offset+count, mostPage)
		body, err := withOptions(p.body, map[string]any{"offset": 0, "count": want})
		if err != nil {
			return nil, err
		}
		p.body = body
	}
	first, err := ask[T](ctx, d, path, grant, p.body)
	if err != nil {
		return nil, err
	}
	grant.Admitted = true
	for {
		rows, total := P(first).size()
		if rows >= min(total, offset+count) {
			return first, nil
		}
		body, err := withOptions(p.body, map[string]any{"offset": rows, "count": min(offset+count-rows, mostPage)})
		if err != nil {
			return nil, err
		}
		next, err := ask[T](ctx, d, path, grant, body)
		if err != nil {
			return nil, err
		}
		if n, _ := P(next).size(); n == 0 { // rows have gone meanwhile
			return first, nil
		}
		P(first).follow(next)
	}
}

// window are count rows from offset on of rows that are sorted by date, newest first, those of one day in the order of the Items.
func window[R any](rows []R, date func(R) string, offset, count int) []R {
	slices.SortStableFunc(rows, func(a, b R) int { return cmp.Compare(date(b), date(a)) })
	from := min(offset, len(rows))
	return rows[from:min(from+count, len(rows))]
}

func (a *transactionsAnswer) size() (rows, total int) { return len(a.Transactions), a.Total }

func (a *transactionsAnswer) follow(o *transactionsAnswer) {
	a.Transactions = append(a.Transactions, o.Transactions...)
}

func (a *transactionsAnswer) join(o *transactionsAnswer) {
	a.joinHeld(&o.held)
	a.Total += o.Total
	a.follow(o)
}

func (a *transactionsAnswer) cut(offset, count int) {
	a.Transactions = window(a.Transactions, func(t transaction) string { return t.Date }, offset, count)
}

func (a *investmentsAnswer) size() (rows, total int) { return len(a.Transactions), a.Total }

func (a *investmentsAnswer) follow(o *investmentsAnswer) {
	a.Transactions, a.Securities = append(a.Transactions, o.Transactions...), united(a.Securities, o.Securities)
}

func (a *investmentsAnswer) join(o *investmentsAnswer) {
	a.joinHeld(&o.held)
	a.Total += o.Total
	a.follow(o)
}

// cut leaves the securities of the rows alone, too.
func (a *investmentsAnswer) cut(offset, count int) {
	a.Transactions = window(a.Transactions, func(t investmentTransaction) string { return t.Date }, offset, count)
	named := map[string]bool{}
	for _, t := range a.Transactions {
		if t.SecurityID != nil {
			named[*t.SecurityID] = true
		}
	}
	a.Securities = slices.DeleteFunc(a.Securities, func(s security) bool { return !named[s.SecurityID] })
}
