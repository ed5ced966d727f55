package insights

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weft/internal/insight"
	"weft/internal/item"
	"weft/internal/item/debts"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// Kinds of documents that products write.
const (
	holdingsDocument   = "holdings"
	securitiesDocument = "holding_securities"
)

// historyDays is how far back rows say something: two years and the days by which a yearly payment may be late.
const historyDays = 800

// transactionsQuery reads an Item's transactions since a day. The join with items holds the tenant.
const transactionsQuery = `select t.account_id, t.document, t.category_v2 from transactions t
	join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
	where t.item_key = $1 and t.date >= $4 and t.removed = 0 order by t.date, t.added`

// read adds what is stored of an Item's accounts to the input: of those that are named, or of all.
func read(ctx context.Context, tx *store.Tx, keys *seal.Keys, it item.Item, named []string, in *insight.Input) error {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, debts.Document)
	if err != nil {
		return err
	}
	var accounts []plaid.Account
	var owed struct{ Credit []plaid.CreditCard }
	if err := decode(docs.ByKind[item.AccountsDocument], &accounts); err != nil {
		return err
	}
	if it.Has("liabilities") {
		document, err := debts.Open(keys, it, docs.ByKind[debts.Document])
		if err == nil {
			err = decode(document, &owed)
		}
		if err != nil {
			return err
		}
	}
	if len(named) > 0 {
		accounts = slices.DeleteFunc(accounts, func(a plaid.Account) bool { return !slices.Contains(named, a.AccountID) })
	}
	known := addAccounts(in, it, accounts, owed.Credit)
	if it.Has("transactions") {
		err = readTransactions(ctx, tx, it, known, in)
	}
	if err == nil && it.Has("investments") {
		err = readHoldings(ctx, tx, it, known, in)
	}
	return err
}

// addAccounts adds accounts, and tells their ids.
func addAccounts(in *insight.Input, it item.Item, accounts []plaid.Account, cards []plaid.CreditCard) map[string]bool {
	known, seen := map[string]bool{}, map[string]bool{}
	for _, a := range accounts {
		one := insight.Account{ID: a.AccountID, Name: a.Name, Type: a.Type, Subtype: text(a.Subtype), Available: a.Balances.Available, Current: a.Balances.Current,
			Currency: cmp.Or(text(a.Balances.ISOCurrencyCode), text(a.Balances.UnofficialCurrencyCode))}
		// Cash is idle beside what is spent, which is not known then.
		if a.Type == plaid.TypeDepository && !it.Has("transactions") {
			one.Available, one.Current = nil, nil
		}
		for _, c := range cards {
			if c.AccountID == a.AccountID {
				one.APRs = c.APRs
			}
		}
		// Two accounts of one Item are two, however alike.
		if one.Identity = identity(it, a); seen[one.Identity] {
			one.Identity = ""
		}
		seen[one.Identity], known[a.AccountID] = true, true
		in.Accounts = append(in.Accounts, one)
	}
	return known
}

// identity is the same for one account that is linked twice, as far as the bank's words tell; empty where they do not.
func identity(it item.Item, a plaid.Account) string {
	switch {
	case a.PersistentAccountID != "":
		return a.PersistentAccountID
	case a.Mask == nil || it.InstitutionID == "":
		return ""
	}
	return strings.Join([]string{it.InstitutionID, a.Type, text(a.Subtype), *a.Mask, a.Name}, "|")
}

func readTransactions(ctx context.Context, tx *store.Tx, it item.Item, known map[string]bool, in *insight.Input) error {
	rows, err := tx.Query(ctx, transactionsQuery, it.Key, it.Tenant.Client, it.Tenant.Environment, in.AsOf.AddDays(-historyDays).String())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var account string
		var document, category []byte
		if err := rows.Scan(&account, &document, &category); err != nil {
			return err
		}
		if !known[account] {
			continue
		}
		var t row
		err := errors.Join(json.Unmarshal(append(slices.Clip(document), '}'), &t), json.Unmarshal(category, &t.Purpose))
		if err != nil {
			return fmt.Errorf("insights: stored transaction: %w", err)
		}
		in.Transactions = append(in.Transactions, insight.Transaction{ID: t.TransactionID, Account: account, Currency: cmp.Or(text(t.ISOCurrencyCode), text(t.UnofficialCurrencyCode)),
			Date: t.Date, Amount: t.Amount, Name: t.Name, Merchant: text(t.MerchantName), Entity: text(t.MerchantEntityID), Category: t.Purpose.Detailed, Pending: t.Pending})
	}
	return rows.Err()
}

// row is what is read of a stored transaction.
type row struct {
	TransactionID          string        `json:"transaction_id"`
	Date                   plaid.Date    `json:"date"`
	Amount                 plaid.Decimal `json:"amount"`
	ISOCurrencyCode        *string       `json:"iso_currency_code"`
	UnofficialCurrencyCode *string       `json:"unofficial_currency_code"`
	Name                   string        `json:"name"`
	MerchantName           *string       `json:"merchant_name"`
	MerchantEntityID       *string       `json:"merchant_entity_id"`
	Pending                bool          `json:"pending"`
	// Purpose is kept beside the document, which has an older category.
	Purpose plaid.PersonalFinanceCategory `json:"-"`
}

func readHoldings(ctx context.Context, tx *store.Tx, it item.Item, known map[string]bool, in *insight.Input) error {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, holdingsDocument, securitiesDocument)
	if err != nil {
		return err
	}
	var holdings []plaid.Holding
	var list []plaid.Security
	if err := errors.Join(decode(docs.ByKind[holdingsDocument], &holdings), decode(docs.ByKind[securitiesDocument], &list)); err != nil {
		return err
	}
	securities := map[string]plaid.Security{}
	for _, s := range list {
		securities[s.SecurityID] = s
	}
	for _, h := range holdings {
		if s, ok := securities[h.SecurityID]; ok && known[h.AccountID] {
			in.Holdings = append(in.Holdings, insight.Holding{Account: h.AccountID, Security: h.SecurityID, Ticker: text(s.TickerSymbol), ISIN: text(s.ISIN), Name: text(s.Name),
				Currency: cmp.Or(text(h.ISOCurrencyCode), text(h.UnofficialCurrencyCode)), Value: h.InstitutionValue})
		}
	}
	return nil
}

func decode(document []byte, into any) error {
	if len(document) == 0 {
		return nil
	}
	return json.Unmarshal(document, into)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
