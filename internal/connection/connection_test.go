package connection_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/connection"
	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/item/consent"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestConnectMakesAnItemOfEachInstitution(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		if _, err := w.Connect(t.Context(), w.tenant, "bridge", "bad"); code(err) != "INVALID_CREDENTIALS" {
			t.Errorf("a bad token: %v", err)
		}
		if _, err := w.Connect(t.Context(), w.tenant, "nothing", "good"); code(err) != "INVALID_FIELD" {
			t.Errorf("an unknown connector: %v", err)
		}
		done := w.connect(t)
		is(t, "Items", len(done.Round.Results), 2)
		for _, r := range done.Round.Results {
			it, err := w.Items.ItemOf(t.Context(), w.tenant, r.AccessToken)
			if err != nil || !r.New || it.ID != r.Item.ID || !it.Has("transactions") {
				t.Errorf("%s: %v, new %v, products %v", r.Item.InstitutionID, err, r.New, it.Products)
			}
		}
		st, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_a": "1.00", "ins_b": "2.00"})
		is(t, "notes", st.Notes[0].Message, `{"fetches":1}`)
		if wait := st.Due.Sub(w.clock.Now()); wait < 6*time.Hour*9/10 || wait > 6*time.Hour*11/10 {
			t.Errorf("it is due in %s", wait)
		}
		w.bridge.set(func(b *bridge) { b.balances["ins_c"] = "3.00" })
		round, err := w.Refresh(t.Context(), w.tenant, done.ID)
		if err != nil || len(round.Results) != 3 || !round.Results[2].New || round.Results[2].AccessToken == "" {
			t.Errorf("a third bank: %v, %+v", err, round)
		}
		other := store.Tenant{Client: "other", Environment: "production"}
		if _, err := w.Refresh(t.Context(), other, done.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("another tenant's connection: %v", err)
		}
		if err := w.Remove(t.Context(), other, done.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("another tenant's connection: %v", err)
		}
	})
}

func TestErrorsAreOfTheirInstitution(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		var told []string
		w.Items.Events = func(_ context.Context, tx *store.Tx, to event.Target, e event.Event) error {
			tx.OnCommit(func() { told = append(told, e.Code+" of "+to.ItemID) })
			return nil
		}
		done := w.connect(t)
		w.bridge.set(func(b *bridge) {
			b.errors["ins_b"], b.balances["ins_a"] = plaid.Err("ITEM_LOGIN_REQUIRED"), "1.50"
		})
		w.clock.Advance(time.Hour)
		round, err := w.Refresh(t.Context(), w.tenant, done.ID)
		if err != nil || round.Results[0].Err != nil || code(round.Results[1].Err) != "ITEM_LOGIN_REQUIRED" {
			t.Fatalf("%v, %+v", err, round)
		}
		st, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_a": "1.50", "ins_b": "2.00"})
		is(t, "errors", [2]plaid.Code{st.Items[0].Error, st.Items[1].Error}, [2]plaid.Code{"", "ITEM_LOGIN_REQUIRED"})
		refreshed, failed, err := w.Items.Status(t.Context(), st.Items[1])
		if err != nil || !failed.Equal(w.clock.Now()) || !refreshed.Equal(storetest.Start) {
			t.Errorf("refreshed %v, failed %v, %v", refreshed, failed, err)
		}
		if _, err := w.Items.Refresh(t.Context(), st.Items[1]); code(err) != "ITEM_LOGIN_REQUIRED" {
			t.Errorf("the Item alone: %v", err)
		}
		w.bridge.set(func(b *bridge) { delete(b.errors, "ins_b") })
		for range 2 {
			if it, err := w.Items.Refresh(t.Context(), st.Items[1]); err != nil || it.Error != "" {
				t.Errorf("repaired at the server: %v, %v", it.Error, err)
			}
		}
		is(t, "told", told, []string{"ERROR of " + st.Items[1].ID, "LOGIN_REPAIRED of " + st.Items[1].ID})
	})
}

