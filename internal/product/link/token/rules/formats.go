package rules

import (
	"net/url"
	"regexp"
	"time"

	"weft/internal/plaid"
	"weft/internal/user/identity"
)

// format is a test of a text, and the words that say what it wants.
type format struct {
	valid func(string) bool
	words string
}

// Matches reports whether a text has a format that tags name, and says in words what that is.
func Matches(format, text string) (ok bool, words string) {
	f := formats[format]
	return f.valid(text), f.words
}

// formats are the formats that tags name.
var formats = map[string]format{
	"email":    {identity.IsEmail, "a valid email address"},
	"phone":    {identity.IsPhone, "a valid phone number in E.164 format, such as +14155550123"},
	"date":     {isDate, "a date of the form YYYY-MM-DD"},
	"datetime": {isDatetime, "a date and time of the form YYYY-MM-DDThh:mm:ssZ"},
	"country":  matching(`^[A-Z]{2}$`, "a country code of two capital letters (ISO 3166-1 alpha-2)"),
	"postal":   matching(`^[0-9A-Za-z][0-9A-Za-z -]{0,8}[0-9A-Za-z]$`, "a postal code of 2 to 10 letters and digits"),
	"region":   matching(`^[0-9A-Z]{1,3}$`, "a subdivision code without the country's prefix, such as CA"),
	"letters":  matching(`\pL`, "a text with at least one letter"),
	"id":       matching(`^[0-9A-Za-z]+$`, "letters and digits alone"),
	"routing":  matching(`^[0-9]{9}$`, "a routing number of nine digits"),
	"bin":      matching(`^[0-9]{6,8}$`, "the first six to eight digits of a card number"),
	"amount":   matching(`^[0-9]{1,12}\.[0-9]{2}$`, `a decimal string with two digits after the point, such as "10.00"`),
	"package":  matching(`^([A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+)?$`, "an Android package name, such as com.example.app"),
	"target":   {isTarget, "an absolute URI that an app or a browser can open"},
}

func matching(pattern, words string) format {
	return format{regexp.MustCompile(pattern).MatchString, words}
}

func isDate(s string) bool {
	_, err := plaid.ParseDate(s)
	return err == nil
}

func isDatetime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// isTarget accepts web addresses and the schemes of apps, but none whose content a browser would run on the page.
func isTarget(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || (u.Host == "" && u.Path == "" && u.Opaque == "") {
		return false
	}
	return !plaid.Known([]string{"javascript", "data", "vbscript", "blob", "file", "about"}, u.Scheme)
}
