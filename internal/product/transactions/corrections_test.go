package transactions

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// entry is a row of a bank's books: when it is posted, and by which correction it is taken back. Corrections are numbered in
// the order in which the bank makes them.
type entry struct {
	line
	reference string
	corrects  string // reference of the row that it takes the place of
	born      int    // number of the correction that it came with, 0 for none
	dead      int    // number of the correction that took it back, 0 for none
}

// books are a bank's books.
type books struct {
	entries []entry
	epochs  int // how many corrections were made
	lists   bool
}

const bookDays = 6

// drawBooks draws rows and corrections. Some banks give two rows one reference, and some list what they have corrected.
func drawBooks(rt *rapid.T, shared bool) *books {
	b := &books{lists: rapid.Bool().Draw(rt, "lists what is corrected")}
	for day := range bookDays {
		for i := range rapid.IntRange(0, 3).Draw(rt, "rows of a day") {
			key := fmt.Sprintf("fit-%d-%d", day, i)
			name := rapid.SampledFrom([]string{"COFFEE", "RENT"}).Draw(rt, "name")
			e := entry{line: line{day, rapid.IntRange(1, 2).Draw(rt, "amount"), name, key}, reference: key}
			if n := len(b.entries); shared && n > 0 && rapid.IntRange(0, 2).Draw(rt, "reference") > 0 {
				e.reference = b.entries[rapid.IntRange(0, n-1).Draw(rt, "of")].reference
			}
			b.entries = append(b.entries, e)
		}
	}
	for range rapid.IntRange(0, 6).Draw(rt, "corrections") {
		var alive []int
		for i, e := range b.entries {
			if e.dead == 0 {
				alive = append(alive, i)
			}
		}
		if len(alive) == 0 {
			break
		}
		wrong := &b.entries[rapid.SampledFrom(alive).Draw(rt, "wrong")]
		b.epochs++
		wrong.dead = b.epochs
		if rapid.IntRange(0, 2).Draw(rt, "action") == 0 {
			continue
		}
		key := fmt.Sprintf("fix-%d", b.epochs)
		day := min(bookDays-1, max(0, wrong.day+rapid.IntRange(-2, 2).Draw(rt, "days off")))
		b.entries = append(b.entries, entry{line{day, 2 + b.epochs, wrong.name, key}, key, wrong.reference, b.epochs, 0})
	}
	return b
}

// view is a statement: some days of the books, as they were after a number of corrections. A silent one does not say what it
// corrects.
type view struct {
	from, to, epoch int
	silent          bool
}

func (b *books) view(v view) connector.Batch {
	var lines []line
	reference := map[string]string{}
	var corrections []connector.Correction
	for _, e := range b.entries {
		if e.day < v.from || e.day > v.to || e.born > v.epoch {
			continue
		}
		taken := e.dead > 0 && e.dead <= v.epoch
		deleted := taken && !slices.ContainsFunc(b.entries, func(by entry) bool { return by.born == e.dead })
		if deleted && !v.silent {
			corrections = append(corrections, connector.Correction{AccountKey: "acct", Reference: e.reference})
		}
		if taken && !b.lists && e.born == 0 { // what is itself a correction says so for good
			continue
		}
		lines = append(lines, e.line)
		reference[e.key] = e.reference
		if e.born > 0 && !v.silent {
			corrections = append(corrections, connector.Correction{AccountKey: "acct", Reference: e.corrects, ReplacedBy: e.key})
		}
	}
	batch := file(v.from, v.to, lines)
	batch.Corrections = corrections
	for i := range batch.Transactions {
		batch.Transactions[i].Reference = reference[batch.Transactions[i].Key]
	}
	return batch
}

// views are statements that together say all that was corrected, and some of what was stated before.
func (b *books) views(rt *rapid.T) []view {
	var all []view
	for _, w := range splits(rt, bookDays) {
		all = append(all, view{from: w[0], to: w[1], epoch: b.epochs})
	}
	for _, w := range splits(rt, bookDays) {
		all = append(all, view{w[0], w[1], rapid.IntRange(0, b.epochs).Draw(rt, "epoch"), rapid.Bool().Draw(rt, "silent")})
	}
	return all
}

func (b *books) live() []string {
	out := []string{}
	for _, e := range b.entries {
		if e.dead == 0 {
			out = append(out, fmt.Sprint(e.date(), plaid.DecimalFromInt(int64(e.amount)), e.name))
		}
	}
	slices.Sort(out)
	return append(out, fmt.Sprintf("balance %d", bookDays-1))
}

