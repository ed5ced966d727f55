// Package banksite is the website of the simulated banks that are linked at their own pages, by OAuth: a person signs in,
// types a code where the bank asks for one, chooses accounts and what to share of them, and is led back with a code or an
// error. It exists in the sandbox alone and says on each page that it is a simulation.
//
// Nothing is kept between two pages and no cookie is set. Where a person is stands in a sealed text that each page hands to
// the next, so another site can neither make up a visit nor act in one, and where a visit leads back to was sealed by the
// connector when it began. Pages work without script, and have none.
package banksite

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"regexp"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connectors"
	"weft/internal/plaid"
	"weft/internal/product"
)

// mostForm bounds what a page sends: a configuration of user_custom is the longest.
const mostForm = 256 << 10

type service struct {
	site       connector.Site
	connectors connectors.Connectors
	clock      clock.Clock
	log        *slog.Logger
}

// New is the product. It has no pages where no simulated bank has a site.
func New(items *item.Service) product.Product {
	s := &service{connectors: items.Connectors, clock: items.Clock, log: items.Log}
	for _, con := range items.Connectors[plaid.Sandbox] {
		if site, ok := con.(connector.Site); ok {
			s.site = site
		}
	}
	p := product.Product{Name: "banksite"}
	if s.site != nil {
		p.Pages = map[string]http.Handler{
			"GET /sandbox/bank/{institution}/authorize":  http.HandlerFunc(s.arrive),
			"POST /sandbox/bank/{institution}/authorize": http.HandlerFunc(s.act),
			"GET /sandbox/bank/{institution}/colors.css": http.HandlerFunc(s.colors),
			"GET /sandbox/bank/{institution}/logo.png":   http.HandlerFunc(s.logo),
			"GET /sandbox/assets/" + styleName:           http.HandlerFunc(s.style),
		}
	}
	return p
}

// institution is the one that a path names.
func (s *service) institution(r *http.Request) (connector.Institution, connector.Connector, bool) {
	in, con, err := s.connectors.Institution(plaid.Sandbox, r.PathValue("institution"), s.clock.Now())
	return in, con, err == nil && in.OAuth
}

// Pictures and colours of an institution never change; the style's name changes with it.
const (
	aDay    = "public, max-age=86400"
	forever = "public, max-age=31536000, immutable"
)

func (s *service) asset(w http.ResponseWriter, r *http.Request, kind, caching string, content []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", caching)
	h.Set("X-Content-Type-Options", "nosniff")
	if _, err := w.Write(content); err != nil {
		s.log.DebugContext(r.Context(), "bank's page", "error", err) // the reader has gone
	}
}

func (s *service) style(w http.ResponseWriter, r *http.Request) {
	s.asset(w, r, "text/css; charset=utf-8", forever, styleSheet)
}

func (s *service) logo(w http.ResponseWriter, r *http.Request) {
	in, con, ok := s.institution(r)
	logos, draws := con.(connector.Logos)
	if !ok || !draws {
		http.NotFound(w, r)
		return
	}
	text, _ := logos.Logo(in.InstitutionID)
	png, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(png) == 0 {
		http.NotFound(w, r)
		return
	}
	s.asset(w, r, "image/png", aDay, png)
}

var colorPattern = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// colors is a style sheet of an institution's own colour, so that no page has a style in it.
func (s *service) colors(w http.ResponseWriter, r *http.Request) {
	in, _, ok := s.institution(r)
	if !ok || in.PrimaryColor == nil || !colorPattern.MatchString(*in.PrimaryColor) {
		http.NotFound(w, r)
		return
	}
	s.asset(w, r, "text/css; charset=utf-8", aDay, []byte(":root { --bank: "+darkened(*in.PrimaryColor)+"; }\n"))
}
