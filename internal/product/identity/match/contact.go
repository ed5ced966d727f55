package match

import (
	"regexp"
	"strings"
)

// phone is a phone number: its digits without what is dialled before them, whether they begin with a country's code, and the
// extension.
type phone struct {
	digits        string
	international bool
	extension     string
}

var extension = regexp.MustCompile(`(?i)(?:;?\s*ext?(?:ension)?[.:=]*|x|#|;)\s*([0-9]+)\s*$`)

// leastDigits and mostDigits are the lengths of numbers that can be called.
const (
	leastDigits = 7
	mostDigits  = 15
)

// HasPhone reports whether a text can be a phone number.
func HasPhone(s string) bool {
	p := parsePhone(s)
	n := len(p.digits)
	return n >= leastDigits && n <= mostDigits && strings.Trim(s, "+0123456789 ()-./;,:=#*xXeEtTnNsSiIoO") == ""
}

func parsePhone(s string) phone {
	var p phone
	s = strings.TrimSpace(s)
	if m := extension.FindStringSubmatchIndex(s); m != nil {
		s, p.extension = s[:m[0]], strings.TrimLeft(s[m[2]:m[3]], "0")
	}
	p.international = strings.HasPrefix(s, "+")
	p.digits = strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	for _, prefix := range []string{"011", "00"} { // dialled before the country's code
		if rest, ok := strings.CutPrefix(p.digits, prefix); ok && !p.international && len(rest) > 10 {
			p.digits, p.international = rest, true
			break
		}
	}
	if len(p.digits) == 10 && !p.international && p.digits[0] != '0' { // of North America, as the banks there write them
		p.digits = "1" + p.digits
	} else if len(p.digits) != 11 || p.digits[0] != '1' {
		return p
	}
	p.international = true
	return p
}

// Phones scores two phone numbers.
func Phones(a, b string) int {
	x, y := parsePhone(a), parsePhone(b)
	if len(x.digits) < leastDigits || len(y.digits) < leastDigits {
		return 0
	}
	score := x.same(y)
	switch {
	case x.extension == y.extension:
		return score
	case x.extension == "" || y.extension == "":
		return part(score, 85)
	}
	return part(score, 60)
}

// same compares the digits. Numbers may be given without the country's code, and some without the area's.
func (p phone) same(o phone) int {
	if p.digits == o.digits {
		return 100
	}
	if p.international && o.international {
		return 0
	}
	short, long := strings.TrimLeft(p.digits, "0"), strings.TrimLeft(o.digits, "0")
	if len(short) > len(long) {
		short, long = long, short
	}
	switch {
	case !strings.HasSuffix(long, short):
		return 0
	case len(short) >= 8:
		return 95
	case len(short) == leastDigits:
		return 75
	}
	return 0
}

// Emails scores two email addresses.
func Emails(a, b string) int {
	x, y := parseEmail(a), parseEmail(b)
	switch {
	case x.local == "" || y.local == "":
		return 0
	case x == y:
		return 100
	case x.domain != y.domain:
		return 0
	case x.local == y.local: // the one has a +tag, or another
		return 90
	case undotted[x.domain] && strings.ReplaceAll(x.local, ".", "") == strings.ReplaceAll(y.local, ".", ""):
		return 95
	}
	return 0
}

type email struct{ local, tag, domain string }

// undotted are domains whose mailboxes are the same with dots in their names and without.
var undotted = map[string]bool{"gmail.com": true}

func parseEmail(s string) email {
	s = strings.ToLower(strings.TrimSpace(s))
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return email{}
	}
	e := email{local: s[:at], domain: strings.TrimSuffix(s[at+1:], ".")}
	if e.domain == "googlemail.com" {
		e.domain = "gmail.com"
	}
	if local, tag, ok := strings.Cut(e.local, "+"); ok && local != "" {
		e.local, e.tag = local, tag
	}
	return e
}
