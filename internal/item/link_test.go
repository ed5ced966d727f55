package item_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/item/institutions"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

var errMine = errors.New("the caller's own")

// A login is looked at first, and an Item made of what the person has chosen then, with what the caller writes.
func TestAnItemIsMadeInSteps(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		ctx := t.Context()
		if _, err := w.Items.Authenticate(ctx, w.tenant, connector.Login{InstitutionID: platypus, Username: "nobody", Password: "x"}); code(err) != "INVALID_CREDENTIALS" {
			t.Errorf("a wrong login: %v", err)
		}
		text, err := json.Marshal(w.Items.Opening(platypus, w.login(t, platypus, "user_investor", "x")))
		if err != nil {
			t.Fatal(err)
		}
		var o item.Opening // as a session keeps it
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		seen, err := w.Items.Look(ctx, w.tenant, o, []string{"auth"})
		if err != nil || len(seen) < 3 {
			t.Fatalf("%d accounts, %v", len(seen), err)
		}
		c.Advance(time.Hour)
		terms := item.Terms{Products: []string{"auth"}, Accounts: []string{seen[1].Key, seen[0].Key, "of another bank"}}
		mine := func(ctx context.Context, tx *store.Tx, linked item.Linked) error {
			ins := connector.Institution{Institution: plaid.Institution{InstitutionID: linked.Item.ID, Name: linked.PublicToken}}
			return institutions.Put(ctx, tx, w.tenant, ins)
		}
		_, err = w.Items.Make(ctx, w.tenant, o, terms, func(ctx context.Context, tx *store.Tx, linked item.Linked) error {
			return errors.Join(mine(ctx, tx, linked), errMine)
		})
		is(t, "the caller fails", errors.Is(err, errMine), true)
		for _, table := range []string{"connections", "items", "accounts", "jobs", "public_tokens", "institutions"} {
			is(t, table, w.count(t, table), 0)
		}
		linked, err := w.Items.Make(ctx, w.tenant, o, terms, mine)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "what the caller wrote", w.count(t, "institutions"), 1)
		is(t, "keys", []string{linked.Accounts[0].Key, linked.Accounts[1].Key}, []string{seen[0].Key, seen[1].Key})
		is(t, "balance", linked.Accounts[0].Balances.Current.String(), seen[0].Balances.Current.String())
		is(t, "accounts", w.accounts(t, linked.Item), accountIDs(linked.Accounts))
		if _, _, err := w.Items.Exchange(ctx, w.tenant, linked.PublicToken); err != nil {
			t.Error(err)
		}
		c.Advance(5 * day)
		it, err := w.Items.Refresh(ctx, linked.Item)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "accounts days later", w.accounts(t, it), accountIDs(linked.Accounts))
		is(t, "told of accounts that were not chosen", w.take(), []string{})
		terms.Accounts = []string{"of another bank"}
		if _, err := w.Items.Make(ctx, w.tenant, w.Items.Opening(platypus, o.Opened), terms, nil); code(err) != "NO_ACCOUNTS" {
			t.Errorf("no account that there is: %v", err)
		}
	})
}

// Update mode: the Item goes on with a new login, and what the person did not change stays.
func TestRepair(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		ctx := t.Context()
		linked := w.link(t, platypus, "user_yuppie", "x")
		access, _, err := w.Items.Exchange(ctx, w.tenant, linked.PublicToken)
		if err != nil {
			t.Fatal(err)
		}
		before := w.accounts(t, linked.Item)
		if err := w.Items.ResetLogin(ctx, w.tenant, linked.Item.ID); err != nil {
			t.Fatal(err)
		}
		is(t, "told", len(w.take()), 1)
		if _, err := w.Items.Refresh(ctx, linked.Item); code(err) != "ITEM_LOGIN_REQUIRED" {
			t.Errorf("asked without a login: %v", err)
		}
		broken := w.now(t, linked.Item)
		other := w.login(t, platypus, "user_good", "pass_good")
		if _, err := w.Items.Repair(ctx, broken, other, item.Renewal{}, nil); code(err) != "INVALID_UPDATED_USERNAME" {
			t.Errorf("another user: %v", err)
		}
		c.Advance(10 * day)
		opened := w.login(t, platypus, "user_yuppie", "microdeposits_good")
		fails := func(context.Context, *store.Tx, item.Linked) error { return errMine }
		if _, err := w.Items.Repair(ctx, broken, opened, item.Renewal{}, fails); !errors.Is(err, errMine) {
			t.Errorf("the caller fails: %v", err)
		}
		is(t, "state, where the caller has failed", w.now(t, broken).Version, broken.Version)
		var hooked item.Linked
		repaired, err := w.Items.Repair(ctx, broken, opened, item.Renewal{Consented: []string{"investments", "auth"}},
			func(_ context.Context, _ *store.Tx, l item.Linked) error { hooked = l; return nil })
		if err != nil {
			t.Fatal(err)
		}
		is(t, "what the caller is given", hooked.PublicToken, repaired.PublicToken)
		it, err := w.Items.ItemOf(ctx, w.tenant, access)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "Item and error", []string{it.ID, string(it.Error)}, []string{broken.ID, ""})
		is(t, "accounts", w.accounts(t, it), before)
		is(t, "the caller's accounts", accountIDs(repaired.Accounts), before)
		is(t, "consented", it.Consented, []string{"auth", "investments"})
		is(t, "ends", it.LoginEnds, c.Now().Add(30*day).UnixMilli())
		is(t, "told", w.take(), []string{})
		status, err := w.List(ctx, w.tenant)
		if err != nil || len(status) != 0 { // the simulated banks are connected without tokens
			t.Errorf("%v %v", status, err)
		}
		if _, err := w.Items.Refresh(ctx, it); err != nil {
			t.Errorf("after the repair: %v", err)
		}
	})
}

