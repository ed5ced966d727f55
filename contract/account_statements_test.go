package contract

import (
	"testing"
	"time"
)

// Paths of account statements.
const (
	statementsList     = "/statements/list"
	statementsDownload = "/statements/download"
	statementsRefresh  = "/statements/refresh"
)

// withStatements is a login for the statements of some days.
func withStatements(from, to string) login {
	return login{products: []string{"statements"}, options: map[string]any{"statements": map[string]any{"start_date": from, "end_date": to}}}
}

// statementIDs are the ids of an Item's statements.
func (p *probe) statementIDs(t *testing.T, token string) (ids []string) {
	t.Helper()
	var got struct {
		Accounts []struct {
			Statements []struct {
				ID string `json:"statement_id"`
			} `json:"statements"`
		} `json:"accounts"`
	}
	p.ok(t, statementsList, about(token)).into(t, &got)
	for _, a := range got.Accounts {
		for _, s := range a.Statements {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// testAccountStatements: lists and documents of documented, played and described people, and what cannot be asked.
func testAccountStatements(t *testing.T, p *probe) {
	token := p.link(t, withStatements("2026-08-01", "2026-10-31"))
	before := p.statementIDs(t, token)
	for _, id := range before {
		p.ok(t, statementsDownload, about(token, "statement_id", id))
	}
	p.ok(t, statementsRefresh, about(token, "start_date", "2025-01-01", "end_date", "2026-07-31"))
	p.Settle()
	if after := p.statementIDs(t, token); len(before) == 0 || len(after) <= len(before) {
		t.Errorf("%d statements, and %d of more days", len(before), len(after))
	}
	p.refused(t, statementsDownload, "INVALID_FIELD", about(token, "statement_id", "nobody's"))
	p.refused(t, statementsDownload, "MISSING_FIELDS", about(token))
	p.refused(t, statementsRefresh, "INVALID_FIELD", about(token, "start_date", "2026-01-02", "end_date", "2026-01-01"))
	p.refused(t, statementsRefresh, "INVALID_FIELD", about(token, "start_date", "2024-01-01", "end_date", "2026-01-02"))
	p.refused(t, statementsRefresh, "MISSING_FIELDS", about(token, "start_date", "2024-01-01"))
	for _, user := range []string{"user_yuppie", "user_small_business", "user_credit_joint_account", "user_investor", "user_limited_purpose_checking", "user_custom"} {
		l := withStatements("2026-09-01", "2026-10-31")
		l.user, l.password = user, "pass_good"
		if user == "user_custom" {
			l.password = `{}`
		}
		other := p.link(t, l)
		for _, id := range p.statementIDs(t, other) {
			p.ok(t, statementsDownload, about(other, "statement_id", id))
			p.refused(t, statementsDownload, "INVALID_FIELD", about(token, "statement_id", id))
		}
	}
	p.refused(t, statementsList, "ADDITIONAL_CONSENT_REQUIRED", about(p.link(t, login{products: []string{"auth"}})))
	p.Advance(40 * 24 * time.Hour)
	p.Settle()
	p.refused(t, statementsList, "ITEM_LOGIN_REQUIRED", about(token))
}
