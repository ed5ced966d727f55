package loader_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"weft/internal/product/link/loader"
)

func get(t *testing.T, method string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, loader.Path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	loader.Handler().ServeHTTP(w, r)
	return w.Result()
}

func script(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("link-initialize.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHeaders(t *testing.T) {
	res := get(t, "GET")
	for name, want := range map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600",
		"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "Vary": "Accept-Encoding", "Content-Encoding": "",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if body := read(t, res.Body); res.StatusCode != http.StatusOK || body != script(t) {
		t.Errorf("%d with %d bytes", res.StatusCode, len(body))
	}
}

func TestCompressed(t *testing.T) {
	res := get(t, "GET", "Accept-Encoding", "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("headers %v", res.Header)
	}
	zr, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, zr) != script(t) {
		t.Error("another script is sent compressed")
	}
}

// Each form of the script has a tag of its own, and is not sent again to one who has it.
func TestTags(t *testing.T) {
	tags := map[string]bool{}
	for _, encoding := range []string{"identity", "gzip"} {
		tag := get(t, "GET", "Accept-Encoding", encoding).Header.Get("ETag")
		tags[tag] = true
		for _, held := range []string{tag, `"other", ` + tag, "W/" + tag} {
			res := get(t, "GET", "Accept-Encoding", encoding, "If-None-Match", held)
			if res.StatusCode != http.StatusNotModified || read(t, res.Body) != "" || res.Header.Get("ETag") != tag {
				t.Errorf("%s, %s: %d %v", encoding, held, res.StatusCode, res.Header)
			}
		}
		if res := get(t, "GET", "Accept-Encoding", encoding, "If-None-Match", `"other"`); res.StatusCode != http.StatusOK {
			t.Errorf("%s, another tag: %d", encoding, res.StatusCode)
		}
	}
	if len(tags) != 2 {
		t.Errorf("tags %v", tags)
	}
}

func TestMethods(t *testing.T) {
	if res := get(t, "HEAD"); res.StatusCode != http.StatusOK || read(t, res.Body) != "" {
		t.Errorf("HEAD: %d", res.StatusCode)
	}
	if res := get(t, "POST"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", res.StatusCode, res.Header)
	}
}

// The script is small: it is loaded with each page of a client that links. And it names no host but Plaid's, for the element
// that keeps react-plaid-link from loading anything from there.
func TestScript(t *testing.T) {
	const most, mostCompressed = 12_000, 4_500
	plain, compressed := len(script(t)), len(read(t, get(t, "GET", "Accept-Encoding", "gzip").Body))
	if plain > most || compressed > mostCompressed {
		t.Errorf("%d bytes, %d compressed; %d and %d are allowed", plain, compressed, most, mostCompressed)
	}
	for _, address := range regexp.MustCompile(`https?://[\w.-]+`).FindAllString(script(t), -1) {
		if address != "https://cdn.plaid.com" {
			t.Errorf("the script names %s", address)
		}
	}
	if !strings.Contains(script(t), "var PATH = '"+loader.Path+"';") {
		t.Errorf("the script looks for itself elsewhere than at %s", loader.Path)
	}
}
