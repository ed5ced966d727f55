package market

import (
	"cmp"
	"slices"
	"time"

	"weft/internal/plaid"
)

// ActionKind says what a corporate action does to a position.
type ActionKind string

// The kinds of corporate actions.
const (
	Dividend    ActionKind = "dividend"     // Amount of cash per unit
	CapitalGain ActionKind = "capital gain" // Amount of cash per unit of a fund: a long-term gain
	Interest    ActionKind = "interest"     // Amount of cash per 100 of face value
	Maturity    ActionKind = "maturity"     // the position ends, Amount of cash per 100 of face value
	Split       ActionKind = "split"        // each unit becomes Ratio units
	Merger      ActionKind = "merger"       // each unit becomes Ratio units of Into and Amount of cash
	SpinOff     ActionKind = "spin off"     // each unit brings Ratio units of Into and stays
)

// Action is a corporate action. A position has a right to it if it was held before Date: the close of the day before
// counts, trades of the day itself do not.
type Action struct {
	Kind   ActionKind
	Ticker string
	// Date is the ex-date of a dividend or capital gain, and the effective day of everything else: always a trading day.
	Date plaid.Date
	// PayDate is when cash is paid; it is Date itself for all but dividends and capital gains.
	PayDate plaid.Date
	// Amount is cash per unit in the security's currency, positive.
	Amount plaid.Decimal
	Ratio  plaid.Decimal
	Into   string
	// PaidAs is the investment transaction subtype of a dividend: dividend, qualified dividend, non-qualified dividend.
	PaidAs string
	// Withholding is the share of the amount that a foreign state keeps: 0.15.
	Withholding plaid.Decimal
}

// Actions are the corporate actions of a ticker whose Date lies from..to, both included, in the order of their dates.
func (m *Market) Actions(ticker string, from, to plaid.Date) []Action {
	a, ok := m.lookup(ticker)
	from, to = max(from, firstDay), min(to, lastDay)
	if !ok || from > to {
		return nil
	}
	return a.actions(m, from, to)
}

// payLag is the number of days from an ex-date to the payment.
const payLag = 14

func (in *instrument) actions(m *Market, from, to plaid.Date) []Action {
	var list []Action
	add := func(a Action) {
		if a.Date >= from && a.Date <= to {
			a.Ticker = in.Ticker
			if a.PayDate == 0 {
				a.PayDate = a.Date
			}
			list = append(list, a)
		}
	}
	months := payMonths(in.Pays)
	for at := from.Time(); ; at = time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC) {
		y, mo := at.Year(), at.Month()
		if plaid.NewDate(y, mo, 1) > to {
			break
		}
		if months > 0 && (int(mo)-in.PayMonth)%months == 0 {
			add(in.dividend(m, y, mo, months))
		}
		if mo == time.December && in.GainBP > 0 {
			ex := m.NextTradingDay(plaid.NewDate(y, mo, 17))
			add(Action{Kind: CapitalGain, Date: ex, PayDate: m.NextTradingDay(ex.AddDays(1)), Amount: in.share(ex, in.GainBP, 1)})
		}
	}
	for y := from.Time().Year(); y <= to.Time().Year(); y++ {
		if in.SplitsOn != "" {
			add(Action{Kind: Split, Date: m.NextTradingDay(yearly(y, in.SplitsOn)), Ratio: plaid.DecimalFromInt(2)})
		}
		for _, s := range m.series {
			if c, ok := s.of(m, y); ok && s.Parent == in.Ticker {
				add(Action{Kind: SpinOff, Date: c.listing, Into: s.ticker(y), Ratio: s.Ratio})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Action) int { return cmp.Compare(a.Date, b.Date) })
	return list
}

// payMonths is the distance of two payments in months; 0 for none.
func payMonths(pays string) int {
	switch pays {
	case "monthly":
		return 1
	case "quarterly":
		return 3
	case "semiannual":
		return 6
	case "annual":
		return 12
	default:
		return 0
	}
}

func (in *instrument) dividend(m *Market, year int, month time.Month, months int) Action {
	ex := m.NextTradingDay(plaid.NewDate(year, month, 10))
	paidAs := in.PaidAs
	if paidAs == "" {
		paidAs = "dividend"
	}
	return Action{
		Kind: Dividend, Date: ex, PayDate: m.NextTradingDay(ex.AddDays(payLag)), PaidAs: paidAs,
		Amount: in.share(ex, in.YieldBP, int64(12/months)), Withholding: plaid.NewDecimal(in.WithholdingBP, -4),
	}
}

// share is a part in basis points of the trend price, a year, paid so many times a year. Boards smooth what they pay:
// the noise of the price is left out.
func (in *instrument) share(day plaid.Date, bp, times int64) plaid.Decimal {
	trend := scaleExp(in.base, in.trend(day), -in.splits(day))
	return quote(trend*uint64(bp)/uint64(10_000*times), 4)
}
