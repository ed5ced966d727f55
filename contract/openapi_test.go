package contract

import (
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"weft/wefttest"
)

// TestOwnDocument: what the server says of itself is valid OpenAPI and has each of its routes, with what it takes.
func TestOwnDocument(t *testing.T) {
	s := wefttest.NewServer(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/weft/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := direct.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatalf("%d %s, %v", res.StatusCode, res.Header, err)
	}
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	routes, ids := s.Routes(), map[string]bool{}
	for _, path := range routes {
		item := doc.Paths.Value(path)
		if item == nil || item.Post == nil || item.Post.Summary == "" || ids[item.Post.OperationID] {
			t.Errorf("%s is not described, or not by an id of its own", path)
			continue
		}
		ids[item.Post.OperationID] = true
	}
	if doc.Paths.Len() != len(routes) {
		t.Errorf("%d paths are described, there are %d", doc.Paths.Len(), len(routes))
	}
	for path, want := range map[string][]string{
		"/transactions/get":                 {"access_token", "client_id", "secret", "start_date", "end_date", "options"},
		"/v2/plaid/transactions":            {"access_token", "item_id", "client_id", "secret", "start_date", "end_date", "options"},
		"/v1/plaid/configuration":           {"webhook_url", "subscriptions", "data_types", "client_id"},
		"/v1/plaid/institutions/get_by_id":  {"institution_id", "access_token"},
		"/investments/transactions/get":     {"start_date"},
		"/v1/plaid/asset_report/create":     {"access_tokens", "days_requested"},
		"/v1/plaid/investment/holdings/get": {"item_id"},
	} {
		body := doc.Paths.Value(path).Post.RequestBody.Value.Content.Get("application/json").Schema.Value
		for _, name := range want {
			if body.Properties[name] == nil {
				t.Errorf("%s: the body has no %s", path, name)
			}
		}
	}
	if got := doc.Paths.Value("/transactions/get").Post.RequestBody.Value.Content.Get("application/json").Schema.Value; !got.Properties["start_date"].Value.Type.Is("string") ||
		got.Properties["start_date"].Value.Format != "date" || len(got.Required) != 2 {
		t.Errorf("/transactions/get takes %+v", got)
	}
	for _, path := range []string{"/asset_report/pdf/get", "/asset_report/audit_copy/pdf/get", "/v1/plaid/asset_report/pdf/get", "/statements/download"} {
		content := doc.Paths.Value(path).Post.Responses.Status(http.StatusOK).Value.Content
		if file := content["application/pdf"]; len(content) != 1 || file == nil || file.Schema.Value.Format != "binary" {
			t.Errorf("%s does not answer a file", path)
		}
	}
	report := doc.Paths.Value("/v1/plaid/asset_report/create").Post.Responses.Status(http.StatusOK).Value.Content.Get("application/json").Schema.Value
	if report.Properties["asset_report_token"] == nil {
		t.Error("/v1/plaid/asset_report/create does not answer asset_report_token")
	}
}
