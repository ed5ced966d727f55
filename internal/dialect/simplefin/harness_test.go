package simplefin_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/dialect/simplefin"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product/investments"
	"weft/internal/product/transactions"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// Where the server's clients believe it to be.
const base = "https://weft.example/money"

// world is a tenant with Items, and the pages.
type world struct {
	t      *testing.T
	items  *item.Service
	clock  *clock.Manual
	tenant store.Tenant
	pages  http.Handler
	log    *strings.Builder
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	ids := ident.Seeded("simplefin")
	w := &world{t: t, clock: clock.NewManual(storetest.Start), tenant: store.Tenant{Client: "c", Environment: "production"}, log: &strings.Builder{}}
	w.items = &item.Service{
		Life: item.Life{DB: db, Keys: keys, IDs: ids}, Clock: w.clock, Clients: &client.Service{DB: db, Keys: keys, IDs: ids}, Cache: cache.New(0),
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	}
	w.items.Appliers = []item.Applier{investments.New(w.items, job.New(job.Config{})).Apply, transactions.New(w.items, transactions.Options{}).Apply}
	w.serve(base)
	return w
}

// serve puts the pages together for a base URL.
func (w *world) serve(baseURL string) {
	mux := http.NewServeMux()
	for pattern, page := range simplefin.New(w.items, baseURL).Pages {
		mux.Handle(pattern, page)
	}
	w.pages = mux
}

// importBatch makes an Item of a statement.
func (w *world) importBatch(institution, name, address string, batch connector.Batch) item.Item {
	w.t.Helper()
	imported, err := w.items.Import(w.t.Context(), w.tenant, "file", []connector.Statement{{Batch: batch, Institution: connector.Institution{
		Institution: plaid.Institution{InstitutionID: institution, Name: name, URL: &address, Products: []string{"investments", "transactions"}},
	}}}, false)
	if err != nil {
		w.t.Fatal(err)
	}
	return imported[0].Item
}

// create makes an access to Items and returns its claim URL.
func (w *world) create(items ...item.Item) (accessID, claim string) {
	w.t.Helper()
	var ids []string
	for _, it := range items {
		ids = append(ids, it.ID)
	}
	made, err := simplefin.Accesses{Items: w.items}.Create(w.t.Context(), w.tenant, base, "a name", ids)
	if err != nil {
		w.t.Fatal(err)
	}
	return made.ID, claimURL(w.t, made.SetupToken)
}

func claimURL(t *testing.T, setupToken string) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(setupToken)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// do sends a request to the pages. Its path is below the base URL.
func (w *world) do(method, path, user, password string) (int, string) {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, strings.TrimPrefix(path, base), nil)
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	rec := httptest.NewRecorder()
	w.pages.ServeHTTP(rec, r)
	if rec.Header().Get("Cache-Control") != "no-store" && rec.Code != http.StatusNotFound {
		w.t.Errorf("%s %s may be kept on the way: %v", method, path, rec.Header())
	}
	return rec.Code, rec.Body.String()
}

// access is a claimed access.
type access struct {
	*world
	id, password string
}

// open makes an access to Items and claims it.
func (w *world) open(items ...item.Item) access {
	w.t.Helper()
	id, claim := w.create(items...)
	status, body := w.do("POST", claim, "", "")
	u, err := url.Parse(body)
	if status != 200 || err != nil || u.User == nil {
		w.t.Fatalf("the claim answers %d %q", status, body)
	}
	password, _ := u.User.Password()
	u.User = nil
	if got := u.String(); got != base+"/simplefin" {
		w.t.Errorf("the access URL is at %s", got)
	}
	return access{w, id, password}
}

// set is an answer of either version.
type set struct {
	Errors  []string
	ErrList []struct {
		Code, Msg string
		ConnID    string `json:"conn_id"`
	}
	Connections []struct {
		ConnID string `json:"conn_id"`
		Name   string
	}
	Accounts []struct {
		ID, Name, Balance string
		ConnID            string `json:"conn_id"`
		Transactions      []struct {
			ID, Amount, Description string
			Posted                  int64
			TransactedAt            int64 `json:"transacted_at"`
			Pending                 bool
		}
		Holdings []struct{ Symbol string }
	}
}

// names are "account: descriptions" of an answer.
func (s set) names() string {
	var all []string
	for _, a := range s.Accounts {
		var rows []string
		for _, t := range a.Transactions {
			rows = append(rows, t.Description)
		}
		all = append(all, fmt.Sprintf("%s: %s", a.Name, strings.Join(rows, ", ")))
	}
	return strings.Join(all, "; ")
}

func (a access) get(query string) (int, string) {
	a.t.Helper()
	return a.do("GET", "/simplefin/accounts?"+query, a.id, a.password)
}

func (a access) must(query string) set {
	a.t.Helper()
	status, body := a.get(query)
	if status != 200 {
		a.t.Fatalf("?%s: %d %s", query, status, body)
	}
	return parse(a.t, strings.NewReader(body))
}

