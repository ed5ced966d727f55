package insight

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"weft/internal/plaid"
)

// feeRules are those of fees.json. A fee is known by its category, or among banks' fees by words of its name.
type feeRules struct {
	WithinDays  days          `json:"within_days"`
	RefundDays  days          `json:"refund_days"`
	LeastAmount plaid.Decimal `json:"least_amount"`
	RefundWords []string      `json:"refund_words"`
	Fees        []struct {
		Name                string
		Categories, Phrases []string
	}
}

// bankFees begins the categories of what banks charge.
const bankFees = "BANK_FEES_"

// sort is the name of the fee that a row is, or gives back; empty for none of the rules.
func (r *feeRules) sort(t Transaction) string {
	name := strings.ToLower(t.Name)
	words := " " + strings.Join(strings.FieldsFunc(name, func(c rune) bool { return c < 'a' || c > 'z' }), " ") + " "
	for _, f := range r.Fees {
		if slices.Contains(f.Categories, t.Category) {
			return f.Name
		}
	}
	for _, f := range r.Fees {
		for _, phrase := range f.Phrases {
			if strings.Contains(words, " "+phrase+" ") {
				return f.Name
			}
		}
	}
	return ""
}

// refunds reports whether money that arrived is a fee that came back.
func (r *feeRules) refunds(t Transaction) bool {
	name := strings.ToLower(t.Name)
	fee := strings.HasPrefix(t.Category, bankFees) || strings.Contains(name, "fee")
	return fee && (strings.HasPrefix(t.Category, bankFees) || slices.ContainsFunc(r.RefundWords, func(w string) bool { return strings.Contains(name, w) }))
}

// feeKey is what fees have in common that are told of as one.
type feeKey struct{ account, sort, currency string }

// charged is what was charged of a sort of fee, and what came back of it.
type charged struct {
	rows []Transaction
	back plaid.Decimal
}

// fees finds what banks charged within a year for what need not be.
func (b *book) fees() {
	limits := b.rules.Fees
	all := map[feeKey]*charged{}
	var refunds []Transaction
	for _, t := range b.posted {
		switch {
		case ago(b.in.AsOf, t.Date) >= limits.WithinDays:
		case t.Amount.Sign() < 0 && limits.refunds(t):
			refunds = append(refunds, t)
		case t.Amount.Sign() > 0 && strings.HasPrefix(t.Category, bankFees):
			if sort := limits.sort(t); sort != "" {
				key := feeKey{t.Account, sort, t.Currency}
				if all[key] == nil {
					all[key] = &charged{}
				}
				all[key].rows = append(all[key].rows, t)
			}
		}
	}
	for _, c := range all {
		slices.SortFunc(c.rows, byDate)
	}
	slices.SortFunc(refunds, byDate)
	for _, r := range refunds {
		b.giveBack(all, r)
	}
	for key, c := range all {
		b.tellFees(key, c)
	}
}

// giveBack sets a refund against the fees of its sort, or where it names none against a fee of its amount.
func (b *book) giveBack(all map[feeKey]*charged, refund Transaction) {
	limits := b.rules.Fees
	sort, amount := limits.sort(refund), refund.Amount.Neg()
	var near *charged
	for _, f := range limits.Fees {
		c := all[feeKey{refund.Account, f.Name, refund.Currency}]
		if c == nil || sort != "" && sort != f.Name {
			continue
		}
		for i, fee := range slices.Backward(c.rows) {
			if ago(refund.Date, fee.Date) > limits.RefundDays {
				break
			}
			if fee.Amount.Equal(amount) && fee.Date <= refund.Date {
				c.rows = slices.Delete(c.rows, i, i+1)
				return
			}
		}
		near = c
	}
	if sort != "" && near != nil {
		near.back = near.back.Add(amount)
	}
}

func (b *book) tellFees(key feeKey, c *charged) {
	sum := c.back.Neg()
	for _, r := range c.rows {
		sum = sum.Add(r.Amount)
	}
	if len(c.rows) == 0 || sum.Cmp(b.rules.scaled(b.rules.Fees.LeastAmount, key.currency)) < 0 {
		return
	}
	last := c.rows[len(c.rows)-1]
	count, refunds := "once", ""
	if n := len(c.rows); n > 1 {
		count = strconv.Itoa(n) + " times"
	}
	if c.back.Sign() > 0 {
		refunds = ", less " + b.rules.money(c.back, key.currency) + " that came back"
	}
	b.tell(finding{kind: Fee, about: key.sort, currency: key.currency, amount: sum, on: &last, date: last.Date, first: []string{key.account, key.sort, key.currency},
		rows: c.rows, words: map[string]string{"date": b.in.AsOf.String(), "count": count, "refunds": refunds}})
}

// byDate orders rows by their days.
func byDate(x, y Transaction) int {
	return cmp.Or(cmp.Compare(x.Date, y.Date), strings.Compare(x.ID, y.ID))
}
