// Package link is Link: the flow in which a person lets a client read accounts at a bank. Its folders are its rooms: token
// (what Link is to do, as the client asks for it), session (the stored state machine of one person's way
// through it), web (the pages that a person sees).
package link

import (
	"weft/internal/item"
	"weft/internal/product"
	"weft/internal/product/link/token"
)

// New is the product.
func New(items *item.Service) product.Product {
	return product.Product{Name: "link", Routes: token.Routes(items)}
}
