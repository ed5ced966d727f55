package simplefin_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden answers anew")

// The whole answers of both versions, by the one and the other engine the same.
func TestGoldenAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.open(w.importBatch("ins_a", "Larkfield Savings", "https://www.larkfield.example/home", bank()), w.importBatch("ins_b", "Moss & Partners", "", broker()))
		for name, query := range map[string]string{"v1": "pending=1", "v2": "version=2&pending=1"} {
			status, body := a.get(query)
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, []byte(body), "", " "); err != nil || status != 200 {
				t.Fatalf("%d %s: %v", status, body, err)
			}
			pretty.WriteByte('\n')
			file := filepath.Join("testdata", "answer."+name+".json")
			if *update {
				if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, pretty.Bytes()) {
				t.Errorf("%s is not %s; if that is right: go test ./internal/dialect/simplefin -run Golden -update\n%s", name, file, pretty.String())
			}
		}
	})
}

// seconds is 10:00 UTC of a day, at which its rows are told.
func seconds(day string) int64 { return plaid.MustDate(day).Time().Unix() + 10*60*60 }

func TestFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		first, second := w.importBatch("ins_a", "Larkfield Savings", "", bank()), w.importBatch("ins_b", "Moss & Partners", "", broker())
		a := w.open(first, second)
		all := a.must("")
		var ids []string
		for _, acc := range all.Accounts {
			ids = append(ids, acc.ID)
		}
		at := func(day string, more int64) string { return strconv.FormatInt(seconds(day)+more, 10) }
		const card, loan, coins = "Rewards Credit Card: ", "Home Mortgage: ", "Bitcoin Wallet: "
		const none = "Everyday Checking (4711): ; " + card + "; " + loan + "; " + coins + "; Brokerage: "
		for _, c := range []struct{ name, query, want string }{
			{"everything", "", "Everyday Checking (4711): Payroll, Fishing bait, Musée d'Orsay; " + card + "Fridge; " + loan + "Payment; " + coins + "; Brokerage: BOUGHT VANGUARD ENERGY, SOLD APPLE INC, DIVIDEND, ACH DEPOSIT"},
			{"start on a row", "start-date=" + at("2026-11-10", 0), "Everyday Checking (4711): Fishing bait, Musée d'Orsay; " + card + "; " + loan + "; " + coins + "; Brokerage: "},
			{"start after it", "start-date=" + at("2026-11-10", 1), "Everyday Checking (4711): Musée d'Orsay; " + card + "; " + loan + "; " + coins + "; Brokerage: "},
			{"start a fraction after it", "start-date=" + at("2026-11-10", 0) + ".25", "Everyday Checking (4711): Musée d'Orsay; " + card + "; " + loan + "; " + coins + "; Brokerage: "},
			{"end on a row, which is not included", "start-date=" + at("2026-11-01", 0) + "&end-date=" + at("2026-11-10", 0), "Everyday Checking (4711): Payroll; " + card + "Fridge; " + loan + "Payment; " + coins + "; Brokerage: DIVIDEND, ACH DEPOSIT"},
			{"end after it", "start-date=" + at("2026-11-10", 0) + "&end-date=" + at("2026-11-10", 1), "Everyday Checking (4711): Fishing bait; " + card + "; " + loan + "; " + coins + "; Brokerage: "},
			{"an empty range", "start-date=" + at("2026-11-10", 0) + "&end-date=" + at("2026-11-10", 0), none},
			{"a range turned round", "start-date=" + at("2026-11-10", 0) + "&end-date=" + at("2026-11-01", 0), none},
			{"milliseconds", "start-date=1791014400000", none},
			{"before all days", "end-date=-99999999999999", none},
			{"empty parameters", "start-date=&end-date=&pending=&account=&version=&balances-only=&unknown=1", all.names()},
			{"pending", "pending=1&start-date=" + at("2026-11-12", 0), "Everyday Checking (4711): Musée d'Orsay, Coffee; " + card + "; " + loan + "; " + coins + "; Brokerage: "},
			{"balances only", "balances-only=1&pending=1", none},
			{"two accounts", "account=" + ids[1] + "&account=" + ids[4] + "&start-date=" + at("2026-11-03", 0), "Rewards Credit Card: Fridge; Brokerage: ACH DEPOSIT"},
			{"an unknown account", "account=nobody", ""},
		} {
			if got := a.must(c.query).names(); got != c.want {
				t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
			}
		}
		if one := a.must("version=2&account=" + ids[4]); len(one.Connections) != 1 || one.Connections[0].ConnID != second.ID {
			t.Errorf("connections of one account: %+v", one.Connections)
		}
		if only := a.must("balances-only=1"); len(only.Accounts[4].Holdings) != 3 {
			t.Errorf("holdings beside balances: %+v", only.Accounts[4])
		}
		for _, query := range []string{"version=3", "start-date=yesterday", "end-date=1.x", "start-date=99999999999999999999", "account=%zz"} {
			status, body := a.get(query)
			if s := parse(t, strings.NewReader(body)); status != 400 || len(s.Errors) != 1 || len(s.ErrList) != 1 || s.ErrList[0].Code != "gen.api" {
				t.Errorf("?%s: %d %s", query, status, body)
			}
		}
	})
}

