package match

import (
	"context"
	"encoding/json"

	"weft/internal/plaid"
	"weft/internal/store"
)

// ReadCorrections reads what is known of an Item's corrections of a kind of log.
func ReadCorrections(ctx context.Context, tx *store.Tx, itemKey, kind string) (*Corrections, error) {
	rows, err := tx.Query(ctx, `select account_id, reference, replaced_by, document from corrections where item_key = $1 and kind = $2`, itemKey, kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	c := newCorrections(itemKey, kind)
	for rows.Next() {
		one := &Correction{}
		var document string
		if err := rows.Scan(&one.Account, &one.Reference, &one.ReplacedBy, &document); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(document), one); err != nil {
			return nil, err
		}
		if one.Took != nil {
			one.Took.Account, one.Took.Reference = one.Account, one.Reference
		}
		c.stored[one.place()] = document
		c.add(one)
	}
	return c, rows.Err()
}

// Write keeps what has changed.
func (c *Corrections) Write(ctx context.Context, tx *store.Tx) error {
	var rows [][]any
	for at, one := range c.all {
		document, err := plaid.JSON(one)
		if err != nil {
			return err
		}
		if string(document) != c.stored[at] {
			rows = append(rows, []any{c.itemKey, c.kind, at.account, at.reference, at.replacedBy, string(document)})
		}
	}
	return tx.Insert(ctx, "corrections", []string{"item_key", "kind", "account_id", "reference", "replaced_by", "document"}, rows,
		`on conflict (item_key, kind, account_id, reference, replaced_by) do update set document = excluded.document`)
}
