package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/internal/export/ledger"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Query says what is wanted of a client's Items. Empty lists want all; From and To are days of rows, both included.
type Query struct {
	Items, Accounts []string
	From, To        plaid.Date
	// Pending wants transactions that are not settled too.
	Pending bool
}

// FirstDay and LastDay are the bounds of a query for all days.
var FirstDay, LastDay = plaid.MustDate("0001-01-01"), plaid.MustDate("9999-12-31")

// Kinds of documents that the investments product writes.
const (
	holdingsDocument   = "holdings"
	securitiesDocument = "holding_securities"
)

// Read reads a client's Items, each as it stands at one moment. The error names what of the query is not there.
func Read(ctx context.Context, s *item.Service, tenant store.Tenant, q Query) (*ledger.Book, error) {
	items, err := s.List(ctx, tenant)
	if err != nil {
		return nil, err
	}
	b := &ledger.Book{At: s.Clock.Now(), ToPresent: q.To >= plaid.DateOf(s.Clock.Now())}
	known := map[string]bool{}
	for _, it := range items {
		known[it.ID] = true
		if len(q.Items) > 0 && !slices.Contains(q.Items, it.ID) {
			continue
		}
		err := s.DB.Read(ctx, func(tx *store.Tx) error { return readItem(ctx, tx, b, it, q) })
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", it.ID, err)
		}
	}
	for _, id := range q.Items {
		if !known[id] {
			return nil, fmt.Errorf("%s has no Item %s in %s; see weft items list", tenant.Client, id, tenant.Environment)
		}
	}
	for _, id := range q.Accounts {
		if !slices.ContainsFunc(b.Accounts, func(a ledger.Account) bool { return a.AccountID == id }) {
			return nil, fmt.Errorf("there is no account %s in these Items", id)
		}
	}
	slices.SortFunc(b.Securities, func(x, y plaid.Security) int { return strings.Compare(x.SecurityID, y.SecurityID) })
	b.Securities = slices.CompactFunc(b.Securities, func(x, y plaid.Security) bool { return x.SecurityID == y.SecurityID })
	return b, nil
}

// readItem adds an Item's accounts to a book.
func readItem(ctx context.Context, tx *store.Tx, b *ledger.Book, it item.Item, q Query) error {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, holdingsDocument, securitiesDocument)
	if err != nil {
		return err
	}
	var accounts []plaid.Account
	var holdings []plaid.Holding
	err = errors.Join(decode(docs.ByKind[item.AccountsDocument], &accounts), decode(docs.ByKind[holdingsDocument], &holdings))
	if err != nil {
		return err
	}
	list := map[string]*ledger.Account{}
	var order []*ledger.Account
	for _, a := range accounts {
		if len(q.Accounts) > 0 && !slices.Contains(q.Accounts, a.AccountID) {
			continue
		}
		one := &ledger.Account{Account: a, ItemID: it.ID, InstitutionID: it.InstitutionID, InstitutionName: it.InstitutionName}
		list[a.AccountID], order = one, append(order, one)
	}
	if len(order) == 0 {
		return nil
	}
	for _, h := range holdings {
		if a := list[h.AccountID]; a != nil {
			a.Holdings = append(a.Holdings, h)
		}
	}
	r := reader{ctx: ctx, tx: tx, it: it, q: q, accounts: list}
	if err := errors.Join(r.moments(), r.transactions(), r.investments()); err != nil {
		return err
	}
	securities, err := r.securities(docs.ByKind[securitiesDocument])
	if err != nil {
		return err
	}
	b.Securities = append(b.Securities, securities...)
	for _, a := range order {
		b.Accounts = append(b.Accounts, *a)
	}
	return nil
}

func decode(document []byte, into any) error {
	if len(document) == 0 {
		return nil
	}
	return json.Unmarshal(document, into)
}

// reader reads the rows of an Item's accounts.
type reader struct {
	ctx      context.Context
	tx       *store.Tx
	it       item.Item
	q        Query
	accounts map[string]*ledger.Account
}

