package item

import (
	"context"
	"errors"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item/accounts"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/store"
)

// accountKinds are the documents that have one element an account.
var accountKinds = []string{AccountsDocument, InvestmentAccountsDocument, OwnersDocument}

// applyAccounts writes the accounts of a bank's answer: their ids, documents, owners and sealed numbers. Accounts that a
// partial answer does not name stay, and so does what is known as of a later moment than the answer's.
func (s *Service) applyAccounts(ctx context.Context, tx *store.Tx, r *Refreshed) (bool, error) {
	known, err := accounts.Known(ctx, tx, r.Item.Key)
	if err != nil {
		return false, err
	}
	list, err := readAccountList(ctx, tx, r.Item)
	if err != nil {
		return false, err
	}
	before := len(list.Order)
	if !r.Batch.Partial {
		list.Order = nil
	}
	r.AccountIDs = make(map[string]string, len(r.Batch.Accounts))
	r.Older = map[string]bool{}
	var counts Counts
	changed := false
	for i, a := range r.Batch.Accounts {
		row, ok := known[a.Key]
		if !ok {
			row.ID = ident.Derive("account", r.Item.ID, a.Key)
		}
		r.AccountIDs[a.Key] = row.ID
		asOf := asOfMillis(a, r.Want.Now)
		if r.Older[a.Key] = ok && row.AsOf > asOf; r.Older[a.Key] {
			list.Keep(row.ID)
			counts.Unchanged++
			continue
		}
		position := i
		if r.Batch.Partial && ok {
			position = int(row.Position)
		} else if r.Batch.Partial {
			position = before + counts.Added
		}
		did, err := accounts.Put(ctx, tx, s.Keys, r.Item.Tenant, r.Item.Key, a, row, accounts.Row{Position: int64(position), AsOf: asOf})
		if err != nil {
			return false, err
		}
		a.AccountID = row.ID
		same, err := list.Put(row.ID, a.Account, investmentAccount(a), AccountOwners{AccountID: row.ID, Owners: notNil(a.Owners)})
		if err != nil {
			return false, err
		}
		changed = changed || did
		counts.note(ok, same)
	}
	r.Report["accounts"] = counts
	did, err := writeAccountList(ctx, tx, r.Item.Key, list)
	if err != nil {
		return false, err
	}
	for _, row := range known {
		if !slices.Contains(list.Order, row.ID) {
			r.gone = append(r.gone, row.ID)
		}
	}
	slices.Sort(r.gone)
	r.types, err = list.Types()
	return changed || did, err
}

// asOfMillis is the moment that an account's data is of. A bank's clock that runs ahead does not shut out what comes later.
func asOfMillis(a connector.Account, now time.Time) int64 {
	if a.AsOf.IsZero() {
		return 0
	}
	return min(a.AsOf.UnixMilli(), now.UnixMilli())
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

func readAccountList(ctx context.Context, tx *store.Tx, it Item) (*document.Accounts, error) {
	docs, err := ReadDocuments(ctx, tx, it, accountKinds...)
	var pe *plaid.Error
	if err != nil && !errors.As(err, &pe) { // a new Item has none
		return nil, err
	}
	return document.ReadAccounts(docs.ByKind, accountKinds...)
}

func writeAccountList(ctx context.Context, tx *store.Tx, itemKey string, list *document.Accounts) (changed bool, err error) {
	for _, kind := range accountKinds {
		did, err := putRaw(ctx, tx, itemKey, kind, list.Document(kind))
		if err != nil {
			return false, err
		}
		changed = changed || did
	}
	return changed, nil
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

// Numbers opens the routing and account numbers of an Item.
func (s *Service) Numbers(ctx context.Context, q store.Querier, it Item) ([]accounts.Numbers, error) {
	return accounts.ReadNumbers(ctx, q, s.Keys, it.Tenant, it.Key)
}
