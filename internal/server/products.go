package server

import (
	"weft/internal/connection"
	"weft/internal/dialect/simplefin"
	"weft/internal/item"
	"weft/internal/job"
	"weft/internal/product"
	"weft/internal/product/accounts"
	"weft/internal/product/connections"
	"weft/internal/product/enrichment"
	"weft/internal/product/imports"
	"weft/internal/product/institutions"
	"weft/internal/product/investments"
	"weft/internal/product/items"
	"weft/internal/product/link"
	"weft/internal/product/sandbox"
	"weft/internal/product/transactions"
	"weft/internal/product/users"
	"weft/internal/product/webhooks"
	"weft/internal/webhook"
)

// products are the slices of the API, and the dialects beside it. Clients reach the server at baseURL.
// Histories of transactions come by a queue, or without one at once.
func products(s *item.Service, conns *connection.Service, hooks *webhook.Service, history *job.Queue, baseURL string) []product.Product {
	return []product.Product{
		items.New(s, hooks),
		accounts.New(s),
		connections.New(s, conns),
		enrichment.New(s),
		imports.New(s),
		institutions.New(s),
		investments.New(s),
		link.New(s),
		sandbox.New(s, conns),
		simplefin.New(s, baseURL),
		transactions.New(s, history),
		users.New(s),
		webhooks.New(s, hooks),
	}
}
