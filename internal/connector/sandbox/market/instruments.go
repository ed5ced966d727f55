package market

import (
	"strconv"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// refDay is the day on which an instrument's trend has the price of securities.json.
var refDay = plaid.NewDate(2025, time.January, 2)

// volatilityUnit is a volatility of one basis point a day, in nano of the logarithm.
const volatilityUnit = nano / 10_000

// instrument is a line of securities.json. The fields in basis points are a share of 1/10000: growth and yield a year,
// volatility a calendar day.
type instrument struct {
	Ticker        string        `json:"ticker"`
	Name          string        `json:"name"`
	Class         string        `json:"class"`
	CUSIP         string        `json:"cusip"`
	ISIN          string        `json:"isin"`
	MIC           string        `json:"mic"`
	Sector        string        `json:"sector"`
	Industry      string        `json:"industry"`
	Currency      string        `json:"currency"`
	Price         plaid.Decimal `json:"price"`
	GrowthBP      int64         `json:"growth_bp"`
	VolatilityBP  int64         `json:"volatility_bp"`
	YieldBP       int64         `json:"yield_bp"`
	Pays          string        `json:"pays"`
	PayMonth      int           `json:"pay_month"`
	PaidAs        string        `json:"paid_as"`
	WithholdingBP int64         `json:"withholding_bp"`
	// GainBP is the capital gain that a fund distributes each December.
	GainBP int64 `json:"gain_bp"`
	// SplitsOn is the MM-DD on or after which the shares split 2-for-1 each year; the trend must double in a year.
	SplitsOn string `json:"splits_on"`

	kind  class
	noise walk
	base  uint64 // Price in millionths
}

// class is what the instruments of one kind have in common.
type class struct {
	securityType, subtype, cfi string
	places                     int32 // of a price
	daily                      bool  // trades every day of the week
	cash                       bool  // is_cash_equivalent
}

func classOf(name string) class {
	switch name {
	case "stock":
		return class{securityType: "equity", subtype: "common stock", cfi: "ESVUFR", places: 2}
	case "reit":
		return class{securityType: "equity", subtype: "real estate investment trust", cfi: "ESVUFR", places: 2}
	case "adr":
		return class{securityType: "equity", subtype: "depositary receipt", cfi: "EDSNDR", places: 2}
	case "equity etf":
		return class{securityType: "etf", subtype: "etf", cfi: "CEOIES", places: 2}
	case "bond etf":
		return class{securityType: "etf", subtype: "etf", cfi: "CEOIBS", places: 2}
	case "commodity etf":
		return class{securityType: "etf", subtype: "etf", cfi: "CEOGCS", places: 2}
	case "equity fund":
		return class{securityType: "mutual fund", subtype: "mutual fund", cfi: "CIOIES", places: 2}
	case "bond fund":
		return class{securityType: "mutual fund", subtype: "mutual fund", cfi: "CIOIBS", places: 2}
	case "mixed fund":
		return class{securityType: "mutual fund", subtype: "fund of funds", cfi: "CIOIMS", places: 2}
	case "money fund":
		return class{securityType: "cash", subtype: "money market debt", cfi: "CIOIBS", places: 2, daily: true, cash: true}
	case "currency":
		return class{securityType: "cash", subtype: "cash", places: 0, daily: true, cash: true}
	case "crypto":
		return class{securityType: "cryptocurrency", subtype: "cryptocurrency", places: 6, daily: true}
	default:
		return class{}
	}
}

func (in *instrument) prepare(seed string) {
	in.kind = classOf(in.Class)
	if in.Currency == "" {
		in.Currency = "USD"
	}
	if in.Class == "crypto" && in.Price.Cmp(plaid.DecimalFromInt(100)) > 0 {
		in.kind.places = 2
	}
	in.base = micro(in.Price)
	in.noise = newWalk(seed, in.Ticker, in.VolatilityBP*volatilityUnit)
}

// micro is a positive decimal in millionths.
func micro(d plaid.Decimal) uint64 {
	n, _ := strconv.ParseUint(d.Mul(plaid.DecimalFromInt(1_000_000)).Trunc(0).String(), 10, 64)
	return n
}

// quote turns millionths into a price of so many places, at least one unit of the last.
func quote(millionths uint64, places int32) plaid.Decimal {
	d := plaid.NewDecimal(int64(millionths), -6).Round(places)
	if d.Sign() <= 0 {
		return plaid.NewDecimal(1, -places)
	}
	return d
}

func (in *instrument) security() connector.Security {
	cash := in.kind.cash
	return connector.Security{Key: in.Ticker, Security: plaid.Security{
		ISIN: text(in.ISIN), CUSIP: text(in.CUSIP), Name: text(in.Name), TickerSymbol: text(in.Ticker),
		IsCashEquivalent: &cash, Type: text(in.kind.securityType), Subtype: text(in.kind.subtype),
		ISOCurrencyCode: text(in.Currency), MarketIdentifierCode: text(in.MIC), Sector: text(in.Sector),
		Industry: text(in.Industry), CFICode: text(in.kind.cfi),
	}}
}

func (in *instrument) priceDate(m *Market, day plaid.Date) (plaid.Date, bool) {
	if day < firstDay {
		return 0, false
	}
	if in.kind.daily {
		return min(day, lastDay), true
	}
	return m.calendar.onOrBefore(day)
}

func (in *instrument) price(_ *Market, priceDate plaid.Date) (plaid.Decimal, bool) {
	if in.Class == "currency" {
		return plaid.DecimalFromInt(1), true
	}
	return quote(in.millionths(priceDate), in.kind.places), true
}

// millionths is the close of a day, of a currency its worth in US dollars.
func (in *instrument) millionths(day plaid.Date) uint64 {
	return scaleExp(in.base, in.trend(day)+in.noise.at(day), -in.splits(day))
}

// trend is the logarithm of the growth since refDay, in nano.
func (in *instrument) trend(day plaid.Date) int64 { return growth(in.GrowthBP, int64(day-refDay)) }

func growth(bp, days int64) int64 { return bp * (nano / 10_000) * days * 10_000 / 3_652_425 }

// splits is the number of splits since refDay, negative before it.
func (in *instrument) splits(day plaid.Date) int64 {
	if in.SplitsOn == "" {
		return 0
	}
	upTo := func(d plaid.Date) int64 {
		y := d.Time().Year()
		if d < yearly(y, in.SplitsOn) {
			y--
		}
		return int64(y)
	}
	return upTo(day) - upTo(refDay)
}

// yearly is the day MM-DD of a year.
func yearly(year int, monthDay string) plaid.Date {
	d, err := plaid.ParseDate(strconv.Itoa(year) + "-" + monthDay)
	if err != nil {
		panic("market: " + err.Error())
	}
	return d
}
