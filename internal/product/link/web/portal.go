package web

import (
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/product/link/portal"
	"weft/internal/product/link/web/panes"
)

// portalAt is the portal's home.
const portalAt = portal.Path

// portalCookie has the key of a browser's session of the portal.
const portalCookie = "weft_portal"

// portalPages are the pages of the portal.
type portalPages struct {
	service
	portal *portal.Service
	// secure: people reach the server by https, and the cookie with it alone.
	secure bool
}

// NewPortal gives the portal's pages by method and path, as product.Product takes them.
func NewPortal(p *portal.Service, log *slog.Logger, ids *ident.Source) map[string]http.Handler {
	s := &portalPages{service: service{log: log, ids: ids}, portal: p}
	if u, err := url.Parse(p.BaseURL); err == nil {
		s.origin, s.secure = u.Scheme+"://"+u.Host, u.Scheme == "https"
	}
	pages := map[string]http.Handler{}
	for pattern, serve := range map[string]func(*call) error{
		"POST " + portalAt:                 s.enter,
		"GET " + portalAt:                  s.home,
		"GET " + portalAt + "/{opening}":   s.opened,
		"GET " + portalAt + "/remove/{id}": s.askRemoval,
		"POST " + portalAt + "/link":       s.form(s.link),
		"POST " + portalAt + "/repair":     s.form(s.repair),
		"POST " + portalAt + "/remove":     s.form(s.remove),
		"POST " + portalAt + "/done":       s.form(s.done),
	} {
		pages[pattern] = s.page(pattern, serve)
	}
	return pages
}

// enter begins a session for who brings a token: in a form, which may stand on a page of anyone's, or in a header.
func (s *portalPages) enter(c *call) error {
	if hasToken(c.r.URL.Query()) {
		return s.notice(c, http.StatusBadRequest, "address")
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, longestForm)
	if err := c.r.ParseForm(); err != nil {
		return s.notice(c, http.StatusBadRequest, "token")
	}
	form := c.r.PostForm
	a := portal.Arrival{Token: form.Get("token"), CompletionURI: form.Get("completion_redirect_uri"), Language: form.Get("language"), Theme: strings.ToUpper(form.Get("appearance_mode"))}
	if kind, token, ok := strings.Cut(c.r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "bearer") {
		a.Token = token
	}
	if !plaid.Known(plaid.Languages, a.Language) {
		a.Language = preferred(c.r.Header.Get("Accept-Language"))
	}
	if !plaid.Known([]string{"LIGHT", "DARK"}, a.Theme) {
		a.Theme = "SYSTEM"
	}
	key, opening, err := s.portal.Enter(c.ctx(), a)
	if err != nil {
		return s.refused(c, err)
	}
	s.keep(c, key, 0)
	return c.lead(portalAt + "/" + opening)
}

// hasToken reports whether an address has a token, under whatever name.
func hasToken(query url.Values) bool {
	for name, values := range query {
		if strings.Contains(strings.ToLower(name), "token") || strings.Contains(strings.Join(values, " "), "access-") {
			return true
		}
	}
	return false
}

// refused says why a person was not let in.
func (s *portalPages) refused(c *call, err error) error {
	pe := s.meaning(c, "portal", err)
	switch {
	case pe.Status >= http.StatusInternalServerError:
		return s.notice(c, pe.Status, "failed")
	case pe.Code == "INVALID_ACCESS_TOKEN":
		return s.notice(c, http.StatusUnauthorized, "token")
	}
	return s.notice(c, pe.Status, "completion")
}