// A day stays the day that it is wherever a program's user may be, from Hawaii to New Zealand in summer.
func TestDaysStayDays(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t, clock.NewManual(storetest.Start)))
	got := w.open(w.importBatch("ins_a", "Larkfield Savings", "", bank())).must("pending=1").Accounts[0].Transactions
	for i, want := range []string{"2026-11-01", "2026-11-10", "2026-11-12", "2026-11-18"} {
		at := got[i].Posted
		if got[i].Pending {
			at = got[i].TransactedAt
		}
		for _, hours := range []int64{-10, 0, 13} {
			if day := plaid.Date((at + hours*3600) / 86400).String(); day != want {
				t.Errorf("%s is %s at UTC%+d", want, day, hours)
			}
		}
	}
	if p := got[3]; p.Posted != 0 || !p.Pending || got[2].Pending {
		t.Errorf("the pending row is %+v", p)
	}
}

// An Item in an error shows its last data, and says so; one whose user has taken all back shows none.
func TestItemInError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		good, bad := w.importBatch("ins_a", "Larkfield Savings", "", bank()), w.importBatch("ins_b", "Moss & Partners", "", broker())
		a := w.open(good, bad)
		for code, want := range map[plaid.Code][2]string{
			"ITEM_LOGIN_REQUIRED":     {"con.auth", "Connection to Moss & Partners may need attention: it needs a new login (ITEM_LOGIN_REQUIRED)"},
			"USER_PERMISSION_REVOKED": {"con.auth", "Connection to Moss & Partners may need attention: it needs a new login (USER_PERMISSION_REVOKED)"},
			"NO_ACCOUNTS":             {"con.", "Connection to Moss & Partners may need attention: its data cannot be brought up to date (NO_ACCOUNTS)"},
		} {
			if _, err := w.items.Update(t.Context(), bad, func(st *item.State) { st.Error = code }); err != nil {
				t.Fatal(err)
			}
			two := a.must("version=2")
			accounts := 5
			if code == "USER_PERMISSION_REVOKED" {
				accounts = 4
			}
			if len(two.Accounts) != accounts || len(two.ErrList) != 1 || two.ErrList[0].Code != want[0] || two.ErrList[0].Msg != want[1] || two.ErrList[0].ConnID != bad.ID {
				t.Errorf("%s: %d accounts, %+v", code, len(two.Accounts), two.ErrList)
			}
			one := a.must("")
			if len(one.Errors) != 1 || one.Errors[0] != "Connection to Moss & Partners may need attention" {
				t.Errorf("%s: %q", code, one.Errors)
			}
			if other := a.must("version=2&account=" + two.Accounts[0].ID); len(other.ErrList) != 0 {
				t.Errorf("%s shows beside another Item's account: %+v", code, other.ErrList)
			}
		}
	})
}

// A removed Item is read no more, by nobody.
func TestRemovedItem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		first, second := w.importBatch("ins_a", "Larkfield Savings", "", bank()), w.importBatch("ins_b", "Moss & Partners", "", broker())
		a := w.open(first, second)
		if err := w.items.Remove(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if left := a.must("version=2"); len(left.Connections) != 1 || left.Connections[0].ConnID != second.ID || len(left.Accounts) != 1 {
			t.Errorf("after one is removed: %+v", left)
		}
		if err := w.items.Remove(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		if _, body := a.get("version=2"); body != `{"errlist":[],"connections":[],"accounts":[]}` {
			t.Errorf("after both are removed: %s", body)
		}
	})
}

// What a bank does not state is not made up.
func TestUnstatedBalances(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		batch := bank()
		batch.Accounts[0].Balances.Current = nil // its available balance stands in
		batch.Accounts[1].Balances.Current = nil // what is available on a card is no debt
		a := w.open(w.importBatch("ins_a", "Larkfield Savings", "", batch))
		s := a.must("version=2")
		if s.Accounts[0].Balance != "1200.00" || s.Accounts[1].Balance != "0.00" {
			t.Errorf("balances %s and %s", s.Accounts[0].Balance, s.Accounts[1].Balance)
		}
		if len(s.ErrList) != 1 || s.ErrList[0].Code != "act." || !strings.Contains(s.ErrList[0].Msg, "Rewards Credit Card") {
			t.Errorf("errors %+v", s.ErrList)
		}
	})
}

// A transaction that the bank has taken back is there no more, though its row is.
func TestTakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it := w.importBatch("ins_a", "Larkfield Savings", "", bank())
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `update transactions set removed = 1, source = '' where item_key = $1 and native_key = 't1'`, it.Key)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := w.open(it).must("").names(), "Everyday Checking (4711): Fishing bait, Musée d'Orsay; Rewards Credit Card: ; Home Mortgage: ; Bitcoin Wallet: "; got != want {
			t.Errorf("read %s\nwant %s", got, want)
		}
	})
}
