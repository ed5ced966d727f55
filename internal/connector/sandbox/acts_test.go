package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/plaid"
)

// accountsToOpen are one account of each type.
var accountsToOpen = []connector.SimulatedAccount{
	{Type: "depository", Subtype: "checking", Name: "Second checking", Balance: plaid.Dec("10.25").Ptr()},
	{Type: "credit", Subtype: "credit card", Name: "New card", Balance: plaid.Dec("0").Ptr()},
	{Type: "investment", Subtype: "brokerage", Name: "New brokerage", Balance: plaid.Dec("500").Ptr(), Currency: "EUR"},
	{Type: "loan", Subtype: "student", Name: "New loan"},
	{Type: "other", Subtype: "other", Name: "Another"},
}

// acted is somebody's connection after they have opened one account of each type and taken back their first.
func acted(t *testing.T, user, password string) (conn connector.Connection, before connector.Batch) {
	t.Helper()
	conn = connection(t, user, platypus, user, password)
	before = fetch(t, conn, connector.Want{Now: now, Products: []string{"transactions", "investments"}, HistoryFrom: plaid.DateOf(now).AddDays(-700)})
	var err error
	for _, a := range accountsToOpen {
		if conn.Memory, err = shared().OpenAccount(conn, a); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time changes nothing
		if conn.Memory, err = shared().RevokeAccount(conn, before.Accounts[0].Key); err != nil {
			t.Fatal(err)
		}
	}
	return conn, before
}

// What people do at their banks, whoever they are, lies over what their bank states of them.
func TestActsOfEverybody(t *testing.T) {
	var conns []connector.Connection
	for _, user := range append(everybody(t), userCustom) {
		conn, before := acted(t, user, cmp.Or(map[string]string{userCustom: "{}"}[user], passGood))
		conns = append(conns, conn)
		want := connector.Want{Now: now, Products: []string{"transactions", "investments"}, HistoryFrom: plaid.DateOf(now).AddDays(-700)}
		after := fetch(t, conn, want)
		revoked := before.Accounts[0].Key
		if got := after.Keys(); !slices.Equal(got[:len(got)-5], before.Keys()[1:]) || !slices.Equal(after.Revoked, []string{revoked}) {
			t.Errorf("%s: accounts %q, revoked %q", user, got, after.Revoked)
		}
		for i, a := range after.Accounts[len(after.Accounts)-5:] {
			o := accountsToOpen[i]
			if a.Name != o.Name || a.Type != o.Type || *a.Subtype != o.Subtype || len(a.Owners) == 0 || a.Mask == nil ||
				a.Balances.Current == nil || o.Balance != nil && a.Balances.Current.Cmp(*o.Balance) != 0 {
				t.Errorf("%s: opened %+v, and the bank states %+v", user, o, a)
			}
			if (o.Currency == "EUR") != (*a.Balances.ISOCurrencyCode == "EUR") || (o.Subtype == "checking") != (a.Numbers.ACH != nil && o.Type == "depository") {
				t.Errorf("%s: %s in %s with %+v", user, o.Name, *a.Balances.ISOCurrencyCode, a.Numbers)
			}
		}
		rows := 0
		for _, row := range before.Transactions {
			if row.AccountKey != revoked {
				rows++
			}
		}
		if len(after.Transactions) != rows {
			t.Errorf("%s: %d transactions, want the %d of the other accounts", user, len(after.Transactions), rows)
		}
	}
	connectortest.Run(t, shared(), conns)
}

// Consent that was taken back ends all, and a new login gives all back but what was opened, which stays.
func TestRevokedConsent(t *testing.T) {
	conn, before := acted(t, userDynamic, "x")
	news := connector.Want{Now: now, Products: []string{"transactions"}, HistoryFrom: plaid.DateOf(now).AddDays(-700), Requested: true}
	batch := fetch(t, conn, news) // the bank's own memory lies below
	conn.Memory = batch.Memory
	var err error
	if conn.Memory, err = shared().RevokeConsent(conn); err != nil {
		t.Fatal(err)
	}
	want := connector.Want{Now: now.Add(time.Hour), Products: news.Products, HistoryFrom: news.HistoryFrom}
	got, err := shared().Fetch(t.Context(), conn, want)
	if failed, ok := errors.AsType[*plaid.Error](err); !ok || failed.Code != "USER_PERMISSION_REVOKED" || len(got.Accounts) > 0 {
		t.Errorf("%d accounts, %v", len(got.Accounts), err)
	}
	want.Renewed = true
	renewed := fetch(t, conn, want)
	if len(renewed.Accounts) != len(before.Accounts)+5 || len(renewed.Revoked) != 0 || len(renewed.Transactions) < len(before.Transactions) {
		t.Errorf("%d accounts, %d transactions, revoked %q", len(renewed.Accounts), len(renewed.Transactions), renewed.Revoked)
	}
	conn.Memory, want.Renewed = renewed.Memory, false
	if again := fetch(t, conn, want); len(again.Accounts) != len(renewed.Accounts) || len(again.Transactions) != len(renewed.Transactions) {
		t.Errorf("%d accounts, %d transactions after that", len(again.Accounts), len(again.Transactions))
	}
}

func TestSameUser(t *testing.T) {
	for _, c := range []struct {
		user, password string
		want           bool
	}{{"user_good", "mfa_device", true}, {"user_custom", "{}", false}, {"user_yuppie", "x", false}} {
		same, err := shared().SameUser(connection(t, "a", platypus, "user_good", "pass_good").Credentials, connection(t, "b", platypus, c.user, c.password).Credentials)
		if err != nil || same != c.want {
			t.Errorf("%s: %v %v", c.user, same, err)
		}
	}
	if _, err := shared().SameUser(json.RawMessage(`{}`), json.RawMessage(`[`)); err == nil {
		t.Error("broken credentials were compared")
	}
}

// A bank that gives an account another number does so in every country's form, and the number ends as before.
func TestRenumbered(t *testing.T) {
	for institution, of := range map[string]func(connector.Numbers) string{
		platypus:     func(n connector.Numbers) string { return n.ACH.Account },
		"ins_43":     func(n connector.Numbers) string { return n.EFT.Account },
		"ins_117650": func(n connector.Numbers) string { return n.BACS.Account + n.International.IBAN },
	} {
		conn := connection(t, institution, institution, userGood, passGood)
		want := connector.Want{Now: now, Products: []string{"auth"}}
		before := fetch(t, conn, want).Accounts
		seen := map[string]bool{of(before[0].Numbers): true}
		for range 3 {
			var err error
			if conn.Memory, err = shared().RenumberAccount(conn, before[0].Key); err != nil {
				t.Fatal(err)
			}
			after := fetch(t, conn, want).Accounts
			number := of(after[0].Numbers)
			if seen[number] || number[len(number)-4:] != *after[0].Mask {
				t.Errorf("%s: the number is %s", institution, number)
			}
			seen[number] = true
			if of(after[1].Numbers) != of(before[1].Numbers) {
				t.Errorf("%s: another account has another number", institution)
			}
		}
		card := slices.IndexFunc(before, func(a connector.Account) bool { return a.Type == plaid.TypeCredit })
		if memory, err := shared().RenumberAccount(conn, before[card].Key); err != nil {
			t.Fatal(err)
		} else {
			conn.Memory = memory
		}
		if n := fetch(t, conn, want).Accounts[card].Numbers; n != (connector.Numbers{}) {
			t.Errorf("%s: a card has numbers: %+v", institution, n)
		}
	}
}
