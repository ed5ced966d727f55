package insight

import (
	"slices"
	"strconv"

	"weft/internal/plaid"
)

// chargeRules are those of charges.json. A whole multiple of RoundTo below RoundBelow is an amount that people pay twice; so is
// one that was paid UsualAfter other times. A payee that takes several payments on HabitAfter other days does so by habit.
type chargeRules struct {
	Duplicate struct {
		WithinDays  days          `json:"within_days"`
		RecentDays  days          `json:"recent_days"`
		LeastAmount plaid.Decimal `json:"least_amount"`
		RoundTo     plaid.Decimal `json:"round_to"`
		RoundBelow  plaid.Decimal `json:"round_below"`
		UsualAfter  int           `json:"usual_after"`
		HabitAfter  int           `json:"habit_after"`
		Except      []string
	}
	Unusual struct {
		LeastBefore int           `json:"least_before"`
		Times       plaid.Decimal `json:"times"`
		LeastAmount plaid.Decimal `json:"least_amount"`
		RecentDays  days          `json:"recent_days"`
		Categories  []string
	}
	RefundDays days `json:"refund_days"`
}

// charges finds what was charged twice, and what is far above the usual.
func (b *book) charges(rows []Transaction) {
	byAccount(rows, func(rows []Transaction) {
		if ago(b.in.AsOf, rows[len(rows)-1].Date) <= max(b.rules.Charges.Duplicate.RecentDays, b.rules.Charges.Unusual.RecentDays) {
			b.duplicates(rows)
			b.unusual(rows)
		}
	})
}

// duplicates finds two charges of one amount within a day, and no third.
func (b *book) duplicates(rows []Transaction) {
	limits := b.rules.Charges.Duplicate
	busy := busyDays(rows)
	for _, l := range b.rules.levels(rows) {
		for at, second := range l.extra {
			first, ok := partner(l.rows, second, limits.WithinDays)
			alone := (at == 0 || ago(second.Date, l.extra[at-1].Date) > b.rules.Subscriptions.Doubled.ApartDays) &&
				(at == len(l.extra)-1 || ago(l.extra[at+1].Date, second.Date) > b.rules.Subscriptions.Doubled.ApartDays)
			if !ok || !alone || ago(b.in.AsOf, second.Date) > limits.RecentDays || among(second.Category, limits.Except) {
				continue
			}
			if b.billedTwice(l) || busy <= limits.HabitAfter && otherDays(l, first, second) < limits.UsualAfter && b.chargedOnce(l.price, second.Currency) {
				b.tellDuplicate(first, second)
			}
		}
	}
}

// busyDays is on how many days a payee took several payments.
func busyDays(rows []Transaction) (n int) {
	for i := 1; i < len(rows); i++ {
		if rows[i].Date == rows[i-1].Date && (i == 1 || rows[i-2].Date != rows[i].Date) {
			n++
		}
	}
	return n
}

// otherDays is how many payments of the amount there are besides two.
func otherDays(l level, first, second Transaction) (n int) {
	for _, r := range append(slices.Clone(l.rows), l.extra...) {
		if r.ID != first.ID && r.ID != second.ID {
			n++
		}
	}
	return n
}

// partner is the row that another repeats.
func partner(rows []Transaction, second Transaction, within days) (first Transaction, ok bool) {
	for i := len(rows) - 1; i >= 0 && !ok && ago(second.Date, rows[i].Date) <= within; i-- {
		first, ok = rows[i], rows[i].Date <= second.Date
	}
	return first, ok
}

// billedTwice: a subscription with one payment too many.
func (b *book) billedTwice(l level) bool {
	limits := b.rules.Subscriptions
	run, beat := b.rules.run(l.rows)
	category := l.last().Category
	return len(l.extra) == 1 && beat != nil && len(run) == len(l.rows) && len(run) >= limits.Doubled.LeastPayments &&
		among(category, limits.Categories) && !among(category, limits.SeveralAtOnce)
}

// chargedOnce: an amount that people do not pay twice by intention.
func (b *book) chargedOnce(amount plaid.Decimal, currency string) bool {
	limits := b.rules.Charges.Duplicate
	if amount.Cmp(b.rules.scaled(limits.LeastAmount, currency)) < 0 {
		return false
	}
	to := b.rules.scaled(limits.RoundTo, currency)
	return amount.Cmp(b.rules.scaled(limits.RoundBelow, currency)) >= 0 || !amount.Div(to, 12).Trunc(0).Mul(to).Equal(amount)
}

func (b *book) tellDuplicate(first, second Transaction) {
	when := "on " + first.Date.String()
	if first.Date != second.Date {
		when += " and on " + second.Date.String()
	}
	b.tell(finding{kind: Duplicate, about: called(second), currency: second.Currency, amount: second.Amount, on: &second, date: second.Date,
		first: []string{second.Account, second.ID}, rows: []Transaction{first, second},
		words: map[string]string{"when": when}})
}

// unusual finds charges that are far above all before them, where a payee's charges are much alike.
func (b *book) unusual(rows []Transaction) {
	limits := b.rules.Charges.Unusual
	highest := plaid.DecimalFromInt(0)
	for i, r := range rows {
		above := r.Amount.Sub(highest)
		if i >= limits.LeastBefore && ago(b.in.AsOf, r.Date) <= limits.RecentDays && among(r.Category, limits.Categories) &&
			r.Amount.Cmp(highest.Mul(limits.Times)) >= 0 && above.Cmp(b.rules.scaled(limits.LeastAmount, r.Currency)) >= 0 {
			b.tell(finding{kind: Unusual, about: called(r), currency: r.Currency, amount: above, on: &r, date: r.Date,
				first: []string{r.Account, r.ID}, rows: rows[:i+1], words: map[string]string{"new": b.rules.money(r.Amount, r.Currency),
					"date": r.Date.String(), "count": strconv.Itoa(i), "old": b.rules.money(highest, r.Currency)}})
		}
		if above.Sign() > 0 {
			highest = r.Amount
		}
	}
}
