package contract

import (
	"strings"
	"testing"
)

// testProcessors: tokens of processors that are none, are not for here, or end; permissions; and what is read by them.
func testProcessors(t *testing.T, p *probe) {
	access := p.link(t, login{products: everyProduct})
	ids := p.accountIDs(t, access)
	create := func(p *probe, access, account string) string {
		var made struct {
			Token string `json:"processor_token"`
		}
		p.ok(t, "/processor/token/create", about(access, "account_id", account, "processor", "dwolla")).into(t, &made)
		return made.Token
	}
	removed := p.link(t, login{products: everyProduct})
	gone := create(p, removed, p.accountIDs(t, removed)[0])
	p.ok(t, "/item/remove", about(removed))
	live := create(p, access, ids[0])
	processor := p.as(p.NewClient())
	processor.BeProcessor("dwolla")
	const nobodys = "processor-sandbox-" + noUUID
	for _, path := range p.published() {
		if example := p.example(t, path); example["processor_token"] != nil {
			try := func(p *probe, token, code string) {
				t.Helper()
				example["processor_token"] = token
				p.refused(t, path, code, example)
			}
			try(p, "", "INVALID_FIELD")
			for _, token := range []string{"x", nobodys, nobodys + "0", "processor-production" + nobodys[17:], access, live + " ", strings.Repeat("x", 10000)} {
				try(p, token, "INVALID_PROCESSOR_TOKEN")
			}
			try(p, gone, "ITEM_NOT_FOUND")
			try(processor, gone, "ITEM_NOT_FOUND")
			try(p.as(p.NewClient()), live, "INVALID_PROCESSOR_TOKEN")
			try(p.with("Plaid-Secret", "wefttest-production-secret"), live, "INVALID_PROCESSOR_TOKEN")
		}
	}
	p.readAsProcessor(t, processor, access, ids, create)

	p.refused(t, "/processor/token/create", "INVALID_FIELD", about(access, "account_id", ids[0], "processor", "nobody"))
	p.refused(t, "/processor/token/create", "INVALID_ACCOUNT_ID", about(access, "account_id", "x", "processor", "dwolla"))
	p.refused(t, "/processor/apex/processor_token/create", "INVALID_ACCOUNT_ID", about(access, "account_id", "x"))
	p.refused(t, "/processor/stripe/bank_account_token/create", "INVALID_ACCOUNT_ID", about(access, "account_id", "x"))
	payable, unasked := p.link(t, login{products: []string{"auth"}}), p.link(t, login{})
	p.refused(t, "/processor/stripe/bank_account_token/create", "ADDITIONAL_CONSENT_REQUIRED", about(unasked, "account_id", p.accountIDs(t, unasked)[0]))
	if a := p.ask(t, "/processor/stripe/bank_account_token/create", about(payable, "account_id", p.accountIDs(t, payable)[5])); a.fault.Code != "NO_AUTH_ACCOUNTS" {
		t.Errorf("a bank account token for an account of investments is answered %s", a.body)
	}
	p.refused(t, "/sandbox/processor_token/create", "INVALID_INSTITUTION", map[string]any{"institution_id": "ins_0"})
	p.with("Plaid-Secret", "wefttest-production-secret").refused(t, "/sandbox/processor_token/create", "SANDBOX_ONLY", map[string]any{"institution_id": usBank})

	p.ok(t, "/processor/token/permissions/set", ofToken(live, "products", []string{"identity"}))
	processor.ok(t, "/processor/token/permissions/get", ofToken(live))
	processor.refused(t, "/processor/token/permissions/set", "UNAUTHORIZED_ROUTE_ACCESS", ofToken(live, "products", []string{}))
	p.refused(t, "/processor/token/permissions/set", "INVALID_PRODUCT", ofToken(live, "products", []string{"gossip"}))
	processor.refused(t, "/processor/transactions/sync", "INVALID_PRODUCT", ofToken(live))
	p.refused(t, "/processor/token/webhook/update", "INVALID_FIELD", ofToken(live, "webhook", "ftp://example.com"))
}

// readAsProcessor reads each account by each mirror.
func (p *probe) readAsProcessor(t *testing.T, processor *probe, access string, ids []string, create func(*probe, string, string) string) {
	t.Helper()
	for _, id := range ids {
		token := create(p, access, id)
		read := 0
		for path := range p.paths {
			if !strings.HasPrefix(path, "/processor/") || !strings.HasSuffix(path, "/get") && !strings.HasSuffix(path, "/sync") {
				continue
			}
			example := p.example(t, path)
			example["processor_token"] = token
			var got struct {
				Account *struct {
					ID string `json:"account_id"`
				} `json:"account"`
			}
			a := processor.ask(t, path, example)
			if strings.HasPrefix(a.fault.Code, "NO_") && strings.HasSuffix(a.fault.Code, "_ACCOUNTS") {
				continue // the product is not of accounts of this type
			}
			if !success(a.status) {
				t.Errorf("%s is answered %s", path, a.body)
			}
			a.into(t, &got)
			if got.Account != nil && got.Account.ID != id {
				t.Errorf("%s tells of the account %s, want %s", path, got.Account.ID, id)
			}
			read++
		}
		if read < 7 {
			t.Errorf("only %d routes were read", read)
		}
	}
}