// keep gives the browser the key of its session, for as long as it runs; age -1 takes it back.
func (s *portalPages) keep(c *call, key string, age int) {
	// Lax: the person comes from the client's page, and from Link.
	http.SetCookie(c.w, &http.Cookie{Name: portalCookie, Value: key, Path: portalAt, MaxAge: age, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// lead leads to a page by GET.
func (c *call) lead(location string) error {
	c.w.Header().Set("Location", location)
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	c.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// key is what the browser has of its session.
func (c *call) key() string {
	cookie, err := c.r.Cookie(portalCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// opened spends the id of the address to which enter has led.
func (s *portalPages) opened(c *call) error {
	if err := s.portal.Open(c.ctx(), c.key(), c.r.PathValue("opening")); err != nil {
		return s.failedPage(c, err)
	}
	return c.lead(portalAt)
}

// said are the words that a page may be asked to say of what was done.
var said = map[string]bool{"removed": false, "gone": true, "old": true, "many": true} // whether it is no good

func (s *portalPages) home(c *call) error {
	query := c.r.URL.Query()
	if hasToken(query) {
		return s.notice(c, http.StatusBadRequest, "address")
	}
	home, err := s.portal.Home(c.ctx(), c.key())
	if err != nil {
		return s.failedPage(c, err)
	}
	p := panes.Portal{Kind: panes.PortalHome, Home: home}
	if bad, known := said[query.Get("said")]; known {
		p.Said, p.Failed = query.Get("said"), bad
	}
	return s.show(c, p)
}

func (s *portalPages) askRemoval(c *call) error {
	home, err := s.portal.Find(c.ctx(), c.key(), c.r.PathValue("id"))
	if err != nil {
		return s.failedPage(c, err)
	}
	return s.show(c, panes.Portal{Kind: panes.PortalRemove, Home: home})
}

// form is a form of one of the session's pages. Others are not listened to: those of another site, and those of a page from before.
func (s *portalPages) form(do func(c *call, key, item string) error) func(*call) error {
	return func(c *call) error {
		c.r.Body = http.MaxBytesReader(c.w, c.r.Body, longestForm)
		key := c.key()
		if err := c.r.ParseForm(); err != nil || !s.own(c.r) || key == "" || subtle.ConstantTimeCompare([]byte(c.r.PostForm.Get("form")), []byte(s.portal.Form(key))) != 1 {
			return c.lead(portalAt + "?said=old")
		}
		if err := do(c, key, c.r.PostForm.Get("item")); err != nil {
			return s.failedPage(c, err)
		}
		return nil
	}
}

func (s *portalPages) link(c *call, key, _ string) error {
	path, err := s.portal.Link(c.ctx(), key)
	if err != nil {
		return err
	}
	return c.lead(path)
}

func (s *portalPages) repair(c *call, key, item string) error {
	path, err := s.portal.Repair(c.ctx(), key, item)
	if err != nil {
		return err
	}
	return c.lead(path)
}

func (s *portalPages) remove(c *call, key, item string) error {
	if err := s.portal.Remove(c.ctx(), key, item); err != nil {
		return err
	}
	return c.lead(portalAt + "?said=removed")
}

func (s *portalPages) done(c *call, key, _ string) error {
	who, err := s.portal.Done(c.ctx(), key)
	if err != nil {
		return err
	}
	s.keep(c, "", -1)
	if who.CompletionURI != "" {
		return c.lead(who.CompletionURI)
	}
	return s.show(c, panes.Portal{Kind: panes.PortalDone, Home: portal.Home{Visitor: who}})
}

// failedPage says what has come between.
func (s *portalPages) failedPage(c *call, err error) error {
	switch {
	case errors.Is(err, portal.ErrEnded):
		return s.notice(c, http.StatusForbidden, "ended")
	case errors.Is(err, portal.ErrTooMany):
		return c.lead(portalAt + "?said=many")
	}
	if pe := s.meaning(c, "portal", err); pe.Status >= http.StatusInternalServerError {
		return s.notice(c, pe.Status, "failed")
	}
	return c.lead(portalAt + "?said=gone")
}

// notice is a page that says why there is no other.
func (s *portalPages) notice(c *call, status int, why string) error {
	who := portal.Visitor{Language: preferred(c.r.Header.Get("Accept-Language"))}
	return s.answer(c, status, panes.Portal{Kind: panes.PortalNotice, Said: why, Home: portal.Home{Visitor: who}})
}

// show answers with a page of a session.
func (s *portalPages) show(c *call, p panes.Portal) error {
	p.Form = s.portal.Form(c.key())
	if u, err := url.Parse(p.CompletionURI); err == nil && u.Host != "" {
		c.leads = u.Scheme + "://" + u.Host
	}
	return s.answer(c, http.StatusOK, p)
}

func (s *portalPages) answer(c *call, status int, p panes.Portal) error {
	html, err := panes.RenderPortal(linked(), p)
	if err != nil {
		return err
	}
	// Under no-referrer, browsers hide the origin of the page's forms.
	c.w.Header().Set("Referrer-Policy", "same-origin")
	c.w.Header().Set("Vary", "Accept-Language, Cookie")
	return c.document(status, panes.OnPage, nil, string(html))
}
