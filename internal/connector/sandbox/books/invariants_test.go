package books

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/connector/sandbox/trading"
	"weft/internal/plaid"
)

var created = plaid.MustDate("2026-10-01")

func load(t testing.TB) map[string]persona.Persona {
	t.Helper()
	all, err := persona.Load(personas.FS)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// matrix is the pairs of type and subtype that are documented.
var matrix = map[string][]string{
	"buy": {"assignment", "contribution", "buy", "buy to cover", "dividend reinvestment", "interest reinvestment",
		"long-term capital gain reinvestment", "short-term capital gain reinvestment"},
	"sell": {"distribution", "exercise", "sell", "sell short"},
	"cash": {"account fee", "contribution", "deposit", "dividend", "stock distribution", "interest", "legal fee",
		"long-term capital gain", "management fee", "margin expense", "non-qualified dividend", "non-resident tax", "pending credit",
		"pending debit", "qualified dividend", "short-term capital gain", "tax", "tax withheld", "transfer fee", "trust fee",
		"unqualified gain", "withdrawal"},
	"fee": {"account fee", "adjustment", "dividend", "interest", "interest receivable", "long-term capital gain", "legal fee",
		"management fee", "margin expense", "non-qualified dividend", "non-resident tax", "qualified dividend",
		"return of principal", "short-term capital gain", "stock distribution", "tax", "tax withheld", "transfer fee", "trust fee",
		"unqualified gain"},
	"cancel":   {"buy", "sell"}, // of what it cancels: none is documented
	"transfer": {"assignment", "adjustment", "exercise", "expire", "merger", "request", "send", "spin off", "split", "trade", "transfer"},
}

// audit is one examination of a statement.
type audit struct {
	market         *market.Market
	persona        persona.Persona
	created, today plaid.Date
	batch          connector.Batch
	faults         []string
}

func (a *audit) fault(format string, args ...any) {
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}

// examine holds a statement against every rule of the books and lists what it breaks.
func examine(m *market.Market, p persona.Persona, created, today plaid.Date, b connector.Batch) []string {
	a := &audit{market: m, persona: p, created: created, today: today, batch: b}
	a.keys()
	for _, tx := range b.InvestmentTransactions {
		a.transaction(tx)
	}
	for _, h := range b.Holdings {
		a.holding(h)
	}
	for _, acct := range b.Accounts {
		a.account(acct)
	}
	a.windows()
	return a.faults
}

func (a *audit) keys() {
	accounts, securities, seen := map[string]bool{}, map[string]bool{}, map[string]bool{}
	once := func(kind string, parts ...string) {
		key := kind + "|" + strings.Join(parts, "|")
		if seen[key] || parts[len(parts)-1] == "" {
			a.fault("%s is empty or used twice", key)
		}
		seen[key] = true
	}
	for _, x := range a.batch.Accounts {
		once("account", x.Key)
		accounts[x.Key] = true
	}
	for _, s := range a.batch.Securities {
		once("security", s.Key)
		securities[s.Key] = true
		price, on, ok := a.market.Quote(s.Key, a.today)
		if ok != (s.ClosePrice != nil) || ok && (!s.ClosePrice.Equal(price) || *s.ClosePriceAsOf != on) {
			a.fault("security %s: close price", s.Key)
		}
	}
	for _, h := range a.batch.Holdings {
		once("holding", h.AccountKey, h.SecurityKey)
		if !accounts[h.AccountKey] || !securities[h.SecurityKey] {
			a.fault("holding %s of %s does not resolve", h.SecurityKey, h.AccountKey)
		}
		for _, l := range h.TaxLots {
			once("lot", h.AccountKey, *l.InstitutionLotID)
		}
	}
	for _, tx := range a.batch.InvestmentTransactions {
		once("transaction", tx.AccountKey, tx.Key)
		if !accounts[tx.AccountKey] || tx.SecurityKey != "" && !securities[tx.SecurityKey] {
			a.fault("transaction %s of %s does not resolve", tx.Key, tx.AccountKey)
		}
	}
}

func (a *audit) data(key string) persona.Account {
	for _, x := range a.persona.Accounts {
		if x.Key == key {
			return x
		}
	}
	a.fault("account %s is not the persona's", key)
	return persona.Account{}
}

func (a *audit) transaction(tx connector.InvestmentTransaction) {
	bad := func(what string) {
		a.fault("%s %s %s/%s %s: %s (quantity %s price %s amount %s)", tx.AccountKey, tx.Key, tx.Type, tx.Subtype, tx.SecurityKey, what, tx.Quantity, tx.Price, tx.Amount)
	}
	data := a.data(tx.AccountKey)
	if !plaid.Known(matrix[tx.Type], tx.Subtype) {
		bad("is not in the matrix")
	}
	if data.Type != plaid.TypeInvestment {
		bad("is in no investment account")
	}
	if tx.Date < a.created.AddDays(-data.Opened) || tx.Date > a.today {
		bad("is dated outside the account's life")
	}
	if tx.TransactionDatetime != nil && !strings.HasPrefix(*tx.TransactionDatetime, tx.Date.String()) {
		bad("has the time of another day")
	}
	if !tx.Amount.Round(2).Equal(tx.Amount) || tx.ISOCurrencyCode == nil || *tx.ISOCurrencyCode != data.Currency || tx.UnofficialCurrencyCode != nil {
		bad("currency")
	}
	coins := strings.Contains(data.Subtype, "crypto") || strings.Contains(data.Subtype, "wallet")
	if !coins && (tx.Type == "buy" || tx.Type == "sell") && !a.market.TradingDay(tx.Date) {
		bad("is no trading day")
	}
	switch tx.Type {
	case "buy", "sell":
		sign := 1
		if tx.Type == "sell" {
			sign = -1
		}
		if tx.Quantity.Sign() != sign || tx.Fees == nil || tx.Fees.Sign() < 0 || !tx.Amount.Equal(tx.Quantity.Mul(tx.Price).Round(2).Add(*tx.Fees)) {
			bad("is not quantity x price + fees")
		}
	case "cancel":
		if tx.Quantity.IsZero() || !tx.Amount.Equal(tx.Quantity.Mul(tx.Price).Round(2)) {
			bad("is not the reverse of a trade")
		}
	case "fee":
		if tx.Amount.Sign() <= 0 || !tx.Quantity.IsZero() {
			bad("does not take cash")
		}
	case "cash":
		out := tx.Subtype == "withdrawal" || tx.Subtype == "tax withheld"
		if out != (tx.Amount.Sign() > 0) || tx.Amount.IsZero() || !tx.Quantity.IsZero() {
			bad("has the wrong sign")
		}
	case "transfer":
		if tx.Quantity.IsZero() || !tx.Amount.IsZero() && tx.Subtype != "merger" {
			bad("moves cash or nothing")
		}
	}
	if s, ok := a.market.Security(tx.SecurityKey); ok && s.OptionContract != nil && !wholeContracts(tx.Quantity) {
		bad("is not in whole contracts")
	}
}

func wholeContracts(q plaid.Decimal) bool {
	return q.Div(plaid.DecimalFromInt(100), 9).Trunc(0).Mul(plaid.DecimalFromInt(100)).Equal(q)
}

func (a *audit) holding(h connector.Holding) {
	bad := func(format string, args ...any) {
		a.fault("holding %s of %s: %s", h.SecurityKey, h.AccountKey, fmt.Sprintf(format, args...))
	}
	data := a.data(h.AccountKey)
	if !h.InstitutionValue.Equal(h.Quantity.Mul(h.InstitutionPrice).Round(2)) {
		bad("%s x %s is not %s", h.Quantity, h.InstitutionPrice, h.InstitutionValue)
	}
	if h.ISOCurrencyCode == nil || *h.ISOCurrencyCode != data.Currency || h.UnofficialCurrencyCode != nil {
		bad("currency")
	}
	if h.SecurityKey == data.Cash {
		if h.InstitutionPrice.String() != "1" || h.Quantity.Sign() < 0 {
			bad("cash at %s", h.InstitutionPrice)
		}
		return
	}
	var moved, quantity, basis, value plaid.Decimal
	for _, tx := range a.batch.InvestmentTransactions {
		if tx.AccountKey == h.AccountKey && tx.SecurityKey == h.SecurityKey {
			moved = moved.Add(tx.Quantity)
		}
	}
	if !moved.Equal(h.Quantity) || h.Quantity.IsZero() {
		bad("transactions add up to %s, not %s", moved, h.Quantity)
	}
	s, _ := a.market.Security(h.SecurityKey)
	price, on, ok := a.market.Quote(h.SecurityKey, a.today)
	rate, ok2 := a.market.Rate(*s.ISOCurrencyCode, data.Currency, a.today)
	if !ok || !ok2 || !price.Mul(rate).Round(6).Equal(h.InstitutionPrice.Round(6)) || *h.InstitutionPriceAsOf != on {
		bad("the price is %s of %s", h.InstitutionPrice, h.InstitutionPriceAsOf)
	}
	if s.OptionContract != nil && (!wholeContracts(h.Quantity) || s.OptionContract.ExpirationDate < a.today) {
		bad("no whole contracts, or expired")
	}
	if s.FixedIncome != nil && (*s.FixedIncome.MaturityDate < a.today.AddDays(-7) || s.FixedIncome.FaceValue.String() != "100") {
		bad("matured, or of another face value")
	}
	for _, l := range h.TaxLots {
		quantity, basis, value = quantity.Add(*l.Quantity), basis.Add(*l.CostBasis), value.Add(*l.CurrentValue)
		if (*l.PositionType == "SHORT") != (l.Quantity.Sign() < 0) || l.Quantity.Sign() != h.Quantity.Sign() || l.PurchasePrice.Sign() < 0 {
			bad("lot %s: %s %s at %s", *l.InstitutionLotID, *l.PositionType, l.Quantity, l.PurchasePrice)
		}
		if l.OriginalPurchaseDatetime != nil && (*l.OriginalPurchaseDatetime)[:10] > a.today.String() {
			bad("lot of %s", *l.OriginalPurchaseDatetime)
		}
	}
	if !quantity.Equal(h.Quantity) || !basis.Equal(*h.CostBasis) || !value.Equal(h.InstitutionValue) {
		bad("lots add up to %s, %s, %s", quantity, basis, value)
	}
	if h.VestedQuantity != nil && (h.VestedQuantity.Sign() < 0 || h.VestedQuantity.Cmp(h.Quantity) > 0 || *s.Type != "equity" ||
		!h.VestedValue.Equal(h.VestedQuantity.Mul(price).Round(2))) {
		bad("vested %s of %s", h.VestedQuantity, h.Quantity)
	}
}

func (a *audit) account(x connector.Account) {
	data := a.data(x.Key)
	if data.Type != plaid.TypeInvestment {
		return
	}
	held, cash, value := map[string]bool{}, plaid.Decimal{}, plaid.Decimal{}
	moved := map[string]plaid.Decimal{}
	var spent plaid.Decimal
	for _, tx := range a.batch.InvestmentTransactions {
		if tx.AccountKey == x.Key {
			spent = spent.Sub(tx.Amount)
			moved[tx.SecurityKey] = moved[tx.SecurityKey].Add(tx.Quantity)
		}
	}
	for _, h := range a.batch.Holdings {
		if h.AccountKey != x.Key {
			continue
		}
		held[h.SecurityKey] = true
		value = value.Add(h.InstitutionValue)
		if h.SecurityKey == data.Cash {
			cash = h.Quantity
		}
	}
	for key, q := range moved {
		if !q.IsZero() && !held[key] {
			a.fault("%s: %s of %s is in the log but not held", x.Key, q, key)
		}
	}
	loan := plaid.Decimal{}
	if x.MarginLoan != nil {
		loan = *x.MarginLoan
	}
	if !cash.Sub(loan).Equal(spent) || loan.Sign() < 0 || loan.Sign() > 0 && cash.Sign() > 0 {
		a.fault("%s: cash %s, loan %s, but the amounts add up to %s", x.Key, cash, loan, spent)
	}
	if !x.Balances.Current.Equal(value.Sub(loan)) {
		a.fault("%s: current balance %s, holdings %s, loan %s", x.Key, x.Balances.Current, value, loan)
	}
	if (x.Balances.Available == nil) != (data.Locked || data.Cash == "") || x.Balances.Available != nil && (x.Balances.Available.Sign() < 0 || x.Balances.Available.Cmp(cash) > 0) {
		a.fault("%s: available %s", x.Key, x.Balances.Available)
	}
	if x.Balances.ISOCurrencyCode == nil || x.Balances.UnofficialCurrencyCode != nil || x.Subtype == nil {
		a.fault("%s: currency or subtype", x.Key)
	}
}

func (a *audit) windows() {
	last := plaid.Date(0)
	for _, tx := range a.batch.InvestmentTransactions {
		if tx.Date < last {
			a.fault("%s %s is out of order", tx.AccountKey, tx.Key)
		}
		last = tx.Date
		if w := a.batch.InvestmentHistory; tx.Date < w.From || tx.Date > w.To {
			a.fault("%s %s is outside the window", tx.AccountKey, tx.Key)
		}
	}
	if a.batch.InvestmentHistory.To != a.today {
		a.fault("the window ends on %s", a.batch.InvestmentHistory.To)
	}
}

func report(t interface{ Fatalf(string, ...any) }, where string, faults []string) {
	if len(faults) > 0 {
		t.Fatalf("%s: %d faults:\n%s", where, len(faults), strings.Join(faults[:min(len(faults), 8)], "\n"))
	}
}

// TestPersonasKeepTheBooks examines each persona under random seeds and on random days, and that a later day only
// appends to the log.
func TestPersonasKeepTheBooks(t *testing.T) {
	all := load(t)
	markets := []*market.Market{market.New("a"), market.New("b"), market.New("c"), market.New("d")}
	for name, p := range all {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := markets[rapid.IntRange(0, len(markets)-1).Draw(t, "market")]
				made := plaid.MustDate("2024-01-01").AddDays(rapid.IntRange(0, 2000).Draw(t, "made"))
				today := made.AddDays(rapid.IntRange(-900, 500).Draw(t, "today"))
				id := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "id")
				b := mustRun(t, m, p, id, made, today)
				report(t, fmt.Sprintf("made %s, today %s", made, today), examine(m, p, made, today, b))
				later := mustRun(t, m, p, id, made, today.AddDays(rapid.IntRange(0, 120).Draw(t, "later")))
				checkPrefix(t, b, later)
				for i, a := range b.Accounts {
					if a.MarginLoan != nil && a.Key != "brokerage" && a.Key != "trading" || a.Balances.Current.Sign() <= 0 && i > 0 && today >= made {
						t.Fatalf("account %s: loan %s, current %s", a.Key, a.MarginLoan, a.Balances.Current)
					}
				}
				if again := mustRun(t, m, p, id, made, today); !reflect.DeepEqual(b, again) {
					t.Fatal("the same inputs give another result")
				}
			})
		})
	}
}

