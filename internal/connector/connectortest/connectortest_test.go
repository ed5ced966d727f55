package connectortest

import (
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

func ref[T any](v T) *T { return &v }

// sound is a batch without a fault; each case below breaks one thing in it.
func sound() connector.Batch {
	usd := ref("USD")
	return connector.Batch{
		Accounts: []connector.Account{{Key: "a", Account: plaid.Account{
			Name: "A", Type: "investment", Subtype: ref("ira"),
			Balances: plaid.Balances{Current: ref(plaid.Dec("10")), ISOCurrencyCode: usd},
		}}},
		Securities: []connector.Security{{Key: "s", Security: plaid.Security{Name: ref("S"), Type: ref("equity"), ISOCurrencyCode: usd}}},
		Holdings:   []connector.Holding{{AccountKey: "a", SecurityKey: "s", Holding: plaid.Holding{ISOCurrencyCode: usd}}},
		InvestmentTransactions: []connector.InvestmentTransaction{{Key: "t", AccountKey: "a", SecurityKey: "s",
			InvestmentTransaction: plaid.InvestmentTransaction{Date: plaid.MustDate("2026-01-15"), Type: "buy", Subtype: "buy", ISOCurrencyCode: usd}}},
		InvestmentHistory:  &connector.Window{From: plaid.MustDate("2026-01-01"), To: plaid.MustDate("2026-02-01")},
		Transactions:       []connector.Transaction{{Key: "m", AccountKey: "a", PendingKey: "p", Date: plaid.MustDate("2026-01-20"), ISOCurrencyCode: usd}},
		TransactionHistory: &connector.Window{From: plaid.MustDate("2026-01-01"), To: plaid.MustDate("2026-02-01")},
	}
}

func TestFaultsAreFound(t *testing.T) {
	want := connector.Want{Now: time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC), Products: []string{"investments"}, HistoryFrom: plaid.MustDate("2026-01-01")}
	if found := faults(sound(), want); len(found) > 0 {
		t.Fatalf("faults in a sound batch: %v", found)
	}
	for name, c := range map[string]struct {
		harm func(*connector.Batch)
		want string
	}{
		"account twice":     {func(b *connector.Batch) { b.Accounts = append(b.Accounts, b.Accounts[0]) }, "used twice"},
		"nameless":          {func(b *connector.Batch) { b.Accounts[0].Name = " " }, "no name"},
		"minted id":         {func(b *connector.Batch) { b.Accounts[0].AccountID = "x" }, "not a connector's"},
		"wrong pair":        {func(b *connector.Batch) { b.Accounts[0].Subtype = ref("checking") }, "does not belong"},
		"no currency":       {func(b *connector.Batch) { b.Accounts[0].Balances.ISOCurrencyCode = nil }, "exactly one currency"},
		"two currencies":    {func(b *connector.Batch) { b.Holdings[0].UnofficialCurrencyCode = ref("BTC") }, "exactly one currency"},
		"crypto as ISO":     {func(b *connector.Batch) { b.Holdings[0].ISOCurrencyCode = ref("BTC") }, "no ISO 4217"},
		"holder":            {func(b *connector.Batch) { b.Accounts[0].HolderCategory = ref("both") }, "holder_category"},
		"negative loan":     {func(b *connector.Batch) { b.Accounts[0].MarginLoan = ref(plaid.Dec("-1")) }, "margin loan"},
		"no balance":        {func(b *connector.Batch) { b.Accounts[0].Balances.Current = nil }, "neither"},
		"owner's nulls":     {func(b *connector.Batch) { b.Accounts[0].Owners = []plaid.Owner{{}} }, "empty lists"},
		"security type":     {func(b *connector.Batch) { b.Securities[0].Type = ref("stock") }, `type "stock"`},
		"security twice":    {func(b *connector.Batch) { b.Securities = append(b.Securities, b.Securities[0]) }, "used twice"},
		"unnamed security":  {func(b *connector.Batch) { b.Securities[0].Name = nil }, "nothing that names"},
		"dangling security": {func(b *connector.Batch) { b.Securities[0].Key = "z" }, "no such security"},
		"dangling account":  {func(b *connector.Batch) { b.Holdings[0].AccountKey = "z" }, "no such account"},
		"wrong account":     {func(b *connector.Batch) { b.Accounts[0].Type, b.Accounts[0].Subtype = "loan", ref("auto") }, "account of type loan"},
		"holding twice":     {func(b *connector.Batch) { b.Holdings = append(b.Holdings, b.Holdings[0]) }, "listed twice"},
		"row twice": {func(b *connector.Batch) {
			b.InvestmentTransactions = append(b.InvestmentTransactions, b.InvestmentTransactions[0])
		}, "used twice"},
		"outside the window": {func(b *connector.Batch) { b.InvestmentTransactions[0].Date = plaid.MustDate("2025-12-31") }, "outside the window"},
		"bank row twice":     {func(b *connector.Batch) { b.Transactions = append(b.Transactions, b.Transactions[0]) }, "used twice"},
		"settled twice": {func(b *connector.Batch) {
			b.Transactions = append(b.Transactions, b.Transactions[0])
			b.Transactions[1].Key = "n"
		}, "settled twice"},
		"settled and pending": {func(b *connector.Batch) {
			b.Transactions = append(b.Transactions, connector.Transaction{Key: "p", AccountKey: "a", Pending: true, Date: plaid.MustDate("2026-01-20"), ISOCurrencyCode: ref("USD")})
		}, "although another one settles it"},
		"pending settles":    {func(b *connector.Batch) { b.Transactions[0].Pending = true }, "but is pending"},
		"bank row's account": {func(b *connector.Batch) { b.Transactions[0].AccountKey = "z" }, "no such account"},
		"bank row's day":     {func(b *connector.Batch) { b.Transactions[0].Date = plaid.MustDate("2025-12-31") }, "outside the window"},
		"posted to come": {func(b *connector.Batch) {
			b.TransactionHistory, b.Transactions[0].Date = nil, plaid.MustDate("2026-02-03")
		}, "which is to come"},
		"bank row's text":     {func(b *connector.Batch) { b.Transactions[0].Memo = "a\x00" }, "NUL"},
		"bank row's currency": {func(b *connector.Batch) { b.Transactions[0].ISOCurrencyCode = nil }, "exactly one currency"},
		"row's subtype":       {func(b *connector.Batch) { b.InvestmentTransactions[0].Subtype = "bought" }, `subtype "bought"`},
		"NUL":                 {func(b *connector.Batch) { b.InvestmentTransactions[0].Name = "a\x00" }, "NUL"},
		"bad UTF-8":           {func(b *connector.Batch) { b.Accounts[0].Name = "a\xff" }, "UTF-8"},
		"endless number": {func(b *connector.Batch) {
			b.Holdings[0].Quantity = plaid.Dec("1e40").Mul(plaid.Dec("1e40"))
		}, "characters"},
	} {
		b := sound()
		c.harm(&b)
		if found := strings.Join(faults(b, want), "; "); !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
	unwanted := want
	unwanted.Products = []string{"auth"}
	if found := strings.Join(faults(sound(), unwanted), "; "); !strings.Contains(found, "nobody wanted") {
		t.Errorf("unwanted investments: %q", found)
	}
}
