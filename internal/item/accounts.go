package item

import (
	"context"
	"encoding/json"
	"fmt"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// applyAccounts writes the accounts of a bank's answer: their ids, documents, owners and sealed numbers.
func (s *Service) applyAccounts(ctx context.Context, tx *store.Tx, r *Refreshed) (bool, error) {
	known, err := knownAccounts(ctx, tx, r.Item.Key)
	if err != nil {
		return false, err
	}
	r.AccountIDs = make(map[string]string, len(r.Batch.Accounts))
	accounts := make([]plaid.Account, 0, len(r.Batch.Accounts))
	investment := make([]plaid.InvestmentAccount, 0, len(r.Batch.Accounts))
	owners := make([]AccountOwners, 0, len(r.Batch.Accounts))
	changed := false
	for i, a := range r.Batch.Accounts {
		row, ok := known[a.Key]
		if !ok {
			row.id = ident.Derive("account", r.Item.ID, a.Key)
		}
		r.AccountIDs[a.Key] = row.id
		did, err := s.putAccount(ctx, tx, r.Item, a, row, i)
		if err != nil {
			return false, err
		}
		changed = changed || did
		a.AccountID = row.id
		accounts = append(accounts, a.Account)
		investment = append(investment, investmentAccount(a))
		owners = append(owners, AccountOwners{AccountID: row.id, Owners: notNil(a.Owners)})
	}
	for kind, doc := range map[string]any{AccountsDocument: accounts, InvestmentAccountsDocument: investment, OwnersDocument: owners} {
		did, err := PutDocument(ctx, tx, r.Item.Key, kind, doc)
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

func accountTypes(accounts []connector.Account) []string {
	types := make([]string, len(accounts))
	for i, a := range accounts {
		types[i] = a.Type + "/"
		if a.Subtype != nil {
			types[i] += *a.Subtype
		}
	}
	return types
}

// accountRow is what the accounts table has of an account.
type accountRow struct {
	id       string
	position int64
	numbers  *string
}

func knownAccounts(ctx context.Context, tx *store.Tx, itemKey string) (map[string]accountRow, error) {
	rows, err := tx.Query(ctx, `select native_key, account_id, position, numbers from accounts where item_key = $1`, itemKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]accountRow{}
	for rows.Next() {
		var key string
		var row accountRow
		if err := rows.Scan(&key, &row.id, &row.position, &row.numbers); err != nil {
			return nil, err
		}
		known[key] = row
	}
	return known, rows.Err()
}

// putAccount writes an account's row where it differs. Sealing gives other bytes each time, so numbers are compared open.
func (s *Service) putAccount(ctx context.Context, tx *store.Tx, it Item, a connector.Account, old accountRow, position int) (bool, error) {
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
	if same && old.position == int64(position) {
		return false, nil
	}
	if !same {
		text, err := s.Keys.Seal(numbers, place)
		if err != nil {
			return false, err
		}
		sealed = &text
	}
	_, err = tx.Exec(ctx, `insert into accounts (item_key, native_key, account_id, position, numbers) values ($1, $2, $3, $4, $5)
		on conflict (item_key, native_key) do update set position = excluded.position, numbers = excluded.numbers`,
		it.Key, a.Key, old.id, position, sealed)
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