func mustRun(t interface{ Fatal(...any) }, m *market.Market, p persona.Persona, id string, made, today plaid.Date) connector.Batch {
	b, err := Run(m, trading.Decide(m, "seed of "+id, p, made, today), id, made, today)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkPrefix(t interface{ Fatalf(string, ...any) }, early, late connector.Batch) {
	at := map[[2]string]connector.InvestmentTransaction{}
	for _, tx := range late.InvestmentTransactions {
		at[[2]string{tx.AccountKey, tx.Key}] = tx
	}
	for _, tx := range early.InvestmentTransactions {
		now, there := at[[2]string{tx.AccountKey, tx.Key}]
		vanished := !there && tx.Date == early.InvestmentHistory.To && late.InvestmentHistory.To > tx.Date && (tx.Type == "buy" || tx.Type == "sell")
		if !vanished && !reflect.DeepEqual(tx, now) {
			t.Fatalf("a transaction changed: %+v, then %+v", tx, now)
		}
	}
	lots := map[string]plaid.TaxLot{}
	for _, h := range early.Holdings {
		for _, l := range h.TaxLots {
			lots[h.AccountKey+h.SecurityKey+*l.InstitutionLotID] = l
		}
	}
	for _, h := range late.Holdings {
		for _, l := range h.TaxLots {
			was, ok := lots[h.AccountKey+h.SecurityKey+*l.InstitutionLotID]
			if ok && !reflect.DeepEqual(was.OriginalPurchaseDatetime, l.OriginalPurchaseDatetime) {
				t.Fatalf("lot %s of %s changed its date", *l.InstitutionLotID, h.SecurityKey)
			}
		}
	}
}
