package item_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// aNumber is an account number that a person types.
const aNumber = "70514498223301"

// typed makes an Item of account numbers alone, whose verification is to be ended by the code of a deposit.
func (w *world) typed(t fatal) item.Linked {
	t.Helper()
	numbered, err := w.Items.Connectors.Numbered("sandbox")
	if err != nil {
		t.Fatalf("%v", err)
	}
	numbers := connector.Typed{Routing: "110000000", Account: aNumber, Name: "Ada Lovelace", Subtype: "checking"}
	v, err := numbered.Verify(connector.Entry{Typed: numbers, Methods: []string{plaid.SameDay}, Now: w.clock.Now()})
	if err != nil {
		t.Fatalf("%v", err)
	}
	credentials, key, err := numbered.Keep(numbers)
	if err != nil {
		t.Fatalf("%v", err)
	}
	linked, err := w.Items.Make(context.Background(), w.tenant, w.Items.Opening("", connector.Opened{Credentials: credentials}),
		item.Terms{Products: []string{"auth"}, Typed: &item.Typed{AccountKey: key, Numbers: numbers, Verification: v}}, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return linked
}

// status is the verification_status of the Item's first account, as it is answered.
func (w *world) status(t fatal, it item.Item) string {
	t.Helper()
	docs, err := item.ReadDocuments(context.Background(), w.Items.DB, it, item.AccountsDocument)
	var list []plaid.Account
	if err == nil {
		err = json.Unmarshal(docs.ByKind[item.AccountsDocument], &list)
	}
	if err != nil || len(list) == 0 {
		t.Fatalf("accounts: %v", err)
	}
	return list[0].VerificationStatus
}

// What was typed is sealed, wherever it is kept.
func TestTypedNumbersAreSealed(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		linked := w.typed(t)
		for _, query := range []string{
			"select numbers from accounts", "select native_key from accounts", "select credentials from connections",
			"select state from items", "select document from documents where kind = 'accounts'",
		} {
			var text string
			if err := db.QueryRow(t.Context(), query).Scan(&text); err != nil || text == "" {
				t.Fatalf("%s: %q %v", query, text, err)
			}
			if strings.Contains(text, aNumber) || strings.Contains(text, aNumber[2:10]) {
				t.Errorf("%s is in clear: %s", query, text)
			}
		}
		got, err := w.Items.Numbers(t.Context(), db, linked.Item)
		if err != nil || len(got) != 1 || got[0].ACH.Account != aNumber {
			t.Errorf("opened %+v, %v", got, err)
		}
	})
}

// A code that does not come in seven days is waited for no longer; asking the bank meanwhile changes nothing of that.
func TestVerificationsExpire(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		linked, removed := w.typed(t), w.typed(t)
		if err := w.Items.Remove(t.Context(), removed.Item); err != nil {
			t.Fatal(err)
		}
		c.Advance(7*day - time.Millisecond)
		w.settle(t)
		if _, err := w.Items.Refresh(t.Context(), w.now(t, linked.Item)); err != nil {
			t.Fatal(err)
		}
		is(t, "before", w.status(t, linked.Item), plaid.PendingManual)
		is(t, "told before", w.take(), []string(nil))
		c.Advance(time.Millisecond)
		w.settle(t)
		is(t, "then", w.status(t, linked.Item), plaid.VerificationExpired)
		is(t, "told", w.take(), []string{`VERIFICATION_EXPIRED {"account_id":"` + linked.Accounts[0].AccountID + `","error":null}`})
		is(t, "jobs", w.count(t, "jobs"), 0)
		if _, err := w.Items.Refresh(t.Context(), w.now(t, linked.Item)); err != nil {
			t.Fatal(err)
		}
		is(t, "after another answer", w.status(t, linked.Item), plaid.VerificationExpired)
		if it := w.now(t, linked.Item); it.AuthMethod() != plaid.SameDay || it.Version <= linked.Item.Version {
			t.Errorf("%s at version %d", it.AuthMethod(), it.Version)
		}
	})
}

// Beside a login the numbers that were typed stay, the deposit is found by itself, and the login ends as ever.
func TestAutomaticVerification(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		const houndstooth = "ins_109512"
		opening := w.Items.Opening(houndstooth, w.login(t, houndstooth, "user_good", "microdeposits_good"))
		list, err := w.Items.Look(t.Context(), w.tenant, opening, []string{"auth"})
		if err != nil {
			t.Fatal(err)
		}
		numbers := connector.Typed{Routing: "021000021", Account: "1111222233330000"}
		v, err := simulated().Match(houndstooth, opening.Opened.Credentials, "0000", connector.Entry{Typed: numbers, Methods: []string{plaid.InstantMatch, plaid.Automated}, Now: c.Now()})
		if err != nil {
			t.Fatal(err)
		}
		linked, err := w.Items.Make(t.Context(), w.tenant, opening, item.Terms{Products: []string{"auth"}, Accounts: []string{list[0].Key},
			Typed: &item.Typed{AccountKey: list[0].Key, Numbers: numbers, Verification: v}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		is(t, "at first", w.status(t, linked.Item), plaid.PendingAutomatic)
		if _, err := w.Items.Refresh(t.Context(), w.now(t, linked.Item)); err != nil {
			t.Fatal(err)
		}
		c.Advance(day)
		w.settle(t)
		is(t, "a day later", w.status(t, linked.Item), plaid.VerifiedAutomatic)
		is(t, "told", w.take(), []string{`AUTOMATICALLY_VERIFIED {"account_id":"` + linked.Accounts[0].AccountID + `","error":null}`})
		got, err := w.Items.Numbers(t.Context(), db, linked.Item)
		if err != nil || got[0].ACH.Routing != "021000021" { // the bank itself says another
			t.Errorf("%+v, %v", got[0].ACH, err)
		}
		c.Advance(22 * day)
		w.settle(t)
		if told := w.take(); len(told) != 1 || !strings.HasPrefix(told[0], "PENDING_DISCONNECT") {
			t.Errorf("told of the login: %q", told)
		}
	})
}

// A bank that gives accounts other numbers is noticed, once.
func TestRenumberedAccounts(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		var seen []map[string][]string
		w.Items.Appliers = append(w.Items.Appliers, func(_ context.Context, _ *store.Tx, r *item.Refreshed) (bool, error) {
			seen = append(seen, r.Renumbered)
			return false, nil
		})
		linked := w.link(t, platypus, "user_good", "pass_good")
		account := linked.Accounts[0].AccountID
		if err := w.RenumberAccount(t.Context(), linked.Item, account); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Items.Refresh(t.Context(), w.now(t, linked.Item)); err != nil {
			t.Fatal(err)
		}
		is(t, "seen", seen, []map[string][]string{{}, {account: {"ACCOUNT_NUMBER"}}, {}})
		is(t, "unknown account", code(w.RenumberAccount(t.Context(), linked.Item, "x")), "INVALID_ACCOUNT_ID")
	})
}