// Files with corrections end in the same state in any order and imported more than once: in the bank's, where each row has a
// reference of its own.
func TestCorrectionsInAnyOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		bk := newBook(t, db)
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; db.Dialect() == "postgres" && runs > 20 {
				return // the same code on both engines; one of them draws more
			}
			shared := rapid.Bool().Draw(rt, "shared references")
			b := drawBooks(rt, shared)
			views := b.views(rt)
			var states [][]string
			for again := range 2 {
				views = rapid.Permutation(views).Draw(rt, "order")
				institution := bk.items.IDs.ID()
				var it item.Item
				for _, v := range views {
					it = bk.importFile(t, institution, b.view(v)).Item
				}
				states = append(states, bk.stored(t, it))
				for _, v := range views[again*len(views)/2:] { // all, then half of another order
					counts := bk.importFile(t, institution, b.view(v)).Report["transactions"]
					if counts != (item.Counts{Unchanged: counts.Unchanged}) {
						rt.Fatalf("%+v, imported again: %+v", v, counts)
					}
				}
				bk.distinctIDs(t, it)
			}
			if !slices.Equal(states[0], states[1]) {
				rt.Fatalf("%+v: one order\n%q, another\n%q", b, states[0], states[1])
			}
			if want := b.live(); !shared && !slices.Equal(states[0], want) {
				rt.Fatalf("%+v, %+v: stored\n%q, the bank has\n%q", b, views, states[0], want)
			}
		})
	})
}

// distinctIDs: no two rows of an Item have one transaction_id.
func (b *book) distinctIDs(t testing.TB, it item.Item) {
	t.Helper()
	var twice int64
	if err := b.items.DB.QueryRow(t.Context(), `select count(*) - count(distinct transaction_id) from transactions where item_key = $1`, it.Key).Scan(&twice); err != nil || twice != 0 {
		t.Fatalf("%d ids are of two rows, %v", twice, err)
	}
}

// told is what clients can see of an Item's rows: day, amount or "gone", and whether the id is one of before.
func (b *book) told(t testing.TB, it item.Item) map[string]string {
	t.Helper()
	rows, err := b.items.DB.Query(t.Context(), `select transaction_id, removed, date, source from transactions where item_key = $1`, it.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var id, date, source string
		var removed int64
		if err := rows.Scan(&id, &removed, &date, &source); err != nil {
			t.Fatal(err)
		}
		tx, _ := row{source: source}.transaction()
		if all[id] = date + " " + tx.Amount.String(); removed != 0 {
			all[id] = "gone" + source
		}
	}
	return all
}

func (b *book) expect(t testing.TB, it item.Item, counts, want item.Counts, live ...string) map[string]string {
	t.Helper()
	if counts != want {
		t.Errorf("counted %+v, want %+v", counts, want)
	}
	all := b.told(t, it)
	values := []string{}
	for _, v := range all {
		values = append(values, v)
	}
	slices.Sort(values)
	if !slices.Equal(values, live) {
		t.Errorf("rows %q, want %q", values, live)
	}
	return all
}

func TestReplacementKeepsTheID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(t, db)
		wrong := file(0, 5, []line{{1, 5, "COFFEE", "a"}, {2, 7, "RENT", "b"}})
		right := file(0, 5, []line{{1, 6, "COFFEE", "c"}, {2, 7, "RENT", "b"}})
		for i := range wrong.Transactions {
			wrong.Transactions[i].Reference = wrong.Transactions[i].Key
			right.Transactions[i].Reference = right.Transactions[i].Key
		}
		right.Corrections = []connector.Correction{{AccountKey: "acct", Reference: "a", ReplacedBy: "c"}}
		first := b.importFile(t, "ins_x", wrong)
		before := b.expect(t, first.Item, first.Report["transactions"], item.Counts{Added: 2}, "2026-01-02 5", "2026-01-03 7")
		then := b.importFile(t, "ins_x", right)
		after := b.expect(t, then.Item, then.Report["transactions"], item.Counts{Changed: 1, Unchanged: 1}, "2026-01-02 6", "2026-01-03 7")
		for id := range before {
			if after[id] == "" {
				t.Errorf("the id of %q is gone", before[id])
			}
		}
		for _, again := range []connector.Batch{wrong, right, wrong} {
			one := b.importFile(t, "ins_x", again)
			if one.Item.Version != then.Item.Version {
				t.Errorf("version %d, before %d", one.Item.Version, then.Item.Version)
			}
			b.expect(t, one.Item, one.Report["transactions"], item.Counts{Unchanged: len(again.Transactions) - map[bool]int{true: 1}[again.Corrections == nil]},
				"2026-01-02 6", "2026-01-03 7")
		}
		// The correction comes first: the wrong row never shows.
		b.importFile(t, "ins_y", right)
		late := b.importFile(t, "ins_y", wrong)
		b.expect(t, late.Item, late.Report["transactions"], item.Counts{Unchanged: 1}, "2026-01-02 6", "2026-01-03 7")
	})
}