// each calls a function for each row of a statement. Arguments after the Item's key and its tenant are the caller's.
func (r reader) each(statement string, scan func(store.Rows) error, args ...any) error {
	rows, err := r.tx.Query(r.ctx, statement, append([]any{r.it.Key, r.it.Tenant.Client, r.it.Tenant.Environment}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// The statements of this package.
const (
	momentsQuery = `select a.account_id, a.as_of, coalesce(i.refreshed_at, i.created_at) from accounts a
		join items i on i.item_key = a.item_key and i.client_id = $2 and i.environment = $3
		where a.item_key = $1`
	transactionsQuery = `select t.account_id, t.document, t.original, t.category_v2 from transactions t
		join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.date >= $4 and t.date <= $5 and t.removed = 0 order by t.date, t.added`
	investmentsQuery = `select t.account_id, t.document from investment_transactions t
		join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.date >= $4 and t.date <= $5 order by t.date, t.ordinal`
	securitiesQuery = `select s.document from item_securities s
		join items i on i.item_key = s.item_key and i.client_id = $2 and i.environment = $3
		where s.item_key = $1 order by s.native_key`
)

// moments reads what moment each account is of: that of the Item's last refresh where the bank does not say.
func (r reader) moments() error {
	return r.each(momentsQuery, func(rows store.Rows) error {
		var id string
		var asOf, refreshed int64
		if err := rows.Scan(&id, &asOf, &refreshed); err != nil {
			return err
		}
		if a := r.accounts[id]; a != nil {
			if asOf == 0 {
				asOf = refreshed
			}
			a.AsOf = time.UnixMilli(asOf).UTC()
		}
		return nil
	})
}

func (r reader) transactions() error {
	return r.each(transactionsQuery, func(rows store.Rows) error {
		var id string
		var document, original, category []byte
		if err := rows.Scan(&id, &document, &original, &category); err != nil {
			return err
		}
		a := r.accounts[id]
		if a == nil {
			return nil
		}
		var t ledger.Transaction
		whole := slices.Concat(document, []byte(`,"original_description":`), original, []byte(`,"personal_finance_category":`), category, []byte("}"))
		if err := json.Unmarshal(whole, &t); err != nil {
			return fmt.Errorf("stored transaction: %w", err)
		}
		if r.q.Pending || !t.Pending {
			a.Transactions = append(a.Transactions, t)
		}
		return nil
	}, r.q.From.String(), r.q.To.String())
}

func (r reader) investments() error {
	return r.each(investmentsQuery, func(rows store.Rows) error {
		var id string
		var document []byte
		if err := rows.Scan(&id, &document); err != nil {
			return err
		}
		a := r.accounts[id]
		if a == nil {
			return nil
		}
		var t plaid.InvestmentTransaction
		if err := json.Unmarshal(document, &t); err != nil {
			return fmt.Errorf("stored investment transaction: %w", err)
		}
		a.Investments = append(a.Investments, t)
		return nil
	}, r.q.From.String(), r.q.To.String())
}

// securities are those that holdings and rows name.
func (r reader) securities(held []byte) (list []plaid.Security, err error) {
	named := map[string]bool{}
	for _, a := range r.accounts {
		for _, h := range a.Holdings {
			named[h.SecurityID] = true
		}
		for _, t := range a.Investments {
			if t.SecurityID != nil {
				named[*t.SecurityID] = true
			}
		}
	}
	var all []plaid.Security
	if err := decode(held, &all); err != nil {
		return nil, err
	}
	err = r.each(securitiesQuery, func(rows store.Rows) error {
		var document []byte
		var s plaid.Security
		if err := rows.Scan(&document); err != nil {
			return err
		}
		err := json.Unmarshal(document, &s)
		all = append(all, s)
		return err
	})
	for _, s := range all {
		if named[s.SecurityID] {
			named[s.SecurityID] = false
			list = append(list, s)
		}
	}
	return list, err
}
