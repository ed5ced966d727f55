// Package panes renders what a person sees of Link: one template for each pane of a session, and the documents around them.
// Everything that banks, clients and people have written passes through html/template, and nothing here asks it not to look.
package panes

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web/words"
)

//go:embed templates/*.html
var files embed.FS

// templates are parsed when the first pane is rendered.
var templates = sync.OnceValue(func() *template.Template { return template.Must(template.New("").ParseFS(files, "templates/*.html")) })

// Options say what a pane's view does not.
type Options struct {
	// Embedded: the page stands inside the client's own, and cannot be closed.
	Embedded bool
	// Offline: there is no session, so that leaving is the page's own affair.
	Offline bool
}

// Rendered is a pane as HTML, and its title as text.
type Rendered struct {
	HTML  template.HTML
	Title string
}

// Render renders a view's pane.
func Render(view session.View, o Options) (Rendered, error) {
	p := page{View: view, Options: o, book: words.For(view.Language)}
	html, err := execute("pane", p)
	if err != nil {
		return Rendered{}, fmt.Errorf("render the pane %s: %w", view.Pane, err)
	}
	return Rendered{HTML: html, Title: p.Title()}, nil
}

// execute is what a template makes. It has escaped what it was given, so others can take it as it is.
func execute(name string, data any) (template.HTML, error) {
	var out strings.Builder
	if err := templates().ExecuteTemplate(&out, name, data); err != nil {
		return "", err
	}
	return template.HTML(out.String()), nil
}

// page is what templates see: the view, and how its members are put into words.
type page struct {
	session.View
	Options
	book *words.Book
}

// part is the page with one thing of it, for templates that show a thing.
type part struct {
	page
	It any
}

// With is the page with one thing of it.
func (p page) With(it any) part { return part{p, it} }

// T is a text; see [words.Book.Text].
func (p page) T(key string, pairs ...string) string { return p.book.Text(key, pairs...) }

// N is a text with a number; see [words.Book.Count].
func (p page) N(key string, n int, pairs ...string) string { return p.book.Count(key, n, pairs...) }

// Clean is a name without what would change the text around it.
func (p page) Clean(name string) string { return words.Clean(name) }

// Money is an amount in the page's language.
func (p page) Money(amount, currency string) string { return p.book.Money(amount, currency) }

// Key is a key of the pane's own texts.
func (p page) Key(name string) string { return string(p.Pane) + "." + name }

// Updated is the name of a text that is another one where an Item is brought up to date.
func (p page) Updated(name string) string {
	if p.UpdateMode {
		return name + "_update"
	}
	return name
}

// Content is the pane itself, within the frame.
func (p page) Content() (template.HTML, error) { return execute("pane-"+string(p.Pane), p) }

// Sandbox: what is done here is only a test.
func (p page) Sandbox() bool { return p.Environment == plaid.Sandbox && !p.Embedded }

// CloseAction is what the cross does: a session that is over is not left again.
func (p page) CloseAction() string {
	if p.Pane == session.PaneEnded {
		return session.ActAlreadyFinal
	}
	return session.ActExit
}

// Seconds after which a page that was left alone ends: soon where accounts or a bank's questions are open. 0 is never.
const (
	idleSoon = 5 * 60
	idleLate = 15 * 60
)

// Idle is the number of seconds after which the page ends that was left alone.
func (p page) Idle() int {
	switch p.Pane {
	case session.PaneMFA, session.PaneAccounts:
		return idleSoon
	case session.PaneOAuth, session.PaneLoading, session.PaneConnected, session.PaneError, session.PaneExit, session.PaneEnded:
		return 0
	}
	return idleLate
}

// Bank is the institution's name.
func (p page) Bank() string {
	if p.Institution == nil || p.Institution.Name == "" {
		return p.T("frame.bank")
	}
	return p.Institution.Name
}

// Title is the pane's heading.
func (p page) Title() string {
	institution := []string{"institution", p.Bank()}
	switch p.Pane {
	case session.PaneConsent:
		if p.UpdateMode {
			return p.T("consent.title_update", institution...)
		}
		return p.T("consent.title", "client", p.ClientName)
	case session.PaneMFA:
		switch p.MFA.Kind {
		case "device", "code":
			return p.T("mfa.title_" + p.MFA.Kind)
		}
		return p.T("mfa.title_questions")
	case session.PaneOAuth:
		if p.OAuth.Opened {
			return p.T("oauth.waiting", institution...)
		}
	case session.PaneLoading:
		if p.Institution == nil {
			return p.T("loading.title_any")
		}
	case session.PaneAccounts:
		if p.Accounts.Single {
			return p.T("accounts.title_single")
		}
	case session.PaneError:
		return p.T(p.failureKey()+".title", institution...)
	case session.PaneUpload, session.PaneToken:
		return p.T(p.Key(p.Updated("title")), institution...)
	case session.PaneEnded:
		if p.Connected != nil {
			return p.T("ended.title_connected")
		}
	}
	return p.T(p.Key("title"), institution...)
}
