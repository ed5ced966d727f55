package market

// cusipDigit is the check digit of the first eight characters of a CUSIP; false if they are not CUSIP characters.
func cusipDigit(base string) (byte, bool) {
	if len(base) != 8 {
		return 0, false
	}
	sum := 0
	for i := range 8 {
		v, ok := identifierValue(base[i])
		if !ok {
			return 0, false
		}
		if i%2 == 1 {
			v *= 2
		}
		sum += v/10 + v%10
	}
	return byte('0' + (10-sum%10)%10), true
}

// isinDigit is the check digit of the first eleven characters of an ISIN (Luhn over letters spelled as two digits).
func isinDigit(base string) (byte, bool) {
	if len(base) != 11 {
		return 0, false
	}
	sum, double := 0, true
	for i := 10; i >= 0; i-- {
		v, ok := identifierValue(base[i])
		if !ok || i < 2 && v < 10 {
			return 0, false
		}
		for {
			d := v % 10
			if double {
				d *= 2
			}
			sum += d/10 + d%10
			double = !double
			if v /= 10; v == 0 {
				break
			}
		}
	}
	return byte('0' + (10-sum%10)%10), true
}

func identifierValue(c byte) (int, bool) {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0'), true
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10, true
	default:
		return 0, false
	}
}

// ValidCUSIP reports whether a CUSIP has nine characters and the right check digit.
func ValidCUSIP(s string) bool {
	if len(s) != 9 {
		return false
	}
	d, ok := cusipDigit(s[:8])
	return ok && d == s[8]
}

// ValidISIN reports whether an ISIN has twelve characters and the right check digit.
func ValidISIN(s string) bool {
	if len(s) != 12 {
		return false
	}
	d, ok := isinDigit(s[:11])
	return ok && d == s[11]
}

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
	d, _ := cusipDigit(string(b))
	return string(b) + string(d)
}

// derivedNumber undoes derivedCUSIP.
func derivedNumber(cusip string) (family byte, n int, ok bool) {
	if !ValidCUSIP(cusip) || cusip[:3] != derivedPrefix {
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
	d, _ := isinDigit(base)
	return base + string(d)
}
