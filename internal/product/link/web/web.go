package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/product/link/web/panes"
)

// Addresses of the pages.
const (
	assetsAt = "/link/v2/assets/"
	hostedAt = "/link/hosted/"
)

// actTimeout bounds the work of one request, the asking of a bank included.
const actTimeout = 90 * time.Second

// New gives the pages by method and path, as product.Product takes them. Clients reach the server at baseURL.
func New(flow Flow, log *slog.Logger, ids *ident.Source, baseURL string) map[string]http.Handler {
	s := &service{flow: flow, log: log, ids: ids}
	if u, err := url.Parse(baseURL); err == nil {
		s.origin = u.Scheme + "://" + u.Host
	}
	pages := map[string]http.Handler{}
	for pattern, serve := range map[string]func(*call) error{
		"GET /link/v2/frame":                     s.first(panes.InFrame),
		"GET /link/v2/stable/link.html":          s.first(panes.OnPage),
		"GET " + hostedAt + "{id}":               s.first(panes.OnPage),
		"POST /link/v2/open":                     s.open,
		"POST /link/v2/act":                      s.act,
		"GET /link/v2/oauth/return":              s.returned,
		"GET " + panes.LogosAt + "{env}/{image}": s.logo,
		"GET " + assetsAt + "{name}":             s.asset,
	} {
		pages[pattern] = s.page(pattern, serve)
	}
	return pages
}

type service struct {
	flow Flow
	log  *slog.Logger
	ids  *ident.Source
	// origin is the server's own.
	origin string
}

// call is one request on its way.
type call struct {
	w  http.ResponseWriter
	r  *http.Request
	id string
	// leads is an origin to which the answer of a page's form may lead, besides the server's own; empty for none.
	leads string
}

func (c *call) ctx() context.Context { return c.r.Context() }

// page is what all requests have: an id, the headers that hold for everything, and a log of faults. The log has the pattern and
// not the path, which may be a secret.
func (s *service) page(pattern string, serve func(*call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), actTimeout)
		defer cancel()
		c := &call{w: w, r: r.WithContext(ctx), id: s.ids.RequestID()}
		h := w.Header()
		h.Set("Weft-Request-Id", c.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		defer func() {
			if p := recover(); p != nil {
				s.log.ErrorContext(ctx, "link page panicked", "request_id", c.id, "page", pattern, "error", fmt.Sprint(p), "stack", string(debug.Stack()))
				http.Error(w, "The server has failed; its log says why.", http.StatusInternalServerError)
			}
		}()
		if err := serve(c); err != nil {
			s.failed(c, pattern, err)
			http.Error(w, "The server has failed; its log says why.", http.StatusInternalServerError)
		}
	})
}

// failed logs a fault of the server's own. A person who has gone is none.
func (s *service) failed(c *call, what string, err error) {
	if c.ctx().Err() == nil || !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(c.ctx(), "link page failed", "request_id", c.id, "page", what, "error", err.Error())
	}
}

// meaning is an error in the contract's shape. What is not one is the server's own fault, and is logged.
func (s *service) meaning(c *call, what string, err error) *plaid.Error {
	var pe *plaid.Error
	if !errors.As(err, &pe) {
		pe = plaid.Err(plaid.InternalServerError)
	}
	if pe.Status >= http.StatusInternalServerError {
		s.failed(c, what, err)
	}
	return pe
}

// own reports whether a request comes from a page of this server. Browsers say so themselves where the connection is safe; else
// the origin must be the server's, by the name that it knows or by the one that it was asked under.
func (s *service) own(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin := r.Header.Get("Origin")
	return origin != "" && (origin == s.origin || origin == "http://"+r.Host || origin == "https://"+r.Host)
}

// document answers with a page. Its script and style are the server's own files, and nothing else is loaded. ancestors are who
// may show it in a frame, nobody if empty.
func (c *call) document(status int, host string, ancestors []string, html string) error {
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
	if c.leads != "" {
		policy += " " + c.leads
	}
	switch {
	case host == panes.OnPage:
		policy += "; frame-ancestors 'none'"
		h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups") // the bank's window stays in reach
	case len(ancestors) > 0:
		policy += "; frame-ancestors " + strings.Join(ancestors, " ")
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), display-capture=()")
	if h.Get("Referrer-Policy") == "" {
		h.Set("Referrer-Policy", "no-referrer")
	}
	if host == panes.InFrame { // a page that is isolated may show it too
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	}
	c.write(status, []byte(html))
	return nil
}

// json answers with a value.
func (c *call) json(status int, value any) error {
	body, err := plaid.JSON(value)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.write(status, body)
	return nil
}

func (c *call) write(status int, body []byte) {
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // a reader that has gone need not be told
}
