package contract

import "testing"

// assetsPDF is the path of reports as documents.
const assetsPDF = "/asset_report/pdf/get"

// reportOf has a report made of a new Item, and waits for it.
func reportOf(t *testing.T, p *probe, options map[string]any) string {
	t.Helper()
	var made struct {
		AssetReportToken string `json:"asset_report_token"`
	}
	request := ofReportedItem(t, p)
	request["options"] = options
	p.ok(t, "/asset_report/create", request).into(t, &made)
	p.Settle()
	return made.AssetReportToken
}

func ofReportedItem(t *testing.T, p *probe) map[string]any {
	token := p.link(t, login{products: []string{"assets", "investments"}})
	return map[string]any{"access_tokens": []string{token}, "days_requested": 60}
}

// ofReport is about a report that is ready.
func ofReport(t *testing.T, p *probe) map[string]any {
	if p.shared.report == "" {
		p.shared.report = reportOf(t, p, map[string]any{"client_report_id": "loan", "webhook": "https://receiver.example/hook", "add_ons": []string{"investments", "fast_assets"},
			"user": map[string]any{"client_user_id": "u", "first_name": "Alberta", "ssn": "123-45-6789", "phone_number": "+14155550123"}})
	}
	return map[string]any{"asset_report_token": p.shared.report}
}

func ofNewReport(t *testing.T, p *probe) map[string]any {
	return map[string]any{"asset_report_token": reportOf(t, p, map[string]any{})}
}

func ofAudit(t *testing.T, p *probe) map[string]any {
	request := ofReport(t, p)
	request["auditor_id"] = p.ClientID
	return request
}

// ofAuditCopy is about a report that the client shares with itself.
func ofAuditCopy(t *testing.T, p *probe) map[string]any {
	var made struct {
		AuditCopyToken string `json:"audit_copy_token"`
	}
	p.ok(t, "/asset_report/audit_copy/create", ofAudit(t, p)).into(t, &made)
	return map[string]any{"audit_copy_token": made.AuditCopyToken}
}

func ofShare(t *testing.T, p *probe) map[string]any {
	return map[string]any{"report_tokens": []any{ofReport(t, p)["asset_report_token"]}, "secondary_client_id": p.ClientID}
}

func ofRelay(t *testing.T, p *probe) map[string]any {
	var made struct {
		RelayToken string `json:"relay_token"`
	}
	p.ok(t, "/credit/relay/create", ofShare(t, p)).into(t, &made)
	return map[string]any{"relay_token": made.RelayToken}
}

func ofTypedRelay(t *testing.T, p *probe) map[string]any {
	request := ofRelay(t, p)
	request["report_type"] = "asset"
	return request
}

func init() {
	for path, example := range map[string]func(*testing.T, *probe) map[string]any{
		"/asset_report/create": ofReportedItem,
		"/asset_report/get":    ofReport,
		assetsPDF: func(t *testing.T, p *probe) map[string]any {
			request := ofReport(t, p)
			request["options"] = map[string]any{"days_to_include": 30}
			return request
		},
		"/asset_report/audit_copy/pdf/get": func(t *testing.T, p *probe) map[string]any {
			request := ofAuditCopy(t, p)
			request["options"] = map[string]any{"days_to_include": 30}
			return request
		},
		"/credit/relay/pdf/get":           ofTypedRelay,
		"/asset_report/refresh":           ofReport,
		"/asset_report/remove":            ofNewReport,
		"/asset_report/audit_copy/create": ofAudit,
		"/asset_report/audit_copy/get":    ofAuditCopy,
		"/asset_report/audit_copy/remove": ofAuditCopy,
		"/credit/relay/create":            ofShare,
		"/credit/relay/get":               ofTypedRelay,
		"/credit/relay/refresh":           ofTypedRelay,
		"/credit/relay/remove":            ofRelay,
		"/asset_report/filter": func(t *testing.T, p *probe) map[string]any {
			request := ofReport(t, p)
			request["account_ids_to_exclude"] = []string{}
			return request
		},
	} {
		examples[path] = example
	}
}

// testAssets: reports in every form, and what is refused of them.
func testAssets(t *testing.T, p *probe) {
	report := ofReport(t, p)
	with := func(more ...any) map[string]any {
		request := map[string]any{"asset_report_token": report["asset_report_token"]}
		for i := 0; i < len(more); i += 2 {
			request[more[i].(string)] = more[i+1]
		}
		return request
	}
	for _, request := range []map[string]any{with(), with("include_insights", true), with("fast_report", true), with("options", map[string]any{"days_to_include": 3})} {
		p.ok(t, "/asset_report/get", request)
	}
	p.refused(t, "/asset_report/get", "INVALID_FIELD", with("options", map[string]any{"days_to_include": 732}))
	testAssetDocuments(t, p, report)
	for _, user := range []string{"user_investor", "user_yuppie"} { // people of other kinds
		token := p.link(t, login{user: user, password: "x", products: []string{"assets"}})
		var made map[string]any
		p.ok(t, "/asset_report/create", map[string]any{"access_tokens": []string{token}, "days_requested": 731, "options": map[string]any{"add_ons": []string{"investments"}}}).into(t, &made)
		for _, path := range []string{"/asset_report/get", assetsPDF} {
			if a := p.ask(t, path, map[string]any{"asset_report_token": made["asset_report_token"]}); a.fault.Code != "PRODUCT_NOT_READY" {
				t.Errorf("%s of a report that is not made: %s", path, a.body)
			}
		}
		p.Settle()
		p.ok(t, "/asset_report/get", map[string]any{"asset_report_token": made["asset_report_token"], "include_insights": true})
		p.ok(t, assetsPDF, map[string]any{"asset_report_token": made["asset_report_token"]})
	}
	p.as(p.NewClient()).refused(t, "/asset_report/get", "INVALID_FIELD", with())
	p.refused(t, "/asset_report/audit_copy/create", "INVALID_FIELD", with("auditor_id", "nobody"))
	p.as(p.NewClient()).refused(t, "/asset_report/audit_copy/get", "INVALID_AUDIT_COPY_TOKEN", ofAuditCopy(t, p))
	p.as(p.NewClient()).refused(t, "/credit/relay/get", "INVALID_FIELD", ofTypedRelay(t, p))
}

// testAssetDocuments: a report as a document for each who may read it, and what is refused.
func testAssetDocuments(t *testing.T, p *probe, report map[string]any) {
	p.ok(t, assetsPDF, report)
	p.ok(t, "/asset_report/audit_copy/pdf/get", ofAuditCopy(t, p))
	p.ok(t, "/credit/relay/pdf/get", ofTypedRelay(t, p))
	days := map[string]any{"asset_report_token": report["asset_report_token"], "options": map[string]any{"days_to_include": 732}}
	p.refused(t, assetsPDF, "INVALID_FIELD", days)
	p.refused(t, assetsPDF, "MISSING_FIELDS", map[string]any{})
	other := p.as(p.NewClient())
	other.refused(t, assetsPDF, "INVALID_FIELD", report)
	other.refused(t, "/asset_report/audit_copy/pdf/get", "INVALID_AUDIT_COPY_TOKEN", ofAuditCopy(t, p))
	other.refused(t, "/credit/relay/pdf/get", "INVALID_FIELD", ofTypedRelay(t, p))
}
