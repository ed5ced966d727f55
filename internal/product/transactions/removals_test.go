package transactions

import (
	"testing"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/product/transactions/rows"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// whole is a bank's answer that covers some days completely.
func whole(from, to int, lines ...line) connector.Batch {
	batch := file(0, 30, lines)
	batch.Partial, batch.Accounts[0].History = false, nil
	batch.TransactionHistory = &connector.Window{From: line{day: from}.date(), To: line{day: to}.date()}
	return batch
}

func TestWindowRemovesWhatIsMissing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(t, db)
		a, c, d := line{1, 5, "COFFEE", "a"}, line{5, 7, "RENT", "c"}, line{9, 9, "TEA", "d"}
		first := b.importFile(t, "ins_x", whole(0, 30, a, c, d))
		before := b.expect(t, first.Item, first.Report["transactions"], item.Counts{Added: 3}, "2026-01-02 5", "2026-01-06 7", "2026-01-10 9")

		// The first and the last day of the window are part of it, what lies outside is not.
		next := b.importFile(t, "ins_x", whole(5, 8))
		b.expect(t, next.Item, next.Report["transactions"], item.Counts{Removed: 1}, "2026-01-02 5", "2026-01-10 9", "gone")
		next = b.importFile(t, "ins_x", whole(2, 9, c))
		after := b.expect(t, next.Item, next.Report["transactions"], item.Counts{Added: 1, Removed: 1}, "2026-01-02 5", "2026-01-06 7", "gone")
		for id, text := range before {
			if after[id] == "" {
				t.Errorf("%q has another id", text)
			}
		}
		var sequence, added int64
		if err := db.QueryRow(t.Context(), `select sequence, added from transactions where native_key = 'd'`).Scan(&sequence, &added); err != nil || sequence != 6 || added != 3 {
			t.Errorf("a removed row has sequence %d and was added at %d, %v", sequence, added, err)
		}
		if again := b.importFile(t, "ins_x", whole(2, 9, c)); again.Item.Version != next.Item.Version {
			t.Error("the same answer again is a change")
		}

		// A row under another key is the known one.
		renamed := c
		renamed.key = "other"
		next = b.importFile(t, "ins_x", whole(2, 9, renamed))
		b.expect(t, next.Item, next.Report["transactions"], item.Counts{Unchanged: 1}, "2026-01-02 5", "2026-01-06 7", "gone")

		// An answer that is partial, of another account, or without a window says nothing by its silence.
		partial, other, silent := whole(0, 30), whole(0, 30), whole(0, 30)
		partial.Partial, silent.TransactionHistory = true, nil
		other.Accounts[0].Key = "other"
		for name, batch := range map[string]connector.Batch{"partial": partial, "of another account": other, "without a window": silent} {
			if one := b.importFile(t, "ins_x", batch); one.Report["transactions"].Removed != 0 {
				t.Errorf("%s: %+v", name, one.Report["transactions"])
			}
		}
	})
}

func TestPendingSettles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(t, db)
		pending, posted := line{3, 5, "COFFEE", "p"}, line{3, 5, "COFFEE", "s"}
		of := func(batch connector.Batch) connector.Batch {
			for i := range batch.Transactions {
				tx := &batch.Transactions[i]
				if tx.Pending = tx.Key == "p"; !tx.Pending {
					tx.PendingKey = "p"
				}
			}
			return batch
		}
		// With a window: the posted row is another, although it looks the same.
		first := b.importFile(t, "ins_window", of(whole(0, 30, pending)))
		b.expect(t, first.Item, first.Report["transactions"], item.Counts{Added: 1}, "2026-01-04 5")
		then := b.importFile(t, "ins_window", of(whole(0, 30, posted)))
		b.expect(t, then.Item, then.Report["transactions"], item.Counts{Added: 1, Removed: 1}, "2026-01-04 5", "gone")
		both := b.importFile(t, "ins_window", of(whole(0, 30, pending, posted)))
		b.expect(t, both.Item, both.Report["transactions"], item.Counts{Added: 1, Unchanged: 1}, "2026-01-04 5", "2026-01-04 5")

		// Without one: also, and an older file does not bring the pending one back.
		b.importFile(t, "ins_file", of(file(0, 9, []line{pending})))
		then = b.importFile(t, "ins_file", of(file(0, 9, []line{posted})))
		b.expect(t, then.Item, then.Report["transactions"], item.Counts{Added: 1, Removed: 1}, "2026-01-04 5", "gone")
		for _, again := range [][]line{{pending}, {pending, posted}} {
			one := b.importFile(t, "ins_file", of(file(0, 9, again)))
			b.expect(t, one.Item, one.Report["transactions"], item.Counts{Unchanged: len(again) - 1}, "2026-01-04 5", "gone")
		}
		b.importFile(t, "ins_other", of(file(0, 9, []line{posted})))
		late := b.importFile(t, "ins_other", of(file(0, 9, []line{pending})))
		b.expect(t, late.Item, late.Report["transactions"], item.Counts{}, "2026-01-04 5")
	})
}

// Of an account that comes back all rows are told once more, those too that the answer is silent about.
func TestAccountThatComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(t, db)
		a, c, d := line{1, 5, "COFFEE", "a"}, line{5, 7, "RENT", "c"}, line{9, 9, "TEA", "d"}
		b.importFile(t, "ins_x", whole(0, 30, a, c, d))
		away := whole(0, 30)
		away.Accounts[0].Key = "other"
		if gone := b.importFile(t, "ins_x", away).Item.Gone; len(gone) != 1 {
			t.Fatalf("gone are %v", gone)
		}
		back := b.importFile(t, "ins_x", whole(4, 10, c))
		b.expect(t, back.Item, back.Report["transactions"], item.Counts{Changed: 2, Removed: 1}, "2026-01-02 5", "2026-01-06 7", "gone")
		list, err := rows.Changes(t.Context(), db, back.Item, 3, "", 10, rows.Variants{})
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v, %v", list, err)
		}
		again := b.importFile(t, "ins_x", whole(4, 10, c))
		b.expect(t, again.Item, again.Report["transactions"], item.Counts{Unchanged: 1}, "2026-01-02 5", "2026-01-06 7", "gone")
	})
}