func parse(t *testing.T, body io.Reader) set {
	t.Helper()
	var s set
	if err := json.NewDecoder(body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func dec(s string) *plaid.Decimal { return plaid.Dec(s).Ptr() }
func ptr(s string) *string        { return &s }

// accountOf is an account of a bank, in dollars.
func accountOf(key, name, typ, subtype string, balances plaid.Balances) connector.Account {
	if balances.UnofficialCurrencyCode == nil {
		balances.ISOCurrencyCode = ptr("USD")
	}
	return connector.Account{Key: key, AsOf: plaid.MustDate("2026-11-18").Time(), Account: plaid.Account{Name: name, Type: typ, Subtype: &subtype, Balances: balances}}
}

func row(account, key, day, amount, name string, change func(*connector.Transaction)) connector.Transaction {
	t := connector.Transaction{Key: key, AccountKey: account, Date: plaid.MustDate(day), Amount: plaid.Dec(amount), Name: name, ISOCurrencyCode: ptr("USD")}
	if change != nil {
		change(&t)
	}
	return t
}

// bank is a bank with an account of each kind.
func bank() connector.Batch {
	checking := accountOf("k1", "Everyday Checking", "depository", "checking", plaid.Balances{Current: dec("1250.5"), Available: dec("1200")})
	checking.Mask = ptr("4711")
	return connector.Batch{
		Accounts: []connector.Account{
			checking,
			accountOf("k2", "Rewards Credit Card", "credit", "credit card", plaid.Balances{Current: dec("812.30"), Available: dec("187.70"), Limit: dec("1000")}),
			accountOf("k3", "Home Mortgage", "loan", "mortgage", plaid.Balances{Current: dec("250000")}),
			accountOf("k4", "Bitcoin Wallet", "depository", "checking", plaid.Balances{Current: dec("0.12345678"), UnofficialCurrencyCode: ptr("BTC")}),
		},
		Transactions: []connector.Transaction{
			row("k1", "t1", "2026-11-01", "-2500", "Payroll", func(t *connector.Transaction) { t.Payee = "Acme Corp" }),
			row("k1", "t2", "2026-11-10", "15.5", "Fishing bait", func(t *connector.Transaction) {
				t.AuthorizedDate, t.Memo = plaid.MustDate("2026-11-08").Ptr(), "JOHNS #12"
			}),
			row("k1", "t3", "2026-11-12", "9.99", "Musée d'Orsay", func(t *connector.Transaction) { t.ISOCurrencyCode = ptr("EUR") }),
			row("k1", "t4", "2026-11-18", "40.00", "Coffee", func(t *connector.Transaction) { t.Pending = true }),
			row("k2", "t1", "2026-11-09", "812.30", "Fridge", nil),
			row("k3", "t1", "2026-11-05", "-1500.00", "Payment", nil),
		},
	}
}

// broker is a broker with an account that has positions.
func broker() connector.Batch {
	brokerage := accountOf("b1", "Brokerage", "investment", "brokerage", plaid.Balances{Current: dec("24126.92"), Available: dec("1000.50")})
	security := func(key, name, ticker, cusip, kind string) connector.Security {
		s := connector.Security{Key: key, Security: plaid.Security{Name: &name, Type: &kind, ISOCurrencyCode: ptr("USD")}}
		if ticker != "" {
			s.TickerSymbol = &ticker
		}
		if cusip != "" {
			s.CUSIP = &cusip
		}
		return s
	}
	held := func(key, quantity, price, value string, cost *plaid.Decimal) connector.Holding {
		return connector.Holding{AccountKey: "b1", SecurityKey: key, Holding: plaid.Holding{
			Quantity: plaid.Dec(quantity), InstitutionPrice: plaid.Dec(price), InstitutionValue: plaid.Dec(value), CostBasis: cost, ISOCurrencyCode: ptr("USD"),
		}}
	}
	moved := func(key, day, amount, name, security, typ, subtype, quantity, price string) connector.InvestmentTransaction {
		return connector.InvestmentTransaction{Key: key, AccountKey: "b1", SecurityKey: security, InvestmentTransaction: plaid.InvestmentTransaction{
			Date: plaid.MustDate(day), Name: name, Amount: plaid.Dec(amount), Type: typ, Subtype: subtype, Quantity: plaid.Dec(quantity), Price: plaid.Dec(price), ISOCurrencyCode: ptr("USD"),
		}}
	}
	return connector.Batch{
		Accounts: []connector.Account{brokerage},
		Securities: []connector.Security{
			security("vde", "Vanguard Energy Index Fund ETF", "VDE", "", "etf"), security("bond", "US Treasury 2.5% 2031", "", "912828YK0", "fixed income"),
			security("usd", "US Dollar", "CUR:USD", "", "cash"), security("sold", "Apple Inc", "AAPL", "", "equity"),
		},
		Holdings: []connector.Holding{
			held("vde", "139.00", "162.78", "22626.42", dec("22004.40")), held("bond", "5", "100.00", "500.00", nil), held("usd", "1000.50", "1", "1000.50", nil),
		},
		InvestmentTransactions: []connector.InvestmentTransaction{
			moved("i1", "2026-10-01", "1000.25", "BOUGHT VANGUARD ENERGY", "vde", "buy", "buy", "6.25", "160.04"),
			moved("i2", "2026-10-15", "-502.5", "SOLD APPLE INC", "sold", "sell", "sell", "-2", "251.25"),
			moved("i3", "2026-11-02", "-12.75", "DIVIDEND", "vde", "cash", "dividend", "0", "0"),
			moved("i4", "2026-11-03", "-100", "ACH DEPOSIT", "", "cash", "deposit", "0", "0"),
		},
	}
}
