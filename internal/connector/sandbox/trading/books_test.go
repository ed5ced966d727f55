package trading_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/connector/sandbox/trading"
	"weft/internal/needs"
	"weft/internal/plaid"
)

var created = plaid.MustDate("2026-10-01")

func investor(t testing.TB) persona.Persona {
	t.Helper()
	all, err := persona.Load(personas.FS)
	if err != nil {
		t.Fatal(err)
	}
	return all["user_investor"]
}

// bank is a simulated bank of a seed.
type bank struct {
	t       testing.TB
	market  *market.Market
	persona persona.Persona
	seed    string
}

func newBank(t testing.TB, seed string) *bank {
	return &bank{t, market.New(seed), investor(t), seed}
}

func (b *bank) asOf(day plaid.Date) connector.Batch {
	b.t.Helper()
	batch, err := books.Run(b.market, trading.Decide(b.market, b.seed, b.persona, created, day), "x", created, day)
	if err != nil {
		b.t.Fatal(err)
	}
	return batch
}

// TestTradersKeepTheBooks replays the log of each seed from nothing, day by day, and holds what the bank states on some of the
// days against it.
func TestTradersKeepTheBooks(t *testing.T) {
	const days = 500
	all := map[string]int{}
	for n := range needs.Cycles(4, 100) {
		b := newBank(t, fmt.Sprint("seed ", n))
		last := b.asOf(created.AddDays(days))
		for _, day := range []int{0, 1 + n%30, 97, 180 + n, 333, days} {
			today := created.AddDays(day)
			batch := b.asOf(today)
			b.prefix(batch, last, today)
			for _, a := range batch.Accounts {
				if b.trades(a.Key) {
					r := replay{bank: b, account: a, batch: batch, today: today, held: map[string]plaid.Decimal{}, closes: map[string][]held{}}
					r.run()
				}
			}
		}
		for _, tx := range last.InvestmentTransactions {
			if b.trades(tx.AccountKey) {
				all[tx.Type+"/"+tx.Subtype]++
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", n)
		}
	}
	// What traders are there for does happen.
	for _, want := range []string{
		"buy/buy", "sell/sell", "buy/buy to cover", "sell/sell short", "cancel/buy", "cancel/sell", "transfer/expire", "transfer/exercise",
		"transfer/assignment", "transfer/split", "cash/contribution", "cash/deposit", "cash/withdrawal", "cash/interest", "cash/qualified dividend",
		"buy/dividend reinvestment", "fee/interest receivable", "fee/margin expense", "fee/account fee",
	} {
		if all[want] == 0 {
			t.Errorf("no %s in %v", want, all)
		}
	}
}

func (b *bank) trades(account string) bool {
	i := slices.IndexFunc(b.persona.Accounts, func(a persona.Account) bool { return a.Key == account })
	return b.persona.Accounts[i].Trading != nil
}

// prefix holds a day's log against that of a later day: only trades that were broken over night are missing there.
func (b *bank) prefix(day, last connector.Batch, today plaid.Date) {
	b.t.Helper()
	text := func(tx connector.InvestmentTransaction) string {
		doc, err := plaid.JSON(tx)
		if err != nil {
			b.t.Fatal(err)
		}
		return string(doc)
	}
	later := map[[2]string]string{}
	count := 0
	for _, tx := range last.InvestmentTransactions {
		later[[2]string{tx.AccountKey, tx.Key}] = text(tx)
		if tx.Date <= today {
			count++
		}
	}
	for _, tx := range day.InvestmentTransactions {
		switch told, there := later[[2]string{tx.AccountKey, tx.Key}]; {
		case there && told == text(tx):
			count--
		case there || tx.Date != today || tx.Type != "buy" && tx.Type != "sell":
			b.t.Errorf("as of %s: %s is not what a later day tells", today, text(tx))
		}
	}
	if count != 0 {
		b.t.Errorf("as of %s: a later day tells %d more", today, count)
	}
}

// held is a position at a day's close.
type held struct {
	day      plaid.Date
	quantity plaid.Decimal
}

// replay rebuilds one account from its log alone.
type replay struct {
	*bank
	account connector.Account
	batch   connector.Batch
	today   plaid.Date
	cash    plaid.Decimal
	held    map[string]plaid.Decimal
	closes  map[string][]held
}

func (r *replay) fault(format string, args ...any) {
	r.t.Helper()
	r.t.Errorf("%s as of %s: %s", r.account.Key, r.today, fmt.Sprintf(format, args...))
}

func (r *replay) run() {
	for _, tx := range r.batch.InvestmentTransactions {
		if tx.AccountKey != r.account.Key {
			continue
		}
		r.cash = r.cash.Sub(tx.Amount)
		before := r.held[tx.SecurityKey]
		now := before.Add(tx.Quantity)
		r.held[tx.SecurityKey] = now
		if tx.Subtype == "buy to cover" && now.Sign() > 0 || tx.Subtype == "sell" && now.Sign() < 0 && tx.Type == "sell" {
			r.fault("%s %s leaves %s: long and short are told apart", tx.Key, tx.Name, now)
		}
		if now.Sign() < 0 && before.Sign() >= 0 && tx.Subtype != "sell short" && tx.Type != "cancel" {
			r.fault("%s %s leaves %s: that is no short sale", tx.Key, tx.Name, now)
		}
		r.signs(tx)
		if tx.SecurityKey != "" {
			r.closes[tx.SecurityKey] = append(r.closes[tx.SecurityKey], held{tx.Date, now})
		}
		switch {
		case strings.Contains(tx.Subtype, "dividend") && tx.Type == "cash":
			r.reason(tx, market.Dividend)
		case tx.Subtype == "interest" && strings.HasPrefix(tx.Name, "Interest ") && tx.SecurityKey != "":
			r.reason(tx, market.Interest)
		}
	}
	r.paid()
	r.balances()
}

// signs are those of the contract: what leaves the account is positive, units that come are.
func (r *replay) signs(tx connector.InvestmentTransaction) {
	good := false
	switch tx.Type {
	case "buy":
		good = tx.Quantity.Sign() > 0 && tx.Amount.Sign() >= 0
	case "sell":
		good = tx.Quantity.Sign() < 0 && tx.Amount.Cmp(*tx.Fees) <= 0
	case "fee":
		good = tx.Amount.Sign() > 0
	case "cash":
		good = tx.Quantity.IsZero() && (tx.Amount.Sign() > 0) == (tx.Subtype == "withdrawal")
	case "transfer":
		good = !tx.Quantity.IsZero()
	case "cancel":
		good = !tx.Quantity.IsZero() && tx.Quantity.Sign() == tx.Amount.Sign()
	}
	if !good || !plaid.Known(plaid.InvestmentTransactionTypes, tx.Type) || !plaid.Known(plaid.InvestmentTransactionSubtypes, tx.Subtype) {
		r.fault("%s %s/%s: quantity %s, amount %s", tx.Key, tx.Type, tx.Subtype, tx.Quantity, tx.Amount)
	}
}

// entitled is what is held over the night before an ex-date, without what the exchange broke in that night.
func (r *replay) entitled(security string, ex plaid.Date) plaid.Decimal {
	q := r.at(security, ex.AddDays(-1))
	for _, tx := range r.batch.InvestmentTransactions {
		if tx.AccountKey == r.account.Key && tx.SecurityKey == security && tx.Type == "cancel" && tx.Date == ex {
			q = q.Add(tx.Quantity)
		}
	}
	return q
}

// at is the position at the close of a day.
func (r *replay) at(security string, day plaid.Date) (q plaid.Decimal) {
	for _, c := range r.closes[security] {
		if c.day > day {
			break
		}
		q = c.quantity
	}
	return q
}

// reason looks for what a payment is for: a dividend or coupon of the security for what was held over the night before its
// ex-date.
func (r *replay) reason(tx connector.InvestmentTransaction, kind market.ActionKind) {
	for _, action := range r.market.Actions(tx.SecurityKey, tx.Date.AddDays(-120), tx.Date) {
		before := r.entitled(tx.SecurityKey, action.Date)
		if action.Kind == kind && action.PayDate == tx.Date && tx.Amount.Neg().Equal(before.Mul(action.Amount).Round(2)) {
			return
		}
	}
	r.fault("%s %s of %s on %s: nothing of that is due", tx.Key, tx.Name, tx.Amount, tx.SecurityKey)
}

// paid looks for the payment of each dividend and coupon that is due.
func (r *replay) paid() {
	paid := map[string]plaid.Decimal{}
	for _, tx := range r.batch.InvestmentTransactions {
		if tx.AccountKey == r.account.Key && (tx.Type == "cash" || tx.Type == "fee") {
			at := tx.SecurityKey + tx.Date.String()
			paid[at] = paid[at].Sub(tx.Amount)
		}
	}
	for security := range r.closes {
		for _, action := range r.market.Actions(security, created.AddDays(-735), r.today) {
			due := r.entitled(security, action.Date).Mul(action.Amount).Round(2)
			got := paid[security+action.PayDate.String()]
			less := due.Mul(plaid.DecimalFromInt(1).Sub(action.Withholding)).Round(2)
			if action.Kind == market.Dividend && action.PayDate <= r.today && !got.Equal(due) && got.Sub(less).Abs().Cmp(plaid.NewDecimal(1, -2)) > 0 {
				r.fault("%s pays %s on %s, and %s came", security, due, action.PayDate, got)
			}
		}
	}
}

// balances holds what the bank states of the present against what the log has come to.
func (r *replay) balances() {
	var sum, cash, loan plaid.Decimal
	if r.account.MarginLoan != nil {
		loan = *r.account.MarginLoan
	}
	stated := map[string]bool{}
	for _, h := range r.batch.Holdings {
		if h.AccountKey != r.account.Key {
			continue
		}
		sum = sum.Add(h.InstitutionValue)
		stated[h.SecurityKey] = true
		if !h.InstitutionValue.Equal(h.Quantity.Mul(h.InstitutionPrice).Round(2)) {
			r.fault("%s: %s x %s is not %s", h.SecurityKey, h.Quantity, h.InstitutionPrice, h.InstitutionValue)
		}
		s, _ := r.market.Security(h.SecurityKey)
		if *s.Type == "cash" {
			cash = h.Quantity
			continue
		}
		if !h.Quantity.Equal(r.held[h.SecurityKey]) {
			r.fault("%s of %s is held, the log has %s", h.Quantity, h.SecurityKey, r.held[h.SecurityKey])
		}
		if o := s.OptionContract; o != nil && o.ExpirationDate <= r.today {
			r.fault("%s has expired", h.SecurityKey)
		}
		if f := s.FixedIncome; f != nil && (*f.MaturityDate < r.today.AddDays(-5) || r.market.Accrued(h.SecurityKey, r.today).Sign() < 0) {
			r.fault("%s has matured, or has accrued less than nothing", h.SecurityKey)
		}
	}
	for security, q := range r.held {
		if security != "" && !q.IsZero() && !stated[security] {
			r.fault("the log has %s of %s, which is not held", q, security)
		}
	}
	if !r.cash.Equal(cash.Sub(loan)) || loan.Sign() > 0 && cash.Sign() > 0 {
		r.fault("cash %s and loan %s, but the log comes to %s", cash, loan, r.cash)
	}
	if current := r.account.Balances.Current; !current.Equal(sum.Sub(loan)) || current.Sign() <= 0 {
		r.fault("the balance is %s, the holdings %s, the loan %s", current, sum, loan)
	}
}

// TestDecisionsAreOfTheirDay: a later day adds orders, and changes none.
func TestDecisionsAreOfTheirDay(t *testing.T) {
	b := newBank(t, "seed")
	long := trading.Decide(b.market, "seed", b.persona, created, created.AddDays(300))
	for _, days := range []int{-700, 0, 1, 2, 3, 40, 299} {
		short := trading.Decide(b.market, "seed", b.persona, created, created.AddDays(days))
		for i, a := range short.Accounts {
			if later := long.Accounts[i].Orders; fmt.Sprint(orders(a.Orders)) != fmt.Sprint(orders(later[:len(a.Orders)])) {
				t.Errorf("as of day %d other orders were given in %s", days, a.Key)
			}
		}
	}
	other := trading.Decide(b.market, "another seed", b.persona, created, created)
	same := 0
	for i, a := range other.Accounts {
		if a.Trading != nil && fmt.Sprint(orders(a.Orders)) == fmt.Sprint(orders(long.Accounts[i].Orders[:len(a.Orders)])) {
			same++
		}
	}
	if same > 0 {
		t.Error("two seeds decide alike")
	}
	if len(b.persona.Accounts[7].Orders) > 10 {
		t.Error("the persona was changed")
	}
}

func orders(list []persona.Order) (lines []string) {
	for _, o := range list {
		day := 0
		if o.Day != nil {
			day = *o.Day
		}
		lines = append(lines, fmt.Sprint(day, o.Do, o.Security, o.Quantity, o.Share, o.Limit, o.Good, o.Broken, o.Chance, o.Option != nil))
	}
	return lines
}

// BenchmarkInvestor is what a fetch costs 500 days after the connection: more than three years of history.
func BenchmarkInvestor(b *testing.B) {
	bank := newBank(b, "weft")
	for b.Loop() {
		bank.asOf(created.AddDays(500))
	}
}
