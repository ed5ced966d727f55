package panes

import (
	"html/template"

	"weft/internal/product/link/web/words"
)

// Assets are the addresses of what documents load.
type Assets struct{ CSS, Script, Opener, Closer, Icon string }

// Hosts are where a document stands: in a frame of the client's page, or as a page of its own.
const (
	InFrame = "frame"
	OnPage  = "page"
)

// First is the document that opens a session: the same for everyone.
func First(assets Assets, host string) (template.HTML, error) {
	return execute("first", struct {
		Assets
		page
		Host string
	}{assets, page{book: words.For(words.Fallback)}, host})
}

// Document is a session's document.
type Document struct {
	Assets
	Language, Theme, Host string
	Embedded              bool
	// Boot is what the script begins with, as JSON.
	Boot string
	Pane Rendered
}

// Session is the document of a session, with its first pane.
func Session(d Document) (template.HTML, error) {
	book := words.For(d.Language)
	return execute("document", struct {
		page
		Assets
		Language, Theme, Host, Boot, Title string
		Embedded                           bool
		Pane                               template.HTML
	}{page{book: book}, d.Assets, book.Language, d.Theme, d.Host, d.Boot, d.Pane.Title, d.Embedded, d.Pane.HTML})
}

// Return is the page where a bank's answer leads to: it closes itself, or says that the answer came too late.
func Return(assets Assets, language string, closes bool) (template.HTML, error) {
	book := words.For(language)
	title, lead := book.Text("return.title"), book.Text("return.lead")
	if !closes {
		title, lead = book.Text("return.failed"), book.Text("return.failed_lead")
	}
	return execute("return", struct {
		Assets
		Language, Title, Lead string
		Closes                bool
	}{assets, book.Language, title, lead, closes})
}
