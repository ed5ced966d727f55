package securities

import (
	"regexp"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/ofx/value"
	"weft/internal/plaid"
)

// Currency is a currency's code as one of the two that the contract has; both are nil for what is no code.
func Currency(code string) (iso, unofficial *string) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if plaid.Known(plaid.UnofficialCurrencies, code) {
		return nil, &code
	}
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return nil, nil
	}
	return &code, nil
}

// Cash is the security of cash in a currency. Its key is in small letters, which those of a bank's securities are not.
func Cash(code string) connector.Security {
	s := plaid.Security{
		Name: new("Cash (" + code + ")"), TickerSymbol: new("CUR:" + code), Type: new("cash"), Subtype: new("cash"),
		IsCashEquivalent: new(true), ClosePrice: plaid.DecimalFromInt(1).Ptr(),
	}
	s.ISOCurrencyCode, s.UnofficialCurrencyCode = Currency(code)
	return connector.Security{Key: "cash:" + code, Security: s}
}

// optional is a text that may be absent.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Describe is the security for the contract, in its own currency, in that of the rows that name it, or else in the one given.
func (e *Entry) Describe(currency string) connector.Security {
	s := plaid.Security{
		Name: optional(e.Name()), TickerSymbol: optional(e.ticker), IsCashEquivalent: new(false),
		ClosePrice: e.price, ClosePriceAsOf: e.priceDay,
	}
	s.ISOCurrencyCode, s.UnofficialCurrencyCode = Currency(e.currency)
	if s.ISOCurrencyCode == nil && s.UnofficialCurrencyCode == nil {
		s.ISOCurrencyCode, s.UnofficialCurrencyCode = e.iso, e.code
	}
	if s.ISOCurrencyCode == nil && s.UnofficialCurrencyCode == nil {
		s.ISOCurrencyCode, s.UnofficialCurrencyCode = Currency(currency)
	}
	e.identify(&s)
	e.classify(&s)
	return connector.Security{Key: e.Key, Security: s}
}

// identify sets the identifiers that can be believed. What is called a CUSIP and has another check digit (OAEL of a 401k,
// Vanguard's FED12Q45Q) is the bank's own id.
func (e *Entry) identify(s *plaid.Security) {
	id := strings.ToUpper(e.id)
	open := e.idType != "TICKER" && e.idType != "PRIVATE" && e.idType != "SEDOL" && e.idType != "CONID"
	switch {
	case e.idType == "CUSIP" && plaid.ValidCUSIP(id):
		s.CUSIP = &id
	case open && plaid.ValidISIN(id):
		s.ISIN = &id
		if cusip := id[2:11]; (id[:2] == "US" || id[:2] == "CA") && plaid.ValidCUSIP(cusip) {
			s.CUSIP = &cusip
		}
	case e.idType != "TICKER":
		s.InstitutionSecurityID = new(e.id)
		return
	}
	s.InstitutionSecurityID = optional(e.sec.Value("FIID"))
}

// cusip is the verified CUSIP, empty if there is none.
func (e *Entry) cusip() string {
	if id := strings.ToUpper(e.id); e.idType == "CUSIP" && plaid.ValidCUSIP(id) {
		return id
	}
	return ""
}

// noTicker are the words that stand for none.
var noTicker = map[string]bool{"": true, "NONE": true, "N/A": true, "NA": true, "UNKNOWN": true}

// tickerOf is the ticker, unless it only repeats the CUSIP: Vanguard and TD Ameritrade do so where they know none.
func tickerOf(text, id, idType string) string {
	same := strings.EqualFold(text, id) && idType != "PRIVATE" && idType != "TICKER"
	if upper := strings.ToUpper(text); noTicker[upper] || same || plaid.ValidCUSIP(upper) {
		return ""
	}
	return text
}

var stockSubtypes = map[string]string{"COMMON": "common stock", "PREFERRED": "preferred equity", "CONVERTIBLE": "convertible equity"}

// etf are the names of exchange-traded funds, which OFX has no element for: they come as stocks, and from Vanguard as funds.
var etf = regexp.MustCompile(`\bETFS?\b|SPDR\b|\bEXCHANGE[- ]TRADED FUND`)

func (e *Entry) classify(s *plaid.Security) {
	name := strings.ToUpper(e.Name())
	switch {
	case e.CashLike():
		s.Type, s.IsCashEquivalent = new("cash"), new(true)
		if e.Kind == Fund {
			s.Subtype = new("mutual fund") // not cash, which is the currency itself
		}
	case (e.Kind == Stock || e.Kind == Fund) && etf.MatchString(name):
		s.Type, s.Subtype = new("etf"), new("etf")
	case e.Kind == Stock:
		s.Type, s.Subtype = new("equity"), optional(stockSubtypes[strings.ToUpper(e.info.Value("STOCKTYPE"))])
	case e.Kind == Fund:
		s.Type, s.Subtype = new("mutual fund"), new("mutual fund")
	case e.Kind == Option:
		s.Type, s.Subtype, s.OptionContract = new("derivative"), new("option"), e.contract
		if e.contract != nil && occ.MatchString(strings.ToUpper(e.ticker)) {
			s.TickerSymbol = new(symbol(e.contract, e.ticker))
		}
	case e.Kind == Debt:
		s.Type, s.Subtype, s.FixedIncome = new("fixed income"), optional(e.debtSubtype()), e.fixedIncome()
	case e.Kind == Other:
		s.Type, s.Subtype = new("other"), new("other")
	}
}

