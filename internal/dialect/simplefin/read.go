package simplefin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Kinds of documents that the investments product writes.
const (
	holdingsDocument   = "holdings"
	securitiesDocument = "holding_securities"
)

// contents are what is told of an Item.
type contents struct {
	item        item.Item
	institution string // its URL, empty where it is not known
	accounts    []plaid.Account
	// asOf is when an account's balances and holdings were what they are.
	asOf         map[string]time.Time
	holdings     []plaid.Holding
	securities   map[string]plaid.Security
	transactions []bankRow
	investments  []plaid.InvestmentTransaction
}

// bankRow is a transaction of a bank account with the ids that the API gives it.
type bankRow struct {
	accountID, id string
	connector.Transaction
}

// read reads the Items of an access, each as it stands at one moment. Items that are gone are left out.
func (s *service) read(ctx context.Context, tenant store.Tenant, itemIDs []string, q query) (*accountSet, error) {
	set := newAccountSet(s.baseURL + root)
	for _, id := range itemIDs {
		it, err := s.items.ItemByID(ctx, tenant, id)
		if isGone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var c *contents
		err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
			c, err = s.readItem(ctx, tx, it, q)
			return err
		})
		if isGone(err) { // since it was found
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", id, err)
		}
		if len(c.accounts) > 0 || len(q.accounts) == 0 {
			set.add(c, q)
		}
	}
	return set, nil
}

func isGone(err error) bool {
	var pe *plaid.Error
	return errors.As(err, &pe) && pe.Code == "ITEM_NOT_FOUND"
}

func (s *service) readItem(ctx context.Context, tx *store.Tx, it item.Item, q query) (*contents, error) {
	c := &contents{item: it, securities: map[string]plaid.Security{}}
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, holdingsDocument, securitiesDocument)
	if err != nil {
		return nil, err
	}
	var all []plaid.Account
	var securities []plaid.Security
	err = errors.Join(decode(docs.ByKind[item.AccountsDocument], &all), decode(docs.ByKind[holdingsDocument], &c.holdings),
		decode(docs.ByKind[securitiesDocument], &securities))
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if q.wants(a.AccountID) {
			c.accounts = append(c.accounts, a)
		}
	}
	if len(c.accounts) == 0 {
		return c, nil
	}
	for _, one := range securities {
		c.securities[one.SecurityID] = one
	}
	if c.institution, err = s.institutionURL(ctx, tx, it); err != nil {
		return nil, err
	}
	if c.asOf, err = readMoments(ctx, tx, it); err != nil {
		return nil, err
	}
	if q.balancesOnly {
		return c, nil
	}
	if c.transactions, err = readTransactions(ctx, tx, it, q); err != nil {
		return nil, err
	}
	return c, c.readInvestments(ctx, tx, q)
}

func decode(document []byte, into any) error {
	if len(document) == 0 {
		return nil
	}
	return json.Unmarshal(document, into)
}

// institutionURL is the URL of an Item's institution: one that came with the tenant's data, or one of a directory.
func (s *service) institutionURL(ctx context.Context, tx *store.Tx, it item.Item) (string, error) {
	var document []byte
	var ins plaid.Institution
	err := tx.QueryRow(ctx, `select document from institutions where client_id = $1 and environment = $2 and institution_id = $3`,
		it.Tenant.Client, it.Tenant.Environment, it.InstitutionID).Scan(&document)
	switch {
	case err == nil:
		err = json.Unmarshal(document, &ins)
	case errors.Is(err, store.ErrNotFound):
		listed, _, none := s.items.Connectors.Institution(it.Tenant.Environment, it.InstitutionID, s.items.Clock.Now())
		if err = nil; none == nil {
			ins = listed.Institution
		}
	}
	if err != nil || ins.URL == nil {
		return "", err
	}
	return *ins.URL, nil
}

// readMoments reads what moment each account is of. An account for which its bank does not say is of the Item's last refresh.
func readMoments(ctx context.Context, tx *store.Tx, it item.Item) (map[string]time.Time, error) {
	rows, err := tx.Query(ctx, `select a.account_id, a.as_of, coalesce(i.refreshed_at, i.created_at) from accounts a
		join items i on i.item_key = a.item_key and i.client_id = $2 and i.environment = $3
		where a.item_key = $1`, it.Key, it.Tenant.Client, it.Tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	moments := map[string]time.Time{}
	for rows.Next() {
		var id string
		var asOf, refreshed int64
		if err := rows.Scan(&id, &asOf, &refreshed); err != nil {
			return nil, err
		}
		if asOf == 0 {
			asOf = refreshed
		}
		moments[id] = time.UnixMilli(asOf)
	}
	return moments, rows.Err()
}

func readTransactions(ctx context.Context, tx *store.Tx, it item.Item, q query) ([]bankRow, error) {
	rows, err := tx.Query(ctx, `select t.account_id, t.transaction_id, t.source from transactions t
		join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.date >= $4 and t.date <= $5 and t.removed = 0 order by t.date, t.added`,
		it.Key, it.Tenant.Client, it.Tenant.Environment, q.from.String(), q.to.String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []bankRow
	for rows.Next() {
		var row bankRow
		var source []byte
		if err := rows.Scan(&row.accountID, &row.id, &source); err != nil {
			return nil, err
		}
		if !q.wants(row.accountID) {
			continue
		}
		if err := json.Unmarshal(source, &row.Transaction); err != nil {
			return nil, fmt.Errorf("simplefin: stored transaction: %w", err)
		}
		if q.pending || !row.Pending {
			list = append(list, row)
		}
	}
	return list, rows.Err()
}

// readInvestments reads the investment transactions, and the securities that they name.
func (c *contents) readInvestments(ctx context.Context, tx *store.Tx, q query) error {
	it := c.item
	rows, err := tx.Query(ctx, `select t.account_id, t.document from investment_transactions t
		join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.date >= $4 and t.date <= $5 order by t.date, t.ordinal`,
		it.Key, it.Tenant.Client, it.Tenant.Environment, q.from.String(), q.to.String())
	if err != nil {
		return err
	}
	defer rows.Close()
	named := false
	for rows.Next() {
		var account string
		var document []byte
		if err := rows.Scan(&account, &document); err != nil {
			return err
		}
		if !q.wants(account) {
			continue
		}
		var t plaid.InvestmentTransaction
		if err := json.Unmarshal(document, &t); err != nil {
			return fmt.Errorf("simplefin: stored investment transaction: %w", err)
		}
		c.investments = append(c.investments, t)
		named = named || t.SecurityID != nil
	}
	if err := rows.Err(); err != nil || !named {
		return err
	}
	rows.Close()
	return c.readSecurities(ctx, tx)
}

// readSecurities adds the securities that are not held any more.
func (c *contents) readSecurities(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, `select s.security_id, s.document from item_securities s
		join items i on i.item_key = s.item_key and i.client_id = $2 and i.environment = $3
		where s.item_key = $1 order by s.native_key`, c.item.Key, c.item.Tenant.Client, c.item.Tenant.Environment)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var document []byte
		if err := rows.Scan(&id, &document); err != nil {
			return err
		}
		if _, held := c.securities[id]; held {
			continue
		}
		var one plaid.Security
		if err := json.Unmarshal(document, &one); err != nil {
			return fmt.Errorf("simplefin: stored security: %w", err)
		}
		c.securities[id] = one
	}
	return rows.Err()
}
