// Package contents reads what a report has of an Item, as it is stored at one moment, in the words of reports.
package contents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/enrich"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
	"weft/internal/store"
)

// Kinds of documents that the investments product writes.
const (
	holdingsDocument   = "holdings"
	securitiesDocument = "holding_securities"
)

// TransactionsDocument has all transactions that the Item's bank states, for its reports: the product of transactions keeps as much
// history as it was asked for, and reports may want more. Its elements are [Stated].
const TransactionsDocument = "asset_transactions"

// Stated is a transaction as the bank states it, with the public id of its account.
type Stated struct {
	AccountID string `json:"account_id"`
	connector.Transaction
}

// Contents are what is stored of an Item.
type Contents struct {
	Accounts []plaid.InvestmentAccount
	// Owners are those of each account by its id.
	Owners map[string][]plaid.Owner
	// Refreshed is when the bank was asked last.
	Refreshed time.Time

	item item.Item
	// stated are the bank's transactions by account, and known the ids that some of them have.
	stated     map[string][]connector.Transaction
	known      map[transactionKey]string
	holdings   []plaid.Holding
	securities map[string]plaid.Security
	events     []plaid.InvestmentTransaction
}

// transactionKey is the bank's name of a transaction within an Item.
type transactionKey struct{ account, key string }

// The statements of reports.
const (
	refreshedQuery    = `select coalesce(refreshed_at, created_at) from items where item_key = $1 and client_id = $2 and environment = $3`
	transactionsQuery = `select t.account_id, t.native_key, t.transaction_id, t.source from transactions t
		join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.removed = 0 and t.date >= $4 order by t.date, t.added`
	eventsQuery = `select t.document from investment_transactions t
		join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.date >= $4 order by t.date desc, t.ordinal`
	securitiesQuery = `select s.document from item_securities s
		join items i on i.item_key = s.item_key and i.client_id = $2 and i.environment = $3
		where s.item_key = $1 order by s.native_key`
)

// Read reads an Item: with investments, those too, and their events since a day.
func Read(ctx context.Context, tx *store.Tx, it item.Item, investments bool, from plaid.Date) (*Contents, error) {
	c := &Contents{item: it, Owners: map[string][]plaid.Owner{}, stated: map[string][]connector.Transaction{}, known: map[transactionKey]string{}, securities: map[string]plaid.Security{}}
	docs, err := item.ReadDocuments(ctx, tx, it, item.InvestmentAccountsDocument, item.OwnersDocument, TransactionsDocument)
	if err != nil {
		return nil, err
	}
	var owners []item.AccountOwners
	var all []Stated
	whole := docs.ByKind[TransactionsDocument]
	err = errors.Join(decode(docs.ByKind[item.InvestmentAccountsDocument], &c.Accounts), decode(docs.ByKind[item.OwnersDocument], &owners), decode(whole, &all))
	if err != nil {
		return nil, err
	}
	for _, o := range owners {
		c.Owners[o.AccountID] = o.Owners
	}
	for _, t := range all {
		c.stated[t.AccountID] = append(c.stated[t.AccountID], t.Transaction)
	}
	var millis int64
	if err := tx.QueryRow(ctx, refreshedQuery, it.Key, it.Tenant.Client, it.Tenant.Environment).Scan(&millis); err != nil {
		return nil, err
	}
	c.Refreshed = time.UnixMilli(millis).UTC()
	if err := c.readTransactions(ctx, tx, it, whole == nil); err != nil {
		return nil, err
	}
	if investments {
		return c, c.readInvestments(ctx, tx, it, from)
	}
	return c, nil
}

func decode(document []byte, into any) error {
	if len(document) == 0 {
		return nil
	}
	return json.Unmarshal(document, into)
}

// readTransactions reads the ids of the transactions that the Item's clients know, and with sole the transactions too: those of an
// Item whose bank states none as a whole.
func (c *Contents) readTransactions(ctx context.Context, tx *store.Tx, it item.Item, sole bool) error {
	rows, err := tx.Query(ctx, transactionsQuery, it.Key, it.Tenant.Client, it.Tenant.Environment, "0000-01-01")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k transactionKey
		var id string
		var source []byte
		if err := rows.Scan(&k.account, &k.key, &id, &source); err != nil {
			return err
		}
		c.known[k] = id
		if !sole {
			continue
		}
		var t connector.Transaction
		if err := json.Unmarshal(source, &t); err != nil {
			return fmt.Errorf("stored transaction: %w", err)
		}
		c.stated[k.account] = append(c.stated[k.account], t)
	}
	return rows.Err()
}

// readInvestments reads the holdings, their instruments and the events since a day.
func (c *Contents) readInvestments(ctx context.Context, tx *store.Tx, it item.Item, from plaid.Date) error {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, holdingsDocument, securitiesDocument)
	if err != nil {
		return err
	}
	var held []plaid.Security
	if err := errors.Join(decode(docs.ByKind[holdingsDocument], &c.holdings), decode(docs.ByKind[securitiesDocument], &held)); err != nil {
		return err
	}
	for _, s := range held {
		c.securities[s.SecurityID] = s
	}
	err = each(ctx, tx, it, securitiesQuery, func(s plaid.Security) {
		if _, ok := c.securities[s.SecurityID]; !ok {
			c.securities[s.SecurityID] = s
		}
	})
	if err != nil {
		return err
	}
	return each(ctx, tx, it, eventsQuery, func(t plaid.InvestmentTransaction) { c.events = append(c.events, t) }, from.String())
}

// each calls a function for each document of a statement.
func each[T any](ctx context.Context, tx *store.Tx, it item.Item, statement string, take func(T), args ...any) error {
	rows, err := tx.Query(ctx, statement, append([]any{it.Key, it.Tenant.Client, it.Tenant.Environment}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var document []byte
		var one T
		if err := rows.Scan(&document); err != nil {
			return err
		}
		if err := json.Unmarshal(document, &one); err != nil {
			return err
		}
		take(one)
	}
	return rows.Err()
}

// Transactions are those of an account, newest first. One that no client knows yet has the id that it would be given.
func (c *Contents) Transactions(a plaid.InvestmentAccount, enricher *enrich.Enricher) []report.Transaction {
	list := make([]report.Transaction, 0, len(c.stated[a.AccountID]))
	id := func(key string) string {
		if known, ok := c.known[transactionKey{a.AccountID, key}]; ok {
			return known
		}
		return ident.Derive("transaction", c.item.ID, a.AccountID, key)
	}
	subtype := ""
	if a.Subtype != nil {
		subtype = *a.Subtype
	}
	for _, t := range c.stated[a.AccountID] {
		found := enricher.Enrich(enrich.Input{Description: t.Name, Payee: t.Payee, Memo: t.Memo, Amount: t.Amount,
			AccountType: a.Type, AccountSubtype: subtype, Kind: t.Kind, CheckNumber: t.CheckNumber})
		list = append(list, report.TransactionOf(a.AccountID, id, t, found))
	}
	slices.SortStableFunc(list, func(x, y report.Transaction) int { return int(y.Date) - int(x.Date) })
	return list
}

// Investments are what an account has of them, with its events since a day.
func (c *Contents) Investments(account string, from plaid.Date) *report.Investments {
	return report.InvestmentsOf(account, from, c.holdings, c.securities, c.events)
}