var (
	moneyName   = regexp.MustCompile(`\bMONEY (MARKET|MKT|FUND)|\bCASH (RESERVES?|SWEEP|MANAGEMENT)\b|\bCORE CASH\b|\b(BANK|INSURED) DEPOSIT\b|^CASH$`)
	moneyTicker = regexp.MustCompile(`^[A-Z]{3}XX$`)
)

// CashLike reports whether a security is a money-market fund or an account's sweep: worth one dollar a unit, always. A fund
// is one by its ticker (all of the form AAAXX) or by its name; what is no fund must also be priced at one: CREF Money Market
// is an annuity whose price grows.
func (e *Entry) CashLike() bool {
	named := moneyName.MatchString(strings.ToUpper(e.Name()))
	atOne := e.price != nil && e.price.Equal(plaid.DecimalFromInt(1))
	switch e.Kind {
	case Fund:
		return moneyTicker.MatchString(strings.ToUpper(e.ticker)) || named && (e.price == nil || atOne)
	case Stock, Other:
		return named && atOne
	}
	return false
}

// treasuries are the issuer numbers of the US Treasury by what is issued under them.
var treasuries = map[string]string{
	"912793": "bill", "912794": "bill", "912795": "bill", "912796": "bill", "912797": "bill",
	"912827": "note", "912828": "note", "91282C": "note", "912810": "bond",
}

var (
	treasuryName = regexp.MustCompile(`\bTREAS(URY)?\b`)
	fundName     = regexp.MustCompile(`\b(ETFS?|FUNDS?|TRUST|PORTFOLIO|INDEX)\b`)
	// treasuryWords are tried in order: notes and bonds that grow with inflation are called notes and bonds too.
	treasuryWords = []struct {
		word    *regexp.Regexp
		subtype string
	}{
		{regexp.MustCompile(`\bTIPS\b|\bINFL`), "treasury inflation protected securities"},
		{regexp.MustCompile(`\bBILLS?\b`), "bill"},
		{regexp.MustCompile(`\b(NOTES?|NTS?)\b`), "note"},
		{regexp.MustCompile(`\b(BONDS?|BDS?)\b`), "bond"},
	}
)

// treasury is the subtype of a Treasury security, empty for all others. The name counts where no fund can bear it.
func (e *Entry) treasury() string {
	name := strings.ToUpper(e.Name())
	byName := ""
	if (e.Kind == Debt || e.Kind == Other) && treasuryName.MatchString(name) && !fundName.MatchString(name) {
		for _, w := range treasuryWords {
			if w.word.MatchString(name) {
				byName = w.subtype
				break
			}
		}
	}
	if cusip := e.cusip(); cusip != "" && treasuries[cusip[:6]] != "" {
		if strings.HasPrefix(byName, "treasury") {
			return byName
		}
		return treasuries[cusip[:6]]
	}
	return byName
}

// longestNote is the term beyond which a Treasury security is a bond.
const longestNote = 10 * 366

func (e *Entry) debtSubtype() string {
	if t := e.treasury(); t != "" {
		return t
	}
	switch strings.ToUpper(e.info.Value("DEBTCLASS")) {
	case "MUNICIPAL":
		return "municipal bond"
	case "TREASURY":
		coupon, ok := value.Amount(e.info.Value("COUPONRT"))
		if strings.EqualFold(e.info.Value("DEBTTYPE"), "ZERO") || ok && coupon.IsZero() {
			return "bill"
		}
		if due, asOf := e.maturity(), e.priceDay; due != nil && asOf != nil && int(*due-*asOf) <= longestNote {
			return "note"
		}
		return "bond"
	}
	if strings.Contains(strings.ToUpper(e.Name()), "CERTIFICATE OF DEPOSIT") {
		return "" // fixed income, and no bond
	}
	return "bond"
}

// fixedIncome is per unit: per 100 of face value, unless the bank counts pieces.
func (e *Entry) fixedIncome() *plaid.FixedIncome {
	f := &plaid.FixedIncome{MaturityDate: e.maturity(), FaceValue: hundred.Ptr()}
	if e.counted {
		f.FaceValue = nil
		if par, ok := value.Amount(e.info.Value("PARVALUE")); ok && par.Sign() > 0 {
			f.FaceValue = par.Ptr()
		}
	}
	for _, r := range []struct{ element, kind string }{{"COUPONRT", "coupon"}, {"YIELDTOMAT", "yield"}} {
		if rate, ok := value.Amount(e.info.Value(r.element)); ok && rate.Sign() > 0 {
			f.YieldRate = &plaid.YieldRate{Percentage: rate, Type: new(r.kind)}
			break
		}
	}
	return f
}

var nameDate = regexp.MustCompile(`\b(\d{2})/(\d{2})/(\d{4})\b`)

// maturity is DTMAT, or the date in the name: Fidelity gives a Treasury bill's nowhere else, month first.
func (e *Entry) maturity() *plaid.Date {
	if m, ok := value.Date(e.info.Value("DTMAT")); ok {
		return m.Day.Ptr()
	}
	if m := nameDate.FindStringSubmatch(e.Name()); m != nil {
		if t, err := time.Parse("01/02/2006", m[0]); err == nil {
			return plaid.DateOf(t).Ptr()
		}
	}
	return nil
}
