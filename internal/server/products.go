package server

import (
	"weft/internal/item"
	"weft/internal/product"
	"weft/internal/product/accounts"
	"weft/internal/product/imports"
	"weft/internal/product/institutions"
	"weft/internal/product/investments"
	"weft/internal/product/items"
	"weft/internal/product/link"
	"weft/internal/product/sandbox"
	"weft/internal/product/transactions"
)

// products are the slices of the API.
func products(s *item.Service) []product.Product {
	return []product.Product{
		items.New(s),
		accounts.New(s),
		imports.New(s),
		institutions.New(s),
		investments.New(s),
		link.New(s),
		sandbox.New(s),
		transactions.New(),
	}
}
