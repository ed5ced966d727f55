package insight

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"weft/internal/plaid"
)

// subscriptionRules are those of subscriptions.json. SeveralAtOnce are categories of which people have several at one merchant
// for one price, such as telephones.
type subscriptionRules struct {
	Rhythms       []rhythm
	GraceDays     days `json:"grace_days"`
	Categories    []string
	SeveralAtOnce []string `json:"several_at_once"`
	Rise          struct {
		LeastPercent plaid.Decimal `json:"least_percent"`
		MostPercent  plaid.Decimal `json:"most_percent"`
		LeastAmount  plaid.Decimal `json:"least_amount"`
		RecentDays   days          `json:"recent_days"`
		// A payee with more prices is a shop.
		MostPrices int `json:"most_prices"`
	}
	Doubled struct {
		LeastPayments int  `json:"least_payments"`
		LeastTogether int  `json:"least_together"`
		ApartDays     days `json:"apart_days"`
	}
	Trial struct {
		MostPrice  plaid.Decimal `json:"most_price"`
		LeastPaid  plaid.Decimal `json:"least_paid"`
		LeastDays  days          `json:"least_days"`
		MostDays   days          `json:"most_days"`
		MostRows   int           `json:"most_rows"`
		MostPaid   int           `json:"most_paid"`
		RecentDays days          `json:"recent_days"`
		Except     []string
	}
}

var hundred = plaid.DecimalFromInt(100)

// priceRises finds subscriptions that were paid at one price for some time, and then at a higher one.
func (b *book) priceRises(rows []Transaction) {
	byAccount(rows, func(rows []Transaction) {
		if len(rows) < 2 || !among(rows[len(rows)-1].Category, b.rules.Subscriptions.Categories) {
			return
		}
		levels := b.rules.levels(rows)
		if len(levels) > b.rules.Subscriptions.Rise.MostPrices {
			return
		}
		for _, now := range levels {
			if before, beat := b.risenFrom(levels, rows, now); beat != nil {
				b.tellRise(before, now, beat)
			}
		}
	})
}

// risenFrom is the price that a subscription had before it had the present one, and its rhythm; nil where it had none.
func (b *book) risenFrom(levels []level, all []Transaction, now level) (best level, beat *rhythm) {
	for _, before := range levels {
		gap := ago(now.first().Date, before.last().Date)
		rhythm := b.rules.rhythmOf(gap)
		if rhythm == nil || !b.rises(before.price, now.price, now.first().Currency) || ago(b.in.AsOf, now.first().Date) > b.rules.Subscriptions.Rise.RecentDays || !b.active(now.last(), rhythm) {
			continue
		}
		if run, steady := b.rules.run(now.rows); len(run) < len(now.rows) || steady != nil && steady != rhythm {
			continue
		}
		run, steady := b.rules.run(before.rows)
		if len(run) < rhythm.LeastPayments || steady != nil && steady != rhythm {
			continue
		}
		// A payee that was paid twice in two years and often between is a shop.
		if rhythm.LeastPayments == 1 && between(all, before.last().Date, now.last().Date) != 1+len(now.rows)+len(now.extra) {
			continue
		}
		before.rows = run
		if beat == nil || before.price.Cmp(best.price) > 0 {
			best, beat = before, rhythm
		}
	}
	return best, beat
}

// rises: the step from one price to another is that of a price, not that to another thing.
func (b *book) rises(from, to plaid.Decimal, currency string) bool {
	limits := b.rules.Subscriptions.Rise
	step := to.Sub(from)
	percent := step.Mul(hundred)
	return step.Cmp(b.rules.scaled(limits.LeastAmount, currency)) >= 0 && percent.Cmp(from.Mul(limits.LeastPercent)) >= 0 && percent.Cmp(from.Mul(limits.MostPercent)) <= 0
}

func (b *book) tellRise(before, now level, beat *rhythm) {
	first := now.first()
	b.tell(finding{kind: PriceRise, about: called(first), currency: first.Currency, on: &first, date: first.Date, first: []string{first.Account, first.ID},
		amount: now.price.Sub(before.price).Mul(plaid.DecimalFromInt(beat.PerYear)), rows: append(slices.Clone(before.rows), now.rows...),
		words: map[string]string{"old": b.rules.money(before.price, first.Currency), "new": b.rules.money(now.price, first.Currency),
			"date": first.Date.String(), "per_year": strconv.FormatInt(beat.PerYear, 10)}})
}

