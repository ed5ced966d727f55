package transactions

import (
	"context"
	"sync"
	"time"

	"weft/internal/enrich"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product"
)

const productName = "transactions"

// Options change how the product behaves; the zero value is what programs need.
type Options struct {
	// History brings the histories of Items; without it they come with the Item.
	History *job.Queue
	// MutationError has a client begin its pages of changes anew where an Item's transactions have changed between two of
	// them, as Plaid does. Nothing here needs it: programs are tested with it.
	MutationError bool
}

// New is the product.
func New(items *item.Service, o Options) product.Product {
	s := &service{items: items, enricher: sync.OnceValue(enrich.New), mutationError: o.MutationError}
	if o.History != nil {
		s.history = job.Register(o.History, job.Spec{Name: "transactions-history", Timeout: 2 * time.Minute, Attempts: 20}, s.advance)
	}
	return product.Product{Name: productName, Apply: s.apply, Routes: append([]httpapi.Route{
		{Path: "/transactions/get", Summary: "Transactions of a range of days, newest first, by pages", Endpoint: item.Endpoint(items, s.get)},
		{Path: "/transactions/sync", Summary: "Changes of transactions since a cursor", Endpoint: item.Endpoint(items, s.sync)},
		{Path: "/transactions/recurring/get", Summary: "Payments and income that come again and again", Endpoint: item.Endpoint(items, s.recurring)},
		{Path: "/transactions/refresh", Summary: "Ask the institution for transactions now", Endpoint: item.Endpoint(items, s.refresh)},
	}, s.mirrors()...)}
}

type service struct {
	items *item.Service
	// enricher finds what descriptions mean. Its rules are read when they are needed first.
	enricher func() *enrich.Enricher
	// history brings an Item's history in two steps; nil where it comes at once.
	history *job.Kind[advance]
	// mutationError is that of Options.
	mutationError bool
}

// leastDays is the shortest history of real data.
const leastDays = 30

// ready is the Item with the product, which is added now where it may be: with so many days of history, or where none are
// named as many as were asked for when the Item was made. An Item that has the product and no account with transactions has
// none, which is no error.
func (s *service) ready(ctx context.Context, it item.Item, requested *int) (item.Item, error) {
	if it.Has(productName) {
		return it, it.Failed()
	}
	if err := s.items.MayAdd(it, productName, func(string, string) bool { return true }, "NO_ACCOUNTS"); err != nil {
		return item.Item{}, err
	}
	days := 0
	if requested != nil {
		days = *requested
		if it.Tenant.Environment == plaid.Production {
			days = max(days, leastDays)
		}
	}
	return s.items.AddProduct(ctx, it, productName, days)
}

func (s *service) refresh(ctx context.Context, it item.Item, _ httpapi.None) (httpapi.None, error) {
	it, err := s.ready(ctx, it, nil)
	if err != nil {
		return httpapi.None{}, err
	}
	_, err = s.items.Refresh(ctx, it)
	return httpapi.None{}, err
}