func TestMemoryOutlivesFailures(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		w.bridge.whole = plaid.Err("INSTITUTION_NOT_RESPONDING")
		done := w.connect(t)
		is(t, "error", done.Err.Code, "INSTITUTION_NOT_RESPONDING")
		for failures := range int64(8) {
			st, _ := w.state(t)
			is(t, "memory", st.Notes[0].Message, fmt.Sprintf(`{"fetches":%d}`, failures+1))
			is(t, "failures", st.Failures, failures+1)
			wait := min(6*time.Hour, 5*time.Minute<<(2*failures))
			if in := st.Due.Sub(w.clock.Now()); in < wait*9/10 || in > wait*11/10 {
				t.Errorf("after %d failures it is due in %s", failures+1, in)
			}
			if err := w.RefreshDue(t.Context()); err != nil || w.bridge.fetches != int(failures)+1 {
				t.Errorf("asked before it was due: %d, %v", w.bridge.fetches, err)
			}
			w.clock.Advance(st.Due.Sub(w.clock.Now()))
			if err := w.RefreshDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.bridge.set(func(b *bridge) { b.whole = nil })
		st, _ := w.state(t)
		w.clock.Advance(st.Due.Sub(w.clock.Now()))
		if err := w.RefreshDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		st, balances := w.state(t)
		is(t, "failures", st.Failures, 0)
		is(t, "balances", balances, map[string]string{"ins_a": "1.00", "ins_b": "2.00"})
		if strings.Contains(w.log.String(), "s3cret") {
			t.Error("the log has the credentials")
		}
	})
}

func TestRemovedItemsStayAway(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		if err := w.Items.Remove(t.Context(), done.Round.Results[0].Item); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		is(t, "declined", w.bridge.declined, []string{"ins_a"})
		_, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_b": "2.00"})
		// One that is removed while the bank is asked stays away too.
		w.bridge.set(func(b *bridge) {
			b.balances["ins_c"] = "3.00"
			b.during = func(int) {
				if err := w.Items.Remove(t.Context(), done.Round.Results[1].Item); err != nil && code(err) != "ITEM_NOT_FOUND" {
					t.Error(err)
				}
			}
		})
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("the last Item took the connection with it: %v", err)
		}
		if list, err := w.List(t.Context(), w.tenant); err != nil || len(list) != 0 {
			t.Errorf("%d connections are left, %v", len(list), err)
		}
	})
}

// What a user has taken back here no answer of the bank brings back.
func TestUnlinkedItemsStayUnlinked(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		it := done.Round.Results[0].Item
		if err := w.Items.Unlink(t.Context(), it); err != nil {
			t.Fatal(err)
		}
		if err := w.Items.Unlink(t.Context(), it); !errors.Is(err, item.ErrUnlinked) {
			t.Errorf("it is unlinked twice: %v", err)
		}
		_, before := w.state(t)
		w.bridge.set(func(b *bridge) { b.balances[it.InstitutionID] = "77.00" })
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		now, err := w.Items.ItemByID(t.Context(), w.tenant, it.ID)
		if err != nil || code(now.Failed()) != "USER_PERMISSION_REVOKED" {
			t.Errorf("after the bank's answer it is in %v, %v", now.Failed(), err)
		}
		if _, after := w.state(t); after[it.InstitutionID] != before[it.InstitutionID] {
			t.Errorf("the balance was %s and is %s", before[it.InstitutionID], after[it.InstitutionID])
		}
		list, err := consent.OfItem(t.Context(), db, w.tenant, it.ID, consent.First, 10)
		if err != nil || len(list) != 2 || list[0].Event != consent.Unlinked || list[1].Event != consent.Created {
			t.Errorf("its history is %+v, %v", list, err)
		}
	})
}

