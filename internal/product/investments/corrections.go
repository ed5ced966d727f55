package investments

import (
	"context"
	"encoding/json"
	"fmt"

	"weft/internal/connector"
	"weft/internal/item/match"
	"weft/internal/plaid"
	"weft/internal/store"
)

// takeOver gives new rows the places of the rows that they replace, with their ids and their place in the pages.
func (l *log) takeOver(ctx context.Context, tx *store.Tx) error {
	taken := l.corrections.Taken()
	if len(taken) == 0 {
		return nil
	}
	inAnswer := make(map[rowKey]bool, len(l.list))
	for _, t := range l.list {
		inAnswer[keyOf(t)] = true
	}
	for _, id := range taken {
		key, heir := rowKey{id[0], id[1]}, rowKey{id[0], l.corrections.Heir(id[0], id[1])}
		old, ok := l.known[key]
		_, has := l.known[heir]
		if !ok || has || !inAnswer[heir] {
			continue
		}
		if _, err := tx.Exec(ctx, `update investment_transactions set native_key = $1 where item_key = $2 and ordinal = $3`,
			heir.key, l.Item.Key, old.ordinal); err != nil {
			return err
		}
		delete(l.known, key)
		l.known[heir] = old
	}
	return nil
}

// settle finds the rows that corrections mean, those of this answer and those that came before. Rows that an earlier answer
// took for meant, and that are not, are stated again.
func (l *log) settle() error {
	for _, one := range l.Batch.Corrections {
		if _, ok := l.AccountIDs[one.AccountKey]; !ok {
			return fmt.Errorf("investments: correction in unknown account %q", one.AccountKey)
		}
	}
	l.corrections.Learn(l.Batch, l.AccountIDs, func(yield func(match.Row) bool) {
		for _, t := range l.list {
			if !yield(match.Row{Account: t.AccountID, Key: t.Key, Date: t.Date, Amount: t.Amount}) {
				return
			}
		}
	})
	if l.corrections.None() {
		return nil
	}
	rows, inAnswer, err := l.candidates()
	if err != nil {
		return err
	}
	for _, row := range l.corrections.Settle(rows) {
		t := connector.InvestmentTransaction{Key: row.Key, Reference: row.Reference}
		if err := json.Unmarshal([]byte(row.Text), &t.InvestmentTransaction); err != nil {
			return err
		}
		if !inAnswer[keyOf(t)] {
			l.list = append(l.list, t)
			l.restored[keyOf(t)] = true
		}
	}
	return nil
}

// candidates are the rows that corrections may mean: those whose reference they name.
func (l *log) candidates() (rows []match.Row, inAnswer map[rowKey]bool, err error) {
	candidate := func(t plaid.InvestmentTransaction, key, reference, text string) match.Row {
		return match.Row{Account: t.AccountID, Reference: reference, Key: key, Date: t.Date, Amount: t.Amount, Content: contentOf(t), Text: text}
	}
	inAnswer = make(map[rowKey]bool, len(l.list))
	for _, t := range l.list {
		inAnswer[keyOf(t)] = true
		if l.corrections.Names(t.AccountID, t.Reference) {
			doc, err := plaid.JSON(t.InvestmentTransaction)
			if err != nil {
				return nil, nil, err
			}
			rows = append(rows, candidate(t.InvestmentTransaction, t.Key, t.Reference, string(doc)))
		}
	}
	for key, r := range l.known {
		if inAnswer[key] || !l.corrections.Names(key.account, r.reference) {
			continue
		}
		var t plaid.InvestmentTransaction
		if err := json.Unmarshal([]byte(r.document), &t); err != nil {
			return nil, nil, err
		}
		rows = append(rows, candidate(t, key.key, r.reference, r.document))
	}
	return rows, inAnswer, nil
}
