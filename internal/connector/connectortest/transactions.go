package connectortest

import (
	"fmt"
	"testing"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// transactions checks those of bank, card and loan accounts.
func (c *checker) transactions(b connector.Batch, accounts map[string]connector.Account, want connector.Want) {
	seen, settled := map[[2]string]bool{}, map[[2]string]bool{}
	today := plaid.DateOf(want.Now)
	for i := range b.Transactions {
		row := &b.Transactions[i]
		place := [2]string{row.AccountKey, row.Key}
		c.about = fmt.Sprintf("transaction %q of %q", row.Key, row.AccountKey)
		if seen[place] || row.Key == "" {
			c.fail("the key is empty or used twice")
		}
		seen[place] = true
		if _, ok := accounts[row.AccountKey]; !ok {
			c.fail("no such account")
		}
		if w := b.TransactionHistory; w != nil && (row.Date < w.From || row.Date > w.To) {
			c.fail("%s is outside the window %s to %s", row.Date, w.From, w.To)
		}
		if !row.Pending && row.Date > today.AddDays(1) { // where the bank is, tomorrow may have begun
			c.fail("posted on %s, which is to come", row.Date)
		}
		c.settles(row, settled)
		for name, text := range map[string]string{
			"key": row.Key, "pending key": row.PendingKey, "reference": row.Reference, "name": row.Name, "payee": row.Payee,
			"memo": row.Memo, "check number": row.CheckNumber, "kind": row.Kind,
		} {
			c.text(name, text)
		}
		c.currency(row.ISOCurrencyCode, row.UnofficialCurrencyCode)
		c.decimal("amount", &row.Amount)
	}
	for place := range settled {
		c.about = fmt.Sprintf("transaction %q of %q", place[1], place[0])
		if seen[place] {
			c.fail("stated although another one settles it")
		}
	}
	c.about = "batch"
	if w := b.TransactionHistory; w != nil && w.From > w.To {
		c.fail("the window from %s ends before, on %s", w.From, w.To)
	}
}

// settles notes the pending transaction that a row settles: a posted row alone does, and each is settled once.
func (c *checker) settles(row *connector.Transaction, settled map[[2]string]bool) {
	if row.PendingKey == "" {
		return
	}
	if row.Pending || row.PendingKey == row.Key {
		c.fail("it settles %q, but is pending or the same", row.PendingKey)
	}
	place := [2]string{row.AccountKey, row.PendingKey}
	if settled[place] {
		c.fail("%q is settled twice", row.PendingKey)
	}
	settled[place] = true
}

// sameTransactions checks that what is posted stays where it was. What was pending may be posted, be pending still, or have
// come to nothing.
func sameTransactions(t *testing.T, before, after connector.Batch) {
	t.Helper()
	rows := map[[2]string]connector.Transaction{}
	for _, row := range after.Transactions {
		rows[[2]string{row.AccountKey, row.Key}] = row
	}
	for _, row := range before.Transactions {
		if w := after.TransactionHistory; w == nil || row.Date < w.From || row.Date > w.To {
			continue
		}
		now, ok := rows[[2]string{row.AccountKey, row.Key}]
		switch {
		case !row.Pending && (!ok || now.Date != row.Date):
			t.Errorf("transaction %q of %s is gone or has moved weeks later", row.Key, row.Date)
		case !row.Pending && now.Pending:
			t.Errorf("transaction %q was posted and is pending weeks later", row.Key)
		}
	}
}

// insideTransactions checks that a narrow window is a part of the wide one.
func insideTransactions(t *testing.T, wide, narrow connector.Batch, from plaid.Date) {
	t.Helper()
	have := map[[2]string]bool{}
	for _, row := range narrow.Transactions {
		have[[2]string{row.AccountKey, row.Key}] = true
	}
	for _, row := range wide.Transactions {
		key := [2]string{row.AccountKey, row.Key}
		if row.Date >= from && !have[key] {
			t.Errorf("transaction %q of %s is missing in the window from %s", row.Key, row.Date, from)
		}
		delete(have, key)
	}
	for key := range have {
		t.Errorf("transaction %q is in the narrow window only", key[1])
	}
}
