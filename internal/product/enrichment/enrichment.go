// Package enrichment is the product of what descriptions mean: merchants and categories of transactions that a client has from
// elsewhere, by the rules that Items' own transactions are read by.
package enrichment

import (
	"sync"

	"weft/internal/enrich"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/product"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{enricher: sync.OnceValue(enrich.New)}
	return product.Product{Name: "enrichment", Routes: []httpapi.Route{
		{Path: "/transactions/enrich", Summary: "Merchants and categories of transactions that the client has from elsewhere", Endpoint: product.Endpoint(items.Clients, items.Clock, s.enrich)},
		{Path: "/categories/get", Summary: "The older categories of transactions", Endpoint: httpapi.NewOpen(categories)},
	}}
}

// service has the enricher, whose rules are read when they are needed first.
type service struct{ enricher func() *enrich.Enricher }
