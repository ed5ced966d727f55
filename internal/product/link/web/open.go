package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web/panes"
	"weft/internal/product/link/web/words"
)

// first is the document that a frame or an address begins with. It knows nothing: its script posts to /link/v2/open what the
// page around it, or its own address, says. Programs that look at addresses in messages thus open no session.
func (s *service) first(host string) func(*call) error {
	document := sync.OnceValues(func() (html, tag string) {
		text, err := panes.First(linked(), host)
		if err != nil {
			panic(err) // a template of ours
		}
		hash := sha256.Sum256([]byte(text))
		return string(text), strconv.Quote(hex.EncodeToString(hash[:])[:hashLength])
	})
	return func(c *call) error {
		html, tag := document()
		h := c.w.Header()
		// Under no-referrer, browsers hide the origin of the form that the document posts.
		h.Set("Referrer-Policy", "same-origin")
		if host == panes.InFrame {
			h.Set("Cache-Control", "public, no-cache")
			h.Set("ETag", tag)
			if c.r.Header.Get("If-None-Match") == tag {
				c.w.WriteHeader(http.StatusNotModified)
				return nil
			}
		}
		// file: and pages without an origin are no hosts, which is what * stands for.
		return c.document(http.StatusOK, host, []string{"*", "file:", "data:", "blob:"}, html)
	}
}

// longestForm bounds the form that opens Link.
const longestForm = 64 << 10

// opening is the form that opens Link, as it was posted.
type opening struct {
	Opening
	nonce   string
	webview bool
}

// boot is what a session's document begins with.
type boot struct {
	Key      string `json:"key,omitempty"`
	Nonce    string `json:"nonce,omitempty"`
	Parent   string `json:"parent,omitempty"`
	Embedded bool   `json:"embedded,omitempty"`
	Webview  bool   `json:"webview,omitempty"`
	// Address is that of the page, which is put back where the form's was.
	Address string `json:"address,omitempty"`
	answer
}

// open begins a session and answers with its document.
func (s *service) open(c *call) error {
	o, err := s.readOpening(c)
	if err != nil {
		return s.refuse(c, err)
	}
	b := boot{Nonce: o.nonce, Parent: o.Origin, Embedded: o.Embedded, Webview: o.webview}
	if o.HostedID != "" {
		b.Address = hostedAt + url.PathEscape(o.HostedID)
	}
	key, a, err := s.flow.Open(c.ctx(), o.Opening)
	status := http.StatusOK
	var rendered panes.Rendered
	if err != nil {
		pe := s.meaning(c, "open", err)
		status = pe.Status
		b.answer, rendered, a.View, err = offline(c, pe, session.View{})
	} else {
		b.Key = key
		b.answer, rendered, err = answered(a, panes.Options{Embedded: o.Embedded})
	}
	if err != nil {
		return err
	}
	text, err := plaid.JSON(b)
	if err != nil {
		return err
	}
	d := panes.Document{
		Assets: linked(), Language: a.View.Language, Theme: theme(a.View.Theme), Host: hostOf(o.Opening), Embedded: o.Embedded,
		Boot: string(text), Pane: rendered,
	}
	html, err := panes.Session(d)
	if err != nil {
		return err
	}
	return c.document(status, d.Host, ancestors(o.Origin), string(html))
}

func hostOf(o Opening) string {
	if o.Origin == "" {
		return panes.OnPage
	}
	return panes.InFrame
}

func theme(of string) string {
	if of == "light" || of == "dark" {
		return of
	}
	return "system"
}

// noOrigin is the origin of pages that have none.
const noOrigin = "null"

// ancestors is who may show a session's document: the page that opened it. One without an origin cannot be named in a policy, so
// nothing is said there; whether such a page may open Link at all was the flow's to say.
func ancestors(origin string) []string {
	if origin == noOrigin {
		return nil
	}
	return []string{origin}
}

// originShape is what an origin looks like: of the web, or of the frameworks for apps, which have schemes of their own.
var originShape = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// readOpening reads and checks the form.
func (s *service) readOpening(c *call) (opening, error) {
	if !s.own(c.r) {
		return opening{}, plaid.Errf("INVALID_HEADERS", "Link is opened by its own page")
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, longestForm)
	if err := c.r.ParseForm(); err != nil {
		return opening{}, plaid.Errf("INVALID_BODY", "the form could not be read, or is larger than %d bytes", longestForm)
	}
	form := c.r.PostForm
	o := opening{nonce: form.Get("nonce"), webview: form.Get("webview") == "true", Opening: Opening{
		LinkToken: form.Get("link_token"), HostedID: form.Get("hosted_id"), Origin: form.Get("origin"), RedirectURI: form.Get("received_redirect_uri"),
		Touch: form.Get("touch") == "true", Embedded: form.Get("embedded") == "true",
	}}
	if o.Origin == "file://" {
		o.Origin = noOrigin
	}
	if o.Origin != "" && o.Origin != noOrigin && !originShape.MatchString(o.Origin) {
		return opening{}, plaid.InvalidField("origin", "must be the origin of a page")
	}
	if legacy := form.Get("legacy"); legacy != "" {
		if err := json.Unmarshal([]byte(legacy), &o.Legacy); err != nil || o.Legacy == nil {
			return opening{}, plaid.InvalidField("legacy", "must be a JSON object")
		}
	}
	return o, nil
}

// refuse answers a form that no page of ours has sent.
func (s *service) refuse(c *call, err error) error {
	pe := s.meaning(c, "open", err)
	said, rendered, view, err := offline(c, pe, session.View{})
	if err != nil {
		return err
	}
	text, err := plaid.JSON(boot{answer: said})
	if err != nil {
		return err
	}
	html, err := panes.Session(panes.Document{Assets: linked(), Language: view.Language, Theme: "system", Host: panes.OnPage, Boot: string(text), Pane: rendered})
	if err != nil {
		return err
	}
	return c.document(pe.Status, panes.OnPage, nil, string(html))
}

// preferred is the language of Link that a browser likes best. What cannot be read of its wishes is left out first: the library
// refuses all of them for one language that it does not know.
func preferred(header string) string {
	wishes := slices.DeleteFunc(strings.Split(header, ","), func(wish string) bool {
		_, _, err := language.ParseAcceptLanguage(wish)
		return err != nil
	})
	tags, _, err := language.ParseAcceptLanguage(strings.Join(wishes, ","))
	if err != nil {
		return words.Fallback
	}
	for _, tag := range tags { // the best first
		base, _ := tag.Base()
		name := base.String()
		if name == "nb" || name == "nn" {
			name = "no"
		}
		if plaid.Known(plaid.Languages, name) {
			return name
		}
	}
	return words.Fallback
}
