// Package link is Link: the flow in which a person lets a client read accounts at a bank. Its folders are its rooms: token
// (what Link is to do, as the client asks for it), session (the stored state machine of one person's way through it).
package link

import (
	"slices"

	"weft/internal/item"
	"weft/internal/product"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
)

// New is the product.
func New(items *item.Service, baseURL string) product.Product {
	routes := slices.Concat(token.Routes(items, baseURL), settings.Routes(items.DB, items.Clients, items.Clock))
	return product.Product{Name: "link", Routes: routes}
}
