package item

import (
	"context"
	"errors"
	"slices"

	"weft/internal/connector"
	"weft/internal/item/accounts"
	"weft/internal/item/consent"
	"weft/internal/item/ending"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Refreshed is a bank's answer on its way into the store, as appliers see it.
type Refreshed struct {
	// Item is the Item as it is locked; appliers change nothing of it.
	Item  Item
	Want  connector.Want
	Batch connector.Batch
	// AccountIDs are the public ids of the batch's accounts, by their keys.
	AccountIDs map[string]string
	// Older are the keys of accounts whose balances and holdings are known as of a later moment than the batch's.
	Older map[string]bool
	// Owners are what of accounts' owners has changed, by the accounts' public ids, in the contract's words.
	Owners map[string][]string
	// Renumbered is what has changed of accounts' numbers, by the accounts' public ids, and Numbered the ids of known accounts
	// that had none before.
	Renumbered map[string][]string
	Numbered   []string
	// Step is how far the history of transactions is to come with this answer.
	Step state.Step
	// types are "type/subtype" of all accounts of the Item, known after the accounts are applied.
	types []string
	// gone are the ids of accounts that the bank no longer has, or the user no longer shares.
	gone []string
	// Report counts what the answer has changed, by what it is of: accounts, holdings, investment_transactions, transactions.
	Report Report
}

// Window is the days that the answer covers of an account's log, by the account's public id; nil where it does not say.
func (r *Refreshed) Window(accountID string) *connector.Window {
	for _, a := range r.Batch.Accounts {
		if r.AccountIDs[a.Key] == accountID && a.History != nil {
			return a.History
		}
	}
	return r.Batch.InvestmentHistory
}

// first is how far the history comes when an Item gets its products.
func (s *Service) first() state.Step {
	if s.Paced {
		return state.StepNone
	}
	return state.StepWhole
}

// Report counts changes by what they are of.
type Report map[string]Counts

// Counts of a refresh's changes.
type Counts = accounts.Counts

// applyAccounts is the first of the appliers: the others are given the accounts' ids.
func (s *Service) applyAccounts(ctx context.Context, tx *store.Tx, r *Refreshed) (bool, error) {
	applied, err := accounts.Apply(ctx, tx, s.Keys, r.Item, r.Batch, r.Want.Now)
	r.AccountIDs, r.Older, r.Owners, r.types, r.gone = applied.IDs, applied.Older, applied.Owners, applied.Types, applied.Gone
	r.Renumbered, r.Numbered = applied.Renumbered, applied.Numbered
	r.Report["accounts"] = applied.Counts
	return applied.Changed, err
}

// Refresh asks the bank for the data of the Item's products and applies the answer. It returns the Item as it is then.
func (s *Service) Refresh(ctx context.Context, it Item) (Item, error) {
	return s.refresh(ctx, it, asking{})
}

// AddProduct initialises a product of the Item: its data is fetched, and the Item has it from then on. Days is how much history
// of transactions it is to have, 0 for what was asked for when the Item was made; one that has the product stays as it is.
func (s *Service) AddProduct(ctx context.Context, it Item, product string, days int) (Item, error) {
	return s.refresh(ctx, it, asking{adding: product, days: days})
}

// Advance is Refresh with which the history of transactions comes further.
func (s *Service) Advance(ctx context.Context, it Item, step state.Step) (Item, error) {
	return s.refresh(ctx, it, asking{step: step})
}

// Balances asks the bank what is in the Item's accounts now, and returns the Item as it is then. A bank that is not asked for
// that alone is refreshed; of an Item of files nobody can be asked, and it stays as it is. Typed numbers have no balance.
func (s *Service) Balances(ctx context.Context, it Item) (Item, error) {
	con, err := s.connectorOf(ctx, it)
	if err != nil {
		return Item{}, err
	}
	if _, files := con.(connector.Files); files {
		return it, it.Failed()
	}
	if _, typed := con.(connector.Numbered); typed {
		return Item{}, plaid.Err("PRODUCTS_NOT_SUPPORTED") // no bank stands behind what somebody typed
	}
	_, alone := con.(connector.Balances)
	return s.refresh(ctx, it, asking{balances: alone})
}

func (s *Service) connectorOf(ctx context.Context, it Item) (connector.Connector, error) {
	_, con, err := s.connection(ctx, asking{tenant: it.Tenant, connection: it.ConnectionID})
	if errors.Is(err, store.ErrNotFound) {
		err = plaid.Err("ITEM_NOT_FOUND")
	}
	return con, err
}

// DatedBalances tells of which types of accounts the Item's bank has balances of some time ago, see [connector.Balances].
func (s *Service) DatedBalances(ctx context.Context, it Item) (func(accountType string) bool, error) {
	con, err := s.connectorOf(ctx, it)
	power, ok := con.(connector.Balances)
	return func(accountType string) bool { return ok && power.Dated(it.InstitutionID, accountType) }, err
}

func (s *Service) refresh(ctx context.Context, it Item, a asking) (Item, error) {
	a.tenant, a.connection, a.item, a.waits = it.Tenant, it.ConnectionID, it.ID, true
	round, err := s.ask(ctx, a)
	if err != nil {
		return Item{}, gone(err)
	}
	for _, r := range round.Results {
		if r.Item.ID == it.ID {
			return r.Item, r.Err
		}
	}
	return Item{}, plaid.Err("ITEM_NOT_FOUND")
}

func (s *Service) want(products []string, adding string) connector.Want {
	now := s.Clock.Now()
	want := connector.Want{Now: now, Products: products, HistoryFrom: plaid.DateOf(now).AddDays(-historyDays)}
	if adding != "" {
		want.Products = append(append([]string{}, products...), adding)
	}
	return want
}

// failed notes a failed refresh on a locked Item: when, unless it was for balances alone, and in which error, if it is one that
// the Item is in from now on.
func (s *Service) failed(ctx context.Context, tx *store.Tx, it *Item, cause error, balances bool) error {
	var pe *plaid.Error
	if errors.As(cause, &pe) && state.Lasting(pe.Code) {
		if err := ending.Fall(ctx, tx, s.Events, it, pe.Code); err != nil {
			return err
		}
	}
	if balances {
		return nil
	}
	return rows.Failed(ctx, tx, *it)
}

// apply writes a bank's answer to an Item that is locked (or new), and raises its version if anything has changed.
func (s *Service) apply(ctx context.Context, tx *store.Tx, it Item, want connector.Want, batch connector.Batch, step state.Step, changed bool) (*Refreshed, error) {
	shared := len(it.Shared)
	batch, did, err := accounts.Admit(ctx, tx, s.Events, &it, batch)
	if err != nil {
		return nil, err
	}
	changed, revoked := changed || did, shared-len(it.Shared)
	r := &Refreshed{Item: it, Want: want, Batch: batch, Step: step, Report: Report{}}
	appliers := append([]Applier{s.applyAccounts}, s.Appliers...)
	for _, apply := range appliers {
		did, err := apply(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		changed = changed || did
	}
	if !slices.Equal(r.types, it.AccountTypes) || !slices.Equal(r.gone, it.Gone) {
		it.AccountTypes, it.Gone, changed = r.types, r.gone, true
	}
	if changed {
		if err := rows.Save(ctx, tx, &it); err != nil {
			return nil, err
		}
	}
	r.Item = it
	if revoked > 0 {
		if err := consent.Note(ctx, tx, it, consent.AccountRevoked); err != nil {
			return nil, err
		}
	}
	if want.Balances { // what the products have is of when it was
		return r, nil
	}
	return r, rows.Refreshed(ctx, tx, it, want.Now)
}
