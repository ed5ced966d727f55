package transactions

import (
	"context"
	"encoding/json"
	"slices"
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

// New is the product. Where Items are paced, the queue brings their histories; without one they come with the Item.
func New(items *item.Service, queue *job.Queue) product.Product {
	s := &service{items: items, enricher: sync.OnceValue(enrich.New)}
	if queue != nil {
		s.history = job.Register(queue, job.Spec{Name: "transactions-history", Timeout: 2 * time.Minute, Attempts: 20}, s.advance)
	}
	return product.Product{Name: productName, Apply: s.apply, Routes: []httpapi.Route{
		{Path: "/transactions/get", Summary: "Transactions of a range of days, newest first, by pages", Endpoint: item.Endpoint(items, s.get)},
		{Path: "/transactions/sync", Summary: "Changes of transactions since a cursor", Endpoint: item.Endpoint(items, s.sync)},
		{Path: "/transactions/recurring/get", Summary: "Payments and income that come again and again", Endpoint: item.Endpoint(items, s.recurring)},
		{Path: "/transactions/refresh", Summary: "Ask the institution for transactions now", Endpoint: item.Endpoint(items, s.refresh)},
	}}
}

type service struct {
	items *item.Service
	// enricher finds what descriptions mean. Its rules are read when they are needed first.
	enricher func() *enrich.Enricher
	// history brings an Item's history in two steps; nil where it comes at once.
	history *job.Kind[advance]
}

// ready is the Item with the product. An Item that has it and no account with transactions has none, which is no error.
func (s *service) ready(ctx context.Context, it item.Item) (item.Item, error) {
	if it.Has(productName) {
		return it, it.Failed()
	}
	return s.items.WithProduct(ctx, it, productName, func(string, string) bool { return true }, "NO_ACCOUNTS")
}

func (s *service) refresh(ctx context.Context, it item.Item, _ httpapi.None) (httpapi.None, error) {
	it, err := s.ready(ctx, it)
	if err != nil {
		return httpapi.None{}, err
	}
	_, err = s.items.Refresh(ctx, it)
	return httpapi.None{}, err
}

// versions of the taxonomy of personal finance categories.
var versions = []string{"v1", "v2"}

// variants are what a request decides of each transaction.
type variants struct {
	IncludeOriginalDescription     *bool   `json:"include_original_description"`
	PersonalFinanceCategoryVersion *string `json:"personal_finance_category_version"`
	// These two are of the time when the category and the counterparties had to be asked for: they are always there now.
	IncludePersonalFinanceCategory *bool `json:"include_personal_finance_category"`
	IncludeLogoAndCounterpartyBeta *bool `json:"include_logo_and_counterparty_beta"`
	// DaysRequested is how far back the history goes where this call is the one that begins it.
	DaysRequested *int `json:"days_requested"`
}

func (v variants) validate() error {
	if v.PersonalFinanceCategoryVersion != nil && !slices.Contains(versions, *v.PersonalFinanceCategoryVersion) {
		return plaid.InvalidField("options.personal_finance_category_version", "must be v1 or v2")
	}
	if v.DaysRequested != nil && (*v.DaysRequested < 1 || *v.DaysRequested > mostDays) {
		return plaid.InvalidField("options.days_requested", "must be between 1 and 730")
	}
	return nil
}

func (v variants) version() string {
	if v.PersonalFinanceCategoryVersion == nil {
		return "v1"
	}
	return *v.PersonalFinanceCategoryVersion
}

func (v variants) original() bool {
	return v.IncludeOriginalDescription != nil && *v.IncludeOriginalDescription
}

// key names the variant in the cache.
func (v variants) key() string {
	if v.original() {
		return v.version() + "o"
	}
	return v.version()
}

// stored is a transaction's document as the table has it: an object without its closing brace, and the members that depend
// on the request.
type stored struct{ document, original, v1, v2 []byte }

// appendTo writes the document of the variant.
func (d stored) appendTo(out []byte, v variants) []byte {
	category := d.v1
	if v.version() == "v2" {
		category = d.v2
	}
	out = append(append(append(out, d.document...), `,"personal_finance_category":`...), category...)
	original := []byte("null")
	if v.original() {
		original = d.original
	}
	return append(append(append(out, `,"original_description":`...), original...), '}')
}

// join writes documents as a JSON array.
func join(list []stored, v variants) json.RawMessage {
	size := 2
	for _, d := range list {
		size += len(d.document) + len(d.original) + max(len(d.v1), len(d.v2)) + 64
	}
	out := append(make([]byte, 0, size), '[')
	for i, d := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = d.appendTo(out, v)
	}
	return append(out, ']')
}
