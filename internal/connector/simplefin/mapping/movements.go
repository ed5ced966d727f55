package mapping

import (
	"weft/internal/connector"
	"weft/internal/connector/simplefin/rules"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

// Movement is one movement of an investment account. SimpleFIN gives its cash and its text alone: the amount is the
// bank's, with the sign turned, and what it was is inferred.
func (b *Book) Movement(acc wire.Account, row wire.Transaction, on plaid.Date) connector.InvestmentTransaction {
	inward := row.Amount.Sign() > 0
	text := row.Description
	class, known := rules.ClassifyRow(text, inward)
	for _, other := range []string{row.Memo, row.Payee} {
		if !known && other != "" {
			class, known = rules.ClassifyRow(other, inward)
		}
		text += " " + other
	}
	t := connector.InvestmentTransaction{Key: row.ID, AccountKey: acc.ID, InvestmentTransaction: plaid.InvestmentTransaction{
		Date: on, Name: nameOf(row), Amount: row.Amount.Neg(),
	}}
	t.ISOCurrencyCode, t.UnofficialCurrencyCode = rules.Currency(acc.Currency)
	t.SecurityKey = b.find(acc, text, class.OfSecurity && known)
	trade := class.Type == "buy" || class.Type == "sell"
	if trade && t.SecurityKey == "" { // a trade of nobody knows what is a movement of cash
		class, _ = rules.ClassifyRow("", inward)
	}
	t.Type, t.Subtype = class.Type, class.Subtype
	if trade && t.SecurityKey != "" {
		t.Quantity, t.Price = traded(text, row.Amount)
		if class.Type == "sell" {
			t.Quantity = t.Quantity.Neg()
		}
	}
	return t
}

// traded is the quantity and the price that a text tells, if they make the amount but for fees; else 0.
func traded(text string, amount plaid.Decimal) (units, price plaid.Decimal) {
	u, p, ok := rules.Traded(text)
	if !ok {
		return plaid.Decimal{}, plaid.Decimal{}
	}
	units, uErr := plaid.ParseDecimal(u)
	price, pErr := plaid.ParseDecimal(p)
	if uErr != nil || pErr != nil || len(u) > 20 || len(p) > 20 {
		return plaid.Decimal{}, plaid.Decimal{}
	}
	off := units.Mul(price).Sub(amount.Abs()).Abs()
	if off.Mul(plaid.DecimalFromInt(50)).Cmp(amount.Abs()) > 0 { // more than 2 %
		return plaid.Decimal{}, plaid.Decimal{}
	}
	return units, price
}
