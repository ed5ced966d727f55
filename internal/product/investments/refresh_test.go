package investments

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// bank is a connector that answers what the test has put down.
type bank struct{ batch connector.Batch }

func (b *bank) Name() string { return "bank" }

func (b *bank) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	return b.batch, nil
}

func (b *bank) Institutions(time.Time) []connector.Institution {
	return []connector.Institution{{Supported: true, Institution: plaid.Institution{
		InstitutionID: "ins_1", Name: "A bank", Products: []string{productName}, CountryCodes: []string{"US"},
	}}}
}

func (b *bank) Authenticate(context.Context, connector.Login) (connector.Opened, error) {
	return connector.Opened{Credentials: json.RawMessage(`{}`)}, nil
}

// world is a bank with one Item.
type world struct {
	*service
	bank *bank
	item item.Item
}

func newWorld(t testing.TB, db *store.DB) *world {
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
	w := &world{bank: &bank{}}
	w.service = &service{items: &item.Service{
		Life: item.Life{DB: db, Keys: keys, IDs: ids}, Clock: clock.NewManual(storetest.Start), Clients: &client.Service{DB: db, Keys: keys, IDs: ids},
		Cache: cache.New(1 << 20), Connectors: item.Connectors{"sandbox": {w.bank}},
	}}
	w.items.Appliers = []item.Applier{w.apply}
	w.bank.batch = answer()
	linked, err := w.items.Link(t.Context(), store.Tenant{Client: "c", Environment: "sandbox"},
		item.LinkRequest{InstitutionID: "ins_1", Products: []string{productName}})
	if err != nil {
		t.Fatal(err)
	}
	w.item = linked.Item
	return w
}

func text(s string) *string { return &s }

// answer is a bank's answer with some transactions.
func answer(txs ...connector.InvestmentTransaction) connector.Batch {
	usd := text("USD")
	return connector.Batch{
		Accounts: []connector.Account{{Key: "acct", Account: plaid.Account{
			Name: "Brokerage", Type: "investment", Subtype: text("brokerage"), Balances: plaid.Balances{Current: plaid.Dec("100").Ptr(), ISOCurrencyCode: usd},
		}}},
		Securities: []connector.Security{{Key: "apple", Security: plaid.Security{TickerSymbol: text("AAPL"), Type: text("equity"), ISOCurrencyCode: usd}}},
		Holdings: []connector.Holding{{AccountKey: "acct", SecurityKey: "apple", Holding: plaid.Holding{
			Quantity: plaid.Dec("1"), InstitutionPrice: plaid.Dec("100"), InstitutionValue: plaid.Dec("100"), ISOCurrencyCode: usd,
		}}},
		InvestmentTransactions: txs,
		InvestmentHistory:      &connector.Window{From: plaid.MustDate("2026-01-01"), To: plaid.MustDate("2026-12-31")},
	}
}

func trade(key, date, amount string) connector.InvestmentTransaction {
	return connector.InvestmentTransaction{Key: key, AccountKey: "acct", SecurityKey: "apple", InvestmentTransaction: plaid.InvestmentTransaction{
		Date: plaid.MustDate(date), Name: "trade " + key, Quantity: plaid.Dec("1"), Amount: plaid.Dec(amount), Price: plaid.Dec(amount),
		Type: "buy", Subtype: "buy", ISOCurrencyCode: text("USD"),
	}}
}

// refresh has the bank state something and brings the Item to it.
func (w *world) refresh(t testing.TB, batch connector.Batch) {
	t.Helper()
	w.bank.batch = batch
	it, err := w.items.Refresh(t.Context(), w.item)
	if err != nil {
		t.Fatal(err)
	}
	w.item = it
}

