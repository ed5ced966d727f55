package rules

import (
	"net/url"
	"slices"
	"strings"

	"weft/internal/plaid"
)

// official are the codes of ISO 4217.
var official = strings.Fields(`
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP
CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD
JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XAG XAU XCD XOF XPD XPF XPT XXX YER ZAR ZMW ZWG`)

// noCurrency is what ISO 4217 has for what has no currency.
const noCurrency = "XXX"

// Currency is a SimpleFIN currency as the contract's two codes, of which one is set. It is an ISO code, or a URL that names
// points and miles; of such a URL host and path are kept. An account without a currency has that of ISO 4217 for none.
func Currency(code string) (iso, unofficial *string) {
	upper := strings.ToUpper(strings.TrimSpace(code))
	switch {
	case upper == "":
		none := noCurrency
		return &none, nil
	case slices.Contains(official, upper) && !plaid.Known(plaid.UnofficialCurrencies, upper):
		return &upper, nil
	case plaid.Known(plaid.UnofficialCurrencies, upper):
		return nil, &upper
	}
	if u, err := url.Parse(code); err == nil && u.Host != "" {
		code = u.Host + strings.TrimSuffix(u.Path, "/") // without a password or a query
	}
	return nil, &code
}
