package httpapi

import (
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"weft/internal/plaid"
)

// ErrorPages are the pages that documentation_url leads to: /weft/errors lists the catalogue (JSON where it is asked for
// by the Accept header), /weft/errors/CODE explains one code.
func ErrorPages(log *slog.Logger) map[string]http.Handler {
	list := func(w http.ResponseWriter, r *http.Request) {
		if prefersJSON(r.Header.Get("Accept")) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			if err := json.NewEncoder(w).Encode(map[string]any{"errors": plaid.Catalogue()}); err != nil {
				log.DebugContext(r.Context(), "errors page", "error", err)
			}
			return
		}
		page(w, r, log, http.StatusOK, plaid.Catalogue())
	}
	one := func(w http.ResponseWriter, r *http.Request) {
		d, ok := plaid.Lookup(plaid.Code(r.PathValue("code")))
		if !ok {
			page(w, r, log, http.StatusNotFound, nil)
			return
		}
		page(w, r, log, http.StatusOK, []plaid.Definition{d})
	}
	return map[string]http.Handler{
		"GET /weft/errors":        http.HandlerFunc(list),
		"GET /weft/errors/{code}": http.HandlerFunc(one),
	}
}

// prefersJSON reports whether an Accept header names JSON before HTML. A browser names HTML first.
func prefersJSON(accept string) bool {
	data, html := strings.Index(accept, "application/json"), strings.Index(accept, "text/html")
	return data >= 0 && (html < 0 || data < html)
}

func page(w http.ResponseWriter, r *http.Request, log *slog.Logger, status int, definitions []plaid.Definition) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := errorsTemplate().Execute(w, definitions); err != nil {
		log.DebugContext(r.Context(), "errors page", "error", err) // the reader has gone
	}
}

var errorsTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("errors").Parse(errorsHTML)) })

const errorsHTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{if eq (len .) 1}}{{(index . 0).Code}} · {{end}}Weft errors</title>
<style>
:root { color-scheme: light dark; --text: #1d2733; --soft: #566272; --line: #d8dee6; --back: #fbfcfd; --card: #fff; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --text: #e8edf3; --soft: #a3afbd; --line: #303a46; --back: #12171d; --card: #1a2129; --accent: #7db8f5; } }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
p.lead { color: var(--soft); margin: 0 0 1.75rem; }
a { color: var(--accent); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; margin: 0 0 1rem; }
h2 { font: 600 1.02rem/1.4 ui-monospace, monospace; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 a { color: inherit; text-decoration: none; }
h2 a:hover, h2 a:focus-visible { text-decoration: underline; }
dl { margin: 0; display: grid; grid-template-columns: 9rem 1fr; gap: .3rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
</style>
</head>
<body>
<main>
{{if not .}}<h1>No such error code</h1>
<p class="lead">Weft has no error with this code. <a href="/weft/errors">See all error codes.</a></p>
{{else}}{{if eq (len .) 1}}<h1>Error code</h1>
<p class="lead">What Weft answers, and what to do about it. <a href="/weft/errors">All error codes</a></p>
{{else}}<h1>Error codes</h1>
<p class="lead">Every error has a type and a code. error_message says what was wrong in the request at hand; request_id finds it in the server's log.</p>
{{end}}{{range .}}<article>
<h2><a href="/weft/errors/{{.Code}}">{{.Code}}</a></h2>
<dl>
<dt>error_type</dt><dd>{{.Type}}</dd>
<dt>HTTP status</dt><dd>{{.Status}}</dd>
<dt>error_message</dt><dd>{{.Message}}</dd>
{{with .Display}}<dt>display_message</dt><dd>{{.}}</dd>
{{end}}{{with .Action}}<dt>What to do</dt><dd>{{.}}</dd>
{{end}}</dl>
</article>
{{end}}{{end}}</main>
</body>
</html>
`