func TestRemoveEndsConnectionAndItems(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		if err := w.Remove(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Items.ItemOf(t.Context(), w.tenant, done.Round.Results[0].AccessToken); code(err) != "ITEM_NOT_FOUND" {
			t.Errorf("an Item of it: %v", err)
		}
		if list, err := w.List(t.Context(), w.tenant); err != nil || len(list) != 0 {
			t.Errorf("%d connections are left, %v", len(list), err)
		}
		w.bridge.set(func(b *bridge) { b.whole = plaid.Err("ITEM_LOGIN_REQUIRED") })
		empty := w.connect(t) // it has no Items
		if err := w.Remove(t.Context(), w.tenant, empty.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Remove(t.Context(), w.tenant, empty.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestCorrect(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		it := w.connect(t).Round.Results[0].Item
		account := ident.Derive("account", it.ID, "acct")
		if _, _, err := w.Correct(t.Context(), it, account, "wrong", ""); code(err) != "INVALID_FIELD" {
			t.Errorf("a wrong type: %v", err)
		}
		if _, _, err := w.Correct(t.Context(), it, "unknown", "credit", ""); code(err) != "INVALID_ACCOUNT_ID" {
			t.Errorf("an unknown account: %v", err)
		}
		if _, later, err := w.Correct(t.Context(), it, account, "credit", "credit card"); err != nil || later != nil {
			t.Fatal(later, err)
		}
		is(t, "what the bank was asked with", w.bridge.types, "ins_a acct credit/credit card")
		w.bridge.set(func(b *bridge) { b.whole = plaid.Err("INSTITUTION_RATE_LIMIT") })
		if _, later, err := w.Correct(t.Context(), it, account, "loan", ""); err != nil || later == nil || later.Code != "INSTITUTION_RATE_LIMIT" {
			t.Errorf("with nothing left to spend: %v, %v", later, err)
		}
		st, _ := w.state(t)
		is(t, "failures", st.Failures, 0)
	})
}

// Of many who ask at once, on two servers, one asks the bank and the others have its answer.
func TestOneAsksAtATime(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		reads := make(chan struct{}, 1024)
		db.Observe(func(query string, _ []any) {
			if strings.Contains(query, "from connections where connection_id") {
				reads <- struct{}{}
			}
		})
		w := newWorld(t, db, c)
		done := w.connect(t)
		servers := []*connection.Service{w.Service, w.server(db, w.Items.Keys)}
		started, goOn := make(chan struct{}, 64), make(chan struct{})
		w.bridge.set(func(b *bridge) {
			b.balances["ins_a"] = "5.00"
			b.during = func(int) {
				started <- struct{}{}
				<-goOn
			}
		})
		var group sync.WaitGroup
		results := make(chan error, 16)
		ask := func(s *connection.Service) {
			group.Go(func() {
				round, err := s.Refresh(t.Context(), w.tenant, done.ID)
				if err == nil && len(round.Results) != 2 {
					err = fmt.Errorf("%d results", len(round.Results))
				}
				results <- err
			})
		}
		ask(servers[0])
		<-started
		for len(reads) > 0 {
			<-reads
		}
		if _, err := servers[1].Items.RefreshDue(t.Context(), connections.Ref{Tenant: w.tenant, ID: done.ID}); !errors.Is(err, connections.ErrBusy) {
			t.Errorf("one that does not wait: %v", err)
		}
		for i := range 15 {
			ask(servers[i%2])
		}
		for range 1 + 15 { // each has begun, and has seen how often the bank was asked before
			<-reads
		}
		close(goOn)
		group.Wait()
		close(results)
		for err := range results {
			if err != nil {
				t.Error(err)
			}
		}
		_, balances := w.state(t)
		is(t, "balance", balances["ins_a"], "5.00")
		// That of connecting and the one that all have waited for; a read that was begun may end after that round.
		if w.bridge.fetches > 8 { // of 17 who asked
			t.Errorf("the bank was asked %d times", w.bridge.fetches)
		}
	})
}

