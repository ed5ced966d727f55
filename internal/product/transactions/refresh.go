package transactions

import (
	"context"
	"fmt"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/match"
	"weft/internal/product"
	"weft/internal/product/transactions/rows"
	"weft/internal/product/transactions/stored"
	"weft/internal/store"
)

// row is a stored transaction. The source of a removed one is empty.
type row struct {
	id              string
	first, added    int64
	removed         bool
	date, reference string
	source          string
}

// rowKey is the bank's name of a transaction within the Item.
type rowKey struct{ account, key string }

// stated is a transaction of the answer, with its account's id.
type stated struct {
	connector.Transaction
	account string
}

func (t *stated) rowKey() rowKey { return rowKey{t.account, t.Key} }

// writing is a row on its way into the table. What is made of the transaction is made when the row is written; one that goes has none.
type writing struct {
	rowKey
	row
	sequence int64
	of       *stated
}

// change is an answer on its way into the store.
type change struct {
	*item.Refreshed
	// reach is how much of the history the Item has.
	reach    reach
	known    map[rowKey]row
	next     int64                        // sequence number
	accounts map[string]connector.Account // by the bank's key
	// corrections are those of this answer and of all before.
	corrections *match.Corrections
	list        []stated
	seen        map[rowKey]bool
	restored    map[rowKey]bool // of the list, what the answer does not state
	added       []writing       // new rows
	changed     []writing       // known ones that are written anew
	removed     []string        // the ids of those that go
	ofAccount   map[string]*accountChange
	counts      item.Counts
	days        product.DayChanges
}

// apply brings the stored transactions to what the bank states. Each change has the Item's next sequence number; what is
// stated again as it was has none. An Item without the product keeps nothing, whatever its bank states.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if !r.Item.Has(productName) {
		return false, nil
	}
	if len(r.Batch.Transactions) == 0 && len(r.Batch.Corrections) == 0 && history(r) == nil && !r.Want.Has(productName) {
		return false, nil
	}
	reach, err := readReach(ctx, tx, r)
	if err != nil {
		return false, err
	}
	if !reach.now.Initial {
		return s.begin(ctx, tx, r, reach)
	}
	c := &change{Refreshed: r, reach: reach, accounts: map[string]connector.Account{}, next: 1, known: map[rowKey]row{}, ofAccount: map[string]*accountChange{}, restored: map[rowKey]bool{}, seen: make(map[rowKey]bool, len(r.Batch.Transactions))}
	if err := c.read(ctx, tx); err != nil {
		return false, err
	}
	if err := c.settle(); err != nil {
		return false, err
	}
	if err := c.dropSettled(); err != nil {
		return false, err
	}
	if err := c.recognise(); err != nil {
		return false, err
	}
	if err := c.takeOver(ctx, tx); err != nil {
		return false, err
	}
	for i := range c.list {
		if err := c.put(&c.list[i]); err != nil {
			return false, err
		}
	}
	if err := c.takeBack(); err != nil {
		return false, err
	}
	r.Report["transactions"] = c.counts
	if err := c.corrections.Write(ctx, tx); err != nil {
		return false, err
	}
	if err := c.save(ctx, tx, stored.NewMaker(s.enricher())); err != nil {
		return false, err
	}
	if err := c.days.Write(ctx, tx, r.Item, rows.DaysDocument); err != nil {
		return false, err
	}
	risen, err := reach.write(ctx, tx, r)
	if err != nil {
		return false, err
	}
	return len(c.added)+len(c.changed) > 0 || risen, s.tell(ctx, tx, c)
}

// history is the window that the answer covers completely, nil where it declares none. An answer that was not about
// transactions, or not about the whole Item, says nothing by its silence.
func history(r *item.Refreshed) *connector.Window {
	if r.Batch.Partial || !r.Want.Has(productName) {
		return nil
	}
	return r.Batch.TransactionHistory
}

