package insight

import (
	"slices"
	"strconv"

	"weft/internal/plaid"
)

// cashRules are those of cash.json. What people spend in MonthsKept months is not idle; it is measured over SpendingDays.
type cashRules struct {
	Subtypes         []string
	SpendingDays     days          `json:"spending_days"`
	MonthsKept       int64         `json:"months_kept"`
	NotSpending      []string      `json:"not_spending"`
	InterestCategory string        `json:"interest_category"`
	InterestDays     days          `json:"interest_days"`
	YearDays         days          `json:"year_days"`
	LeastIdle        plaid.Decimal `json:"least_idle"`
	LeastFound       plaid.Decimal `json:"least_found"`
	APRType          string        `json:"apr_type"`
}

// daysOfMonth makes days of months: spending is measured over days, and kept by months.
const daysOfMonth = 30

// purse is cash of one currency.
type purse struct {
	accounts []string
	cash     plaid.Decimal
}

// idleCash finds cards that charge interest while there is cash that nobody spends. The costliest card takes its part of the
// cash first.
func (b *book) idleCash() {
	interest := b.interest()
	var cards []Account
	for _, id := range b.ids {
		a := b.accounts[id]
		if a.Type == plaid.TypeCredit && a.Current != nil && a.Current.Sign() > 0 && (len(interest[id].rows) > 0 || chargesInterest(a)) {
			cards = append(cards, a)
		}
	}
	if len(cards) == 0 {
		return
	}
	slices.SortStableFunc(cards, func(x, y Account) int { return b.rate(y).Cmp(b.rate(x)) })
	idle := b.idle()
	for _, card := range cards {
		purse := idle[card.Currency]
		if purse == nil || purse.cash.Cmp(b.rules.scaled(b.rules.Cash.LeastIdle, card.Currency)) < 0 {
			continue
		}
		if b.tellIdle(card, *purse, interest[card.ID]) {
			purse.cash = purse.cash.Sub(*card.Current)
		}
	}
}

// paidInterest is the interest that a card charged within a year, and whether lately.
type paidInterest struct {
	rows []Transaction
	sum  plaid.Decimal
}

// interest is what cards charged, of those that did so lately.
func (b *book) interest() map[string]paidInterest {
	limits := b.rules.Cash
	all, lately := map[string]paidInterest{}, map[string]plaid.Decimal{}
	for _, t := range b.posted {
		age := ago(b.in.AsOf, t.Date)
		if t.Category != limits.InterestCategory || age >= limits.YearDays || t.Currency != b.accounts[t.Account].Currency {
			continue
		}
		p := all[t.Account]
		p.rows, p.sum = append(p.rows, t), p.sum.Add(t.Amount)
		all[t.Account] = p
		if age <= limits.InterestDays {
			lately[t.Account] = lately[t.Account].Add(t.Amount)
		}
	}
	for account, p := range all {
		if lately[account].Sign() <= 0 || p.sum.Sign() <= 0 {
			delete(all, account)
			continue
		}
		slices.SortFunc(p.rows, byDate)
	}
	return all
}

// chargesInterest: the card's terms say that interest was charged.
func chargesInterest(card Account) bool {
	return slices.ContainsFunc(card.APRs, func(a plaid.APR) bool { return a.InterestChargeAmount != nil && a.InterestChargeAmount.Sign() > 0 })
}

// rate is a card's rate for purchases, 0 where it is not known.
func (b *book) rate(card Account) (rate plaid.Decimal) {
	for _, a := range card.APRs {
		if a.Type == b.rules.Cash.APRType && a.Percentage.Cmp(rate) > 0 {
			rate = a.Percentage
		}
	}
	return rate
}

// idle is the cash by currency, beyond what is spent in the months that are kept.
func (b *book) idle() map[string]*purse {
	limits := b.rules.Cash
	all := map[string]*purse{}
	for _, id := range b.ids {
		a := b.accounts[id]
		has := a.Available
		if has == nil {
			has = a.Current
		}
		if a.Type != plaid.TypeDepository || has == nil || !slices.Contains(limits.Subtypes, a.Subtype) {
			continue
		}
		if all[a.Currency] == nil {
			all[a.Currency] = &purse{}
		}
		all[a.Currency].cash = all[a.Currency].cash.Add(*has)
		if has.Sign() > 0 {
			all[a.Currency].accounts = append(all[a.Currency].accounts, id)
		}
	}
	for _, t := range b.posted {
		purse := all[t.Currency]
		if purse != nil && t.Amount.Sign() > 0 && ago(b.in.AsOf, t.Date) < limits.SpendingDays && b.accounts[t.Account].Type == plaid.TypeDepository && !among(t.Category, limits.NotSpending) {
			purse.cash = purse.cash.Sub(t.Amount.Mul(plaid.DecimalFromInt(limits.MonthsKept*daysOfMonth)).Div(plaid.DecimalFromInt(int64(limits.SpendingDays)), 12))
		}
	}
	return all
}

// tellIdle tells of a card, and reports whether there was something to tell.
func (b *book) tellIdle(card Account, purse purse, interest paidInterest) bool {
	rate, owed := b.rate(card), *card.Current
	covered := owed
	if purse.cash.Cmp(owed) < 0 {
		covered = purse.cash
	}
	amount := covered.Mul(rate).Div(hundred, 6)
	figure := "A year's interest at " + rate.String() + "% on " + b.exact(covered, card.Currency) + " is "
	if len(card.APRs) == 0 && purse.cash.Cmp(owed) >= 0 {
		amount, figure = interest.sum, "The interest of the last year was "
	}
	if amount.Cmp(b.rules.scaled(b.rules.Cash.LeastFound, card.Currency)) < 0 {
		return false
	}
	f := finding{kind: IdleCash, about: card.Name, currency: card.Currency, amount: amount, first: []string{card.ID}, date: b.in.AsOf, rows: interest.rows,
		accounts: append([]string{card.ID}, purse.accounts...), words: map[string]string{"idle": b.exact(purse.cash, card.Currency),
			"months": strconv.FormatInt(b.rules.Cash.MonthsKept, 10), "figure": figure + b.exact(amount, card.Currency)}}
	if n := len(interest.rows); n > 0 {
		f.on, f.date = &interest.rows[n-1], interest.rows[n-1].Date
	}
	b.tell(f)
	return true
}

// exact writes an amount that was computed, rounded to the places of its currency.
func (b *book) exact(amount plaid.Decimal, currency string) string {
	return b.rules.money(b.rules.round(amount, currency), currency)
}