// paid is one of several subscriptions of a payee at one price.
type paid struct {
	rows []Transaction
	beat *rhythm
}

// doubled finds subscriptions of one payee that are paid twice at the same price: from one account within a few days of each
// other, or from two accounts.
func (b *book) doubled(rows []Transaction) {
	limits := b.rules.Subscriptions
	if len(rows) < 2*limits.Doubled.LeastPayments || !among(rows[len(rows)-1].Category, limits.Categories) || among(rows[len(rows)-1].Category, limits.SeveralAtOnce) {
		return
	}
	prices := map[string][]paid{}
	byAccount(rows, func(rows []Transaction) {
		for _, l := range b.rules.levels(rows) {
			for _, track := range [][]Transaction{l.rows, l.extra} {
				run, beat := b.rules.run(track)
				if beat != nil && len(run) >= limits.Doubled.LeastPayments && b.active(run[len(run)-1], beat) {
					prices[canonical(l.price)] = append(prices[canonical(l.price)], paid{run, beat})
				}
			}
		}
	})
	for _, list := range prices {
		slices.SortFunc(list, func(x, y paid) int {
			return cmp.Or(cmp.Compare(x.rows[0].Date, y.rows[0].Date), strings.Compare(x.rows[0].ID, y.rows[0].ID))
		})
		for _, second := range list[1:] {
			b.tellDoubled(list[0], second)
		}
	}
}

func (b *book) tellDoubled(one, two paid) {
	last, other := two.rows[len(two.rows)-1], one.rows[len(one.rows)-1]
	slack := int(one.beat.LeastGap / 2)
	from, to := max(one.rows[0].Date, two.rows[0].Date).AddDays(-slack), min(last.Date, other.Date).AddDays(slack)
	least := b.rules.Subscriptions.Doubled.LeastTogether
	if one.beat != two.beat || between(one.rows, from, to) < least || between(two.rows, from, to) < least {
		return
	}
	first := two.rows[0]
	b.tell(finding{kind: Doubled, about: called(last), currency: last.Currency, on: &last, date: max(last.Date, other.Date), first: []string{first.Account, first.ID},
		amount: last.Amount.Mul(plaid.DecimalFromInt(two.beat.PerYear)), rows: append(slices.Clone(one.rows), two.rows...),
		words: map[string]string{"price": b.rules.money(last.Amount, last.Currency), "date": min(last.Date, other.Date).String(), "other": max(last.Date, other.Date).String()}})
}

// trials finds subscriptions whose first payments were next to nothing, and that have become paid.
func (b *book) trials(rows []Transaction) {
	limits := b.rules.Subscriptions.Trial
	byAccount(rows, func(rows []Transaction) {
		category := rows[len(rows)-1].Category
		if len(rows) < 2 || len(rows) > limits.MostRows+limits.MostPaid || !among(category, b.rules.Subscriptions.Categories) || among(category, limits.Except) {
			return
		}
		most, least := b.rules.scaled(limits.MostPrice, rows[0].Currency), b.rules.scaled(limits.LeastPaid, rows[0].Currency)
		n, charged := 0, plaid.DecimalFromInt(0)
		for n < len(rows) && rows[n].Amount.Cmp(most) <= 0 {
			n++
		}
		since := rows[n:]
		if n == 0 || n > limits.MostRows || len(since) == 0 || len(since) > limits.MostPaid {
			return
		}
		for _, r := range since {
			if r.Amount.Cmp(least) < 0 || !r.Amount.Equal(since[0].Amount) {
				return
			}
			charged = charged.Add(r.Amount)
		}
		trial, first := rows[n-1], since[0]
		gap := ago(first.Date, trial.Date)
		if gap < limits.LeastDays || gap > limits.MostDays || ago(b.in.AsOf, first.Date) > limits.RecentDays {
			return
		}
		b.tell(finding{kind: Trial, about: called(first), currency: first.Currency, amount: charged, on: &first, date: first.Date,
			first: []string{first.Account, first.ID}, rows: rows, words: map[string]string{"old": b.rules.money(rows[0].Amount, first.Currency),
				"other": rows[0].Date.String(), "new": b.rules.money(first.Amount, first.Currency), "date": first.Date.String()}})
	})
}
