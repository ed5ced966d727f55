package server

import (
	"weft/internal/connection"
	"weft/internal/dialect/linkmoney"
	"weft/internal/dialect/simplefin"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/job"
	"weft/internal/product"
	"weft/internal/product/accounts"
	"weft/internal/product/assets"
	"weft/internal/product/auth"
	"weft/internal/product/banksite"
	"weft/internal/product/connections"
	"weft/internal/product/consent"
	"weft/internal/product/enrichment"
	"weft/internal/product/identity"
	"weft/internal/product/imports"
	"weft/internal/product/institutions"
	"weft/internal/product/investments"
	"weft/internal/product/items"
	"weft/internal/product/liabilities"
	"weft/internal/product/link"
	"weft/internal/product/link/flow"
	"weft/internal/product/link/flow/phones"
	"weft/internal/product/network"
	"weft/internal/product/processors"
	"weft/internal/product/sandbox"
	"weft/internal/product/statements"
	"weft/internal/product/transactions"
	"weft/internal/product/users"
	"weft/internal/product/webhooks"
	"weft/internal/webhook"
)

// products are the slices of the API, and the dialects beside it. Clients reach the server at baseURL.
func products(s *item.Service, conns *connection.Service, hooks *webhook.Service, jobs *job.Queue, o transactions.Options, baseURL string) []product.Product {
	banks, finder := institutions.New(s)
	list := []product.Product{
		items.New(s, hooks),
		accounts.New(s),
		assets.New(s, jobs),
		auth.New(s),
		banksite.New(s),
		connections.New(s, conns),
		consent.New(s),
		enrichment.New(s),
		identity.New(s),
		imports.New(s),
		banks,
		investments.New(s, jobs),
		liabilities.New(s),
		link.New(flow.Service{Items: s, Find: finder.Find, BaseURL: baseURL, Log: s.Log}, jobs),
		network.New(s, phones.Known(s)),
		processors.New(s),
		sandbox.New(s, conns, hooks),
		simplefin.New(s, baseURL),
		statements.New(s, jobs),
		transactions.New(s, o),
		users.New(s),
		webhooks.New(s, hooks),
	}
	return append(list, linkmoney.New(s, httpapi.NewDispatcher(routesOf(list)), baseURL))
}

// routesOf are the routes of products, over which dialects are tables.
func routesOf(list []product.Product) (routes []httpapi.Route) {
	for _, p := range list {
		routes = append(routes, p.Routes...)
	}
	return routes
}
