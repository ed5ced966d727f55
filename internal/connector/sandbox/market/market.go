package market

import (
	_ "embed"
	"encoding/json"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

//go:embed securities.json
var securitiesJSON []byte

// Market is the simulated market of one seed. It never changes after [New] and may be shared by goroutines.
type Market struct {
	calendar calendar
	listed   map[string]asset // instruments and bonds of securities.json, by ticker
	series   []*series
	byCUSIP  map[string]string // of listed, to the ticker
	byISIN   map[string]string
	rates    walk // moves the yields of all bonds together
}

// asset is one priced thing, whatever family it is of.
type asset interface {
	security() connector.Security
	// priceDate is the day of the last close on or before a day; false before there was one.
	priceDate(m *Market, day plaid.Date) (plaid.Date, bool)
	// price is the close of a price date.
	price(m *Market, priceDate plaid.Date) (plaid.Decimal, bool)
	// actions are the corporate actions from..to, in the order of their dates.
	actions(m *Market, from, to plaid.Date) []Action
}

// New is the market of a seed. It panics only if the embedded securities.json is broken, which a test rules out.
func New(seed string) *Market {
	var data struct {
		Instruments []*instrument `json:"instruments"`
		Bonds       []*bondData   `json:"bonds"`
		Series      []*series     `json:"series"`
	}
	if err := json.Unmarshal(securitiesJSON, &data); err != nil {
		panic("market: securities.json: " + err.Error())
	}
	m := &Market{
		calendar: newCalendar(), series: data.Series,
		listed:  make(map[string]asset, len(data.Instruments)+len(data.Bonds)),
		byCUSIP: map[string]string{}, byISIN: map[string]string{},
		rates: newWalk(seed, "UST", 80*volatilityUnit),
	}
	for _, in := range data.Instruments {
		in.prepare(seed)
		m.list(in)
	}
	for _, b := range data.Bonds {
		m.list(b.debt())
	}
	for i, s := range m.series {
		s.prepare(seed, i)
	}
	return m
}

func (m *Market) list(a asset) {
	s := a.security()
	m.listed[s.Key] = a
	if s.CUSIP != nil {
		m.byCUSIP[*s.CUSIP] = s.Key
	}
	if s.ISIN != nil {
		m.byISIN[*s.ISIN] = s.Key
	}
}

// lookup finds an asset by its ticker: among the listed, then by the grammar of the derived families.
func (m *Market) lookup(ticker string) (asset, bool) {
	if a, ok := m.listed[ticker]; ok {
		return a, true
	}
	if o, ok := parseOption(ticker); ok {
		return o, true
	}
	if t, ok := m.treasury(ticker); ok {
		return t, true
	}
	return m.member(ticker)
}

// Security is the master data of a ticker. Key and TickerSymbol are its canonical spelling (an OCC symbol without the
// padding of its root); there is no close price in it, see [Market.Price].
func (m *Market) Security(ticker string) (connector.Security, bool) {
	a, ok := m.lookup(ticker)
	if !ok {
		return connector.Security{}, false
	}
	return a.security(), true
}

// Find is the security of the first identifier that names one, tried in the order ISIN, CUSIP, ticker; empty ones are
// skipped. Tickers are also understood with the "CUR:" prefix that feeds give currencies.
func (m *Market) Find(isin, cusip, ticker string) (connector.Security, bool) {
	isin, cusip = strings.ToUpper(isin), strings.ToUpper(cusip)
	for _, t := range []string{m.tickerOfISIN(isin), m.tickerOfCUSIP(cusip), strings.TrimPrefix(ticker, "CUR:")} {
		if s, ok := m.Security(t); ok {
			return s, true
		}
	}
	return connector.Security{}, false
}

func (m *Market) tickerOfISIN(isin string) string {
	if t, ok := m.byISIN[isin]; ok {
		return t
	}
	if !plaid.ValidISIN(isin) || !strings.HasPrefix(isin, "US") {
		return ""
	}
	return m.tickerOfCUSIP(isin[2:11])
}

func (m *Market) tickerOfCUSIP(cusip string) string {
	if t, ok := m.byCUSIP[cusip]; ok {
		return t
	}
	family, n, ok := derivedNumber(cusip)
	switch {
	case ok && family == treasuryFamily:
		return treasuryOfNumber(n)
	case ok && family == seriesFamily && n/100 < len(m.series):
		return m.series[n/100].ticker(2000 + n%100)
	default:
		return ""
	}
}

// Current resolves a pattern to the ticker that it stands for on a day, and gives any other ticker back as it is.
// "UST-13W-*" is the 13-week bill issued last; "HBL*" is the listed company of the series HBL that is next to be merged
// (of a series without a merger, the newest). False if the ticker is unknown or nothing fits the pattern yet.
func (m *Market) Current(pattern string, day plaid.Date) (string, bool) {
	prefix, wild := strings.CutSuffix(pattern, "*")
	if !wild {
		s, ok := m.Security(pattern)
		return s.Key, ok
	}
	if rest, ok := strings.CutPrefix(prefix, "UST-"); ok {
		return currentTreasury(strings.TrimSuffix(rest, "-"), day)
	}
	for _, s := range m.series {
		if s.Prefix == prefix {
			return s.current(m, day)
		}
	}
	return "", false
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
