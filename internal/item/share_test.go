package item_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// What a person takes back at the bank goes from the Item and is told once; a new login heals it.
func TestRevocations(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		for _, user := range []string{"user_good", "user_investor", "user_yuppie", "user_transactions_dynamic", "user_custom"} {
			w := newWorld(t, db, c)
			ctx := t.Context()
			password := cmp.Or(map[string]string{"user_good": "pass_good", "user_custom": "{}"}[user], "x")
			linked := w.link(t, platypus, user, password)
			before := w.accounts(t, linked.Item)
			if err := w.RevokeAccount(ctx, linked.Item, before[0]); err != nil {
				t.Fatal(err)
			}
			it := w.now(t, linked.Item)
			is(t, user+": accounts", w.accounts(t, it), before[1:])
			if err := w.RevokeAccount(ctx, it, before[0]); code(err) != "INVALID_ACCOUNT_ID" {
				t.Errorf("taken back twice: %v", err)
			}
			if _, err := w.Items.Refresh(ctx, it); err != nil {
				t.Fatal(err)
			}
			if err := w.RevokeConsent(ctx, it); err != nil {
				t.Fatal(err)
			}
			is(t, "error", w.now(t, it).Error, "USER_PERMISSION_REVOKED")
			told := w.take()
			if len(told) != 2 || told[0] != `USER_ACCOUNT_REVOKED {"account_id":"`+before[0]+`"}` || !strings.HasPrefix(told[1], `USER_PERMISSION_REVOKED {"error":{"error_type":"ITEM_ERROR"`) {
				t.Errorf("%s: told %q", user, told)
			}
			repaired, err := w.Items.Repair(ctx, it, w.login(t, platypus, user, password), item.Renewal{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			is(t, "accounts after a new login", w.accounts(t, repaired.Item), before[1:])
			all := append(slices.Clone(repaired.Item.Shared), linked.Item.Shared[0])
			if repaired, err = w.Items.Repair(ctx, it, w.login(t, platypus, user, password), item.Renewal{Accounts: all}, nil); err != nil {
				t.Fatal(err)
			}
			is(t, "accounts, shared again", w.accounts(t, repaired.Item), before)
			is(t, "told", w.take(), []string{})
		}
	})
}

// model is what an Item must be whatever has happened: the accounts at its bank, by key, with those that are shared and those
// that were taken back.
type model struct {
	bank            []string
	shared, revoked map[string]bool
	working         bool
	// consentless: the user has taken back all.
	consentless bool
}

// Whatever happens in whatever order: an Item answers the accounts that are shared and at the bank, and each thing is told
// once.
func TestSharedAccountsProperty(t *testing.T) {
	db := storetest.SQLite(t, clock.NewManual(storetest.Start))
	c := clock.NewManual(storetest.Start)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, db, c)
		linked := w.link(rt, platypus, "user_custom", "{}")
		it, ids := linked.Item, map[string]string{}
		m := &model{shared: map[string]bool{}, revoked: map[string]bool{}, working: true}
		for _, a := range linked.Accounts {
			m.bank, ids[a.Key], m.shared[a.Key] = append(m.bank, a.Key), a.AccountID, true
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			told := step(rt, w, m, it, ids)
			it = w.now(rt, it)
			got := w.take()
			for i := range got {
				got[i], _, _ = strings.Cut(got[i], " ")
			}
			if !slices.Equal(got, told) {
				rt.Fatalf("told %q, want %q", got, told)
			}
			check(rt, w, m, it, ids)
		}
	})
}

// step does something, to the Item and to the model, and returns what is to be told of it.
func step(t *rapid.T, w *world, m *model, it item.Item, ids map[string]string) (told []string) {
	ctx := t.Context()
	must := func(err error) {
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
	switch act := rapid.SampledFrom([]string{"open", "revoke", "refresh", "consent", "reset", "repair", "choose"}).Draw(t, "act"); {
	case act == "open" && m.working:
		key := fmt.Sprintf("opened-%d", len(m.bank)-6)
		must(w.OpenAccount(ctx, it, connector.SimulatedAccount{Type: "depository", Subtype: "savings", Name: key}))
		m.bank = append(m.bank, key)
		return []string{"NEW_ACCOUNTS_AVAILABLE"}
	case act == "revoke" && m.working && len(m.answered()) > 0:
		key := rapid.SampledFrom(m.answered()).Draw(t, "account")
		must(w.RevokeAccount(ctx, it, ids[key]))
		m.revoked[key] = true
		delete(m.shared, key)
		return []string{"USER_ACCOUNT_REVOKED"}
	case act == "refresh" && m.working:
		_, err := w.Items.Refresh(ctx, it)
		must(err)
	case act == "consent" && m.working:
		must(w.RevokeConsent(ctx, it))
		m.working, m.consentless = false, true
		return []string{"USER_PERMISSION_REVOKED"}
	case act == "reset":
		must(w.Items.ResetLogin(ctx, w.tenant, it.ID))
		if m.working { // an Item whose user has taken back all stays in that
			told = []string{"ERROR"}
		}
		m.working = false
	case act == "repair", act == "choose":
		var renewal item.Renewal
		if act == "choose" {
			renewal.Accounts = rapid.SliceOfNDistinct(rapid.SampledFrom(m.bank), 1, len(m.bank), rapid.ID).Draw(t, "chosen")
			m.shared = map[string]bool{}
			for _, key := range renewal.Accounts {
				m.shared[key] = true
			}
		}
		repaired, err := w.Items.Repair(ctx, it, w.login(t, platypus, "user_custom", "{}"), renewal, nil)
		must(err)
		for _, a := range repaired.Accounts {
			ids[a.Key] = a.AccountID
		}
		m.working, m.consentless, m.revoked = true, false, map[string]bool{}
	}
	return told
}

// answered are the keys of what the Item answers, in the bank's order.
func (m *model) answered() (keys []string) {
	for _, key := range m.bank {
		if m.shared[key] && !m.revoked[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

func check(t *rapid.T, w *world, m *model, it item.Item, ids map[string]string) {
	want := []string{}
	for _, key := range m.answered() {
		want = append(want, ids[key])
	}
	if got := w.accounts(t, it); !slices.Equal(got, want) {
		t.Fatalf("accounts %q, want %q", got, want)
	}
	if (it.Error == "") != m.working || m.consentless != (it.Error == "USER_PERMISSION_REVOKED") {
		t.Fatalf("the Item's error is %q", it.Error)
	}
}
