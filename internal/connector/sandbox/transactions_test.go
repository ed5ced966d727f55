package sandbox

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/needs"
	"weft/internal/plaid"
)

// twoYears wants the transactions of two years.
func twoYears(at time.Time) connector.Want {
	return connector.Want{Now: at, Products: []string{"transactions"}, HistoryFrom: plaid.DateOf(at).AddDays(-730)}
}

func fetch(t *testing.T, conn connector.Connection, want connector.Want) connector.Batch {
	t.Helper()
	batch, err := shared().Fetch(t.Context(), conn, want)
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func TestDefaultTransactions(t *testing.T) {
	conn := connection(t, "c", platypus, "user_good", "pass_good")
	batch := fetch(t, conn, twoYears(now))
	if len(batch.Transactions) != 388 || batch.TransactionHistory == nil || batch.TransactionHistory.To != plaid.DateOf(now) {
		t.Errorf("%d transactions, %+v", len(batch.Transactions), batch.TransactionHistory)
	}
	later := twoYears(now)
	later.Now = now.AddDate(0, 0, 40)
	later.Requested = true
	if grown := fetch(t, conn, later); !reflect.DeepEqual(grown.Transactions, batch.Transactions) || grown.Memory != nil {
		t.Error("the default user's transactions change")
	}
	month := twoYears(now)
	month.HistoryFrom = plaid.DateOf(now).AddDays(-30)
	if few := fetch(t, conn, month); len(few.Transactions) != 16 {
		t.Errorf("%d transactions in a month", len(few.Transactions))
	}
}

// TestProductsMadeOfTransactions: rows come with every product that is made of them, and with no other.
func TestProductsMadeOfTransactions(t *testing.T) {
	conn := connection(t, "c", platypus, "user_yuppie", "x")
	for _, product := range plaid.Products {
		want := twoYears(now)
		want.Products = []string{product}
		batch := fetch(t, conn, want)
		if has := plaid.Known(madeOfTransactions, product); has != (len(batch.Transactions) > 0) || has != (batch.TransactionHistory != nil) {
			t.Errorf("%s: %d transactions, %v", product, len(batch.Transactions), batch.TransactionHistory)
		}
	}
	for _, product := range madeOfTransactions {
		if !plaid.Known(plaid.Products, product) {
			t.Errorf("%q is no product", product)
		}
	}
}

// TestRequested: only a client's request has the dynamic bank make news, and the memory is all that it needs.
func TestRequested(t *testing.T) {
	conn := connection(t, "c", platypus, userDynamic, "x")
	first := fetch(t, conn, twoYears(now))
	want := twoYears(now)
	want.Now = now.AddDate(0, 0, 3)
	if quiet := fetch(t, conn, want); !reflect.DeepEqual(quiet.Transactions, first.Transactions) || quiet.Memory != nil {
		t.Error("the calendar alone made news")
	}
	want.Requested = true
	want.Products = []string{"investments"}
	if other := fetch(t, conn, want); other.Memory != nil {
		t.Error("a request for investments made news of transactions")
	}
	want.Products = []string{"transactions"}
	news := fetch(t, conn, want)
	if news.Memory == nil || reflect.DeepEqual(news.Transactions, first.Transactions) {
		t.Fatal("a request made no news")
	}
	if again := fetch(t, conn, want); !reflect.DeepEqual(again, news) {
		t.Error("the same request on the same memory gives another answer")
	}
	conn.Memory = news.Memory
	want.Requested = false
	if kept := fetch(t, conn, want); !reflect.DeepEqual(kept.Transactions, news.Transactions) || kept.Memory != nil {
		t.Error("the news are forgotten")
	}
	conn.Memory = json.RawMessage(`{"version":99}`)
	if _, err := shared().Fetch(t.Context(), conn, want); err == nil {
		t.Error("a memory of another version was read")
	}
}

func TestCreateTransactions(t *testing.T) {
	today := plaid.DateOf(now)
	list := []connector.SimulatedTransaction{{Transacted: today.AddDays(-1), Posted: today, Amount: plaid.Dec("41.50"), Description: "Coffee machine"}}
	conn := connection(t, "c", platypus, userDynamic, "x")
	before := fetch(t, conn, twoYears(now))
	memory, err := shared().CreateTransactions(conn, now, list)
	if err != nil {
		t.Fatal(err)
	}
	conn.Memory = memory
	after := fetch(t, conn, twoYears(now))
	last := after.Transactions[slices.IndexFunc(after.Transactions, func(row connector.Transaction) bool { return row.Key == "created-1" })]
	if len(after.Transactions) != len(before.Transactions)+1 || last.Name != "Coffee machine" || last.AccountKey != "checking" || last.Pending {
		t.Errorf("%d transactions after %d, the new one %+v", len(after.Transactions), len(before.Transactions), last)
	}
	if paid := before.Accounts[0].Balances.Current.Sub(*after.Accounts[0].Balances.Current); !paid.Equal(plaid.Dec("41.50")) {
		t.Errorf("the balance fell by %s", paid)
	}
	list[0].Posted++
	if _, err := shared().CreateTransactions(conn, now, list); err == nil {
		t.Error("a transaction of tomorrow was created")
	}
	for _, user := range everybody(t) {
		if user == userDynamic {
			continue
		}
		_, err := shared().CreateTransactions(connection(t, user, platypus, user, passGood), now, list[:0])
		if failed, ok := errors.AsType[*plaid.Error](err); !ok || failed.Code != "INVALID_FIELD" || !strings.Contains(failed.Message, userDynamic) {
			t.Errorf("%s: %v", user, err)
		}
	}
	conn.Memory = json.RawMessage(`{`)
	if _, err := shared().CreateTransactions(conn, now, list); err == nil {
		t.Error("a broken memory was read")
	}
}

// TestCustomFilesHaveTransactions: the published configurations give back every transaction that they write down.
func TestCustomFilesHaveTransactions(t *testing.T) {
	root := needs.Shared(t, "plaid/custom-users")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" || strings.Contains(path, "document_income") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		cfg, err := custom.Parse(text)
		if err != nil {
			return err
		}
		batch := fetch(t, connection(t, d.Name(), platypus, userCustom, string(text)), twoYears(now))
		for i, a := range cfg.Accounts {
			have := map[string]int{}
			for _, row := range batch.Transactions {
				if row.AccountKey == batch.Accounts[i].Key {
					have[row.Name+row.Amount.String()]++
				}
			}
			for _, given := range a.Transactions {
				files++
				if have[*given.Description+given.Amount.String()]--; have[*given.Description+given.Amount.String()] < 0 {
					t.Errorf("%s: account %d has no %q of %s", d.Name(), i, *given.Description, given.Amount)
				}
			}
			if in := a.InflowModel; in != nil && in.TransactionName != nil && have[*in.TransactionName+"-5125.25"] == 0 && *in.Type == "monthly-income" {
				t.Errorf("%s: account %d has no income", d.Name(), i)
			}
		}
		return nil
	})
	if err != nil || files < 600 {
		t.Errorf("%d transactions are written down, %v", files, err)
	}
}

// BenchmarkFetch is a fetch of the person who does most, a year after the connection was made.
func BenchmarkFetch(b *testing.B) {
	for _, user := range []string{userGood, userDynamic, "user_yuppie", "user_small_business", "user_investor"} {
		b.Run(user, func(b *testing.B) {
			conn := connector.Connection{ID: "c", InstitutionID: platypus, Credentials: json.RawMessage(`{"user":"` + user + `"}`), CreatedAt: now}
			want := twoYears(now.AddDate(1, 0, 0))
			want.Products = []string{"transactions", "investments"}
			for b.Loop() {
				if _, err := shared().Fetch(b.Context(), conn, want); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
