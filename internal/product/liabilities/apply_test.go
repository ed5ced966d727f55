package liabilities

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/event"
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

// world is a bank with one Item, and what its client was told.
type world struct {
	*service
	bank *bank
	item item.Item
	told []updated
}

func newWorld(t *testing.T, db *store.DB, first connector.Batch) *world {
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
	w := &world{bank: &bank{batch: first}}
	hear := func(_ context.Context, _ *store.Tx, _ event.Target, e event.Event) error {
		if e.Type == "LIABILITIES" && e.Code == "DEFAULT_UPDATE" {
			w.told = append(w.told, e.Members.(updated))
		}
		return nil
	}
	w.service = &service{items: &item.Service{
		Life: item.Life{DB: db, Keys: keys, IDs: ids, Events: hear}, Clock: clock.NewManual(storetest.Start), Clients: &client.Service{DB: db, Keys: keys, IDs: ids},
		Cache: cache.New(1 << 20), Connectors: item.Connectors{"sandbox": {w.bank}},
	}}
	w.items.Appliers = []item.Applier{w.apply}
	linked, err := w.items.Link(t.Context(), store.Tenant{Client: "c", Environment: "sandbox"},
		item.LinkRequest{InstitutionID: "ins_1", Products: []string{productName}})
	if err != nil {
		t.Fatal(err)
	}
	w.item = linked.Item
	return w
}

func text(s string) *string { return &s }

// stating is an answer about a card, a mortgage and a student loan, of which some are stated as debts.
func stating(debts ...connector.Liability) connector.Batch {
	account := func(key, kind, subtype string) connector.Account {
		return connector.Account{Key: key, Account: plaid.Account{Name: key, Type: kind, Subtype: &subtype,
			Balances: plaid.Balances{Current: plaid.Dec("100").Ptr(), ISOCurrencyCode: text("USD")}}}
	}
	return connector.Batch{Liabilities: debts, Accounts: []connector.Account{
		account("card", "credit", "credit card"), account("house", "loan", "mortgage"), account("school", "loan", "student")}}
}

func card(balance, minimum string) connector.Liability {
	return connector.Liability{AccountKey: "card", Credit: &plaid.CreditCard{LastStatementBalance: plaid.Dec(balance).Ptr(), MinimumPaymentAmount: plaid.Dec(minimum).Ptr()}}
}

func house(due string) connector.Liability {
	return connector.Liability{AccountKey: "house", Mortgage: &plaid.Mortgage{NextPaymentDueDate: plaid.MustDate(due).Ptr()}}
}

func school(paid string) connector.Liability {
	return connector.Liability{AccountKey: "school", Student: &plaid.StudentLoan{YTDInterestPaid: plaid.Dec(paid).Ptr()}}
}

func (w *world) refresh(t *testing.T, batch connector.Batch) {
	t.Helper()
	w.told = nil
	w.bank.batch = batch
	it, err := w.items.Refresh(t.Context(), w.item)
	if err != nil {
		t.Fatal(err)
	}
	w.item = it
}

// owing is what a client reads.
func (w *world) owing(t *testing.T) (p position) {
	t.Helper()
	raw, err := w.get(t.Context(), w.item, getRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var body struct{ Liabilities position }
	if err := json.Unmarshal(append(slices.Concat(raw...), '}'), &body); err != nil {
		t.Fatal(err)
	}
	return body.Liabilities
}

func TestNewsIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, stating(card("10", "1")))
		if len(w.told) != 0 {
			t.Errorf("what an Item has at first is no news: %+v", w.told)
		}
		version := w.item.Version
		w.refresh(t, stating(card("10", "1")))
		if len(w.told) != 0 || w.item.Version != version {
			t.Errorf("nothing has changed: %+v", w.told)
		}
		w.refresh(t, stating(card("20", "2"), house("2026-12-01")))
		id := w.owing(t).Credit[0].AccountID
		if len(w.told) != 1 || len(w.told[0].New) != 1 || w.told[0].New[0] != w.owing(t).Mortgage[0].AccountID || len(w.told[0].Updated) != 1 ||
			!slices.Equal(w.told[0].Updated[id], []string{"last_statement_balance", "minimum_payment_amount"}) {
			t.Errorf("%+v", w.told)
		}
		w.refresh(t, stating(house("2026-12-01"), school("1.50")))
		if p := w.owing(t); p.Credit != nil || len(p.Mortgage) != 1 || len(p.Student) != 1 || len(w.told) != 1 || len(w.told[0].New) != 1 || len(w.told[0].Updated) != 0 {
			t.Errorf("%+v, told %+v", p, w.told)
		}
		w.refresh(t, stating(school("1.50")))
		if len(w.told) != 0 || w.owing(t).Mortgage != nil {
			t.Errorf("a debt that is gone is no news: %+v", w.told)
		}
	})
}

// A statement file states what it states: other debts stay, and an older statement replaces none.
func TestPartialAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, stating())
		issued := func(balance, day string) connector.Liability {
			l := card(balance, "1")
			l.Credit.LastStatementIssueDate = plaid.MustDate(day).Ptr()
			return l
		}
		bring := func(debts ...connector.Liability) {
			batch := stating(debts...)
			batch.Partial = true
			imported, err := w.items.Import(t.Context(), w.item.Tenant, "file", []connector.Statement{{Batch: batch, Institution: connector.Institution{
				Institution: plaid.Institution{InstitutionID: "ins_x", Name: "A bank", Products: []string{productName, "transactions"}},
			}}}, false)
			if err != nil {
				t.Fatal(err)
			}
			w.item = imported[0].Item
		}
		bring(issued("10", "2026-02-01"), school("1"))
		bring(issued("9", "2026-01-01"))
		if p := w.owing(t); p.Credit[0].LastStatementBalance.String() != "10" || len(p.Student) != 1 {
			t.Errorf("an older file: %+v", p)
		}
		bring(issued("11", "2026-03-01"))
		bring()
		if p := w.owing(t); len(p.Credit) != 1 || p.Credit[0].LastStatementBalance.String() != "11" || len(p.Student) != 1 {
			t.Errorf("a newer file, and one that says nothing: %+v", p)
		}
	})
}