func (c *change) read(ctx context.Context, tx *store.Tx) error {
	found, err := tx.Query(ctx, `select account_id, native_key, transaction_id, first, added, sequence, removed, date, reference, source
		from transactions where item_key = $1`, c.Item.Key)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var key rowKey
		var r row
		var sequence, removed int64
		var reference *string
		if err := found.Scan(&key.account, &key.key, &r.id, &r.first, &r.added, &sequence, &removed, &r.date, &reference, &r.source); err != nil {
			return err
		}
		r.removed = removed != 0
		if reference != nil {
			r.reference = *reference
		}
		c.known[key] = r
		c.next = max(c.next, sequence+1)
	}
	if err := found.Err(); err != nil {
		return err
	}
	c.corrections, err = match.ReadCorrections(ctx, tx, c.Item.Key, productName)
	if err != nil {
		return err
	}
	c.days = product.DayChanges{}
	for _, a := range c.Batch.Accounts {
		c.accounts[a.Key] = a
	}
	c.list = make([]stated, 0, len(c.Batch.Transactions))
	for _, t := range c.Batch.Transactions {
		account, ok := c.AccountIDs[t.AccountKey]
		if !ok {
			return fmt.Errorf("transactions: transaction in unknown account %q", t.AccountKey)
		}
		if t.Date >= c.reach.from {
			c.list = append(c.list, stated{t, account})
		}
	}
	return nil
}

// count counts a row that is written, in place of what is known of it.
func (c *change) count(key rowKey, r row) {
	if old, ok := c.known[key]; ok && !old.removed {
		c.days.Went(key.account, old.date)
	}
	if !r.removed {
		c.days.Came(key.account, r.date)
	}
}

var columns = []string{"item_key", "account_id", "native_key", "transaction_id", "first", "added", "sequence", "removed", "date", "reference", "source",
	"document", "original", "category_v1", "category_v2"}

const upsert = `on conflict (item_key, account_id, native_key) do update set added = excluded.added, sequence = excluded.sequence,
	removed = excluded.removed, date = excluded.date, reference = excluded.reference, source = excluded.source,
	document = excluded.document, original = excluded.original, category_v1 = excluded.category_v1, category_v2 = excluded.category_v2`

// write has a row written, and told of.
func (c *change) write(key rowKey, r row, of *stated) {
	w := writing{key, r, c.next, of}
	if _, ok := c.known[key]; ok {
		c.changed = append(c.changed, w)
	} else {
		c.added = append(c.added, w)
	}
	c.count(key, r)
	c.note(key.account, r)
	c.next++
}

// save writes the rows. New ones cannot be there already, since the Item is locked, and are as a rule many or all.
func (c *change) save(ctx context.Context, tx *store.Tx, maker *stored.Maker) error {
	err := tx.CopyMade(ctx, "transactions", columns, len(c.added), func(i int) ([]any, error) { return c.values(&c.added[i], maker) })
	if err != nil {
		return err
	}
	rows := make([][]any, len(c.changed))
	for i := range rows {
		if rows[i], err = c.values(&c.changed[i], maker); err != nil {
			return err
		}
	}
	return tx.Insert(ctx, "transactions", columns, rows, upsert)
}

// values are a row's columns.
func (c *change) values(w *writing, maker *stored.Maker) ([]any, error) {
	var removed int64
	if w.removed {
		removed = 1
	}
	var reference any
	if w.reference != "" {
		reference = w.reference
	}
	var made stored.Columns
	source := w.source
	if t := w.of; t != nil {
		var pending *string
		if settled, ok := c.known[rowKey{t.account, t.PendingKey}]; ok && t.PendingKey != "" {
			pending = &settled.id
		}
		var err error
		if made, err = maker.Columns(t.Transaction, w.id, t.account, pending, c.accounts[t.AccountKey]); err != nil {
			return nil, err
		}
		if source == "" {
			source = t.Source()
		}
	}
	return []any{c.Item.Key, w.account, w.key, w.id, w.first, w.added, w.sequence, removed, w.date, reference, source,
		made.Document, made.Original, made.V1, made.V2}, nil
}

// put writes a stated transaction, if it is not what is known.
func (c *change) put(t *stated) error {
	key := t.rowKey()
	if c.seen[key] {
		return fmt.Errorf("transactions: the bank names two transactions %q in one account", t.Key)
	}
	c.seen[key] = true
	if c.corrections.TakenBack(key.account, key.key) {
		return nil
	}
	old, ok := c.known[key]
	source := ""
	if ok {
		source = t.Source()
	}
	live := ok && !old.removed
	switch {
	case live && (old.source == source || c.corrections.Outdated(key.account, key.key, t.Reference)):
		if c.back(key.account) {
			return c.repeat(key)
		}
		c.counts.Unchanged++
		return nil
	case live:
		c.counts.Changed++
	default:
		c.counts.Added++
		old.added = c.next
	}
	if !ok {
		old.id, old.first = c.corrections.NewID(match.IDs(c.known, func(r row) string { return r.id }), "transaction", c.Item.ID, key.account, key.key), c.next
	}
	c.write(key, row{id: old.id, first: old.first, added: old.added, date: t.Date.String(), reference: t.Reference, source: source}, t)
	return nil
}
