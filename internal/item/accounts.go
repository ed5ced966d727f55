package item

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// accountKinds are the documents that have one element an account.
var accountKinds = []string{AccountsDocument, InvestmentAccountsDocument, OwnersDocument}

// applyAccounts writes the accounts of a bank's answer: their ids, documents, owners and sealed numbers. Accounts that a
// partial answer does not name stay, and so does what is known as of a later moment than the answer's.
func (s *Service) applyAccounts(ctx context.Context, tx *store.Tx, r *Refreshed) (bool, error) {
	known, err := knownAccounts(ctx, tx, r.Item.Key)
	if err != nil {
		return false, err
	}
	list, err := readAccountList(ctx, tx, r.Item)
	if err != nil {
		return false, err
	}
	before := len(list.order)
	if !r.Batch.Partial {
		list.order = nil
	}
	r.AccountIDs = make(map[string]string, len(r.Batch.Accounts))
	r.Older = map[string]bool{}
	var counts Counts
	changed := false
	for i, a := range r.Batch.Accounts {
		row, ok := known[a.Key]
		if !ok {
			row.id = ident.Derive("account", r.Item.ID, a.Key)
		}
		r.AccountIDs[a.Key] = row.id
		asOf := asOfMillis(a)
		if r.Older[a.Key] = ok && row.asOf > asOf; r.Older[a.Key] {
			list.keep(row.id)
			counts.Unchanged++
			continue
		}
		position := i
		if r.Batch.Partial && ok {
			position = int(row.position)
		} else if r.Batch.Partial {
			position = before + counts.Added
		}
		did, err := s.putAccount(ctx, tx, r.Item, a, row, position, asOf)
		if err != nil {
			return false, err
		}
		a.AccountID = row.id
		same, err := list.put(row.id, a.Account, investmentAccount(a), AccountOwners{AccountID: row.id, Owners: notNil(a.Owners)})
		if err != nil {
			return false, err
		}
		changed = changed || did
		counts.note(ok, same)
	}
	r.Report["accounts"] = counts
	did, err := list.write(ctx, tx, r.Item.Key)
	if err != nil {
		return false, err
	}
	r.types, err = list.types()
	return changed || did, err
}

func asOfMillis(a connector.Account) int64 {
	if a.AsOf.IsZero() {
		return 0
	}
	return a.AsOf.UnixMilli()
}

func (c *Counts) note(known, same bool) {
	switch {
	case !known:
		c.Added++
	case same:
		c.Unchanged++
	default:
		c.Changed++
	}
}

// accountList is the documents of an Item's accounts: the ids in order, and each kind's element of each.
type accountList struct {
	order    []string
	elements map[string]map[string]json.RawMessage
}

func readAccountList(ctx context.Context, tx *store.Tx, it Item) (accountList, error) {
	list := accountList{elements: map[string]map[string]json.RawMessage{}}
	docs, err := ReadDocuments(ctx, tx, it, accountKinds...)
	var pe *plaid.Error
	if errors.As(err, &pe) { // a new Item has none
		err = nil
	}
	for _, kind := range accountKinds {
		list.elements[kind] = map[string]json.RawMessage{}
		elements, splitErr := document.Elements(docs.ByKind[kind])
		err = errors.Join(err, splitErr)
		for _, e := range elements {
			var has struct {
				AccountID string `json:"account_id"`
			}
			err = errors.Join(err, json.Unmarshal(e, &has))
			list.elements[kind][has.AccountID] = e
			if kind == AccountsDocument {
				list.order = append(list.order, has.AccountID)
			}
		}
	}
	return list, err
}

func (l *accountList) keep(id string) {
	if !slices.Contains(l.order, id) {
		l.order = append(l.order, id)
	}
}

// put writes an account's elements and reports whether they are what they were.
func (l *accountList) put(id string, values ...any) (same bool, err error) {
	l.keep(id)
	same = true
	for i, kind := range accountKinds {
		doc, err := plaid.JSON(values[i])
		if err != nil {
			return false, err
		}
		same = same && string(doc) == string(l.elements[kind][id])
		l.elements[kind][id] = doc
	}
	return same, nil
}

func (l *accountList) write(ctx context.Context, tx *store.Tx, itemKey string) (changed bool, err error) {
	for _, kind := range accountKinds {
		elements := make([]json.RawMessage, len(l.order))
		for i, id := range l.order {
			elements[i] = l.elements[kind][id]
		}
		did, err := putRaw(ctx, tx, itemKey, kind, document.Join(elements))
		if err != nil {
			return false, err
		}
		changed = changed || did
	}
	return changed, nil
}

