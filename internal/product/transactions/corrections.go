package transactions

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"weft/internal/item/match"
	"weft/internal/store"
)

// settle finds the rows that corrections mean, those of this answer and those that came before. Rows that an earlier answer
// took for meant, and that are not, are stated again.
func (c *change) settle() error {
	for _, one := range c.Batch.Corrections {
		if _, ok := c.AccountIDs[one.AccountKey]; !ok {
			return fmt.Errorf("transactions: correction in unknown account %q", one.AccountKey)
		}
	}
	c.corrections.Learn(c.Batch, c.AccountIDs, c.rows())
	if c.corrections.None() {
		return nil
	}
	rows, inAnswer, err := c.candidates()
	if err != nil {
		return err
	}
	for _, row := range c.corrections.Settle(rows) {
		var t stated
		if err := json.Unmarshal([]byte(row.Text), &t.Transaction); err != nil {
			return err
		}
		if t.account = row.Account; !inAnswer[t.rowKey()] {
			c.list = append(c.list, t)
			c.restored[t.rowKey()] = true
		}
	}
	return nil
}

// rows are the stated transactions as corrections see them.
func (c *change) rows() iter.Seq[match.Row] {
	return func(yield func(match.Row) bool) {
		for i := range c.list {
			t := &c.list[i]
			if !yield(match.Row{Account: t.account, Reference: t.Reference, Key: t.Key, Date: t.Date, Amount: t.Amount}) {
				return
			}
		}
	}
}

// candidates are the rows that corrections may mean: those whose reference they name.
func (c *change) candidates() (rows []match.Row, inAnswer map[rowKey]bool, err error) {
	inAnswer = make(map[rowKey]bool, len(c.list))
	for i := range c.list {
		t := &c.list[i]
		inAnswer[t.rowKey()] = true
		if !c.corrections.Names(t.account, t.Reference) {
			continue
		}
		rows = append(rows, match.Row{
			Account: t.account, Reference: t.Reference, Key: t.Key, Date: t.Date, Amount: t.Amount, Content: contentOf(t.Transaction), Text: t.Source(),
		})
	}
	for key, r := range c.known {
		if r.removed || inAnswer[key] || !c.corrections.Names(key.account, r.reference) {
			continue
		}
		t, err := r.transaction()
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, match.Row{
			Account: key.account, Reference: r.reference, Key: key.key, Date: t.Date, Amount: t.Amount, Content: contentOf(t), Text: r.source,
		})
	}
	return rows, inAnswer, nil
}

// takeOver gives new rows the places of the rows that they replace, with their ids: to a client they are modified.
func (c *change) takeOver(ctx context.Context, tx *store.Tx) error {
	taken := c.corrections.Taken()
	if len(taken) == 0 {
		return nil
	}
	inAnswer := make(map[rowKey]bool, len(c.list))
	for i := range c.list {
		inAnswer[c.list[i].rowKey()] = true
	}
	for _, id := range taken {
		key, heir := rowKey{id[0], id[1]}, rowKey{id[0], c.corrections.Heir(id[0], id[1])}
		old, ok := c.known[key]
		_, has := c.known[heir]
		if !ok || old.removed || has || !inAnswer[heir] {
			continue
		}
		if _, err := tx.Exec(ctx, `update transactions set native_key = $1 where item_key = $2 and account_id = $3 and native_key = $4`,
			heir.key, c.Item.Key, key.account, key.key); err != nil {
			return err
		}
		delete(c.known, key)
		c.known[heir] = old
	}
	return nil
}
