package books

import (
	"cmp"
	"slices"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/plaid"
)

// statement is the bank's answer as of today.
func (l *ledger) statement(p persona.Persona) (connector.Batch, error) {
	l.day = l.today
	b := connector.Batch{
		Transactions: l.cashBook, InvestmentTransactions: l.log, InvestmentHistory: &connector.Window{From: min(l.first(), l.today), To: l.today},
	}
	for _, a := range l.accounts {
		holdings, err := l.holdings(a)
		if err != nil {
			return connector.Batch{}, err
		}
		b.Accounts = append(b.Accounts, l.state(p, a, holdings))
		if a.Type == plaid.TypeInvestment {
			b.Holdings = append(b.Holdings, holdings...)
		}
	}
	for _, s := range l.securities {
		if price, on, ok := l.market.Quote(s.Key, l.today); ok {
			s.ClosePrice, s.ClosePriceAsOf = &price, &on
		}
		b.Securities = append(b.Securities, s)
	}
	slices.SortFunc(b.Securities, func(a, b connector.Security) int { return cmp.Compare(a.Key, b.Key) })
	return b, nil
}

// state is an account with its balances: current is the worth of all holdings less the loan, available what could be
// withdrawn today, which is the cash that does not secure short positions.
func (l *ledger) state(p persona.Persona, a *account, holdings []connector.Holding) connector.Account {
	var current, shorts plaid.Decimal
	for _, h := range holdings {
		current = current.Add(h.InstitutionValue)
		if h.Quantity.Sign() < 0 {
			shorts = shorts.Sub(h.InstitutionValue)
		}
	}
	loan := plaid.Decimal{}
	if a.cash.Sign() < 0 {
		loan = a.cash.Neg()
	}
	current = current.Sub(loan)
	currency, subtype := a.Currency, a.Subtype
	out := connector.Account{Key: a.Key, Numbers: a.Numbers, Account: plaid.Account{
		Name: a.Name, OfficialName: text(a.OfficialName), Mask: text(a.Mask), Type: a.Type, Subtype: &subtype,
		HolderCategory: text(a.HolderCategory),
		Balances:       plaid.Balances{Current: &current, ISOCurrencyCode: &currency},
	}}
	if !a.Locked && a.Account.Cash != "" {
		free := a.cash.Sub(shorts)
		if free.Sign() < 0 {
			free = plaid.Decimal{}
		}
		out.Balances.Available = &free
	}
	if a.MarginPercent != nil || loan.Sign() > 0 {
		out.MarginLoan = &loan
	}
	for _, key := range a.Owners {
		out.Owners = append(out.Owners, p.Owners[key])
	}
	return out
}

// holdings are an account's positions, cash first, then by ticker.
func (l *ledger) holdings(a *account) ([]connector.Holding, error) {
	var list []connector.Holding
	if a.Account.Cash != "" {
		list = append(list, l.cashHolding(a))
	}
	keys := slices.Clone(a.order)
	slices.Sort(keys)
	for _, key := range keys {
		p := a.positions[key]
		if len(p.lots) == 0 {
			continue
		}
		h, err := l.holding(a, p)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, nil
}

// cashHolding is the account's cash, never negative: a loan is not a holding.
func (l *ledger) cashHolding(a *account) connector.Holding {
	cash, currency := a.cash, a.Currency
	if cash.Sign() < 0 {
		cash = plaid.Decimal{}
	}
	return connector.Holding{AccountKey: a.Key, SecurityKey: a.Account.Cash, Holding: plaid.Holding{
		InstitutionPrice: plaid.DecimalFromInt(1), InstitutionPriceAsOf: l.today.Ptr(), InstitutionValue: cash, Quantity: cash,
		CostBasis: cash.Ptr(), ISOCurrencyCode: &currency, TaxLots: []plaid.TaxLot{},
	}}
}

func (l *ledger) holding(a *account, p *position) (connector.Holding, error) {
	price, on, err := l.quote(a, p.security, l.today)
	if err != nil {
		return connector.Holding{}, err
	}
	quantity, basis, currency := p.quantity(), basisOf(p.lots), a.Currency
	value := quantity.Mul(price).Round(2)
	h := connector.Holding{AccountKey: a.Key, SecurityKey: p.security.Key, Holding: plaid.Holding{
		InstitutionPrice: price, InstitutionPriceAsOf: &on, InstitutionValue: value, CostBasis: &basis, Quantity: quantity,
		ISOCurrencyCode: &currency, TaxLots: taxLots(p.lots, price, value),
	}}
	if p.granted && quantity.Sign() > 0 {
		vested := p.vested
		h.VestedQuantity, h.VestedValue = &vested, vested.Mul(price).Round(2).Ptr()
	}
	return h, nil
}

// taxLots states lots. The last one takes the cents of rounding, so that their values add up to the holding's.
func taxLots(lots []lot, price, value plaid.Decimal) []plaid.TaxLot {
	list := make([]plaid.TaxLot, 0, len(lots))
	for i, l := range lots {
		current := l.quantity.Mul(price).Round(2)
		if i == len(lots)-1 {
			current = value
		}
		value = value.Sub(current)
		side := "LONG"
		if l.quantity.Sign() < 0 {
			side = "SHORT"
		}
		list = append(list, plaid.TaxLot{
			InstitutionLotID: &l.id, OriginalPurchaseDatetime: text(l.at), Quantity: l.quantity.Ptr(), PurchasePrice: l.price.Ptr(),
			CostBasis: l.basis.Ptr(), CurrentValue: &current, PositionType: &side,
		})
	}
	return list
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
