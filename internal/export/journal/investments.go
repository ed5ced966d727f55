package journal

import (
	"maps"
	"slices"

	"weft/internal/export/ledger"
	"weft/internal/plaid"
)

// investments keeps an account of instruments and money. Instruments are kept by their quantities and what was paid for them, with
// no lots: what lots a bank sells it seldom says.
func (k *keeper) investments(a *ledger.Account) {
	name := k.names.account(a)
	first, last := a.Days()
	k.open(name, first)
	moved := map[string]plaid.Decimal{}
	see := func(e entry) {
		for _, p := range e.postings {
			if p.account == name {
				moved[p.commodity] = moved[p.commodity].Add(p.quantity)
			}
		}
		k.add(e)
	}
	for _, t := range a.Investments {
		see(k.investment(a, name, t))
	}
	for _, t := range a.Transactions { // of a cash management account
		currency := k.names.currency(ledger.Currency(t.ISOCurrencyCode, t.UnofficialCurrencyCode, a.Currency()))
		see(entry{date: t.Date, pending: t.Pending, payee: text(t.MerchantName), narration: t.Name, id: t.TransactionID, postings: []posting{
			{account: name, quantity: t.Amount.Neg(), commodity: currency}, {account: counter(t), quantity: t.Amount, commodity: currency},
		}})
	}
	if !k.book.ToPresent {
		return
	}
	k.positions(a, name, first, last, moved)
	cash, known := k.book.Cash(a)
	if !known {
		return
	}
	for _, currency := range slices.Sorted(maps.Keys(cash)) {
		k.holds(name, first, last, amount{cash[currency], k.names.currency(currency)}, moved)
	}
}

// positions says what an account holds of each instrument.
func (k *keeper) positions(a *ledger.Account, name string, first, last plaid.Date, moved map[string]plaid.Decimal) {
	held := map[string]plaid.Decimal{}
	for _, h := range a.Holdings {
		s := k.book.Security(h.SecurityID)
		if ledger.IsCash(s) {
			continue
		}
		symbol := k.names.security(h.SecurityID)
		held[symbol] = held[symbol].Add(h.Quantity)
		if h.InstitutionPriceAsOf != nil && h.InstitutionPrice.Sign() > 0 {
			currency := k.names.currency(ledger.Currency(h.ISOCurrencyCode, h.UnofficialCurrencyCode, a.Currency()))
			k.out.prices = append(k.out.prices, price{*h.InstitutionPriceAsOf, symbol, amount{h.InstitutionPrice, currency}})
		}
	}
	for symbol := range moved { // what was sold is zero, where the bank states its positions
		if _, ok := held[symbol]; !ok && k.names.isSecurity(symbol) && len(a.Holdings) > 0 {
			held[symbol] = plaid.Decimal{}
		}
	}
	for _, symbol := range slices.Sorted(maps.Keys(held)) {
		k.holds(name, first, last, amount{held[symbol], symbol}, moved)
	}
}

// investment is the entry of one event. What the money and the fee do not explain of a trade's worth is what the instrument was
// exchanged for; where that cannot be (shares that come for nothing, or go), it is exchanged for nothing.
func (k *keeper) investment(a *ledger.Account, name string, t plaid.InvestmentTransaction) entry {
	currency := k.names.currency(ledger.Currency(t.ISOCurrencyCode, t.UnofficialCurrencyCode, a.Currency()))
	e := entry{date: t.Date, narration: t.Name, id: t.InvestmentTransactionID}
	cash := posting{account: name, quantity: t.Amount.Neg(), commodity: currency}
	var s *plaid.Security
	if t.SecurityID != nil {
		s = k.book.Security(*t.SecurityID)
	}
	if s == nil || ledger.IsCash(s) || t.Quantity.IsZero() {
		e.postings = []posting{cash, {account: source(t), quantity: t.Amount, commodity: currency}}
		return e
	}
	fee := plaid.Decimal{}
	if t.Fees != nil {
		fee = *t.Fees
	}
	worth := t.Amount.Sub(fee)
	shares := posting{account: name, quantity: t.Quantity, commodity: k.names.security(s.SecurityID), total: &amount{worth.Abs(), currency}}
	e.postings = []posting{shares, cash, {account: fees, quantity: fee, commodity: currency}}
	if worth.Sign() != t.Quantity.Sign() {
		e.postings[0].total = &amount{plaid.Decimal{}, currency}
		e.postings = append(e.postings, posting{account: source(t), quantity: worth, commodity: currency})
	}
	return e
}

// sources are the accounts of money that comes and goes without an instrument, by subtype, where the type does not say it.
var sources = map[string]string{
	"dividend": "Income:Dividends", "qualified dividend": "Income:Dividends", "non-qualified dividend": "Income:Dividends",
	"dividend reinvestment": "Income:Dividends", "stock distribution": "Income:Dividends",
	"interest": "Income:Interest", "interest receivable": "Income:Interest", "interest reinvestment": "Income:Interest",
	"margin expense":         "Expenses:Interest",
	"long-term capital gain": "Income:Capital-Gains", "long-term capital gain reinvestment": "Income:Capital-Gains",
	"short-term capital gain": "Income:Capital-Gains", "short-term capital gain reinvestment": "Income:Capital-Gains",
	"unqualified gain": "Income:Capital-Gains",
	"tax":              "Expenses:Taxes", "tax withheld": "Expenses:Taxes", "non-resident tax": "Expenses:Taxes",
	"return of principal": conversion, "merger": conversion, "spin off": conversion, "split": conversion,
	"exercise": conversion, "assignment": conversion, "expire": conversion,
}

func source(t plaid.InvestmentTransaction) string {
	if account, ok := sources[t.Subtype]; ok {
		return account
	}
	switch t.Type {
	case "fee":
		return fees
	case "buy", "sell", "cancel":
		return conversion
	}
	return transfers
}
