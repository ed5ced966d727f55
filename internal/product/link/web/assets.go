package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"weft/internal/product/link/web/panes"
)

//go:embed assets/*.css assets/*.js assets/*.svg
var sources embed.FS

// asset is a file that pages load, at an address that has its hash: another content is at another address, so it is kept for
// ever.
type asset struct {
	media         string
	plain, zipped []byte
}

// assets are the files by their addresses' last parts, and their addresses by what pages call them. They are compressed when the
// first page is asked for: a server that is not does without.
var assets = sync.OnceValues(loadAssets)

// linked are the addresses of the files.
func linked() panes.Assets {
	_, at := assets()
	return at
}

// hashLength is how much of a file's hash its address has.
const hashLength = 16

// medias are the types of the files, by their endings.
var medias = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

func loadAssets() (map[string]asset, panes.Assets) {
	all, at := map[string]asset{}, map[string]string{}
	entries, err := sources.ReadDir("assets")
	if err != nil {
		panic(err) // the files are in the binary
	}
	for _, entry := range entries {
		plain, err := sources.ReadFile("assets/" + entry.Name())
		if err != nil {
			panic(err)
		}
		hash := sha256.Sum256(plain)
		ending := path.Ext(entry.Name())
		name := strings.TrimSuffix(entry.Name(), ending) + "." + hex.EncodeToString(hash[:])[:hashLength] + ending
		all[name] = asset{media: medias[ending], plain: plain, zipped: zip(plain)}
		at[entry.Name()] = assetsAt + name
	}
	return all, panes.Assets{CSS: at["link.css"], Script: at["link.js"], Opener: at["open.js"], Closer: at["close.js"], Icon: at["icon.svg"]}
}

func zip(plain []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is one of the package's
	}
	_, _ = w.Write(plain) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

func (s *service) asset(c *call) error {
	all, _ := assets()
	a, ok := all[c.r.PathValue("name")]
	if !ok {
		http.NotFound(c.w, c.r)
		return nil
	}
	h := c.w.Header()
	h.Set("Content-Type", a.media)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Encoding")
	body := a.plain
	if acceptsGzip(c.r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	c.write(http.StatusOK, body)
	return nil
}

// acceptsGzip reads a header Accept-Encoding, where a weight of 0 is a refusal.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, weighted := strings.Cut(part, ";")
		if strings.TrimSpace(name) == "gzip" {
			return !weighted || strings.Trim(strings.TrimPrefix(strings.TrimSpace(weight), "q="), "0.") != ""
		}
	}
	return false
}

// logo answers with an institution's logo.
func (s *service) logo(c *call) error {
	id, isPNG := strings.CutSuffix(c.r.PathValue("image"), ".png")
	var png []byte
	found := false
	if isPNG {
		png, found = s.flow.Logo(c.ctx(), c.r.PathValue("env"), id)
	}
	h := c.w.Header()
	if !found {
		http.NotFound(c.w, c.r)
		return nil
	}
	hash := sha256.Sum256(png)
	tag := strconv.Quote(hex.EncodeToString(hash[:])[:hashLength])
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", tag)
	if c.r.Header.Get("If-None-Match") == tag {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	c.write(http.StatusOK, png)
	return nil
}
