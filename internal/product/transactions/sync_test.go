package transactions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/enrich"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/plaid"
	"weft/internal/product/transactions/rows"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// bank is a bank of two accounts whose transactions a test changes at will.
type bank struct {
	mu    sync.Mutex
	rows  map[string]connector.Transaction // by account and key
	fails error
}

func (*bank) Name() string { return "bank" }

func (b *bank) Fetch(_ context.Context, _ connector.Connection, want connector.Want) (connector.Batch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != nil {
		return connector.Batch{}, b.fails
	}
	batch := connector.Batch{TransactionHistory: &connector.Window{From: want.HistoryFrom, To: plaid.DateOf(want.Now)}}
	for _, key := range []string{"a", "b"} {
		batch.Accounts = append(batch.Accounts, connector.Account{Key: key, Account: plaid.Account{Name: key, Type: "depository", Balances: plaid.Balances{Current: plaid.Dec("1").Ptr()}}})
	}
	for _, key := range slices.Sorted(maps.Keys(b.rows)) {
		batch.Transactions = append(batch.Transactions, b.rows[key])
	}
	return batch, nil
}

func (*bank) Institutions(time.Time) []connector.Institution {
	return []connector.Institution{{Supported: true, Institution: plaid.Institution{InstitutionID: "ins_1", Name: "A bank", Products: []string{productName}, CountryCodes: []string{"US"}}}}
}

func (*bank) Authenticate(context.Context, connector.Login) (connector.Opened, error) {
	return connector.Opened{Credentials: json.RawMessage(`{}`)}, nil
}

// put sets or, without an amount, removes a transaction.
func (b *bank) put(account string, key, day, amount int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	place := fmt.Sprintf("%s%d", account, key)
	if amount == 0 {
		delete(b.rows, place)
		return
	}
	b.rows[place] = connector.Transaction{Key: fmt.Sprint(key), AccountKey: account, Date: plaid.DateOf(storetest.Start).AddDays(-day),
		Amount: plaid.DecimalFromInt(int64(amount)), Name: fmt.Sprintf("row %s %d", account, key)}
}

type syncWorld struct {
	*service
	bank *bank
	item item.Item
}

func newSyncWorld(t testing.TB, db *store.DB) *syncWorld {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	ids := ident.System()
	w := &syncWorld{bank: &bank{rows: map[string]connector.Transaction{}}}
	items := &item.Service{Life: item.Life{DB: db, Keys: keys, IDs: ids}, Clock: clock.NewManual(storetest.Start), Clients: &client.Service{DB: db, Keys: keys, IDs: ids},
		Cache: cache.New(1 << 20), Connectors: item.Connectors{"sandbox": {w.bank}}, Epoch: "epoch one"}
	w.service = &service{items: items, enricher: sync.OnceValue(enrich.New)}
	items.Appliers = []item.Applier{w.apply}
	linked, err := items.Link(t.Context(), store.Tenant{Client: "c", Environment: "sandbox"},
		item.LinkRequest{InstitutionID: "ins_1", Products: []string{productName}, History: item.History{Days: 730}})
	if err != nil {
		t.Fatal(err)
	}
	w.item = linked.Item
	return w
}

func (w *syncWorld) refreshBank(t testing.TB) {
	t.Helper()
	if _, err := w.items.Refresh(t.Context(), w.item); err != nil {
		t.Error(err)
	}
}

// answer is a page as a client reads it.
type answer struct {
	Added, Modified []struct {
		TransactionID string          `json:"transaction_id"`
		AccountID     string          `json:"account_id"`
		Name          string          `json:"name"`
		Amount        json.RawMessage `json:"amount"`
	}
	Removed    []plaid.RemovedTransaction
	NextCursor string `json:"next_cursor"`
	HasMore    bool   `json:"has_more"`
	Status     string `json:"transactions_update_status"`
}

func (w *syncWorld) page(ctx context.Context, req syncRequest) (answer, error) {
	it, err := w.items.ItemByID(ctx, w.item.Tenant, w.item.ID) // as each call finds it
	if err != nil {
		return answer{}, err
	}
	raw, err := w.sync(ctx, it, req)
	if err != nil {
		return answer{}, err
	}
	var a answer
	err = json.Unmarshal([]byte(joinRaw(raw)+"}"), &a)
	return a, err
}

func joinRaw(raw httpapi.Raw) string {
	var b strings.Builder
	for _, piece := range raw {
		b.Write(piece)
	}
	return b.String()
}

// follower is a client that folds pages.
type follower struct {
	world   *syncWorld
	account string // its filter, an account's key; empty for all
	count   int
	cursor  string
	days    *int              // that it asks for
	rows    map[string]string // name and amount, by transaction_id
}

