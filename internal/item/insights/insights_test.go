package insights_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/insight"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/event"
	"weft/internal/item/insights"
	"weft/internal/plaid"
	"weft/internal/product/transactions"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// banks are two banks at which somebody pays for the same subscription, which rose at the first.
type banks struct{}

func (banks) Name() string { return "banks" }

func (banks) Institutions(time.Time) (list []connector.Institution) {
	for _, id := range []string{"ins_1", "ins_2"} {
		list = append(list, connector.Institution{Supported: true, Institution: plaid.Institution{
			InstitutionID: id, Name: id, Products: []string{"transactions"}, CountryCodes: []string{"US"}}})
	}
	return list
}

func (banks) Authenticate(context.Context, connector.Login) (connector.Opened, error) {
	return connector.Opened{Credentials: json.RawMessage(`{}`)}, nil
}

func (banks) Fetch(_ context.Context, conn connector.Connection, want connector.Want) (batch connector.Batch, err error) {
	usd, subtype, mask := "USD", "checking", "1234"
	batch.Accounts = []connector.Account{{Key: "a", Account: plaid.Account{Name: "Checking", Type: "depository", Subtype: &subtype, Mask: &mask,
		Balances: plaid.Balances{Current: plaid.Dec("100").Ptr(), ISOCurrencyCode: &usd}}}}
	today := plaid.DateOf(want.Now)
	for i := range 4 {
		price := "17.99"
		if conn.InstitutionID == "ins_1" && i > 0 {
			price = "15.99"
		}
		batch.Transactions = append(batch.Transactions, connector.Transaction{Key: fmt.Sprint(i), AccountKey: "a", Date: today.AddDays(-28*i - 1), Amount: plaid.Dec(price),
			ISOCurrencyCode: &usd, Name: "NETFLIX.COM"})
		// At both banks one of the same price is paid, too.
		batch.Transactions = append(batch.Transactions, connector.Transaction{Key: fmt.Sprint("s", i), AccountKey: "a", Date: today.AddDays(-28*i - 2), Amount: plaid.Dec("11.99"),
			ISOCurrencyCode: &usd, Name: "SPOTIFY USA"})
	}
	batch.TransactionHistory = &connector.Window{From: today.AddDays(-365), To: today}
	return batch, nil
}

var tenant = store.Tenant{Client: "c", Environment: "sandbox"}

func newService(t *testing.T, db *store.DB) insights.Service {
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
	silent := func(context.Context, *store.Tx, event.Target, event.Event) error { return nil }
	items := &item.Service{Life: item.Life{DB: db, Keys: keys, IDs: ids, Events: silent}, Clock: clock.NewManual(storetest.Start),
		Clients: &client.Service{DB: db, Keys: keys, IDs: ids}, Cache: cache.New(1 << 20), Connectors: item.Connectors{"sandbox": {banks{}}}}
	items.Appliers = []item.Applier{transactions.New(items, transactions.Options{}).Apply}
	return insights.Service{Items: items, BaseURL: "https://weft.example/"}
}

func link(t *testing.T, s insights.Service, of store.Tenant, institution string) item.Item {
	t.Helper()
	linked, err := s.Items.Link(t.Context(), of, item.LinkRequest{InstitutionID: institution, Products: []string{"transactions"}})
	if err != nil {
		t.Fatal(err)
	}
	return linked.Item
}

func switchOn(t *testing.T, s insights.Service, settings insights.Settings) {
	t.Helper()
	err := s.Items.DB.Write(t.Context(), func(tx *store.Tx) error { return insights.WriteSettings(t.Context(), tx, tenant, settings) })
	if err != nil {
		t.Fatal(err)
	}
}

// kinds are those of what is found in Items.
func kinds(t *testing.T, s insights.Service, items ...item.Item) string {
	t.Helper()
	found, err := s.Of(t.Context(), items...)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range found {
		list = append(list, fmt.Sprintf("%s %s %s", i.Kind, i.About, i.AmountFound))
		if i.Image != "https://weft.example/weft/insights/images/"+imageOf[i.Kind] {
			t.Errorf("%s has the image %s", i.Kind, i.Image)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

var imageOf = map[insight.Kind]string{insight.PriceRise: "price-rise.svg", insight.Doubled: "doubled.svg"}

// Items of one tenant are looked at together, and an account that is linked twice is one.
func TestSeveralItems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newService(t, db)
		first, second, again := link(t, s, tenant, "ins_1"), link(t, s, tenant, "ins_2"), link(t, s, tenant, "ins_1")
		if got := kinds(t, s, first, second); got != "" {
			t.Errorf("insights are off, and found: %s", got)
		}
		switchOn(t, s, insights.Settings{Enabled: true})
		const rise, twice = "subscription_price_rise Netflix 24.00", "subscription_doubled Spotify 143.88"
		for name, c := range map[string]struct {
			items []item.Item
			want  string
		}{
			"one bank":               {[]item.Item{first}, rise},
			"the other":              {[]item.Item{second}, ""},
			"both":                   {[]item.Item{first, second}, twice + ", " + rise},
			"one bank, linked twice": {[]item.Item{first, again}, rise},
			"all":                    {[]item.Item{again, second, first}, twice + ", " + rise},
			"none":                   {nil, ""},
		} {
			if got := kinds(t, s, c.items...); got != c.want {
				t.Errorf("%s: %q, not %q", name, got, c.want)
			}
		}
		switchOn(t, s, insights.Settings{})
		if got := kinds(t, s, first, second); got != "" {
			t.Errorf("insights are off again, and found: %s", got)
		}
	})
}

// What one tenant has switched on is on for no other, nor are another's rows read.
func TestTenants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newService(t, db)
		switchOn(t, s, insights.Settings{Enabled: true})
		own := link(t, s, tenant, "ins_1")
		for _, other := range []store.Tenant{{Client: "d", Environment: "sandbox"}, {Client: "c", Environment: "production"}} {
			foreign := own
			foreign.Tenant = other
			if found, err := s.Of(t.Context(), foreign); err != nil || len(found) != 0 {
				t.Errorf("%+v: %+v, %v", other, found, err)
			}
		}
		foreign := link(t, s, store.Tenant{Client: "d", Environment: "sandbox"}, "ins_1")
		foreign.Tenant = tenant // an Item that says to be the tenant's is none
		if found, err := s.Of(t.Context(), foreign); len(found) != 0 || !isCode(err, "ITEM_NOT_FOUND") {
			t.Errorf("%+v, %v", found, err)
		}
		if _, err := s.OfAccounts(t.Context(), []string{"x"}, own); !isCode(err, "INVALID_ACCOUNT_ID") {
			t.Errorf("an unknown account: %v", err)
		}
	})
}

func isCode(err error, code plaid.Code) bool {
	failed, ok := errors.AsType[*plaid.Error](err)
	return ok && failed.Code == code
}
