package contract

import "testing"

type institutionsAnswer struct {
	Institutions []struct {
		ID           string   `json:"institution_id"`
		Products     []string `json:"products"`
		CountryCodes []string `json:"country_codes"`
		OAuth        bool     `json:"oauth"`
	} `json:"institutions"`
	Total int `json:"total"`
}

// testInstitutions: the directory, by pages, by id, and by what a person types.
func testInstitutions(t *testing.T, p *probe) {
	if !p.serves("/institutions/get") {
		t.Log("the server has no institutions yet")
		return
	}
	t.Run("get", func(t *testing.T) { testInstitutionsGet(t, p) })
	t.Run("get_by_id", func(t *testing.T) { testInstitutionsByID(t, p) })
	t.Run("search", func(t *testing.T) { testInstitutionsSearch(t, p) })
}

var countries = []string{"US", "GB", "ES", "NL", "FR", "IE", "CA", "DE", "IT", "PL", "DK", "NO", "SE", "EE", "LT", "LV", "PT", "BE", "AT", "FI"}

func testInstitutionsGet(t *testing.T, p *probe) {
	const path = "/institutions/get"
	of := func(count, offset any, codes []string, options map[string]any) map[string]any {
		return map[string]any{"count": count, "offset": offset, "country_codes": codes, "options": options}
	}
	full := map[string]any{"include_optional_metadata": true, "include_auth_metadata": true, "include_payment_initiation_metadata": true}
	seen := map[string]bool{}
	total := -1
	for offset := 0; total < 0 || offset < total; offset += 500 {
		var page institutionsAnswer
		p.ok(t, path, of(500, offset, countries, full)).into(t, &page)
		total = page.Total
		for _, in := range page.Institutions {
			if seen[in.ID] {
				t.Errorf("%s is on two pages", in.ID)
			}
			seen[in.ID] = true
		}
	}
	if len(seen) != total {
		t.Errorf("the pages have %d institutions, the total is %d", len(seen), total)
	}
	for _, country := range countries {
		p.ok(t, path, of(20, 0, []string{country}, full))
	}
	for _, options := range []map[string]any{
		nil, {"products": []string{"investments"}}, {"products": nil}, {"routing_numbers": []string{"021000021"}}, {"routing_numbers": nil},
		{"oauth": true}, {"oauth": false}, {"oauth": nil}, {"include_optional_metadata": true}, {"products": []string{"assets", "balance"}},
	} {
		p.ok(t, path, of(20, 0, []string{"US", "CA"}, options))
	}
	p.ok(t, path, of(1, 1_000_000, []string{"US"}, nil))
	for _, bad := range []map[string]any{
		of(0, 0, []string{"US"}, nil), of(501, 0, []string{"US"}, nil), of(10, -1, []string{"US"}, nil), of(10, 0, []string{}, nil),
		of(10, 0, []string{"XX"}, nil), of(10, 0, []string{"us"}, nil), of(1e30, 0, []string{"US"}, nil),
		of(10, 0, []string{"US"}, map[string]any{"products": []string{}}),
	} {
		p.refused(t, path, "INVALID_FIELD", bad)
	}
	p.refused(t, path, "INVALID_PRODUCT", of(10, 0, []string{"US"}, map[string]any{"products": []string{"invest"}}))
	older := map[string]any{"count": 10, "offset": 0}
	p.with("Plaid-Version", "2019-05-29").ok(t, path, older)
	older["options"] = map[string]any{"country_codes": []string{"CA"}}
	p.with("Plaid-Version", "2018-05-22").ok(t, path, older)
	p.refused(t, path, "UNKNOWN_FIELDS", of(10, 0, []string{"US"}, map[string]any{"country_codes": []string{"US"}}))
}

func testInstitutionsByID(t *testing.T, p *probe) {
	const path = "/institutions/get_by_id"
	of := func(id any, codes []string, options map[string]any) map[string]any {
		return map[string]any{"institution_id": id, "country_codes": codes, "options": options}
	}
	full := map[string]any{
		"include_optional_metadata": true, "include_status": true, "include_auth_metadata": true, "include_payment_initiation_metadata": true,
	}
	for _, id := range []string{usBank, usMatchBank, balanceBank, oauthBank, degradedBank, downBank, goneBank, canadaBank, europeBank, ukBank} {
		p.ok(t, path, of(id, countries, full))
		p.ok(t, path, of(id, countries, nil))
	}
	for option := range full {
		p.ok(t, path, of(ukBank, []string{"GB"}, map[string]any{option: true}))
		p.ok(t, path, of(ukBank, []string{"GB"}, map[string]any{option: false}))
	}
	p.refused(t, path, "INVALID_INSTITUTION", of("ins_0", []string{"US"}, nil))
	p.refused(t, path, "INVALID_INSTITUTION", of(usBank, []string{"GB"}, nil))
	p.refused(t, path, "INVALID_FIELD", of("", []string{"US"}, nil))
	p.refused(t, path, "INVALID_FIELD", of(usBank, []string{}, nil))
	p.refused(t, path, "INVALID_FIELD", of(usBank, []string{"ZZ"}, nil))
}

func testInstitutionsSearch(t *testing.T, p *probe) {
	const path = "/institutions/search"
	of := func(query any, products, codes any, options any) map[string]any {
		return map[string]any{"query": query, "products": products, "country_codes": codes, "options": options}
	}
	us := []string{"US"}
	for _, query := range []string{"platypus", "Platypus bnak", "tartan", "a", "021000021", "https://www.tartan-bank.example", "zzzzzz", "銀行", "%", "' or 1=1"} {
		p.ok(t, path, of(query, nil, us, nil))
	}
	for _, products := range []any{nil, []string{"investments"}, []string{"auth", "transactions"}, []string{"balance"}} {
		var found institutionsAnswer
		p.ok(t, path, of("bank", products, countries, nil)).into(t, &found)
		if len(found.Institutions) == 0 {
			t.Errorf("no bank has %v", products)
		}
	}
	for _, options := range []any{
		nil, map[string]any{"oauth": true}, map[string]any{"include_optional_metadata": true}, map[string]any{"include_auth_metadata": true},
		map[string]any{"include_payment_initiation_metadata": true}, map[string]any{"oauth": nil, "payment_initiation": nil},
	} {
		p.ok(t, path, of("bank", nil, []string{"US", "GB"}, options))
	}
	p.refused(t, path, "INVALID_FIELD", of("bank", []string{}, us, nil))
	p.refused(t, path, "INVALID_FIELD", of("bank", nil, []string{"XX"}, nil))
	p.refused(t, path, "INVALID_PRODUCT", of("bank", []string{"x"}, us, nil))
	p.refused(t, path, "INVALID_FIELD", of("", nil, us, nil))
	missing := of("bank", nil, us, nil)
	delete(missing, "country_codes")
	p.refused(t, path, "MISSING_FIELDS", missing)
}