// step reads one page and reports whether there are more.
func (f *follower) step(ctx context.Context) (more bool, err error) {
	req := syncRequest{Cursor: &f.cursor, Count: &f.count}
	req.Options.DaysRequested = f.days
	if f.account != "" {
		id := ident.Derive("account", f.world.item.ID, f.account)
		req.Options.AccountID = &id
	}
	a, err := f.world.page(ctx, req)
	if err != nil {
		return false, err
	}
	if n := len(a.Added) + len(a.Modified) + len(a.Removed); n > f.count {
		err = fmt.Errorf("a page of %d has %d", f.count, n)
	}
	for _, t := range a.Added {
		f.rows[t.TransactionID] = t.Name + " " + string(t.Amount)
	}
	for _, t := range a.Modified {
		if _, known := f.rows[t.TransactionID]; !known {
			err = errors.Join(err, fmt.Errorf("%s is modified, but was never added", t.Name))
		}
		f.rows[t.TransactionID] = t.Name + " " + string(t.Amount)
	}
	for _, t := range a.Removed {
		delete(f.rows, t.TransactionID)
	}
	f.cursor = a.NextCursor
	return a.HasMore, err
}

// careful is a follower that a server tells of changes between its pages: it then begins anew where they began.
type careful struct {
	follower
	// first is the cursor at which the pages began, with what was held then; begun the Item's newest change, 0 between updates.
	first  string
	before map[string]string
	begun  int64
}

// step reads one page. It is refused if, and only if, something has changed since the first.
func (f *careful) step(ctx context.Context) (more bool, err error) {
	newest, err := rows.Newest(ctx, f.world.items.DB, f.world.item)
	if err != nil {
		return false, err
	}
	if f.begun == 0 {
		f.first, f.before, f.begun = f.cursor, maps.Clone(f.rows), newest
	}
	more, err = f.follower.step(ctx)
	var pe *plaid.Error
	refused := errors.As(err, &pe) && pe.Code == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
	if changed := newest != f.begun; changed != refused {
		return false, fmt.Errorf("changes %d at first and %d now: %v", f.begun, newest, err)
	}
	switch {
	case refused:
		f.cursor, f.rows, f.begun = f.first, f.before, 0
		return true, nil
	case !more:
		f.begun = 0
	}
	return more, err
}

// catchUp reads all pages.
func catchUp(ctx context.Context, f interface {
	step(context.Context) (bool, error)
}) error {
	for {
		more, err := f.step(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// check compares what a follower has with what the bank has.
func (f *follower) check() error {
	want := map[string]int{}
	f.world.bank.mu.Lock()
	for _, t := range f.world.bank.rows {
		if f.account == "" || t.AccountKey == f.account {
			want[t.Name+" "+t.Amount.String()]++
		}
	}
	f.world.bank.mu.Unlock()
	have := map[string]int{}
	for _, row := range f.rows {
		have[row]++
	}
	if !maps.Equal(want, have) {
		return fmt.Errorf("filter %q, %d a page: it has %v, the bank %v", f.account, f.count, have, want)
	}
	return nil
}

// Folding the pages gives the bank's state, whatever the bank changes between the pages, with and without a filter, with
// pages of any size; and nothing is said to be modified that the client was not given.
func TestSyncIsAFold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			w := newSyncWorld(t, db)
			var followers []*follower
			for _, account := range []string{"", "", "a", "b"} {
				followers = append(followers, &follower{world: w, account: account, count: rapid.IntRange(1, 6).Draw(rt, "count"), rows: map[string]string{}})
			}
			for range rapid.IntRange(1, 40).Draw(rt, "steps") {
				if rapid.Bool().Draw(rt, "bank") {
					for range rapid.IntRange(1, 5).Draw(rt, "changes") {
						w.bank.put(rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "account"), rapid.IntRange(0, 9).Draw(rt, "key"),
							rapid.IntRange(0, 3).Draw(rt, "day"), rapid.IntRange(0, 4).Draw(rt, "amount"))
					}
					w.refreshBank(t)
				} else if _, err := followers[rapid.IntRange(0, 3).Draw(rt, "who")].step(t.Context()); err != nil {
					rt.Fatal(err)
				}
			}
			for _, f := range followers {
				if err := errors.Join(catchUp(t.Context(), f), f.check()); err != nil {
					rt.Fatal(err)
				}
			}
		})
	})
}

// The same where clients are told of changes between their pages.
func TestSyncWithRestartsIsAFold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			w := newSyncWorld(t, db)
			w.mutationError = true
			followers := []*careful{{}, {follower: follower{account: "a"}}}
			for _, f := range followers {
				f.world, f.rows, f.count = w, map[string]string{}, rapid.IntRange(1, 4).Draw(rt, "count")
			}
			for range rapid.IntRange(1, 40).Draw(rt, "steps") {
				if rapid.IntRange(0, 2).Draw(rt, "bank") == 0 {
					for range rapid.IntRange(1, 5).Draw(rt, "changes") {
						w.bank.put(rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "account"), rapid.IntRange(0, 9).Draw(rt, "key"),
							rapid.IntRange(0, 3).Draw(rt, "day"), rapid.IntRange(0, 4).Draw(rt, "amount"))
					}
					w.refreshBank(t)
				} else if _, err := followers[rapid.IntRange(0, 1).Draw(rt, "who")].step(t.Context()); err != nil {
					rt.Fatal(err)
				}
			}
			for _, f := range followers {
				if err := errors.Join(catchUp(t.Context(), f), f.check()); err != nil {
					rt.Fatal(err)
				}
			}
		})
	})
}

