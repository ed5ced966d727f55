package accounts

import (
	"context"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item/document"
	"weft/internal/item/rows"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// Kinds of the documents of accounts: JSON arrays, one element an account.
const (
	// Document are the accounts as most endpoints answer them.
	Document = "accounts"
	// InvestmentsDocument are the accounts as the investments endpoints answer them.
	InvestmentsDocument = "investment_accounts"
	// OwnersDocument are the accounts' owners: {account_id, owners}.
	OwnersDocument = "owners"
)

var kinds = []string{Document, InvestmentsDocument, OwnersDocument}

// Counts of what a bank's answer has changed.
type Counts struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Removed   int `json:"removed"`
	Unchanged int `json:"unchanged"`
}

// Applied is what became of the accounts of a bank's answer.
type Applied struct {
	// IDs are the public ids of the answer's accounts, by their keys.
	IDs map[string]string
	// Older are the keys of accounts whose balances and holdings are known as of a later moment than the answer's.
	Older map[string]bool
	// Owners are what of accounts' owners has changed, by the accounts' public ids: PHONES, ADDRESSES, EMAILS, NAMES.
	Owners map[string][]string
	Counts Counts
	// Renumbered is what has changed of the numbers of accounts that had some, by their ids, and Numbered the ids of known
	// accounts that had none before.
	Renumbered map[string][]string
	Numbered   []string
	// Types are "type/subtype" of all accounts of the Item, Gone the ids of accounts that it no longer has, sorted.
	Types, Gone []string
	Changed     bool
}

// Apply writes the accounts of a bank's answer: their ids, documents, owners and sealed numbers. Accounts that a partial
// answer does not name stay, and so does what is known as of a later moment than the answer's.
func Apply(ctx context.Context, tx *store.Tx, keys *seal.Keys, it rows.Item, batch connector.Batch, now time.Time) (Applied, error) {
	out := Applied{IDs: make(map[string]string, len(batch.Accounts)), Older: map[string]bool{}, Owners: map[string][]string{}, Renumbered: map[string][]string{}}
	known, err := Known(ctx, tx, it.Key)
	if err != nil {
		return out, err
	}
	docs, err := document.Read(ctx, tx, it.Tenant, it.Key, kinds...)
	if err != nil {
		return out, err
	}
	list, err := document.ReadAccounts(docs.ByKind, kinds...)
	if err != nil {
		return out, err
	}
	before := len(list.Order)
	if !batch.Partial {
		list.Order = nil
	}
	for i, a := range batch.Accounts {
		row, ok := known[a.Key]
		if !ok {
			row.ID = ident.Derive("account", it.ID, a.Key)
		}
		out.IDs[a.Key] = row.ID
		asOf := asOfMillis(a, now)
		if out.Older[a.Key] = ok && row.AsOf > asOf; out.Older[a.Key] {
			list.Keep(row.ID)
			out.Counts.Unchanged++
			continue
		}
		position := i
		if batch.Partial && ok {
			position = int(row.Position)
		} else if batch.Partial {
			position = before + out.Counts.Added
		}
		had, err := row.open(keys, it.Tenant)
		if err != nil {
			return out, err
		}
		verify(&a, it.Typed, had)
		did, err := put(ctx, tx, keys, it, a, had, row, Row{Position: int64(position), AsOf: asOf})
		if err != nil {
			return out, err
		}
		out.renumber(row.ID, had, a.Numbers)
		a.AccountID = row.ID
		changed, err := ownersChanged(list.Element(OwnersDocument, row.ID), a.Owners)
		if err != nil {
			return out, err
		}
		if len(changed) > 0 {
			out.Owners[row.ID] = changed
		}
		same, err := list.Put(row.ID, a.Account, investmentAccount(a), Owners{AccountID: row.ID, Owners: notNil(a.Owners)})
		if err != nil {
			return out, err
		}
		out.Changed = out.Changed || did
		out.Counts.note(ok, same)
	}
	return out, out.write(ctx, tx, it, known, list)
}

// write writes the documents, and finds what the Item has of accounts then.
func (out *Applied) write(ctx context.Context, tx *store.Tx, it rows.Item, known map[string]Row, list *document.Accounts) (err error) {
	for _, kind := range kinds {
		did, err := document.PutRaw(ctx, tx, it.Key, kind, list.Document(kind))
		if err != nil {
			return err
		}
		out.Changed = out.Changed || did
	}
	for _, row := range known {
		if !slices.Contains(list.Order, row.ID) {
			out.Gone = append(out.Gone, row.ID)
		}
	}
	slices.Sort(out.Gone)
	out.Types, err = list.Types()
	return err
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
