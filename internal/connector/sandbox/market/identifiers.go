package market

import "weft/internal/plaid"

// CUSIP leaves the issuer numbers from 990000 on to its users. Derived securities are numbered there, so that none of
// them carries the number of an instrument that exists: 999, a family letter, four digits of the alphabet without I and O.
const (
	derivedPrefix   = "999"
	treasuryFamily  = 'B'
	seriesFamily    = 'S'
	derivedAlphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
)

// derivedCUSIP is the CUSIP of the n-th member of a family; n is below 34^4.
func derivedCUSIP(family byte, n int) string {
	b := []byte(derivedPrefix + "x0000")
	b[3] = family
	for i := 7; i > 3; i-- {
		b[i] = derivedAlphabet[n%len(derivedAlphabet)]
		n /= len(derivedAlphabet)
	}
	d, _ := plaid.CUSIPDigit(string(b))
	return string(b) + string(d)
}

// derivedNumber undoes derivedCUSIP.
func derivedNumber(cusip string) (family byte, n int, ok bool) {
	if !plaid.ValidCUSIP(cusip) || cusip[:3] != derivedPrefix {
		return 0, 0, false
	}
	for i := 4; i < 8; i++ {
		at := -1
		for j := range len(derivedAlphabet) {
			if derivedAlphabet[j] == cusip[i] {
				at = j
			}
		}
		if at < 0 {
			return 0, 0, false
		}
		n = n*len(derivedAlphabet) + at
	}
	return cusip[3], n, true
}

// isinOfCUSIP is the ISIN of a US instrument.
func isinOfCUSIP(cusip string) string {
	base := "US" + cusip
	d, _ := plaid.ISINDigit(base)
	return base + string(d)
}
