package server

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/job"
	"weft/internal/needs"
	"weft/internal/product/transactions"
)

var update = flag.Bool("update", false, "write docs/endpoints.md anew")

const endpointsHead = `# Endpoints

The operations that the server has, all POST. Each is Plaid's operation of the same path, at Plaid-Version 2020-09-14 and
the older versions that a request may name; what is below /weft/ is Weft's own, and what is below /v1/plaid and
/v2/plaid is [Link Money's dialect](link-money.md). This page is made from the server's list of routes by
` + "`go test ./internal/server -run TestEndpoints -update`" + `.

| operation | summary | folder |
|---|---|---|
`

// TestEndpoints holds docs/endpoints.md to the routes.
func TestEndpoints(t *testing.T) {
	type row struct {
		httpapi.Route
		folder string
	}
	var rows []row
	for _, p := range products(&item.Service{}, nil, nil, job.New(job.Config{}), transactions.Options{}, "") {
		for _, r := range p.Routes {
			rows = append(rows, row{r, folderOf(t, p.Name)})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.Path, b.Path) })
	var page bytes.Buffer
	page.WriteString(endpointsHead)
	for _, r := range rows {
		fmt.Fprintf(&page, "| `%s` | %s | [%s](../%s) |\n", r.Path, r.Summary, filepath.Base(r.folder), r.folder)
	}
	file := filepath.Join(needs.Root(t), "docs", "endpoints.md")
	if *update {
		if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, page.Bytes()) {
		t.Error("docs/endpoints.md is not what the routes are now; write it anew: go test ./internal/server -run TestEndpoints -update")
	}
}

// folderOf is a product's folder, or a dialect's.
func folderOf(t *testing.T, name string) string {
	t.Helper()
	for _, folder := range []string{"internal/product/" + name, "internal/dialect/" + name} {
		if info, err := os.Stat(filepath.Join(needs.Root(t), folder)); err == nil && info.IsDir() {
			return folder
		}
	}
	t.Errorf("product %q has no folder of its name", name)
	return ""
}

var wellFormed = regexp.MustCompile(`^(/[a-z0-9_]+)+$`)

// TestRouteList: products are named after their folders, paths are there once, and each summary is one short line.
func TestRouteList(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range products(&item.Service{}, nil, nil, job.New(job.Config{}), transactions.Options{}, "") {
		folderOf(t, p.Name)
		for _, r := range p.Routes {
			if !wellFormed.MatchString(r.Path) || seen[r.Path] {
				t.Errorf("path %q is malformed or there twice", r.Path)
			}
			seen[r.Path] = true
			if n := len(r.Summary); n == 0 || n > 100 || strings.ContainsAny(r.Summary, "\n|") || strings.HasSuffix(r.Summary, ".") {
				t.Errorf("%s: the summary must be one line of at most 100 characters without a full stop: %q", r.Path, r.Summary)
			}
		}
	}
}
