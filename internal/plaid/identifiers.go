package plaid

// CUSIPDigit is the check digit of the first eight characters of a CUSIP; false if they are not CUSIP characters.
func CUSIPDigit(base string) (byte, bool) {
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

// ISINDigit is the check digit of the first eleven characters of an ISIN (Luhn over letters spelled as two digits).
func ISINDigit(base string) (byte, bool) {
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
	d, ok := CUSIPDigit(s[:8])
	return ok && d == s[8]
}

// ValidISIN reports whether an ISIN has twelve characters and the right check digit.
func ValidISIN(s string) bool {
	if len(s) != 12 {
		return false
	}
	d, ok := ISINDigit(s[:11])
	return ok && d == s[11]
}
