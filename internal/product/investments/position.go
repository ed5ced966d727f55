package investments

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/investments/taxlots"
	"weft/internal/store"
)

// position is what an Item holds, on its way from what is stored to what a bank states now.
type position struct {
	before     map[[2]string]string // document by account and security
	restated   map[string]bool      // accounts whose holdings the answer states
	holdings   []plaid.Holding
	securities map[string]plaid.Security
	order      []string // of securities
	lots       *taxlots.Book
	first      bool // nothing was stored
	kept       bool // a book of lots was stored
}

// readPosition is what is stored and stays: the holdings of accounts that the answer does not state, and all securities
// that were held.
func readPosition(ctx context.Context, tx *store.Tx, r *item.Refreshed) (*position, error) {
	p := &position{before: map[[2]string]string{}, restated: restatedAccounts(r), securities: map[string]plaid.Security{}, holdings: []plaid.Holding{}, lots: &taxlots.Book{}}
	docs, err := item.ReadDocuments(ctx, tx, r.Item, holdingsDocument, securitiesDocument, taxlots.Document)
	var none *plaid.Error
	if errors.As(err, &none) { // a new Item
		p.first = true
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.first = docs.ByKind[holdingsDocument] == nil
	var holdings []plaid.Holding
	var securities []plaid.Security
	if err := errors.Join(unmarshal(docs.ByKind[holdingsDocument], &holdings), unmarshal(docs.ByKind[securitiesDocument], &securities)); err != nil {
		return nil, err
	}
	for _, h := range holdings {
		doc, err := plaid.JSON(h)
		if err != nil {
			return nil, err
		}
		p.before[[2]string{h.AccountID, h.SecurityID}] = string(doc)
	}
	if p.lots, err = taxlots.Open(docs.ByKind[taxlots.Document]); err != nil {
		return nil, err
	}
	p.kept = docs.ByKind[taxlots.Document] != nil
	p.lots.Restore(holdings)
	for _, h := range holdings {
		if r.Batch.Partial && !p.restated[h.AccountID] {
			p.holdings = append(p.holdings, h)
		}
	}
	for _, s := range securities {
		p.securities[s.SecurityID] = s
	}
	return p, nil
}

func unmarshal(doc []byte, into any) error {
	if len(doc) == 0 {
		return nil
	}
	return json.Unmarshal(doc, into)
}

// restatedAccounts are the accounts whose holdings the answer states, by their public ids.
func restatedAccounts(r *item.Refreshed) map[string]bool {
	restated := map[string]bool{}
	for _, a := range r.Batch.Accounts {
		if !a.HoldingsUnstated && !r.Older[a.Key] {
			restated[r.AccountIDs[a.Key]] = true
		}
	}
	return restated
}

// add takes a holding that the answer states.
func (p *position) add(h plaid.Holding, s plaid.Security) {
	p.holdings = append(p.holdings, h)
	stored, known := p.securities[s.SecurityID]
	if !known || stored.ClosePriceAsOf == nil || s.ClosePriceAsOf == nil || *s.ClosePriceAsOf >= *stored.ClosePriceAsOf {
		p.securities[s.SecurityID] = s
	}
}

// counts are the changes, once the holdings are as they will be. Of an account whose holdings the answer does not state, those
// count that its transactions have changed: by the lots that were found.
func (p *position) counts() (c item.Counts, err error) {
	was := maps.Clone(p.before)
	for _, h := range p.holdings {
		doc, err := plaid.JSON(h)
		if err != nil {
			return c, err
		}
		at := [2]string{h.AccountID, h.SecurityID}
		old, known := was[at]
		delete(was, at)
		switch {
		case !known:
			c.Added++
		case old != string(doc):
			c.Changed++
		case p.restated[h.AccountID]:
			c.Unchanged++
		}
	}
	for at := range was {
		if p.restated[at[0]] {
			c.Removed++
		}
	}
	return c, nil
}

// apply gives lots to what is held, where the transactions have them, and writes the holdings and the securities behind them,
// each security once. Touched are the accounts whose transactions have changed.
func (p *position) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed, touched map[string]bool, transactions taxlots.Transactions) (bool, error) {
	securities := slices.Collect(maps.Values(p.securities))
	if err := p.lots.Fill(ctx, tx, r.Item.Key, p.holdings, securities, touched, transactions); err != nil {
		return false, err
	}
	counts, err := p.counts()
	if err != nil {
		return false, err
	}
	r.Report["holdings"] = counts
	return p.write(ctx, tx, r.Item.Key)
}

// write writes the documents.
func (p *position) write(ctx context.Context, tx *store.Tx, itemKey string) (bool, error) {
	held := []plaid.Security{}
	for _, h := range p.holdings {
		if !slices.Contains(p.order, h.SecurityID) {
			p.order = append(p.order, h.SecurityID)
			held = append(held, p.securities[h.SecurityID])
		}
	}
	changed, err := item.PutDocument(ctx, tx, itemKey, holdingsDocument, p.holdings)
	if err != nil {
		return false, err
	}
	did, err := item.PutDocument(ctx, tx, itemKey, securitiesDocument, held)
	if err != nil {
		return false, err
	}
	_, err = p.lots.Write(ctx, tx, itemKey, p.kept) // what it changes shows in the holdings
	return changed || did, err
}