// A correction under the key of the row itself: only its text differs. An older file does not bring the old text back.
func TestCorrectionOfTheTextAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(t, db)
		wrong, right := file(0, 5, []line{{1, 5, "COFEE", "a"}}), file(0, 5, []line{{1, 5, "COFFEE", "a"}})
		wrong.Transactions[0].Reference, right.Transactions[0].Reference = "1", "1"
		right.Corrections = []connector.Correction{{AccountKey: "acct", Reference: "1", ReplacedBy: "a"}}
		for name, order := range map[string][]connector.Batch{"ins_x": {wrong, right, wrong}, "ins_y": {right, wrong}} {
			var it item.Item
			for _, one := range order {
				it = b.importFile(t, name, one).Item
			}
			if got := b.stored(t, it); got[0] != "2026-01-02 5COFFEE" {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
}

// A row that was taken for the wrong one comes back when it shows that another was meant.
func TestTakenForAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(t, db)
		of := func(corrections []connector.Correction, lines ...line) connector.Batch {
			batch := file(0, 5, lines)
			for i := range batch.Transactions {
				batch.Transactions[i].Reference = "7"
			}
			batch.Corrections = corrections
			return batch
		}
		fee, purchase, fixed := line{1, 1, "FEE", "fee"}, line{1, 40, "PURCHASE", "purchase"}, line{1, 41, "PURCHASE", "fixed"}
		b.importFile(t, "ins_x", of(nil, fee))
		taken := b.importFile(t, "ins_x", of([]connector.Correction{{AccountKey: "acct", Reference: "7", ReplacedBy: "fixed"}}, fixed))
		b.expect(t, taken.Item, taken.Report["transactions"], item.Counts{Changed: 1}, "2026-01-02 41")
		back := b.importFile(t, "ins_x", of(nil, purchase))
		b.expect(t, back.Item, back.Report["transactions"], item.Counts{Added: 1}, "2026-01-02 1", "2026-01-02 41")
		b.distinctIDs(t, back.Item)

		// A deletion that two rows may be meant by takes neither, in any order.
		b.importFile(t, "ins_y", of([]connector.Correction{{AccountKey: "acct", Reference: "7"}}, fee))
		both := b.importFile(t, "ins_y", of(nil, purchase))
		b.expect(t, both.Item, both.Report["transactions"], item.Counts{Added: 2}, "2026-01-02 1", "2026-01-02 40")
	})
}

// A row that looks like one which is taken back, or like one that has replaced another, is not that row.
func TestTakenRowsAreNotRecognised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(t, db)
		of := func(corrections []connector.Correction, lines ...line) connector.Batch {
			batch := file(0, 9, append(lines, line{5, 9, "RENT", "known"}))
			for i := range batch.Transactions {
				batch.Transactions[i].Reference = batch.Transactions[i].Key
			}
			batch.Corrections = corrections
			return batch
		}
		wrong, fixed, twin := line{3, 1, "COFFEE", "a"}, line{3, 2, "COFFEE", "b"}, line{3, 1, "COFFEE", "c"}
		before := of(nil, wrong)
		after := of([]connector.Correction{{AccountKey: "acct", Reference: "a", ReplacedBy: "b"}}, fixed, twin)
		for name, order := range map[string][]connector.Batch{"ins_1": {before, after, before}, "ins_2": {after, before, after}} {
			var it item.Item
			for _, one := range order {
				it = b.importFile(t, name, one).Item
			}
			if got := b.stored(t, it); !slices.Equal(got[:2], []string{"2026-01-04 1COFFEE", "2026-01-04 2COFFEE"}) || len(got) != 4 {
				t.Errorf("%s: %q", name, got)
			}
		}
		// The replacement looks like another row, of a file that does not have it.
		after = of([]connector.Correction{{AccountKey: "acct", Reference: "a", ReplacedBy: "b"}}, fixed)
		other := of(nil, line{3, 2, "COFFEE", "d"})
		for name, order := range map[string][]connector.Batch{"ins_3": {after, other, before}, "ins_4": {other, after, before}} {
			var it item.Item
			for _, one := range order {
				it = b.importFile(t, name, one).Item
			}
			if got := b.stored(t, it); !slices.Equal(got[:2], []string{"2026-01-04 2COFFEE", "2026-01-04 2COFFEE"}) || len(got) != 4 {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
}
