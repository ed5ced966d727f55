package institutions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store/storetest"
)

// bank is a connector that only lists institutions.
type bank struct {
	list  []connector.Institution
	asked int
}

func (b *bank) Name() string { return "bank" }

func (b *bank) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	return connector.Batch{}, plaid.Err("INSTITUTION_DOWN")
}

func (b *bank) Institutions(time.Time) []connector.Institution {
	b.asked++
	return b.list
}

func (b *bank) Logo(id string) (string, bool) { return "logo of " + id, id != "ins_2" }

// api is the product behind HTTP, with one client.
type api struct {
	t        *testing.T
	bank     *bank
	clock    *clock.Manual
	handler  http.Handler
	clientID string
	secrets  client.Secrets
}

func newAPI(t *testing.T) *api {
	t.Helper()
	key, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	a := &api{t: t, clock: clock.NewManual(storetest.Start), bank: &bank{list: full()}}
	db, ids := storetest.SQLite(t, a.clock), ident.Seeded("test")
	clients := &client.Service{DB: db, Keys: keys, IDs: ids}
	c, secrets, err := clients.Create(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	a.clientID, a.secrets = c.ClientID, secrets
	items := &item.Service{Life: item.Life{DB: db, Keys: keys, IDs: ids}, Clock: a.clock, Clients: clients,
		Connectors: item.Connectors{plaid.Sandbox: {a.bank}}}
	server := &httpapi.API{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: a.clock, IDs: ids, BaseURL: func() string { return "" }}
	made, _ := New(items)
	a.handler = server.Handler(made.Routes, nil)
	return a
}

// full is the few banks, one of them with everything that an institution can have.
func full() []connector.Institution {
	list := few()
	in := &list[0]
	color := "#112233"
	in.PrimaryColor = &color
	in.Products = []string{"auth", "balance"}
	in.Status = &plaid.InstitutionStatus{ItemLogins: &plaid.ProductStatus{Status: "HEALTHY"}, HealthIncidents: []plaid.HealthIncident{}}
	in.AuthMetadata = &plaid.AuthMetadata{SupportedMethods: &plaid.AuthSupportedMethods{InstantAuth: true}}
	in.PaymentInitiationMetadata = &plaid.PaymentInitiationMetadata{}
	return list
}

// answer is all that any answer has.
type answer struct {
	Institutions []map[string]any `json:"institutions"`
	Institution  map[string]any   `json:"institution"`
	Total        *int             `json:"total"`
	RequestID    string           `json:"request_id"`
	ErrorCode    string           `json:"error_code"`
	ErrorMessage string           `json:"error_message"`
}

// ids is what was found, for comparison.
func (a answer) ids() string {
	var list []string
	for _, in := range a.Institutions {
		list = append(list, fmt.Sprint(in["institution_id"]))
	}
	return strings.Join(list, " ")
}

func (a *api) post(path, version, environment, body string) answer {
	a.t.Helper()
	r := httptest.NewRequestWithContext(a.t.Context(), http.MethodPost, path, bytes.NewBufferString(body))
	r.Header.Set("PLAID-CLIENT-ID", a.clientID)
	r.Header.Set("PLAID-SECRET", a.secrets[environment])
	if version != "" {
		r.Header.Set("Plaid-Version", version)
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	var out answer
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		a.t.Fatalf("%s %s: %v in %s", path, body, err, w.Body)
	}
	if (w.Code == http.StatusOK) != (out.ErrorCode == "") || out.RequestID == "" {
		a.t.Errorf("%s %s: status %d, %+v", path, body, w.Code, out)
	}
	return out
}

func TestRequestsAreChecked(t *testing.T) {
	a := newAPI(t)
	const get, byID, search = "/institutions/get", "/institutions/get_by_id", "/institutions/search"
	for _, tc := range []struct{ path, body, code, message string }{
		{get, `{}`, "MISSING_FIELDS", "count, offset"},
		{get, `{"count":1,"offset":0}`, "MISSING_FIELDS", "country_codes"},
		{get, `{"count":1,"offset":0,"country_codes":null}`, "MISSING_FIELDS", "country_codes"},
		{get, `{"count":null,"offset":0,"country_codes":["US"]}`, "MISSING_FIELDS", "count"},
		{get, `{"count":1,"offset":0,"country_codes":[]}`, "INVALID_FIELD", "country_codes must be a non-empty array"},
		{get, `{"count":1,"offset":0,"country_codes":["US","XX"]}`, "INVALID_FIELD", `country_codes has the unknown country code "XX"`},
		{get, `{"count":1,"offset":0,"country_codes":"US"}`, "INVALID_FIELD", "country_codes must be an array"},
		{get, `{"count":0,"offset":0,"country_codes":["US"]}`, "INVALID_FIELD", "count must be between 1 and 500"},
		{get, `{"count":501,"offset":0,"country_codes":["US"]}`, "INVALID_FIELD", "count must be between 1 and 500"},
		{get, `{"count":1.5,"offset":0,"country_codes":["US"]}`, "INVALID_FIELD", "count must be an integer"},
		{get, `{"count":1,"offset":-1,"country_codes":["US"]}`, "INVALID_FIELD", "offset must be 0 or greater"},
		{get, `{"count":1,"offset":0,"country_codes":["US"],"options":{"products":[]}}`, "INVALID_FIELD", "options.products must be null or a non-empty array"},
		{get, `{"count":1,"offset":0,"country_codes":["US"],"options":{"products":["gold"]}}`, "INVALID_PRODUCT", `options.products: the following products are not known: ["gold"]`},
		{get, `{"count":1,"offset":0,"country_codes":["US"],"options":{"oauth":"yes"}}`, "INVALID_FIELD", "options.oauth must be a boolean"},
		{get, `{"count":1,"offset":0,"country_codes":["US"],"options":{"include_status":true}}`, "UNKNOWN_FIELDS", "options.include_status"},
		{get, `{"count":1,"offset":0,"country_codes":["US"],"options":{"country_codes":["US"]}}`, "UNKNOWN_FIELDS", "options.country_codes"},
		{byID, `{"country_codes":["US"]}`, "MISSING_FIELDS", "institution_id"},
		{byID, `{"institution_id":"ins_1"}`, "MISSING_FIELDS", "country_codes"},
		{byID, `{"institution_id":"","country_codes":["US"]}`, "INVALID_FIELD", "institution_id must be a non-empty string"},
		{byID, `{"institution_id":"ins_0","country_codes":["US"]}`, "INVALID_INSTITUTION", "invalid institution_id provided"},
		{byID, `{"institution_id":"ins_5","country_codes":["US","GB"]}`, "INVALID_INSTITUTION", ""},
		{byID, `{"institution_id":"ins_1","country_codes":["US"],"options":{"include_logo":true}}`, "UNKNOWN_FIELDS", "options.include_logo"},
		{search, `{"country_codes":["US"]}`, "MISSING_FIELDS", "query"},
		{search, `{"query":"","country_codes":["US"]}`, "INVALID_FIELD", "query must be a non-empty string"},
		{search, `{"query":"a"}`, "MISSING_FIELDS", "country_codes"},
		{search, `{"query":"a","country_codes":["US"],"products":[]}`, "INVALID_FIELD", "products must be null or a non-empty array"},
		{search, `{"query":"a","country_codes":["US"],"products":["gold"]}`, "INVALID_PRODUCT", "gold"},
		{search, `{"query":"a","country_codes":["US"],"options":{"payment_initiation":{"payment_id":"p"}}}`, "INVALID_FIELD", "options.payment_initiation.payment_id"},
		{search, `{"query":"a","country_codes":["US"],"options":{"payment_initiation":{"consent_id":"c"}}}`, "INVALID_FIELD", "options.payment_initiation.consent_id"},
	} {
		got := a.post(tc.path, "", plaid.Sandbox, tc.body)
		if got.ErrorCode != tc.code || !strings.Contains(got.ErrorMessage, tc.message) {
			t.Errorf("%s %s: %s %q, want %s %q", tc.path, tc.body, got.ErrorCode, got.ErrorMessage, tc.code, tc.message)
		}
	}
}

func TestGetAnswersPages(t *testing.T) {
	a := newAPI(t)
	for _, tc := range []struct {
		body  string
		ids   string
		total int
	}{
		{`{"count":2,"offset":0,"country_codes":["US"]}`, "ins_1 ins_2", 14},
		{`{"count":2,"offset":13,"country_codes":["US"]}`, "ins_15", 14},
		{`{"count":2,"offset":99,"country_codes":["US"]}`, "", 14},
		{`{"count":500,"offset":0,"country_codes":["CA"]}`, "ins_5", 1},
		{`{"count":500,"offset":0,"country_codes":["FR"]}`, "", 0},
		{`{"count":1,"offset":3,"country_codes":["US","CA"],"options":null}`, "ins_4", 15},
		{`{"count":500,"offset":0,"country_codes":["US"],"options":{"oauth":true,"products":null,"routing_numbers":null}}`, "ins_3", 1},
		{`{"count":500,"offset":0,"country_codes":["US"],"options":{"routing_numbers":["021000021","1"]}}`, "ins_6 ins_15", 2},
		{`{"count":500,"offset":0,"country_codes":["US"],"options":{"products":["auth","balance"]}}`, "ins_1", 1},
	} {
		got := a.post("/institutions/get", "", plaid.Sandbox, tc.body)
		if got.ids() != tc.ids || got.Total == nil || *got.Total != tc.total || got.Institutions == nil {
			t.Errorf("get %s: %+v, want %q of %d", tc.body, got, tc.ids, tc.total)
		}
	}
}

func TestSearchEndpoint(t *testing.T) {
	a := newAPI(t)
	for body, want := range map[string]string{
		`{"query":"tratan","country_codes":["US","CA"]}`:                                               "ins_4 ins_5",
		`{"query":"platypus","country_codes":["US"],"products":["auth"]}`:                              "ins_1",
		`{"query":"platypus","country_codes":["US"],"products":null,"options":{"oauth":true}}`:         "ins_3",
		`{"query":"platypus","country_codes":["US"],"options":{"oauth":null,"payment_initiation":{}}}`: "ins_3 ins_1 ins_2",
		`{"query":"nothing at all","country_codes":["US"]}`:                                            "",
	} {
		got := a.post("/institutions/search", "", plaid.Sandbox, body)
		if got.ids() != want || got.Institutions == nil || got.Total != nil {
			t.Errorf("search %s: %+v, want %q", body, got, want)
		}
	}
}

func TestOnlyWhatIsAskedForIsAnswered(t *testing.T) {
	a := newAPI(t)
	options := map[string][]string{
		"include_optional_metadata":           {"url", "primary_color", "logo"},
		"include_status":                      {"status"},
		"include_auth_metadata":               {"auth_metadata"},
		"include_payment_initiation_metadata": {"payment_initiation_metadata"},
	}
	always := []string{"institution_id", "name", "products", "country_codes", "routing_numbers", "dtc_numbers", "oauth"}
	for option, fields := range options {
		body := func(format string) string { return fmt.Sprintf(format, option) }
		answers := []map[string]any{
			a.post("/institutions/get_by_id", "", plaid.Sandbox, body(`{"institution_id":"ins_1","country_codes":["US"],"options":{%q:true}}`)).Institution,
		}
		if option != "include_status" {
			answers = append(answers,
				a.post("/institutions/get", "", plaid.Sandbox, body(`{"count":1,"offset":0,"country_codes":["US"],"options":{%q:true}}`)).Institutions[0],
				a.post("/institutions/search", "", plaid.Sandbox, body(`{"query":"First Platypus Bank","country_codes":["US"],"options":{%q:true}}`)).Institutions[0])
		}
		for i, in := range answers {
			for _, field := range append(fields, always...) {
				if _, ok := in[field]; !ok {
					t.Errorf("%s: answer %d has no %s: %v", option, i, field, in)
				}
			}
			if len(in) != len(fields)+len(always) {
				t.Errorf("%s: answer %d has other fields too: %v", option, i, in)
			}
		}
	}
	in := a.post("/institutions/get_by_id", "", plaid.Sandbox, `{"institution_id":"ins_1","country_codes":["US"]}`).Institution
	if len(in) != len(always) {
		t.Errorf("without options the answer is %v", in)
	}
	in = a.post("/institutions/get_by_id", "", plaid.Sandbox, `{"institution_id":"ins_1","country_codes":["US"],"options":{"include_optional_metadata":true}}`).Institution
	if in["logo"] != "logo of ins_1" {
		t.Errorf("the logo is %v", in["logo"])
	}
	if len(a.bank.list) != len(full()) || a.bank.list[0].Logo != nil || a.bank.list[0].Status == nil {
		t.Error("an answer has changed the connector's list")
	}
}

func TestOlderVersionsNeedNoCountry(t *testing.T) {
	a := newAPI(t)
	for _, version := range []string{"2019-05-29", "2018-05-22"} {
		if got := a.post("/institutions/search", version, plaid.Sandbox, `{"query":"tartan"}`); got.ids() != "ins_4" {
			t.Errorf("%s: without countries %q, want the US alone", version, got.ids())
		}
		if got := a.post("/institutions/search", version, plaid.Sandbox, `{"query":"tartan","options":{"country_codes":["CA"]}}`); got.ids() != "ins_5" {
			t.Errorf("%s: with the option %q, want Canada", version, got.ids())
		}
		if got := a.post("/institutions/get", version, plaid.Sandbox, `{"count":5,"offset":0,"country_codes":["CA"]}`); got.ids() != "ins_5" {
			t.Errorf("%s: with the field %q, want Canada", version, got.ids())
		}
		if got := a.post("/institutions/get_by_id", version, plaid.Sandbox, `{"institution_id":"ins_1"}`); got.Institution == nil {
			t.Errorf("%s: %+v", version, got)
		}
		got := a.post("/institutions/get", version, plaid.Sandbox, `{"count":5,"offset":0,"options":{"country_codes":["XX"]}}`)
		if got.ErrorCode != "INVALID_FIELD" || !strings.HasPrefix(got.ErrorMessage, "options.country_codes ") {
			t.Errorf("%s: %+v", version, got)
		}
	}
}

func TestEachEnvironmentHasItsOwnInstitutions(t *testing.T) {
	a := newAPI(t)
	got := a.post("/institutions/get", "", plaid.Production, `{"count":5,"offset":0,"country_codes":["US"]}`)
	if got.ids() != "" || got.Total == nil || *got.Total != 0 {
		t.Errorf("production has the sandbox's institutions: %+v", got)
	}
	if got := a.post("/institutions/get", "", "no such", `{"count":5,"offset":0,"country_codes":["US"]}`); got.ErrorCode != "INVALID_FIELD" {
		t.Errorf("without a secret: %+v", got)
	}
}

func TestConnectorsAreAskedOnceAMinute(t *testing.T) {
	a := newAPI(t)
	total := func() int {
		return *a.post("/institutions/get", "", plaid.Sandbox, `{"count":1,"offset":0,"country_codes":["US"]}`).Total
	}
	total()
	a.bank.list = a.bank.list[:3]
	a.clock.Advance(catalogueLife - time.Second)
	if n := total(); n != 14 || a.bank.asked != 1 {
		t.Errorf("%d institutions, asked %d times; want the 14 of the first time", n, a.bank.asked)
	}
	a.clock.Advance(time.Second)
	if n := total(); n != 3 || a.bank.asked != 2 {
		t.Errorf("%d institutions, asked %d times; want 3 of the second time", n, a.bank.asked)
	}
	a.clock.Advance(-24 * time.Hour)
	if total(); a.bank.asked != 3 {
		t.Error("a clock that was set back does not ask anew")
	}
}
