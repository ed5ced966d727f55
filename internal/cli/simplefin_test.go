package cli_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An access that is made on the command line opens the Item at the running server, until it is removed there.
func TestSimpleFINBesideARunningServer(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil)
	file := filepath.Join(t.TempDir(), "statement.ofx")
	if err := os.WriteFile(file, []byte(statementFile(3)), 0o600); err != nil {
		t.Fatal(err)
	}
	imported := weft(t, nil, "import", "--data", s.data, file).succeeds(t)
	item := regexp.MustCompile(`item_id +(\w{37})`).FindStringSubmatch(imported.out)
	if item == nil {
		t.Fatalf("no Item in\n%s", imported.out)
	}
	made := weft(t, []string{"WEFT_PUBLIC_URL=" + s.url}, "simplefin", "create", "--data", s.data, "--name", "Budget", item[1], item[1]).succeeds(t)
	m := regexp.MustCompile(`access_id +(\w{37})\nsetup_token +([\w+/=]+)\n`).FindStringSubmatch(made.out)
	if m == nil {
		t.Fatalf("no setup token in\n%s", made.out)
	}
	claim, err := base64.StdEncoding.DecodeString(m[2])
	if err != nil || !strings.HasPrefix(string(claim), s.url+"/simplefin/claim/") {
		t.Fatalf("the setup token holds %q, %v", claim, err)
	}
	lists := func(part string) {
		t.Helper()
		list := weft(t, nil, "simplefin", "list", "--data", s.data).succeeds(t)
		if !strings.Contains(list.out, m[1]+"  Budget") || !strings.Contains(list.out, part) || strings.Count(list.out, item[1]) != 1 {
			t.Errorf("no %q in\n%s", part, list.out)
		}
	}
	lists("waits until")
	access := read(t, func() (*http.Response, error) { return http.Post(string(claim), "", http.NoBody) }, 200)
	lists("claimed")
	get := func() (*http.Response, error) { return http.Get(access + "/accounts") }
	if body := read(t, get, 200); !strings.Contains(body, "Larkfield Savings") {
		t.Errorf("read %s", body)
	}
	weft(t, nil, "simplefin", "remove", "--environment", "development", "--data", s.data, m[1]).fails(t, "another environment", 1, "none of the client's")
	weft(t, nil, "simplefin", "remove", "--data", s.data, m[1]).succeeds(t)
	read(t, get, 403)

	weft(t, nil, "simplefin", "create", "--data", s.data).fails(t, "no Item", 2, "ITEM_ID")
	weft(t, nil, "simplefin", "create", "--data", s.data, "nobody").fails(t, "an unknown Item", 1, "has no Item nobody")
	weft(t, nil, "simplefin", "create", "--data", s.data, "--environment", "sandbox", item[1]).fails(t, "another environment", 1, "has no Item")
	weft(t, nil, "simplefin", "create", "--data", s.data, "--public-url", "ftp://x", item[1]).fails(t, "no URL", 2, "--public-url")
	weft(t, nil, "simplefin", "create", "--data", s.data, "--name", "a\x1b[2J", item[1]).fails(t, "a name", 2, "--name must have")
	weft(t, nil, "simplefin", "remove", "--data", s.data).fails(t, "no ACCESS_ID", 2, "ACCESS_ID")
}

// read is the body of an answer of a status.
func read(t *testing.T, send func() (*http.Response, error), status int) string {
	t.Helper()
	res, err := send()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		t.Fatalf("%d %s, %v; want %d", res.StatusCode, body, err, status)
	}
	return string(body)
}
