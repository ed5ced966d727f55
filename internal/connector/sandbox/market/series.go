package market

import (
	"fmt"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// series is a family of invented companies, one listed each year under the prefix and the year's last two digits. A
// series with Into is merged away in its second year; one with Parent is spun off from it on the day of the listing.
type series struct {
	Prefix       string        `json:"prefix"`
	Name         string        `json:"name"`
	MIC          string        `json:"mic"`
	Sector       string        `json:"sector"`
	Industry     string        `json:"industry"`
	VolatilityBP int64         `json:"volatility_bp"`
	GrowthBP     int64         `json:"growth_bp"`
	Price        plaid.Decimal `json:"price"`
	Listed       string        `json:"listed"`
	Merges       string        `json:"merges"`
	Into         string        `json:"into"`
	Ratio        plaid.Decimal `json:"ratio"`
	Cash         plaid.Decimal `json:"cash"`
	Parent       string        `json:"parent"`

	seed  string
	index int
}

// settling is the number of days before a merger over which the target's price closes in on the terms of the offer.
const settling = 60

func (s *series) prepare(seed string, index int) { s.seed, s.index = seed, index }

func (s *series) ticker(year int) string { return fmt.Sprintf("%s%02d", s.Prefix, year%100) }

// member is one company of a series.
type member struct {
	*series
	year            int
	listing, merger plaid.Date // merger is the day on which the shares are exchanged; zero if never
	noise           walk
}

func (s *series) of(m *Market, year int) (member, bool) {
	if year < 2000 || year > 2098 {
		return member{}, false
	}
	c := member{series: s, year: year, listing: m.NextTradingDay(yearly(year, s.Listed))}
	if s.Into != "" {
		c.merger = m.NextTradingDay(yearly(year+1, s.Merges))
	}
	c.noise = newWalk(s.seed, s.ticker(year), s.VolatilityBP*volatilityUnit)
	return c, true
}

// member finds a company of any series by its ticker.
func (m *Market) member(ticker string) (asset, bool) {
	for _, s := range m.series {
		rest, ok := strings.CutPrefix(ticker, s.Prefix)
		if !ok || len(rest) != 2 {
			continue
		}
		if n, ok := digits(rest); ok {
			c, ok := s.of(m, 2000+int(n))
			return c, ok
		}
	}
	return nil, false
}

// current is the listed member that is merged next, or the newest of a series without mergers.
func (s *series) current(m *Market, day plaid.Date) (string, bool) {
	year := day.Time().Year()
	years := [...]int{year - 1, year}
	if s.Into == "" {
		years = [...]int{year, year - 1}
	}
	for _, y := range years {
		c, ok := s.of(m, y)
		if ok && c.listing <= day && (c.merger == 0 || day < c.merger) {
			return s.ticker(y), true
		}
	}
	return "", false
}

func (c member) security() connector.Security {
	cash := false
	ticker, name := c.ticker(c.year), fmt.Sprintf(c.Name, c.year)
	kind := classOf("stock")
	cusip := derivedCUSIP(seriesFamily, c.index*100+c.year%100)
	return connector.Security{Key: ticker, Security: plaid.Security{
		ISIN: text(isinOfCUSIP(cusip)), CUSIP: &cusip, Name: &name, TickerSymbol: &ticker, IsCashEquivalent: &cash,
		Type: text(kind.securityType), Subtype: text(kind.subtype), ISOCurrencyCode: text("USD"),
		MarketIdentifierCode: text(c.MIC), Sector: text(c.Sector), Industry: text(c.Industry), CFICode: text(kind.cfi),
	}}
}

func (c member) priceDate(m *Market, day plaid.Date) (plaid.Date, bool) {
	if c.merger != 0 {
		day = min(day, c.merger.AddDays(-1))
	}
	t, ok := m.calendar.onOrBefore(day)
	return t, ok && t >= c.listing
}

func (c member) price(m *Market, day plaid.Date) (plaid.Decimal, bool) {
	noise := c.noise.at(day)
	if c.Into == "" {
		trend := growth(c.GrowthBP, int64(day-c.listing))
		return quote(scaleExp(micro(c.Price), trend+noise, 0), 2), true
	}
	into, ok := m.Price(c.Into, day)
	if !ok {
		return plaid.Decimal{}, false
	}
	if left := int64(c.merger - day); left < settling {
		noise = noise * left / settling
	}
	return quote(scaleExp(micro(into.Mul(c.Ratio).Add(c.Cash)), noise, 0), 2), true
}

func (c member) actions(_ *Market, from, to plaid.Date) []Action {
	if c.merger == 0 || c.merger < from || c.merger > to {
		return nil
	}
	return []Action{{
		Kind: Merger, Ticker: c.ticker(c.year), Date: c.merger, PayDate: c.merger, Into: c.Into, Ratio: c.Ratio, Amount: c.Cash,
	}}
}