// types are "type/subtype" of each account.
func (l *accountList) types() ([]string, error) {
	types := make([]string, len(l.order))
	for i, id := range l.order {
		var a struct {
			Type    string `json:"type"`
			Subtype string `json:"subtype"`
		}
		if err := json.Unmarshal(l.elements[AccountsDocument][id], &a); err != nil {
			return nil, err
		}
		types[i] = a.Type + "/" + a.Subtype
	}
	return types, nil
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func investmentAccount(a connector.Account) plaid.InvestmentAccount {
	return plaid.InvestmentAccount{
		AccountID: a.AccountID, Balances: plaid.InvestmentBalances{Balances: a.Balances, MarginLoanAmount: a.MarginLoan},
		Mask: a.Mask, Name: a.Name, OfficialName: a.OfficialName, Type: a.Type, Subtype: a.Subtype,
		PersistentAccountID: a.PersistentAccountID, HolderCategory: a.HolderCategory,
	}
}

// accountRow is what the accounts table has of an account.
type accountRow struct {
	id       string
	position int64
	asOf     int64
	numbers  *string
}

func knownAccounts(ctx context.Context, tx *store.Tx, itemKey string) (map[string]accountRow, error) {
	rows, err := tx.Query(ctx, `select native_key, account_id, position, as_of, numbers from accounts where item_key = $1`, itemKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]accountRow{}
	for rows.Next() {
		var key string
		var row accountRow
		if err := rows.Scan(&key, &row.id, &row.position, &row.asOf, &row.numbers); err != nil {
			return nil, err
		}
		known[key] = row
	}
	return known, rows.Err()
}

// putAccount writes an account's row where it differs. Sealing gives other bytes each time, so numbers are compared open.
func (s *Service) putAccount(ctx context.Context, tx *store.Tx, it Item, a connector.Account, old accountRow, position int, asOf int64) (bool, error) {
	numbers, err := json.Marshal(a.Numbers)
	if err != nil {
		return false, err
	}
	place := numbersPlace(it, old.id)
	sealed := old.numbers
	same := false
	if old.numbers != nil {
		plain, err := s.Keys.Open(*old.numbers, place)
		if err != nil {
			return false, err
		}
		same = string(plain) == string(numbers)
	}
	if same && old.position == int64(position) && old.asOf == asOf {
		return false, nil
	}
	if !same {
		text, err := s.Keys.Seal(numbers, place)
		if err != nil {
			return false, err
		}
		sealed = &text
	}
	_, err = tx.Exec(ctx, `insert into accounts (item_key, native_key, account_id, position, as_of, numbers) values ($1, $2, $3, $4, $5, $6)
		on conflict (item_key, native_key) do update set position = excluded.position, as_of = excluded.as_of, numbers = excluded.numbers`,
		it.Key, a.Key, old.id, position, asOf, sealed)
	return true, err
}

func numbersPlace(it Item, accountID string) seal.Place {
	return seal.Place{Tenant: it.Tenant.Client + "/" + it.Tenant.Environment, Table: "accounts", Column: "numbers", Row: accountID}
}

// numbersQuery reads the numbers of an Item's accounts, in the accounts' order.
const numbersQuery = `select a.account_id, a.numbers from accounts a
	join items i on i.item_key = a.item_key and i.client_id = $2 and i.environment = $3
	where a.item_key = $1 order by a.position`

// AccountNumbers are the numbers of one account.
type AccountNumbers struct {
	AccountID string
	connector.Numbers
}

// Numbers opens the routing and account numbers of an Item.
func (s *Service) Numbers(ctx context.Context, q store.Querier, it Item) ([]AccountNumbers, error) {
	rows, err := q.Query(ctx, numbersQuery, it.Key, it.Tenant.Client, it.Tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []AccountNumbers
	for rows.Next() {
		var n AccountNumbers
		var sealed *string
		if err := rows.Scan(&n.AccountID, &sealed); err != nil {
			return nil, err
		}
		if sealed != nil {
			plain, err := s.Keys.Open(*sealed, numbersPlace(it, n.AccountID))
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(plain, &n.Numbers); err != nil {
				return nil, fmt.Errorf("item: stored numbers: %w", err)
			}
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
