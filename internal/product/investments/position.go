package investments

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// position is what an Item holds, on its way from what is stored to what a bank states now.
type position struct {
	before     map[[2]string]string // document by account and security
	restated   map[string]bool      // accounts whose holdings the answer states
	holdings   []plaid.Holding
	securities map[string]plaid.Security
	order      []string // of securities
	tally      item.Counts
	first      bool // nothing was stored
}

// readPosition is what is stored and stays: the holdings of accounts that the answer does not state, and all securities
// that were held.
func readPosition(ctx context.Context, tx *store.Tx, r *item.Refreshed) (*position, error) {
	p := &position{before: map[[2]string]string{}, restated: restatedAccounts(r), securities: map[string]plaid.Security{}, holdings: []plaid.Holding{}}
	docs, err := item.ReadDocuments(ctx, tx, r.Item, holdingsDocument, securitiesDocument)
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
func (p *position) add(h plaid.Holding, s plaid.Security) error {
	doc, err := plaid.JSON(h)
	if err != nil {
		return err
	}
	at := [2]string{h.AccountID, h.SecurityID}
	old, known := p.before[at]
	switch {
	case !known:
		p.tally.Added++
	case old == string(doc):
		p.tally.Unchanged++
	default:
		p.tally.Changed++
	}
	delete(p.before, at)
	p.holdings = append(p.holdings, h)
	stored, known := p.securities[s.SecurityID]
	if !known || stored.ClosePriceAsOf == nil || s.ClosePriceAsOf == nil || *s.ClosePriceAsOf >= *stored.ClosePriceAsOf {
		p.securities[s.SecurityID] = s
	}
	return nil
}

// counts are the changes, once all stated holdings are added.
func (p *position) counts() item.Counts {
	c := p.tally
	for at := range p.before {
		if p.restated[at[0]] {
			c.Removed++
		}
	}
	return c
}

// write writes both documents.
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
	return changed || did, err
}
