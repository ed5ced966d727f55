package market

import (
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// debt is a bill or a bond that pays half its coupon twice a year. Prices and payments are per 100 of face value.
type debt struct {
	sec              connector.Security
	issued, maturity plaid.Date
	// couponEighths is the yearly coupon in eighths of a percent, as the Treasury sets it; 0 for a bill.
	couponEighths int64
	yieldBP       int64 // at the level of rates that is normal
	bill          bool
}

// bondData is a bond of securities.json; its yield lies SpreadBP over a 30-year Treasury bond's.
type bondData struct {
	Ticker        string     `json:"ticker"`
	Name          string     `json:"name"`
	Class         string     `json:"class"`
	CUSIP         string     `json:"cusip"`
	ISIN          string     `json:"isin"`
	Sector        string     `json:"sector"`
	Industry      string     `json:"industry"`
	Issued        plaid.Date `json:"issued"`
	Maturity      plaid.Date `json:"maturity"`
	CouponEighths int64      `json:"coupon_eighths"`
	SpreadBP      int64      `json:"spread_bp"`
}

func (b *bondData) debt() *debt {
	subtype, cfi := "bond", "DBFUFR"
	if b.Class == "municipal bond" {
		subtype, cfi = b.Class, "DNFUFR"
	}
	d := &debt{
		issued: b.Issued, maturity: b.Maturity, couponEighths: b.CouponEighths,
		yieldBP: terms[len(terms)-1].yieldBP + b.SpreadBP,
	}
	d.sec = fixedIncome(b.Ticker, b.Name, subtype, cfi, d, coupon(b.CouponEighths), "coupon")
	d.sec.ISIN, d.sec.CUSIP = text(b.ISIN), text(b.CUSIP)
	d.sec.Sector, d.sec.Industry = text(b.Sector), text(b.Industry)
	return d
}

// coupon is eighths of a percent as a percentage.
func coupon(eighths int64) plaid.Decimal { return plaid.NewDecimal(eighths*125, -3) }

func fixedIncome(key, name, subtype, cfi string, d *debt, rate plaid.Decimal, rateType string) connector.Security {
	cash := false
	return connector.Security{Key: key, Security: plaid.Security{
		Name: &name, TickerSymbol: &key, IsCashEquivalent: &cash, Type: text("fixed income"), Subtype: &subtype,
		ISOCurrencyCode: text("USD"), CFICode: &cfi,
		FixedIncome: &plaid.FixedIncome{
			YieldRate:    &plaid.YieldRate{Percentage: rate, Type: &rateType},
			MaturityDate: d.maturity.Ptr(), IssueDate: d.issued.Ptr(), FaceValue: plaid.DecimalFromInt(100).Ptr(),
		},
	}}
}

func (d *debt) security() connector.Security { return d.sec }

func (d *debt) priceDate(m *Market, day plaid.Date) (plaid.Date, bool) {
	if day >= d.maturity {
		return d.maturity, true
	}
	t, ok := m.calendar.onOrBefore(day)
	return t, ok && t >= d.issued
}

// price is clean: without the interest accrued since the last coupon.
func (d *debt) price(m *Market, day plaid.Date) (plaid.Decimal, bool) {
	const par = 100_000_000 // in millionths of a percent
	if day >= d.maturity {
		return plaid.DecimalFromInt(100), true
	}
	y := int64(scaleExp(uint64(d.yieldBP)*1000, m.rates.at(day), 0)) // in thousandths of a basis point
	if d.bill {
		const yearly = 10_000 * 1000 * 365
		return quote(uint64(par*(yearly/1000)/((yearly+y*int64(d.maturity-day))/1000)), 3), true
	}
	after, last, left := d.coupons(day)
	value := int64(par)
	discount := func() { value = (value + d.couponEighths*par/1600) * 20_000_000 / (20_000_000 + y) }
	for range left - 1 {
		discount()
	}
	ex := value // its worth just after the next coupon; before that, the clean price moves in a straight line to it
	discount()
	value = ex + (value-ex)*int64(after-day)/int64(after-last)
	return quote(uint64(value), 3), true
}

// coupons places a day between two coupon dates: the next one after it, the last one on or before it (or the issue), and
// how many are left. The day is before the maturity.
func (d *debt) coupons(day plaid.Date) (next, last plaid.Date, left int64) {
	next = d.maturity
	for k := int64(1); ; k++ {
		prior := d.couponDate(int(k))
		if prior <= day || prior <= d.issued {
			return next, max(prior, min(d.issued, day)), k
		}
		next = prior
	}
}

// couponDate is the coupon date k half years before the maturity; months' ends stay months' ends.
func (d *debt) couponDate(k int) plaid.Date {
	y, mo, day := d.maturity.Time().Date()
	if d.maturity.AddDays(1).Time().Day() == 1 {
		return plaid.NewDate(y, mo-time.Month(6*k)+1, 0)
	}
	return plaid.NewDate(y, mo-time.Month(6*k), day)
}

// actions are the coupons and the redemption, on the trading day that they are paid.
func (d *debt) actions(m *Market, from, to plaid.Date) []Action {
	var list []Action
	add := func(a Action) {
		if a.Date >= from && a.Date <= to {
			list = append(list, a)
		}
	}
	if d.couponEighths > 0 {
		k := 0
		for d.couponDate(k+1) > d.issued && d.couponDate(k+1) >= from.AddDays(-7) {
			k++
		}
		for ; k >= 0; k-- {
			on := m.NextTradingDay(d.couponDate(k))
			add(Action{Kind: Interest, Ticker: d.sec.Key, Date: on, PayDate: on, Amount: plaid.NewDecimal(d.couponEighths*625, -4)})
		}
	}
	on := m.NextTradingDay(d.maturity)
	add(Action{Kind: Maturity, Ticker: d.sec.Key, Date: on, PayDate: on, Amount: plaid.DecimalFromInt(100)})
	return list
}

// Accrued is the interest per 100 of face value that a bond has earned since its last coupon, at six places; zero for
// everything that pays no coupons.
func (m *Market) Accrued(ticker string, day plaid.Date) plaid.Decimal {
	a, _ := m.lookup(ticker)
	d, ok := a.(*debt)
	if !ok || d.couponEighths == 0 || day >= d.maturity || day <= d.issued {
		return plaid.Decimal{}
	}
	next, last, _ := d.coupons(day)
	gone, whole := plaid.DecimalFromInt(int64(day-last)), plaid.DecimalFromInt(int64(next-last))
	return plaid.NewDecimal(d.couponEighths*625, -4).Mul(gone).Div(whole, 6)
}

// term is a kind of Treasury security: bills by weeks, notes and bonds by years.
type term struct {
	name         string
	weeks, years int
	yieldBP      int64
}

// terms may only be added to at the end: a CUSIP holds the index.
var terms = [...]term{
	{"4W", 4, 0, 430}, {"8W", 8, 0, 430}, {"13W", 13, 0, 428}, {"17W", 17, 0, 424}, {"26W", 26, 0, 418}, {"52W", 52, 0, 400},
	{"2Y", 0, 2, 360}, {"3Y", 0, 3, 360}, {"5Y", 0, 5, 370}, {"7Y", 0, 7, 390}, {"10Y", 0, 10, 410}, {"20Y", 0, 20, 460},
	{"30Y", 0, 30, 470},
}

// issue is the day on which a security of the term that matures on a day was issued; false if none matures then. Bills
// mature on Thursdays, notes at the end of a month, those of ten and more years on the 15th.
func (t term) issue(maturity plaid.Date) (plaid.Date, bool) {
	y, mo, d := maturity.Time().Date()
	switch {
	case t.years == 0:
		return maturity.AddDays(-7 * t.weeks), maturity.Time().Weekday() == time.Thursday
	case t.years < 10:
		return plaid.NewDate(y-t.years, mo+1, 0), maturity.AddDays(1).Time().Day() == 1
	default:
		return plaid.NewDate(y-t.years, mo, d), d == 15
	}
}

// latest is the maturity of the security of the term that was issued last on or before a day.
func (t term) latest(day plaid.Date) plaid.Date {
	y, mo, d := day.Time().Date()
	switch {
	case t.years == 0:
		back := (int(day.Time().Weekday()-time.Thursday) + 7) % 7
		return day.AddDays(7*t.weeks - back)
	case t.years < 10:
		if day.AddDays(1).Time().Day() != 1 {
			mo-- // the month is not over: the end of the one before
		}
		return plaid.NewDate(y+t.years, mo+1, 0)
	default:
		if d < 15 {
			mo--
		}
		return plaid.NewDate(y+t.years, mo, 15)
	}
}

func treasuryTicker(term string, maturity plaid.Date) string {
	return "UST-" + term + "-" + maturity.Time().Format("20060102")
}

func currentTreasury(termName string, day plaid.Date) (string, bool) {
	for _, t := range terms {
		if t.name == termName && day >= firstDay {
			return treasuryTicker(t.name, t.latest(day)), true
		}
	}
	return "", false
}

// treasury derives the security of a ticker like UST-13W-20261029.
func (m *Market) treasury(ticker string) (*debt, bool) {
	rest, ok := strings.CutPrefix(ticker, "UST-")
	name, date, ok2 := strings.Cut(rest, "-")
	if !ok || !ok2 || len(date) != 8 {
		return nil, false
	}
	maturity, err := plaid.ParseDate(date[:4] + "-" + date[4:6] + "-" + date[6:])
	if err != nil {
		return nil, false
	}
	for i, t := range terms {
		if t.name != name {
			continue
		}
		issued, ok := t.issue(maturity)
		if !ok || issued < firstDay || maturity > lastDay {
			return nil, false
		}
		d := &debt{issued: issued, maturity: maturity, yieldBP: t.yieldBP, bill: t.years == 0}
		d.describe(m, ticker, t)
		d.sec.CUSIP = text(derivedCUSIP(treasuryFamily, int(maturity-firstDay)*len(terms)+i))
		d.sec.ISIN = text(isinOfCUSIP(*d.sec.CUSIP))
		d.sec.Sector, d.sec.Industry = text("Government"), text("Sovereign Government")
		return d, true
	}
	return nil, false
}

// describe sets the master data of a Treasury security: a bill is sold at the yield of its day of issue, a note or bond
// has that yield, rounded down to an eighth, as its coupon.
func (d *debt) describe(m *Market, ticker string, t term) {
	yieldBP := int64(scaleExp(uint64(d.yieldBP), m.rates.at(d.issued), 0))
	on := d.maturity.Time().Format("01/02/2006")
	if d.bill {
		rate := plaid.NewDecimal(yieldBP, -2)
		d.sec = fixedIncome(ticker, "US Treasury Bill "+rate.String()+"% "+on, "bill", "DYZTXR", d, rate, "coupon_equivalent")
		return
	}
	d.couponEighths = max(1, yieldBP*8/100)
	name, subtype := "Note", "note"
	if t.years > 10 {
		name, subtype = "Bond", "bond"
	}
	rate := coupon(d.couponEighths)
	d.sec = fixedIncome(ticker, "US Treasury "+name+" "+rate.String()+"% "+on, subtype, "DBFTFR", d, rate, "coupon")
}

// treasuryOfNumber undoes the numbering of derived CUSIPs; whether it is a security is for [Market.treasury] to say.
func treasuryOfNumber(n int) string {
	return treasuryTicker(terms[n%len(terms)].name, firstDay.AddDays(n/len(terms)))
}
