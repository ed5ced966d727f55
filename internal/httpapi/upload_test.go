package httpapi_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/store"
)

const formType = "multipart/form-data; boundary=cut"

// uploads is an API of one endpoint that takes files, and what it was given last.
func uploads() (*rig, *[]httpapi.Upload) {
	var got []httpapi.Upload
	endpoint := httpapi.NewUpload(func(_ context.Context, call *httpapi.Call) (store.Tenant, error) {
		if call.Secret != "right" {
			return store.Tenant{}, plaid.Err("INVALID_API_KEYS")
		}
		return store.Tenant{Client: call.ClientID}, nil
	}, func(_ context.Context, _ store.Tenant, u httpapi.Upload) (httpapi.None, error) {
		got = append(got, u)
		return httpapi.None{}, nil
	})
	api := &httpapi.API{Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, IDs: ident.System(), BaseURL: func() string { return baseURL }}
	return &rig{handler: api.Handler([]httpapi.Route{{Path: "/upload", Endpoint: endpoint}}, nil)}, &got
}

// part is one field of a form.
func part(header, content string) string {
	return "--cut\r\nContent-Disposition: form-data; " + header + "\r\n\r\n" + content + "\r\n"
}

const formEnd = "--cut--\r\n"

func TestUpload(t *testing.T) {
	r, got := uploads()
	binary := "\x00\xff\r\n--cu\r\n\xfe"
	body := part(`name="file"; filename="a.ofx"`, "first") + part(`name="dry_run"`, "true") + part(`name="file"; filename="b.qfx"`, binary) + formEnd
	succeeds(t, "upload", r.post("/upload", body, "Content-Type", formType))
	if len(*got) != 1 {
		t.Fatalf("called %d times", len(*got))
	}
	u := (*got)[0]
	if len(u.Files) != 2 || u.Files[0].Name != "a.ofx" || string(u.Files[0].Content) != "first" || u.Files[1].Name != "b.qfx" || string(u.Files[1].Content) != binary ||
		len(u.Values) != 1 || u.Values["dry_run"] != "true" {
		t.Errorf("got %q", u)
	}
	succeeds(t, "no fields", r.post("/upload", formEnd, "Content-Type", formType))
	// A name that would climb out of a folder has lost its folders.
	succeeds(t, "path", r.post("/upload", part(`name="file"; filename="../../etc/passwd"`, "x")+formEnd, "Content-Type", formType))
	if u := (*got)[len(*got)-1]; u.Files[0].Name != "passwd" {
		t.Errorf("the file's name is %q", u.Files[0].Name)
	}
	// Statements are larger than requests.
	large := strings.Repeat("x", 3<<20)
	succeeds(t, "large", r.post("/upload", part(`name="file"; filename="a"`, large)+formEnd, "Content-Type", formType))
	if u := (*got)[len(*got)-1]; string(u.Files[0].Content) != large {
		t.Errorf("%d bytes came", len(u.Files[0].Content))
	}
}

func TestUploadRefuses(t *testing.T) {
	good := part(`name="file"; filename="a"`, "x") + formEnd
	for _, c := range []struct{ what, body, contentType, want string }{
		{"JSON", `{}`, "application/json", `INVALID_HEADERS: Content-Type must be multipart/form-data, not "application/json"`},
		{"no type", good, "", "INVALID_HEADERS: Content-Type must be multipart/form-data with a boundary"},
		{"no boundary", good, "multipart/form-data", "INVALID_HEADERS: Content-Type must be multipart/form-data with a boundary"},
		{"empty boundary", good, "multipart/form-data; boundary=", "INVALID_HEADERS: Content-Type must be multipart/form-data with a boundary"},
		{"broken type", good, "multipart/form-data; boundary=\"", "INVALID_HEADERS: Content-Type must be multipart/form-data with a boundary"},
		{"other boundary", good, "multipart/form-data; boundary=other", "INVALID_BODY: body is not a well-formed form"},
		{"cut", good[:len(good)-len(formEnd)-4], formType, "INVALID_BODY: body is not a well-formed form"},
		{"cut between two fields", good[:len(good)-len(formEnd)] + "--cut\r\n", formType, "INVALID_BODY: body is not a well-formed form"},
		{"empty", "", formType, "INVALID_BODY: body is not a well-formed form"},
		{"not a form", "hello", formType, "INVALID_BODY: body is not a well-formed form"},
		{"long value", part(`name="dry_run"`, strings.Repeat("x", 5000)) + formEnd, formType, invalid + "dry_run is too long"},
	} {
		r, got := uploads()
		if p := problem(t, r.post("/upload", c.body, "Content-Type", c.contentType)); p != c.want || len(*got) != 0 {
			t.Errorf("%s: got %s", c.what, p)
		}
	}
	// Who may not call learns nothing of the form.
	for secret, want := range map[string]string{"": noSecret, "wrong": wrongKeys} {
		r, _ := uploads()
		if p := problem(t, r.send("/upload", "hello", "Content-Type", formType, "PLAID-CLIENT-ID", "client", "PLAID-SECRET", secret)); p != want {
			t.Errorf("secret %q: got %s", secret, p)
		}
	}
}

func FuzzUpload(f *testing.F) {
	f.Add(part(`name="file"; filename="a"`, "x") + part(`name="dry_run"`, "true") + formEnd)
	f.Add("--cut\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=zz\r\n--cut--")
	f.Add("--cut--")
	f.Add("")
	f.Fuzz(func(t *testing.T, body string) {
		r, got := uploads()
		a := r.post("/upload", body, "Content-Type", formType)
		if a.status == 200 && len(*got) == 1 {
			return
		}
		problem(t, a)
		if a.status < 400 || a.status > 499 || len(*got) != 0 {
			t.Fatalf("%q: status %d, %s", body, a.status, a.body)
		}
	})
}
