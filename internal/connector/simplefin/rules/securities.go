package rules

import (
	"regexp"
	"strings"
)

// Instrument is what a security is. The zero value says that nobody knows.
type Instrument struct {
	Type, Subtype string
	// Cash says that it is as good as cash, Currency that it is a currency's balance and nothing else.
	Cash, Currency bool
}

var (
	cash        = Instrument{Type: "cash", Subtype: "cash", Cash: true, Currency: true}
	moneyMarket = Instrument{Type: "cash", Cash: true}
)

// cashSymbols are what brokers write in the place of a symbol for cash that is not invested.
var cashSymbols = map[string]bool{
	"CASH": true, "$CASH": true, "USD": true, "$": true, "CUR:USD": true, "CUR:CAD": true, "CAD": true, "CUR:EUR": true, "EUR": true,
	"CUR:GBP": true, "GBP": true, "USD999997": true, "CASH1": true, "USDOLLAR": true,
}

// sweepSymbols are money market funds that brokers hold uninvested cash in.
var sweepSymbols = map[string]bool{
	"SPAXX": true, "FDRXX": true, "FZFXX": true, "FCASH": true, "SPRXX": true, "FDLXX": true, "FZDXX": true, "FGMXX": true, "FZCXX": true,
	"VMFXX": true, "VMMXX": true, "VMRXX": true, "VUSXX": true, "VCTXX": true, "VMSXX": true,
	"SWVXX": true, "SNVXX": true, "SNSXX": true, "SNOXX": true, "SNAXX": true, "SWGXX": true, "SCOXX": true, "SUTXX": true,
	"TTTXX": true, "PRTXX": true, "PCOXX": true, "TRRXX": true, "MJLXX": true, "DVRXX": true, "GOSXX": true, "IMNXX": true, "WFJXX": true, "CJTXX": true,
}

// coins are symbols of cryptocurrencies with the name that must stand beside them: some are symbols of shares too.
var coins = map[string]string{
	"BTC": "bitcoin", "ETH": "ether", "LTC": "litecoin", "DOGE": "doge", "SOL": "solana", "XRP": "xrp|ripple", "ADA": "cardano", "BCH": "bitcoin",
	"USDC": "usd coin|usdc", "USDT": "tether", "DOT": "polkadot", "AVAX": "avalanche", "XLM": "stellar", "ETC": "ethereum", "LINK": "chainlink",
}

type instrumentRule struct {
	name   func() *regexp.Regexp // nil: any
	symbol func() *regexp.Regexp // nil: any
	is     Instrument
}

func named(pattern string, is Instrument) instrumentRule {
	return instrumentRule{name: lazy(`(?i)\b(?:` + pattern + `)\b`), is: is}
}

func spelled(pattern string, is Instrument) instrumentRule {
	return instrumentRule{symbol: lazy(`^(?:` + pattern + `)$`), is: is}
}

var instruments = []instrumentRule{
	named(`^(?:us dollars?|u\.s\. dollars?|cash|cash balance|cash (?:and|&) cash investments|uninvested cash|settlement cash|usd)$`, cash),
	named(`money market|money mkt|settlement fund|cash reserves?|government cash|govt? money|treasury money|bank sweep|insured deposit|cash sweep|core position|fdic[- ]insured`, moneyMarket),
	spelled(`[A-Z]{3}XX`, moneyMarket), // by custom, money market funds end so
	spelled(`[A-Z]{1,6} ?[0-9]{6}[CP][0-9]{8}|-[A-Z]{1,6}[0-9]{6}[CP][0-9.]+|[A-Z]{1,6}[0-9]{6}[CP][0-9.]+`, Instrument{Type: "derivative", Subtype: "option"}),
	named(`(?:call|put) option|^(?:call|put) \(|(?:call|put) [0-9]`, Instrument{Type: "derivative", Subtype: "option"}),
	named(`etf|exchange[- ]traded|ishares|spdr|proshares|etf trust`, Instrument{Type: "etf", Subtype: "etf"}),
	named(`t-?bills?|treasury bills?`, Instrument{Type: "fixed income", Subtype: "bill"}),
	named(`treasury notes?`, Instrument{Type: "fixed income", Subtype: "note"}),
	named(`muni(?:cipal)? bonds?`, Instrument{Type: "fixed income", Subtype: "municipal bond"}),
	spelled(`[A-Z]{4}X`, Instrument{Type: "mutual fund", Subtype: "mutual fund"}), // by custom, mutual funds are five letters and end so
	named(`mutual fund|index fund|target retirement|target date|funds?|fd|fds|collective trust|cl [rk][0-9]?|instl|admiral|investor shares`, Instrument{Type: "mutual fund", Subtype: "mutual fund"}),
	named(`treasury bonds?|bonds?|debentures?|certificates? of deposit|cd`, Instrument{Type: "fixed income", Subtype: "bond"}),
	named(`pfd|preferred`, Instrument{Type: "equity", Subtype: "preferred equity"}),
	named(`adr|ads|depositary`, Instrument{Type: "equity", Subtype: "depositary receipt"}),
	named(`reit`, Instrument{Type: "equity", Subtype: "real estate investment trust"}),
	named(`common stock|com|inc|corp|corporation|plc|ltd|nv|sa|ag|holdings?|cl [abc]|class [abc]|co`, Instrument{Type: "equity", Subtype: "common stock"}),
	spelled(`[A-Z]{1,4}(?:[./-][A-Z]{1,2})?`, Instrument{Type: "equity"}),
}

// InstrumentOf tells what a security is from its symbol, in capitals, and its name.
func InstrumentOf(symbol, name string) Instrument {
	switch {
	case cashSymbols[symbol]:
		return cash
	case sweepSymbols[symbol]:
		return moneyMarket
	}
	if words, ok := coins[symbol]; ok {
		lower := strings.ToLower(name)
		for word := range strings.SplitSeq(words, "|") {
			if strings.Contains(lower, word) && !strings.Contains(lower, "trust") && !strings.Contains(lower, "etf") {
				return Instrument{Type: "cryptocurrency", Subtype: "cryptocurrency"}
			}
		}
	}
	for _, rule := range instruments {
		if (rule.name == nil || rule.name().MatchString(name)) && (rule.symbol == nil || rule.symbol().MatchString(symbol)) {
			return rule.is
		}
	}
	return Instrument{}
}
