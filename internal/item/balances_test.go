package item_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/item/rows"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// A round for balances asks for what is in the accounts and for nothing else, and leaves the time of the last refresh as it was.
func TestBalances(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		it := w.link(t, platypus, "user_yuppie", "x").Item
		it, err := w.Items.AddProduct(t.Context(), it, "transactions", 0)
		if err != nil {
			t.Fatal(err)
		}
		before, _, err := rows.Status(t.Context(), db, it)
		if err != nil {
			t.Fatal(err)
		}
		c.Advance(10 * day)
		var wants []connector.Want
		w.banks.asked = func(want connector.Want) { wants = append(wants, want) }
		fresh, err := w.Items.Balances(t.Context(), it)
		if err != nil || fresh.Version == it.Version {
			t.Fatalf("version %d after %d, %v", fresh.Version, it.Version, err)
		}
		if len(wants) != 1 || !wants[0].Balances || len(wants[0].Products) != 0 {
			t.Errorf("the bank was asked for %+v", wants)
		}
		after, failed, err := rows.Status(t.Context(), db, it)
		if err != nil || !after.Equal(*before) || failed != nil {
			t.Errorf("refreshed at %v, before at %v; failed at %v; %v", after, before, failed, err)
		}
	})
}

// An error that passes is told and leaves the Item as it was; one that lasts puts the Item into it.
func TestBalancesThatTheBankRefuses(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		it := w.link(t, platypus, "user_good", "pass_good").Item
		for _, code := range []plaid.Code{"INSTITUTION_DOWN", "INSTITUTION_NOT_RESPONDING", "ITEM_LOCKED"} {
			w.banks.refuses = plaid.Err(code)
			var told *plaid.Error
			if _, err := w.Items.Balances(t.Context(), it); !errors.As(err, &told) || told.Code != code {
				t.Errorf("%s: %v", code, err)
			}
			var want plaid.Code
			if code == "ITEM_LOCKED" {
				want = code
			}
			if now := w.now(t, it); now.Error != want {
				t.Errorf("after %s the Item is in %q", code, now.Error)
			}
			if _, failed, err := rows.Status(t.Context(), db, it); err != nil || failed != nil {
				t.Errorf("after %s a refresh has failed at %v, %v", code, failed, err)
			}
		}
	})
}

// Of many who ask for balances at once, one asks the bank; one who wants all else is not content with that.
func TestBalancesAreSharedAndNoRefresh(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		it := w.link(t, platypus, "user_good", "pass_good").Item
		reads := make(chan struct{}, 1024)
		var counting atomic.Bool
		db.Observe(func(query string, _ []any) {
			if counting.Load() && strings.Contains(query, "from connections where connection_id") {
				reads <- struct{}{}
			}
		})
		started, goOn := make(chan struct{}, 64), make(chan struct{})
		var balances, whole atomic.Int64
		w.banks.asked = func(want connector.Want) {
			if want.Balances {
				balances.Add(1)
			} else {
				whole.Add(1)
			}
			started <- struct{}{}
			<-goOn
		}
		var group sync.WaitGroup
		ask := func(fn func(context.Context, item.Item) (item.Item, error)) {
			group.Go(func() {
				if _, err := fn(t.Context(), it); err != nil {
					t.Error(err)
				}
			})
		}
		ask(w.Items.Balances)
		<-started
		counting.Store(true)
		for range 8 {
			ask(w.Items.Balances)
		}
		for range 2 * 8 { // to see whom to ask, and how often that was done before
			<-reads
		}
		ask(w.Items.Refresh)
		<-reads
		counting.Store(false)
		close(goOn)
		group.Wait()
		if balances.Load() > 4 || whole.Load() != 1 { // one that was begun may end after the round that it would have joined
			t.Errorf("the bank was asked for balances %d times, and for all %d times", balances.Load(), whole.Load())
		}
		conn, err := connections.Read(t.Context(), db, w.Items.Keys, w.tenant, it.ConnectionID)
		if err != nil || conn.Rounds != 1 || conn.BalanceRounds != balances.Load() {
			t.Errorf("%d rounds, %d for balances, %v", conn.Rounds, conn.BalanceRounds, err)
		}
	})
}
