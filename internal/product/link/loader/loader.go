// Package loader serves link-initialize.js, which a client's page loads: it sets window.Plaid, and keeps the frame in which
// Link runs.
package loader

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"weft/internal/httpapi"
)

// Path is where pages look for the script. The script finds its host by it.
const Path = "/link/v2/stable/link-initialize.js"

//go:embed link-initialize.js
var script []byte

// cacheControl: a page that is loaded anew asks whether the script has changed after at most an hour.
const cacheControl = "public, max-age=3600"

// Handler serves the script to pages of any origin: also to those that check its integrity, or that load nothing without
// Cross-Origin-Resource-Policy.
func Handler() http.Handler {
	sum := sha256.Sum256(script)
	tag := hex.EncodeToString(sum[:8])
	compressed := sync.OnceValue(func() []byte { return compress(script) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", cacheControl)
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Vary", "Accept-Encoding")
		h.Set("ETag", `"`+tag+`"`)
		body := script
		if httpapi.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("ETag", `"`+tag+`-gzip"`)
			h.Set("Content-Encoding", "gzip")
			body = compressed()
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}

func compress(b []byte) []byte {
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	_, _ = zw.Write(b) // writing to memory cannot fail
	_ = zw.Close()
	return buf.Bytes()
}
