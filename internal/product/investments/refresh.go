package investments

import (
	"context"
	"encoding/json"
	"fmt"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/investments/instrument"
	"weft/internal/store"
)

// apply writes what the product keeps of a bank's answer. An answer that was not about investments changes nothing.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if !r.Want.Has(productName) && !r.Want.Has(authProductName) {
		return false, nil
	}
	securities, changed, err := applySecurities(ctx, tx, r)
	if err != nil {
		return false, err
	}
	p, err := statedPosition(ctx, tx, r, securities)
	if err != nil {
		return false, err
	}
	log, err := applyTransactions(ctx, tx, r, securities)
	if err != nil {
		return false, err
	}
	did, err := p.apply(ctx, tx, r, log.touched, log.transactions)
	if err != nil {
		return false, err
	}
	changed = changed || did || log.changed()
	if p.first { // what an Item has at first is no change
		return changed, nil
	}
	return changed, s.tell(ctx, tx, r, log)
}

// applySecurities writes the batch's securities and returns them, with their ids, by the bank's keys. An id once issued
// within an Item stays, even when the bank later gives a stronger identifier.
func applySecurities(ctx context.Context, tx *store.Tx, r *item.Refreshed) (map[string]plaid.Security, bool, error) {
	known, err := knownSecurities(ctx, tx, r.Item.Key)
	if err != nil {
		return nil, false, err
	}
	securities := make(map[string]plaid.Security, len(r.Batch.Securities))
	var rows [][]any
	for _, s := range r.Batch.Securities {
		if _, twice := securities[s.Key]; twice {
			return nil, false, fmt.Errorf("investments: the bank states the security %q twice", s.Key)
		}
		old, ok := known[s.Key]
		s.SecurityID = old.id
		if !ok {
			s.SecurityID = instrument.ID(s.Security, r.Item.InstitutionID, s.Key)
		}
		if s.InstitutionSecurityID != nil {
			s.InstitutionID = &r.Item.InstitutionID
		}
		securities[s.Key] = s.Security
		doc, err := plaid.JSON(s.Security)
		if err != nil {
			return nil, false, err
		}
		if r.Batch.Partial && ok && laterPrice(old.document, s.Security) {
			continue
		}
		if string(doc) != string(old.document) {
			rows = append(rows, []any{r.Item.Key, s.Key, s.SecurityID, string(doc)})
		}
	}
	err = tx.Insert(ctx, "item_securities", []string{"item_key", "native_key", "security_id", "document"}, rows,
		"on conflict (item_key, native_key) do update set document = excluded.document")
	return securities, len(rows) > 0, err
}

// laterPrice reports whether a stored security has a price of a later day than another statement of it.
func laterPrice(stored json.RawMessage, s plaid.Security) bool {
	var old plaid.Security
	if json.Unmarshal(stored, &old) != nil || old.ClosePriceAsOf == nil {
		return false
	}
	return s.ClosePriceAsOf == nil || *s.ClosePriceAsOf < *old.ClosePriceAsOf
}

func knownSecurities(ctx context.Context, tx *store.Tx, itemKey string) (map[string]itemSecurity, error) {
	rows, err := tx.Query(ctx, `select native_key, security_id, document from item_securities where item_key = $1`, itemKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]itemSecurity{}
	for rows.Next() {
		var key, doc string
		var sec itemSecurity
		if err := rows.Scan(&key, &sec.id, &doc); err != nil {
			return nil, err
		}
		sec.document = json.RawMessage(doc)
		known[key] = sec
	}
	return known, rows.Err()
}

// statedPosition is what is held by the answer: what it states, and what is stored of what it is silent about.
func statedPosition(ctx context.Context, tx *store.Tx, r *item.Refreshed, securities map[string]plaid.Security) (*position, error) {
	p, err := readPosition(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	for _, h := range r.Batch.Holdings {
		sec, ok := securities[h.SecurityKey]
		if !ok {
			return nil, fmt.Errorf("investments: holding of unknown security %q", h.SecurityKey)
		}
		if h.AccountID, ok = r.AccountIDs[h.AccountKey]; !ok {
			return nil, fmt.Errorf("investments: holding in unknown account %q", h.AccountKey)
		}
		if r.Older[h.AccountKey] {
			continue
		}
		h.SecurityID = sec.SecurityID
		if h.TaxLots == nil {
			h.TaxLots = []plaid.TaxLot{}
		}
		p.add(h.Holding, sec)
	}
	return p, nil
}
