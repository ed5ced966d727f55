package contract

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/wefttest"
)

// testStatements: real statement files, imported and read by every endpoint that covers them.
func testStatements(t *testing.T, p *probe) {
	dir := needs.Shared(t, "fixtures")
	p = p.with("Plaid-Secret", wefttest.ProductionSecret)
	read := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".ofx", ".qfx", ".ofx2", ".sgml"}, filepath.Ext(path)) {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		t.Run(name, func(t *testing.T) { read += p.readStatement(t, path) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 30 {
		t.Errorf("only %d Items were made of all files", read)
	}
}

// readStatement imports a file as a client of its own, reads what came of it, and returns how many Items it made.
func (p *probe) readStatement(t *testing.T, path string) int {
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	outcome := importFile(t, p.Server, filepath.Base(path), content)
	for _, it := range outcome.Items {
		if it.AccessToken == "" {
			continue // a file before has made this Item, and it was read then
		}
		var a accountsAnswer
		p.ok(t, "/accounts/get", about(it.AccessToken)).into(t, &a)
		p.ok(t, "/item/get", about(it.AccessToken))
		invested := false
		for _, account := range a.Accounts {
			invested = invested || account.Type == "investment"
		}
		if invested {
			p.ok(t, holdingsGet, about(it.AccessToken))
			p.ok(t, transactionsGet, about(it.AccessToken, "start_date", "1990-01-01", "end_date", "2040-01-01"))
		}
	}
	return len(outcome.Items)
}

// imported is what the server says of one file.
type imported struct {
	Items []struct {
		AccessToken string `json:"access_token"`
		ItemID      string `json:"item_id"`
	} `json:"items"`
	Error *struct {
		Message string `json:"error_message"`
	} `json:"error"`
}

// importFile sends a file as a browser or curl would.
func importFile(t *testing.T, s *wefttest.Server, name string, content []byte) imported {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	status, body, err := s.Post("/weft/import", form.Bytes(), http.Header{
		"Content-Type": {w.FormDataContentType()}, "Plaid-Secret": {wefttest.ProductionSecret},
	})
	var outcome struct {
		Files []imported `json:"files"`
	}
	if err == nil {
		err = json.Unmarshal(body, &outcome)
	}
	if err != nil || status != http.StatusOK || len(outcome.Files) != 1 {
		t.Fatalf("import %s: %d %s %v", name, status, body, err)
	}
	if e := outcome.Files[0].Error; e != nil {
		t.Logf("%s: %s", name, e.Message)
	}
	return outcome.Files[0]
}

// TestStatementsThroughNodeClient reads brokers' real files through Plaid's own client, digit for digit.
func TestStatementsThroughNodeClient(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	dir := needs.Shared(t, "fixtures/ofxparse/tests/fixtures")
	needs.Packages(t, "node")
	s := wefttest.NewServer(t)
	env := []string{"WEFT_URL=" + s.URL, "WEFT_CLIENT_ID=" + s.ClientID, "WEFT_SECRET=" + wefttest.ProductionSecret, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1"}
	for _, file := range []string{"fidelity", "vanguard", "td_ameritrade", "vanguard401k"} {
		content, err := os.ReadFile(filepath.Join(dir, file+".ofx"))
		if err != nil {
			t.Fatal(err)
		}
		outcome := importFile(t, s, file+".ofx", content)
		if len(outcome.Items) != 1 {
			t.Fatalf("%s made %d Items", file, len(outcome.Items))
		}
		env = append(env, "WEFT_TOKEN_"+strings.ToUpper(file)+"="+outcome.Items[0].AccessToken)
	}
	runNode(t, node, "statements.test.mjs", env)
}
