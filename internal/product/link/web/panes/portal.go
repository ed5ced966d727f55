package panes

import (
	"html/template"

	"weft/internal/product/link/portal"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web/words"
)

// Kinds of the portal's pages.
const (
	PortalHome   = "home"
	PortalRemove = "remove"
	PortalDone   = "done"
	// PortalNotice says why there is nothing else.
	PortalNotice = "notice"
)

// Portal is a page of the portal.
type Portal struct {
	Kind string
	portal.Home
	// Form is what forms bring.
	Form string
	// Said is what has just happened, Failed that it is no good; empty for nothing. Of a notice it is why there is no other page.
	Said   string
	Failed bool
}

// portalPage is what the portal's templates see.
type portalPage struct {
	page
	Assets
	Portal
	Language, Theme, Title string
}

// refreshAfter is a little more than a visit lasts without its person.
const refreshAfter = 31 * 60

// RefreshAfter is after how many seconds a page that was left alone is asked for anew: it says then that the visit has ended.
func (p portalPage) RefreshAfter() int { return refreshAfter }

// Named is an Item's name.
func (p portalPage) Named(i portal.Item) string {
	if i.Name == "" {
		return p.T("portal.typed")
	}
	return i.Name
}

// portalPart is the page with one thing of it.
type portalPart struct {
	portalPage
	It any
}

// With is the page with one thing of it.
func (p portalPage) With(it any) portalPart { return portalPart{p, it} }

// Logo is what the logo of an Item is drawn from.
func (p portalPage) Logo(i portal.Item) session.Institution {
	return session.Institution{ID: i.InstitutionID, Name: p.Named(i), Color: i.Color, HasLogo: i.HasLogo}
}

// KindOf is an account's kind in words.
func (p portalPage) KindOf(a portal.Account) string {
	return p.Subtype(session.Account{Type: a.Type, Subtype: a.Subtype})
}

// RenderPortal is a page of the portal.
func RenderPortal(assets Assets, d Portal) (template.HTML, error) {
	book := words.For(d.Language)
	p := portalPage{page: page{View: session.View{Environment: d.Environment, Language: book.Language, ClientName: d.ClientName}, book: book}, Assets: assets, Portal: d,
		Language: book.Language, Theme: d.Theme}
	p.Title = p.T("portal." + d.Kind + ".title")
	switch d.Kind {
	case PortalRemove:
		p.Title = p.T("portal.remove.title", "institution", p.Named(d.Items[0]))
	case PortalNotice:
		p.Title = p.T("portal.notice." + d.Said + ".title")
	}
	return execute("portal", p)
}
