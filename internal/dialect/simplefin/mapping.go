package simplefin

import (
	"cmp"
	"strings"
	"time"

	"weft/internal/ident"
	"weft/internal/plaid"
)

// account is an account with its rows and positions. Stated is false where its bank gives no balance.
func (c *contents) account(a plaid.Account) (out account, stated bool) {
	currency := currencyOf(a.Balances.ISOCurrencyCode, a.Balances.UnofficialCurrencyCode)
	balance := balanceOf(a)
	out = account{
		ID: a.AccountID, Name: nameOf(a), ConnID: c.item.ID, Currency: currency, Balance: "0.00",
		BalanceDate: c.balanceDate(a), Transactions: []transaction{}, Holdings: []holding{},
		Extra: extra{Type: a.Type, Subtype: deref(a.Subtype)},
	}
	if balance != nil {
		out.Balance = money(*balance)
	}
	if a.Balances.Available != nil {
		out.Available = money(*a.Balances.Available)
	}
	for _, row := range c.transactions {
		if row.accountID == a.AccountID {
			out.Transactions = append(out.Transactions, bankTransaction(row, currency))
		}
	}
	for _, t := range c.investments {
		if t.AccountID == a.AccountID {
			out.Transactions = append(out.Transactions, c.investmentTransaction(t, currency))
		}
	}
	for _, h := range c.holdings {
		if h.AccountID == a.AccountID {
			out.Holdings = append(out.Holdings, c.holding(h, out.BalanceDate))
		}
	}
	return out, balance != nil
}

// balanceOf is an account's balance with SimpleFIN's sign: what is owed is negative there. What can be withdrawn stands in
// for a balance that the bank does not give, but says nothing of what is owed.
func balanceOf(a plaid.Account) *plaid.Decimal {
	switch owed := a.Type == plaid.TypeCredit || a.Type == plaid.TypeLoan; {
	case a.Balances.Current != nil && owed:
		return a.Balances.Current.Neg().Ptr()
	case a.Balances.Current != nil || owed:
		return a.Balances.Current
	}
	return a.Balances.Available
}

// nameOf is an account's name with the end of its number: programs show little else to tell accounts apart.
func nameOf(a plaid.Account) string {
	if mask := deref(a.Mask); mask != "" && !strings.HasSuffix(a.Name, mask) {
		return a.Name + " (" + mask + ")"
	}
	return a.Name
}

// balanceDate is when an account's balance was what it is, in seconds. A first moment of a day is what a statement says that
// names the day alone.
func (c *contents) balanceDate(a plaid.Account) int64 {
	at := c.asOf[a.AccountID]
	if text := deref(a.Balances.LastUpdatedDatetime); text != "" {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			at = t
		}
	}
	if at.Unix()%daySeconds == 0 {
		return moment(plaid.DateOf(at))
	}
	return at.Unix()
}

func bankTransaction(row bankRow, currency string) transaction {
	t := transaction{
		ID: row.id, Posted: moment(row.Date), Amount: money(row.Amount.Neg()), Description: row.Name, Pending: row.Pending,
		Payee: cmp.Or(row.Payee, row.Name), // Actual Budget refuses rows without one
		Memo:  foreign(row.Memo, currency, row.ISOCurrencyCode, row.UnofficialCurrencyCode),
	}
	if row.AuthorizedDate != nil {
		t.TransactedAt = moment(*row.AuthorizedDate)
	}
	if row.Pending { // it has no other day
		t.Posted, t.TransactedAt = 0, cmp.Or(t.TransactedAt, t.Posted)
	}
	return t
}

// investmentTransaction is the movement of cash of an investment transaction, and in words what else it was.
func (c *contents) investmentTransaction(t plaid.InvestmentTransaction, currency string) transaction {
	memo := t.Subtype
	if !t.Quantity.IsZero() {
		memo += ": " + t.Quantity.Abs().String() + " shares"
		if !t.Price.IsZero() {
			memo += " @ " + t.Price.String()
		}
	}
	if t.SecurityID != nil {
		if symbol := symbolOf(c.securities[*t.SecurityID]); symbol != "" && !strings.Contains(symbol, ":") {
			memo += " (" + symbol + ")"
		}
	}
	return transaction{
		ID: t.InvestmentTransactionID, Posted: moment(t.Date), Amount: money(t.Amount.Neg()), Description: t.Name, Payee: t.Name,
		Memo: foreign(memo, currency, t.ISOCurrencyCode, t.UnofficialCurrencyCode),
	}
}

// foreign tells the currency of a row where it is not its account's: SimpleFIN has no place for it.
func foreign(memo, currency string, iso, unofficial *string) string {
	if own := currencyOf(iso, unofficial); own != currency && own != noCurrency {
		return strings.TrimSpace(memo + " in " + own)
	}
	return memo
}

// unknownAmount is what the SimpleFIN Bridge writes for a cost that is not known.
const unknownAmount = "0.00"

// pricePlaces is to how many places the price is told that was paid for a share.
const pricePlaces = 10

func (c *contents) holding(h plaid.Holding, at int64) holding {
	security := c.securities[h.SecurityID]
	out := holding{
		ID: ident.Derive("simplefin holding", h.AccountID, h.SecurityID), Created: at,
		Currency: currencyOf(h.ISOCurrencyCode, h.UnofficialCurrencyCode), CostBasis: unknownAmount, PurchasePrice: unknownAmount,
		MarketValue: h.InstitutionValue.String(), Shares: h.Quantity.String(), Symbol: symbolOf(security),
	}
	out.Description = cmp.Or(deref(security.Name), out.Symbol)
	if h.CostBasis != nil {
		out.CostBasis = h.CostBasis.String()
		if !h.Quantity.IsZero() {
			out.PurchasePrice = perShare(*h.CostBasis, h.Quantity)
		}
	}
	return out
}

// symbolOf is what a security is known by: programs take the symbol for its identity.
func symbolOf(s plaid.Security) string {
	return cmp.Or(deref(s.TickerSymbol), deref(s.CUSIP), deref(s.ISIN), deref(s.SEDOL))
}

// money is an amount with two decimal places at least: Actual Budget takes the point away and reads cents.
func money(d plaid.Decimal) string { return cents(d.String()) }

func cents(text string) string {
	_, places, _ := strings.Cut(text, ".")
	switch len(places) {
	case 0:
		return strings.TrimSuffix(text, ".") + ".00"
	case 1:
		return text + "0"
	}
	return text
}

// perShare is what was paid for a share, without the zeros that the division adds.
func perShare(cost, shares plaid.Decimal) string {
	text := cost.Div(shares, pricePlaces).Abs().String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(text, "0")
	}
	return cents(text)
}

// noCurrency is what ISO 4217 has for what has no currency.
const noCurrency = "XXX"

// currencyOf is a currency as SimpleFIN has it: a code, or a URL that names miles and points. Our own client keeps host and
// path of such a URL, which become a URL again; BTC stays BTC, which no URL of ours would tell a program better.
func currencyOf(iso, unofficial *string) string {
	code := cmp.Or(deref(iso), deref(unofficial), noCurrency)
	if host, _, path := strings.Cut(code, "/"); path && strings.Contains(host, ".") && !strings.Contains(code, "://") {
		return "https://" + code
	}
	return code
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
