package custom

import (
	"weft/internal/plaid"
)

func (c *check) positions(path string, a *Account) {
	for i := range a.Holdings {
		c.holding(index(path+".holdings", i), &a.Holdings[i])
	}
	for i := range a.InvestmentTransactions {
		c.investment(index(path+".investment_transactions", i), &a.InvestmentTransactions[i])
	}
	// An account that does not name its type is an investment account if it has positions, where its subtype allows that.
	if a.Type == nil && (a.Subtype == nil || plaid.Known(plaid.SubtypesOf(plaid.TypeInvestment), *a.Subtype)) {
		return
	}
	if a.Type != nil && *a.Type == plaid.TypeInvestment {
		return
	}
	if len(prune(a.Holdings)) > 0 {
		c.fail(path+".holdings", "belong to an account of type investment")
	}
	if len(prune(a.InvestmentTransactions)) > 0 {
		c.fail(path+".investment_transactions", "belong to an account of type investment")
	}
}

func (c *check) holding(path string, h *Holding) {
	if isBlank(*h) {
		return
	}
	if h.Currency != nil && h.UnofficialCurrencyCode != nil {
		c.fail(path+".unofficial_currency_code", "cannot be set together with currency")
	}
	c.anyCurrency(path+".currency", h.Currency)
	c.matches(path+".unofficial_currency_code", h.UnofficialCurrencyCode, codePattern, "a code of letters and digits")
	c.datetime(path+".institution_price_datetime", h.InstitutionPriceDatetime)
	if h.Security == nil || isBlank(*h.Security) {
		c.fail(path+".security", "is required")
		return
	}
	c.security(path+".security", h.Security)
	if h.InstitutionValue == nil && h.Quantity != nil && h.InstitutionPrice != nil {
		if _, ok := Fit(h.Quantity.Mul(*h.InstitutionPrice)); !ok {
			c.fail(path+".quantity", "times institution_price is a number of more than %d digits", plaid.MaxDecimalText)
		}
	}
	for i, lot := range h.TaxLots {
		c.oneOf(index(path+".tax_lots", i)+".position_type", lot.PositionType, positionTypes)
		c.datetime(index(path+".tax_lots", i)+".original_purchase_datetime", lot.OriginalPurchaseDatetime)
	}
}

func (c *check) security(path string, s *Security) {
	if s.TickerSymbol == nil && s.CUSIP == nil && s.ISIN == nil && s.Name == nil && s.InstitutionSecurityID == nil {
		c.fail(path, "one of ticker_symbol, cusip, isin and name is required")
	}
	if s.Currency == nil {
		c.fail(path+".currency", "is required")
	}
	for _, text := range []struct {
		name  string
		value *string
	}{{"ticker_symbol", s.TickerSymbol}, {"name", s.Name}, {"institution_security_id", s.InstitutionSecurityID}} {
		if text.value != nil && *text.value == "" {
			c.fail(path+"."+text.name, "must not be empty")
		}
	}
	c.anyCurrency(path+".currency", s.Currency)
	c.matches(path+".isin", s.ISIN, isinPattern, "an ISIN of 12 characters")
	c.matches(path+".cusip", s.CUSIP, cusipPattern, "a CUSIP of 9 characters")
	c.matches(path+".sedol", s.SEDOL, sedolPattern, "a SEDOL of 7 characters")
	c.oneOf(path+".type", s.Type, plaid.SecurityTypes)
	c.oneOf(path+".subtype", s.Subtype, plaid.SecuritySubtypes)
	if o := s.OptionContract; o != nil && !isBlank(*o) {
		c.oneOf(path+".option_contract.contract_type", o.ContractType, contractTypes)
		for _, part := range []struct {
			name    string
			missing bool
		}{
			{"contract_type", o.ContractType == nil}, {"expiration_date", o.ExpirationDate == nil},
			{"strike_price", o.StrikePrice == nil}, {"underlying_security_ticker", o.UnderlyingSecurityTicker == nil},
		} {
			if part.missing {
				c.fail(path+".option_contract."+part.name, "is required")
			}
		}
	}
	if f := s.FixedIncome; f != nil && f.YieldRate != nil {
		c.oneOf(path+".fixed_income.yield_rate.type", f.YieldRate.Type, yieldRateTypes)
		if f.YieldRate.Percentage == nil && f.YieldRate.Type != nil {
			c.fail(path+".fixed_income.yield_rate.percentage", "is required")
		}
	}
}

func (c *check) investment(path string, t *InvestmentTransaction) {
	if isBlank(*t) {
		return
	}
	c.oneOf(path+".type", t.Type, investmentTypes)
	c.oneOf(path+".subtype", t.Subtype, plaid.InvestmentTransactionSubtypes)
	c.anyCurrency(path+".currency", t.Currency)
	c.datetime(path+".transaction_datetime", t.TransactionDatetime)
	if t.Security != nil && !isBlank(*t.Security) {
		c.security(path+".security", t.Security)
	}
	c.direction(path+".quantity", t)
	if t.Amount == nil && t.Quantity != nil && t.Price != nil {
		if _, ok := Fit(t.Quantity.Mul(*t.Price).Add(valueOr(t.Fees, plaid.Decimal{}))); !ok {
			c.fail(path+".quantity", "times price is a number of more than %d digits", plaid.MaxDecimalText)
		}
	}
}

// direction checks that a purchase adds units and a sale takes them away. A subtype that runs the other way excuses: the
// sandbox's contributions are negative, and an assigned or exercised option can go either way.
func (c *check) direction(path string, t *InvestmentTransaction) {
	if t.Quantity == nil || t.Type == nil {
		return
	}
	switch valueOr(t.Subtype, "") {
	case "contribution", "assignment", "exercise", "distribution":
		return
	}
	if *t.Type == "buy" && t.Quantity.Sign() < 0 {
		c.fail(path, "must be positive when type is buy")
	}
	if *t.Type == "sell" && t.Quantity.Sign() > 0 {
		c.fail(path, "must be negative when type is sell")
	}
}

// Fit rounds a calculated number to as many decimal places as fit into the longest number that can be stored; false if
// even its whole part does not fit.
func Fit(d plaid.Decimal) (plaid.Decimal, bool) {
	length := len(d.String())
	if length <= plaid.MaxDecimalText {
		return d, true
	}
	const places = 10
	rounded := d.Round(places)
	for p := int32(places); p >= 0 && len(rounded.String()) > plaid.MaxDecimalText; p-- {
		rounded = d.Round(p)
	}
	return rounded, len(rounded.String()) <= plaid.MaxDecimalText
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