// A bank that refuses the new login changes nothing, and the next one may succeed.
func TestRepairThatTheBankRefuses(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		ctx := t.Context()
		before := w.now(t, w.link(t, platypus, "user_yuppie", "x").Item)
		opened := w.login(t, platypus, "user_yuppie", "microdeposits_good")
		credentials := func() string {
			conn, err := connections.Read(ctx, db, w.Items.Keys, w.tenant, before.ConnectionID)
			if err != nil {
				t.Fatal(err)
			}
			return string(conn.Credentials)
		}
		old := credentials()
		w.banks.refuses = plaid.Err("ITEM_LOCKED")
		if _, err := w.Items.Repair(ctx, before, opened, item.Renewal{}, nil); code(err) != "ITEM_LOCKED" {
			t.Errorf("the bank refuses: %v", err)
		}
		is(t, "the Item", w.now(t, before).State, before.State)
		is(t, "credentials", credentials(), old)
		is(t, "told", w.take(), []string{})
		w.banks.refuses = nil
		if _, err := w.Items.Repair(ctx, before, opened, item.Renewal{}, nil); err != nil {
			t.Fatal(err)
		}
		is(t, "credentials then", credentials(), string(opened.Credentials))
		if err := w.Items.Remove(ctx, before); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Items.Repair(ctx, before, opened, item.Renewal{}, nil); code(err) != "ITEM_NOT_FOUND" {
			t.Errorf("an Item that is gone: %v", err)
		}
	})
}

// What the person shares from now on goes and comes, and comes back under its id.
func TestRepairWithOtherAccounts(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		ctx := t.Context()
		linked := w.link(t, platypus, "user_yuppie", "x")
		keys := linked.Item.Shared
		before := w.accounts(t, linked.Item)
		savings := connector.SimulatedAccount{Type: "depository", Subtype: "savings", Name: "Rainy days", Balance: plaid.Dec("7.50").Ptr()}
		if err := w.OpenAccount(ctx, linked.Item, savings); err != nil {
			t.Fatal(err)
		}
		is(t, "told", w.take(), []string{`NEW_ACCOUNTS_AVAILABLE {"error":null}`})
		opened := w.login(t, platypus, "user_yuppie", "x")
		o, err := w.Items.Reopening(ctx, linked.Item, opened)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := w.Items.Look(ctx, w.tenant, o, nil)
		if err != nil || len(seen) != len(keys)+1 {
			t.Fatalf("%d accounts, %v", len(seen), err)
		}
		newest := seen[len(seen)-1]
		is(t, "the new account", newest.Name+" "+newest.Balances.Current.String(), "Rainy days 7.50")
		for _, chosen := range [][]string{{keys[2], newest.Key}, append(keys, newest.Key), keys} {
			repaired, err := w.Items.Repair(ctx, linked.Item, opened, item.Renewal{Accounts: chosen}, nil)
			if err != nil {
				t.Fatal(err)
			}
			is(t, "accounts", w.accounts(t, repaired.Item), accountIDs(repaired.Accounts))
			is(t, "how many", len(repaired.Accounts), len(chosen))
		}
		is(t, "accounts in the end", w.accounts(t, linked.Item), before)
		if _, err := w.Items.Repair(ctx, linked.Item, opened, item.Renewal{Accounts: []string{}}, nil); code(err) != "NO_ACCOUNTS" {
			t.Errorf("none: %v", err)
		}
		is(t, "told", w.take(), []string{})
	})
}
