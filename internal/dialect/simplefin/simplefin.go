package simplefin

import (
	"net/http"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/product"
)

// root is where the protocol's resources are, below the server's base URL.
const root = "/simplefin"

// New is the slice of the API with which accesses are managed, and the pages that they open. Clients reach the server at
// baseURL.
func New(items *item.Service, baseURL string) product.Product {
	s := &service{accesses: Accesses{items}, items: items, baseURL: baseURL}
	return product.Product{
		Name: "simplefin",
		Routes: []httpapi.Route{
			{Path: "/weft/simplefin/create", Summary: "Let a program read Items over SimpleFIN: makes a setup token", Endpoint: product.Endpoint(items.Clients, items.Clock, s.create)},
			{Path: "/weft/simplefin/list", Summary: "Who may read Items over SimpleFIN", Endpoint: product.Endpoint(items.Clients, items.Clock, s.list)},
			{Path: "/weft/simplefin/remove", Summary: "End an access over SimpleFIN at once", Endpoint: product.Endpoint(items.Clients, items.Clock, s.remove)},
		},
		Pages: map[string]http.Handler{
			"GET " + root + "/info":           http.HandlerFunc(info),
			"GET " + root + "/accounts":       http.HandlerFunc(s.accounts),
			"POST " + root + "/claim/{token}": http.HandlerFunc(s.claim),
			root + "/claim/{token}":           http.HandlerFunc(onlyPost), // what has no page is logged with its path
			root + "/claim/{token}/{rest...}": http.HandlerFunc(onlyPost),
		},
	}
}

type service struct {
	accesses Accesses
	items    *item.Service
	baseURL  string
}
