package simplefin

import (
	"testing"
)

// A fetch for balances alone costs one request, asks for no movements, and takes none of the days as fetched.
func TestBalancesAlone(t *testing.T) {
	b := newBank(t)
	b.conns = []any{connAt("CON-1", "First Bank")}
	b.accounts = []map[string]any{
		accountAt("CON-1", "A", "Checking", "10.00", posted("1", "2026-10-01", "-1.00", "COFFEE")),
		accountAt("CON-1", "B", "Brokerage", "300.00"),
	}
	b.accounts[1]["holdings"] = []any{map[string]any{"id": "H", "symbol": "VTI", "shares": "3", "market_value": "300.00", "currency": "USD", "cost_basis": "1.00", "created": at("2026-10-01"), "description": "Total Market", "purchase_price": "1.00"}}
	c, first := b.connector(), b.connection("", nil)
	first.Memory = nil
	whole, _, _ := fetchAll(t, c, first, wantAt("2026-10-03", "2026-09-01"))
	before := b.requests()

	b.accounts[0]["balance"] = "7.50"
	want := wantAt("2026-10-13", "2026-09-01", "investments")
	want.Balances = true
	span, batches, _ := fetchAll(t, c, b.connection("", whole.Memory), want)
	if n := b.requests() - before; n != 1 || b.asked[before].URL.Query().Get("balances-only") != "1" {
		t.Errorf("%d requests, the first %s", n, b.asked[before].URL.Query().Encode())
	}
	got := batches["sfin_c_CON-1"]
	if len(got.Accounts) != 2 || got.Accounts[0].Balances.Current.String() != "7.50" || len(got.Holdings) != 1 || len(got.Securities) != 1 {
		t.Errorf("accounts %+v, %d holdings of %d securities", got.Accounts, len(got.Holdings), len(got.Securities))
	}
	if len(got.Transactions)+len(got.InvestmentTransactions) != 0 || got.TransactionHistory != nil || got.InvestmentHistory != nil {
		t.Errorf("movements that nobody wanted: %+v", got)
	}

	// What is asked for next is what would have been asked for without it.
	at := b.requests()
	fetchAll(t, c, b.connection("", span.Memory), wantAt("2026-10-13", "2026-09-01"))
	with := b.asked[at].URL.Query()
	at = b.requests()
	fetchAll(t, b.connector(), b.connection("", whole.Memory), wantAt("2026-10-13", "2026-09-01"))
	if without := b.asked[at].URL.Query(); with.Encode() != without.Encode() || with.Has("balances-only") {
		t.Errorf("asked for %s, without for %s", with.Encode(), without.Encode())
	}
}