// log is what a client reads: the names and amounts of all transactions, in the order of the pages.
func (w *world) log(t testing.TB) []string {
	t.Helper()
	raw, err := w.transactions(t.Context(), w.item, transactionsRequest{StartDate: plaid.MustDate("2020-01-01"), EndDate: plaid.MustDate("2030-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Transactions []plaid.InvestmentTransaction `json:"investment_transactions"`
		Securities   []plaid.Security              `json:"securities"`
		Total        int                           `json:"total_investment_transactions"`
	}
	if err := json.Unmarshal(append(slices.Concat(raw...), '}'), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Total != len(answer.Transactions) {
		t.Fatalf("total %d, %d transactions", answer.Total, len(answer.Transactions))
	}
	lines := []string{}
	for _, tx := range answer.Transactions {
		if *tx.SecurityID != answer.Securities[0].SecurityID {
			t.Fatalf("transaction of security %s, securities %v", *tx.SecurityID, answer.Securities)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", tx.Date, tx.Name, tx.Amount))
	}
	return lines
}

func expect(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

func TestRefreshFollowsTheBank(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.refresh(t, answer(trade("a", "2026-02-01", "10"), trade("b", "2026-03-01", "20")))
		expect(t, w.log(t), "2026-03-01 trade b 20", "2026-02-01 trade a 10")

		// A late row of an early day stands above the rows of its day that were known before; pages stay stable.
		w.refresh(t, answer(trade("a", "2026-02-01", "10"), trade("b", "2026-03-01", "20"), trade("late", "2026-02-01", "5")))
		expect(t, w.log(t), "2026-03-01 trade b 20", "2026-02-01 trade late 5", "2026-02-01 trade a 10")

		// What the bank corrects is replaced in its place, what it no longer states is gone.
		w.refresh(t, answer(trade("b", "2026-03-01", "20.50"), trade("late", "2026-02-01", "5")))
		expect(t, w.log(t), "2026-03-01 trade b 20.50", "2026-02-01 trade late 5")

		// Outside of the window that the bank has stated whole, nothing is concluded from silence.
		narrow := answer()
		narrow.InvestmentHistory = &connector.Window{From: plaid.MustDate("2026-03-01"), To: plaid.MustDate("2026-12-31")}
		w.refresh(t, narrow)
		expect(t, w.log(t), "2026-02-01 trade late 5")
		silent := answer()
		silent.InvestmentHistory = nil
		w.refresh(t, silent)
		expect(t, w.log(t), "2026-02-01 trade late 5")
	})
}

// An answer that says nothing new changes no version: what is cached stays valid.
func TestRefreshWithoutNewsKeepsTheVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		batch := answer(trade("a", "2026-02-01", "10"))
		w.refresh(t, batch)
		version := w.item.Version
		w.refresh(t, batch)
		if w.item.Version != version {
			t.Errorf("version %d after an equal answer, before %d", w.item.Version, version)
		}
		batch.Holdings[0].Quantity = plaid.Dec("2")
		w.refresh(t, batch)
		if w.item.Version == version {
			t.Error("the version stayed although a holding changed")
		}
	})
}

// An id once issued within an Item stays, also when the bank later gives a stronger identifier.
func TestSecurityIDStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		id := func() string {
			raw, err := w.holdings(t.Context(), w.item, holdingsRequest{})
			if err != nil {
				t.Fatal(err)
			}
			var answer struct{ Securities []plaid.Security }
			if err := json.Unmarshal(append(slices.Concat(raw...), '}'), &answer); err != nil {
				t.Fatal(err)
			}
			return answer.Securities[0].SecurityID
		}
		before := id()
		batch := answer()
		batch.Securities[0].ISIN = text("US0378331005")
		w.refresh(t, batch)
		if after := id(); after != before {
			t.Errorf("security_id %s became %s", before, after)
		}
	})
}

// A batch that contradicts itself is refused whole: nothing of it is written.
func TestContradictingBatchChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.refresh(t, answer(trade("a", "2026-02-01", "10")))
		unknown := trade("c", "2026-02-02", "1")
		unknown.SecurityKey = "nobody"
		for name, batch := range map[string]connector.Batch{
			"two of one key":   answer(trade("b", "2026-02-02", "1"), trade("b", "2026-02-03", "2")),
			"unknown security": answer(trade("b", "2026-02-02", "1"), unknown),
		} {
			w.bank.batch = batch
			if _, err := w.items.Refresh(t.Context(), w.item); err == nil {
				t.Errorf("%s: accepted", name)
			}
			expect(t, w.log(t), "2026-02-01 trade a 10")
		}
	})
}

// Whatever a bank states one time after the other, a client reads what it stated last.
func TestAnyHistoryEndsInTheLastState(t *testing.T) {
	db := storetest.SQLite(t, clock.NewManual(storetest.Start))
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, db)
		for range rapid.IntRange(1, 4).Draw(rt, "refreshes") {
			keys := rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 0, 8, rapid.ID[int]).Draw(rt, "keys")
			var txs []connector.InvestmentTransaction
			want := map[string]bool{}
			for _, k := range keys {
				tx := trade(fmt.Sprint(k), fmt.Sprintf("2026-0%d-01", rapid.IntRange(1, 9).Draw(rt, "month")), fmt.Sprint(rapid.IntRange(1, 3).Draw(rt, "amount")))
				txs = append(txs, tx)
				want[fmt.Sprintf("%s %s %s", tx.Date, tx.Name, tx.Amount)] = true
			}
			batch := answer(txs...)
			if len(txs) > 0 {
				batch = holding(batch, fmt.Sprint(len(txs)))
			}
			w.refresh(t, batch)
			w.foundAnew(t)
			got := w.log(t)
			if len(got) != len(want) || slices.ContainsFunc(got, func(line string) bool { return !want[line] }) {
				rt.Fatalf("read %q, the bank stated %v", got, want)
			}
			if !slices.IsSortedFunc(got, func(a, b string) int { return -compareDates(a, b) }) {
				rt.Fatalf("not newest first: %q", got)
			}
		}
	})
}

func compareDates(a, b string) int {
	switch x, y := a[:10], b[:10]; {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
