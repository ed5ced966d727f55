// Package link is Link: the flow in which a person lets a client read accounts at a bank. Its folders are its rooms: token
// (what Link is to do, as the client asks for it), settings (how Link is for a client), session (the state machine of one person's
// way through it), choice (which products and accounts), flow (keeps sessions, asks banks, makes Items), web (the pages),
// portal (where people look after what they have linked), loader (the script for the client's page).
package link

import (
	"maps"
	"net/http"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/job"
	"weft/internal/product"
	"weft/internal/product/link/flow"
	"weft/internal/product/link/loader"
	"weft/internal/product/link/portal"
	"weft/internal/product/link/script"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
	"weft/internal/product/link/web"
)

// New is the product. Its sessions end by jobs of the queue.
func New(s flow.Service, queue *job.Queue) product.Product {
	f := flow.New(s, queue)
	pages := map[string]http.Handler{"GET /link/v2/stable/link-initialize.js": loader.Handler()}
	maps.Copy(pages, web.New(f, s.Log, s.Items.IDs, s.BaseURL))
	maps.Copy(pages, web.NewPortal(portal.New(s.Items, s.BaseURL), s.Log, s.Items.IDs))
	routes := slices.Concat(token.Routes(s.Items, s.BaseURL, f.Sessions), settings.Routes(s.Items.DB, s.Items.Clients, s.Items.Clock), []httpapi.Route{
		{Path: "/weft/sandbox/link/complete", Summary: "Run a Link session by a script", Endpoint: product.Endpoint(s.Items.Clients, s.Items.Clock, (&script.Script{Flow: f}).Complete)},
	})
	return product.Product{Name: "link", Routes: routes, Pages: pages}
}