// An asker that is paused past its lease and wakes late does not write over what another has brought meanwhile.
func TestLateWakerIsRefused(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		other := w.server(db, w.Items.Keys)
		paused, wake := make(chan struct{}), make(chan struct{})
		w.bridge.set(func(b *bridge) {
			b.balances["ins_a"] = "10.00"
			b.during = func(fetch int) {
				if fetch == 2 { // the first asker's; its answer says 10.00
					close(paused)
					<-wake
				}
			}
		})
		late := make(chan error, 1)
		go func() {
			_, err := w.Refresh(t.Context(), w.tenant, done.ID)
			late <- err
		}()
		<-paused
		w.clock.Advance(connections.LeaseTime + time.Second)
		w.bridge.set(func(b *bridge) { b.balances["ins_a"] = "20.00" })
		if _, err := other.Refresh(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		_, balances := w.state(t)
		is(t, "balance before it wakes", balances["ins_a"], "20.00")
		close(wake)
		if err := <-late; err != nil {
			t.Errorf("the late one: %v", err)
		}
		_, balances = w.state(t)
		is(t, "balance after it woke", balances["ins_a"], "20.00")
	})
}

// What was claimed and not asked for yet, because the server died in between, is asked for by itself.
func TestClaimedConnectionIsTakenUp(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		now := w.clock.Now()
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			return connections.Insert(t.Context(), tx, w.Items.Keys, connections.Connection{Tenant: w.tenant, Connector: "bridge", Due: &now,
				Connection: connector.Connection{ID: "claimed", Credentials: json.RawMessage(`{}`)}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.RefreshDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_a": "1.00", "ins_b": "2.00"})
	})
}

// What is spent is written down before it is spent: a server that dies while it asks has not forgotten.
func TestMemoryIsKeptWhileTheBankIsAsked(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		seen := ""
		w.bridge.set(func(b *bridge) {
			b.keeps = true
			b.during = func(int) {
				st, _ := w.state(t)
				seen = st.Notes[0].Message
			}
		})
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		is(t, "memory while the bank is asked", seen, `{"kept":2}`)
		st, _ := w.state(t)
		is(t, "memory afterwards", st.Notes[0].Message, `{"fetches":2}`)
	})
}

// A connection that is removed while its bank is asked is gone, with what the bank was about to bring.
func TestRemovedWhileTheBankIsAsked(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		w.bridge.set(func(b *bridge) {
			b.balances["ins_c"] = "3.00"
			b.during = func(fetch int) {
				if err := w.Remove(t.Context(), w.tenant, done.ID); err != nil && fetch == 2 {
					t.Error(err)
				}
			}
		})
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("the refresh of a connection that is gone: %v", err)
		}
		list, err := w.List(t.Context(), w.tenant)
		items, itemsErr := w.Items.List(t.Context(), w.tenant)
		if err != nil || itemsErr != nil || len(list)+len(items) != 0 {
			t.Errorf("%d connections and %d Items are left, %v, %v", len(list), len(items), err, itemsErr)
		}
	})
}

// An account whose balance is dated in the future is not frozen by that, and one that is gone is not answered.
func TestAccountsThatMisbehave(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		w.bridge.asOf = storetest.Start.AddDate(70, 0, 0)
		done := w.connect(t)
		w.clock.Advance(time.Hour)
		w.bridge.set(func(b *bridge) { b.asOf, b.balances["ins_a"] = w.clock.Now(), "7.00" })
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		_, balances := w.state(t)
		is(t, "balance", balances["ins_a"], "7.00")
		w.bridge.set(func(b *bridge) { b.account = "another" })
		round, err := w.Refresh(t.Context(), w.tenant, done.ID)
		if err != nil {
			t.Fatal(err)
		}
		it := round.Results[0].Item
		is(t, "accounts that are gone", it.Gone, []string{ident.Derive("account", it.ID, "acct")})
		w.bridge.set(func(b *bridge) { b.account = "" })
		if round, err = w.Refresh(t.Context(), w.tenant, done.ID); err != nil || round.Results[0].Item.Gone[0] != ident.Derive("account", it.ID, "another") {
			t.Errorf("back again: %v, %v", round.Results[0].Item.Gone, err)
		}
	})
}
