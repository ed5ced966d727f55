package httpapi_test

import (
	"bytes"
	"testing"

	"weft/internal/httpapi"
	"weft/internal/plaid"
)

// A file is sent as it is: nothing is put in, and nothing is compressed.
func TestFile(t *testing.T) {
	content := make([]byte, 100_000)
	r := newRig()
	r.tells = func() (any, error) {
		return httpapi.File{Type: "application/pdf", Content: content, Header: map[string]string{"Plaid-Content-Hash": "ab"}}, nil
	}
	a := r.post("/tell", `{}`, "Accept-Encoding", "gzip", "Plaid-Version", "2018-05-22")
	if a.status != 200 || !bytes.Equal(a.body, content) || a.header.Get("Content-Type") != "application/pdf" || a.header.Get("Content-Length") != "100000" ||
		a.header.Get("Plaid-Content-Hash") != "ab" || a.header.Get("Content-Encoding") != "" || a.header.Get("Plaid-Request-Id") == "" {
		t.Errorf("%d %d bytes, %v", a.status, len(a.body), a.header)
	}
	r.tells = func() (any, error) { return httpapi.File{}, plaid.Err("ITEM_NOT_FOUND") }
	if a := r.post("/tell", `{}`); a.status != 400 || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%d %v", a.status, a.header)
	}
}
