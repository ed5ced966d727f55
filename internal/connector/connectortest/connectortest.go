package connectortest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// allProducts are the products whose data a batch can carry.
var allProducts = []string{"transactions", "auth", "identity", "investments", "investments_auth", "liabilities"}

// Run holds a connector to its contract, with one subtest for each connection. A connection must be one that can be
// fetched at its creation and for some weeks after it.
func Run(t *testing.T, c connector.Connector, conns []connector.Connection) {
	t.Helper()
	if c.Name() == "" {
		t.Error("the connector has no name")
	}
	if len(conns) == 0 {
		t.Error("no connections to test the connector with")
	}
	for _, conn := range conns {
		t.Run(conn.ID, func(t *testing.T) { connection(t, c, conn) })
	}
}

func connection(t *testing.T, c connector.Connector, conn connector.Connection) {
	created := plaid.DateOf(conn.CreatedAt)
	full := connector.Want{Now: conn.CreatedAt.Add(time.Minute), Products: allProducts, HistoryFrom: created.AddDays(-730)}
	first := fetch(t, c, conn, full)
	if t.Failed() {
		return
	}
	Check(t, first, full)
	if again := fetch(t, c, conn, full); !reflect.DeepEqual(first, again) {
		t.Error("a second fetch at the same moment answers differently")
	}

	later := full
	later.Now = full.Now.AddDate(0, 0, 33)
	grown := fetch(t, c, conn, later)
	Check(t, grown, later)
	sameKeys(t, first, grown)
	sameTransactions(t, first, grown)

	recent := later
	recent.HistoryFrom = plaid.DateOf(later.Now).AddDays(-30)
	few := fetch(t, c, conn, recent)
	Check(t, few, recent)
	inside(t, grown, few, recent.HistoryFrom)
	insideTransactions(t, grown, few, recent.HistoryFrom)

	bare := full
	bare.Products = []string{"transactions"}
	plain := fetch(t, c, conn, bare)
	Check(t, plain, bare)
	if len(plain.Accounts) != len(first.Accounts) {
		t.Errorf("%d accounts without investments, %d with: accounts are always wanted", len(plain.Accounts), len(first.Accounts))
	}
	for i := range min(len(plain.Accounts), len(first.Accounts)) {
		if plain.Accounts[i].Key != first.Accounts[i].Key {
			t.Errorf("account %d is %q or %q, depending on the products", i, plain.Accounts[i].Key, first.Accounts[i].Key)
		}
	}
	cancelled(t, c, conn, full)
}

func fetch(t *testing.T, c connector.Connector, conn connector.Connection, want connector.Want) connector.Batch {
	t.Helper()
	batch, err := c.Fetch(t.Context(), conn, want)
	if err != nil {
		t.Fatalf("Fetch at %s: %v", want.Now.Format(time.RFC3339), err)
	}
	return batch
}

// cancelled checks that a fetch under a cancelled context ends and that a failed one answers nothing.
func cancelled(t *testing.T, c connector.Connector, conn connector.Connection, want connector.Want) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	batch, err := c.Fetch(ctx, conn, want)
	if err != nil && !reflect.DeepEqual(batch, connector.Batch{}) {
		t.Error("a fetch that failed answers data")
	}
}

// sameKeys checks that what is known stays: an account's key and the key of a past investment transaction never change.
func sameKeys(t *testing.T, before, after connector.Batch) {
	t.Helper()
	rows := map[[2]string]plaid.Date{}
	for _, row := range after.InvestmentTransactions {
		rows[[2]string{row.AccountKey, row.Key}] = row.Date
	}
	for _, row := range before.InvestmentTransactions {
		if after.InvestmentHistory == nil || row.Date < after.InvestmentHistory.From || row.Date > after.InvestmentHistory.To {
			continue
		}
		if day, ok := rows[[2]string{row.AccountKey, row.Key}]; !ok || day != row.Date {
			t.Errorf("investment transaction %q of %s is gone or has moved weeks later", row.Key, row.Date)
		}
	}
	accounts := map[string]bool{}
	for _, a := range after.Accounts {
		accounts[a.Key] = true
	}
	for _, a := range before.Accounts {
		if !accounts[a.Key] {
			t.Errorf("account %q is gone weeks later", a.Key)
		}
	}
}

// inside checks that a narrow window is a part of the wide one: nothing more, nothing less.
func inside(t *testing.T, wide, narrow connector.Batch, from plaid.Date) {
	t.Helper()
	have := map[[2]string]bool{}
	for _, row := range narrow.InvestmentTransactions {
		have[[2]string{row.AccountKey, row.Key}] = true
	}
	for _, row := range wide.InvestmentTransactions {
		key := [2]string{row.AccountKey, row.Key}
		if row.Date >= from && !have[key] {
			t.Errorf("investment transaction %q of %s is missing in the window from %s", row.Key, row.Date, from)
		}
		delete(have, key)
	}
	for key := range have {
		t.Errorf("investment transaction %q is in the narrow window only", key[1])
	}
}