// Folding the pages gives the bank's state with 32 writers and several readers at once.
func TestSyncWithManyWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newSyncWorld(t, db)
		followers := []*follower{{count: 500}, {count: 3}, {count: 7, account: "a"}, {count: 1, account: "b"}}
		var group sync.WaitGroup
		for writer := range 32 {
			group.Go(func() {
				for i := range 4 {
					w.bank.put([]string{"a", "b"}[i%2], writer%12, i, (writer*7+i*3)%5)
					w.refreshBank(t)
				}
			})
		}
		for _, f := range followers {
			f.world, f.rows = w, map[string]string{}
			group.Go(func() {
				for range 30 {
					if _, err := f.step(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		w.refreshBank(t)
		for _, f := range followers {
			if err := errors.Join(catchUp(t.Context(), f), f.check()); err != nil {
				t.Error(err)
			}
		}
	})
}

// A cursor belongs to its Item and filter, lives as long as the database, and after a restore asks for a restart.
func TestCursors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newSyncWorld(t, db)
		w.bank.put("a", 1, 0, 5)
		w.refreshBank(t)
		f := &follower{world: w, count: 100, rows: map[string]string{}}
		if err := catchUp(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		account := ident.Derive("account", w.item.ID, "a")
		other := newSyncWorld(t, db)
		refused := func(what string, w *syncWorld, req syncRequest, part string) {
			t.Helper()
			_, err := w.page(t.Context(), req)
			var pe *plaid.Error
			if !errors.As(err, &pe) || pe.Code != "INVALID_FIELD" || !strings.Contains(pe.Message, part) {
				t.Errorf("%s: %v", what, err)
			}
		}
		nonsense, long := "bm9uc2Vuc2U=", strings.Repeat("A", 300)
		refused("another Item's", other, syncRequest{Cursor: &f.cursor}, "this Item")
		refused("another filter's", w, syncRequest{Cursor: &f.cursor, Options: syncOptions{AccountID: &account}}, "this Item")
		refused("nonsense", w, syncRequest{Cursor: &nonsense}, "this Item")
		refused("too long", w, syncRequest{Cursor: &long}, "this Item")
		if len(f.cursor) > 256 {
			t.Errorf("a cursor of %d characters", len(f.cursor))
		}
		if a, err := w.page(t.Context(), syncRequest{Cursor: &f.cursor}); err != nil || len(a.Added) != 0 || a.NextCursor != f.cursor {
			t.Errorf("nothing new: %+v, %v", a, err)
		}
		word := now
		if a, err := w.page(t.Context(), syncRequest{Cursor: &word}); err != nil || len(a.Added) != 0 || a.NextCursor != f.cursor {
			t.Errorf("now: %+v, %v", a, err)
		}
		w.items.Epoch, w.items.Cache = "another epoch", cache.New(0)
		refused("after a restore", w, syncRequest{Cursor: &f.cursor}, "begin again")
		f.cursor, f.rows = "", map[string]string{}
		if err := errors.Join(catchUp(t.Context(), f), f.check()); err != nil {
			t.Error(err)
		}
	})
}

// The first call says how long the history is, real data being no shorter than 30 days; what later calls say is not heard, nor
// what one says that fails.
func TestDaysRequested(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, c := range []struct {
			environment string
			made        item.History
			first       *int
			want        int
		}{
			{"sandbox", item.History{}, nil, 90}, {"sandbox", item.History{Days: 60}, nil, 60}, {"sandbox", item.History{Days: 60}, new(7), 7},
			{"sandbox", item.History{}, new(400), 400}, {"production", item.History{}, new(7), 30}, {"production", item.History{}, new(200), 200},
		} {
			w := newSyncWorld(t, db)
			w.items.Connectors["production"] = w.items.Connectors["sandbox"]
			for day := range 500 {
				w.bank.put("a", day, day, 1)
			}
			linked, err := w.items.Link(t.Context(), store.Tenant{Client: "c", Environment: c.environment},
				item.LinkRequest{InstitutionID: "ins_1", Consented: []string{productName}, History: c.made})
			if err != nil {
				t.Fatal(err)
			}
			w.item = linked.Item
			w.bank.fails = plaid.Err("INSTITUTION_DOWN")
			if _, err := w.page(t.Context(), syncRequest{Options: syncOptions{Variants: rows.Variants{DaysRequested: new(500)}}}); err == nil {
				t.Fatal("a bank that is down has answered")
			}
			w.bank.fails = nil
			f := &follower{world: w, count: 500, rows: map[string]string{}, days: c.first}
			err = catchUp(t.Context(), f)
			f.days = new(500)
			w.refreshBank(t)
			if err = errors.Join(err, catchUp(t.Context(), f)); err != nil || len(f.rows) != c.want+1 {
				t.Errorf("%s, %+v: %d days, want %d and today; %v", c.environment, c.made, len(f.rows), c.want, err)
			}
		}
	})
}
