package numbers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/connector/numbers"
	"weft/internal/plaid"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const (
	sameDayRouting = "110000000"
	instantRouting = "333333334"
	number         = "1111222233330000"
)

func connection(t *testing.T, typed connector.Typed) connector.Connection {
	t.Helper()
	credentials, _, err := numbers.Simulated().Keep(typed)
	if err != nil {
		t.Fatal(err)
	}
	return connector.Connection{ID: "c", Credentials: credentials, CreatedAt: now}
}

func TestWhatIsTypedIsTheAccount(t *testing.T) {
	typed := connector.Typed{Routing: sameDayRouting, Account: number, Name: "Ada", Subtype: "savings"}
	_, key, _ := numbers.New().Keep(typed)
	batch, err := numbers.New().Fetch(t.Context(), connection(t, typed), connector.Want{Now: now})
	if err != nil || len(batch.Accounts) != 1 {
		t.Fatalf("%+v, %v", batch, err)
	}
	a := batch.Accounts[0]
	if a.Key != key || a.Name != "Savings...0000" || *a.Mask != "0000" || a.Type != "depository" || *a.Subtype != "savings" ||
		a.Balances.Current != nil || a.Numbers.ACH.Account != number || a.Numbers.ACH.Routing != sameDayRouting {
		t.Errorf("%+v", a)
	}
	if strings.Contains(a.Key, number[4:]) {
		t.Errorf("the key %s, which is kept in clear, has the number", a.Key)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := numbers.New().Fetch(stopped, connection(t, typed), connector.Want{Now: now}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
	if _, err := numbers.New().Fetch(t.Context(), connector.Connection{Credentials: []byte(`{}`)}, connector.Want{}); err == nil {
		t.Error("credentials without a number are taken")
	}
}

// Each method, by what is wanted and typed.
func TestTheQuickestMethodThatWorks(t *testing.T) {
	all := []string{plaid.InstantDeposit, plaid.DatabaseMatch, plaid.DatabaseInsights, plaid.SameDay}
	for _, c := range []struct {
		con              connector.Numbered
		methods          []string
		routing, account string
		method, status   string
	}{
		{numbers.Simulated(), all, instantRouting, number, plaid.InstantDeposit, plaid.VerifiedManually},
		{numbers.Simulated(), all, sameDayRouting, "22221111", plaid.DatabaseMatch, plaid.DatabaseMatched},
		{numbers.Simulated(), all, sameDayRouting, "22223333", plaid.DatabaseInsights, plaid.InsightsCaution},
		{numbers.Simulated(), all, sameDayRouting, number, plaid.SameDay, plaid.PendingManual},
		{numbers.Simulated(), []string{plaid.DatabaseInsights}, sameDayRouting, number, plaid.DatabaseInsights, plaid.InsightsFail},
		{numbers.Simulated(), []string{plaid.DatabaseInsights}, sameDayRouting, "22221111", plaid.DatabaseInsights, plaid.InsightsPass},
		{numbers.Simulated(), []string{plaid.SameDay}, instantRouting, number, plaid.SameDay, plaid.PendingManual},
		{numbers.Simulated(), []string{plaid.InstantDeposit}, sameDayRouting, number, "", ""},
		{numbers.Simulated(), all, "110000001", number, "", ""},
		{numbers.New(), all, sameDayRouting, number, plaid.DatabaseInsights, plaid.InsightsCaution},
		{numbers.New(), []string{plaid.SameDay}, sameDayRouting, number, "", ""},
	} {
		v, err := c.con.Verify(connector.Entry{Typed: connector.Typed{Routing: c.routing, Account: c.account}, Methods: c.methods, Now: now})
		if v.Method != c.method || v.Status != c.status {
			t.Errorf("%v %s %s: %s %s, want %s %s", c.methods, c.routing, c.account, v.Method, v.Status, c.method, c.status)
		}
		var pe *plaid.Error
		if refused := errors.As(err, &pe) && pe.Code == "INVALID_ACCOUNT_NUMBER"; refused != (c.method == "") {
			t.Errorf("%v %s: %v", c.methods, c.routing, err)
		}
		if pending := v.Status == plaid.PendingManual; pending != v.Until.Equal(now.AddDate(0, 0, 7)) || pending != (v.Then == plaid.VerificationExpired) {
			t.Errorf("%s is until %v, then %q", v.Status, v.Until, v.Then)
		}
	}
}

func TestTheCodeOfADeposit(t *testing.T) {
	conn := connection(t, connector.Typed{Routing: sameDayRouting, Account: number, Subtype: "checking"})
	for code, want := range map[string]bool{"ABC": true, "abc": true, " #Abc ": true, "ABD": false, "": false, "ABCD": false} {
		if right, err := numbers.Simulated().Confirm(conn.Credentials, code); right != want || err != nil {
			t.Errorf("%q: %v, %v", code, right, err)
		}
	}
	if right, _ := numbers.New().Confirm(conn.Credentials, "ABC"); right {
		t.Error("a deposit that was never made is confirmed")
	}
	if text := numbers.New().DepositText("Wonderwallet Inc"); text != "#XXX WONDERWALLE ACCTVERIFY" {
		t.Error(text)
	}
}

// A routing number with one wrong digit, or two neighbours exchanged whose digits do not differ by five, is none.
func TestRoutingNumbersHaveACheckDigit(t *testing.T) {
	known := []string{"011401533", "021000021", sameDayRouting, instantRouting}
	rapid.Check(t, func(t *rapid.T) {
		right := rapid.SampledFrom(known).Draw(t, "number")
		if !plaid.RoutingNumber(right) {
			t.Fatalf("%s is refused", right)
		}
		at, by := rapid.IntRange(0, 8).Draw(t, "at"), rapid.IntRange(1, 9).Draw(t, "by")
		digits := []byte(right)
		digits[at] = '0' + (digits[at]-'0'+byte(by))%10
		if plaid.RoutingNumber(string(digits)) {
			t.Fatalf("%s is taken", digits)
		}
	})
	if slices.ContainsFunc([]string{"", "000000000", "02100002", "0210000211", "02100002x", "٠٢١٠٠٠٠٢١"}, plaid.RoutingNumber) {
		t.Error("what is no routing number is taken")
	}
}
