package identity

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"weft/internal/plaid"
)

// Limits of what has none of its own, so that a stored identity stays small.
const (
	maxName     = 100
	maxText     = 200
	maxElements = 20
)

// checker collects which fields are missing, and notes the first thing that is wrong with another. Its methods bring what they
// check into its normal form.
type checker struct {
	today   plaid.Date
	missing []string
	wrong   error
}

// err is what is answered: missing fields all at once, else the first problem.
func (c *checker) err() error {
	if len(c.missing) > 0 {
		return plaid.MissingFields(c.missing...)
	}
	return c.wrong
}

func (c *checker) required(path string, given bool) bool {
	if !given {
		c.missing = append(c.missing, path)
	}
	return given
}

// want notes a problem where a condition does not hold.
func (c *checker) want(holds bool, path, words string) {
	if !holds && c.wrong == nil {
		c.wrong = plaid.Errf("INVALID_USER_IDENTITY_DATA", "%s must be %s", path, words)
	}
}

func (c *checker) count(path string, n int) {
	if n > maxElements && c.wrong == nil {
		c.wrong = plaid.Errf("INVALID_USER_IDENTITY_DATA", "%s must have at most %d elements", path, maxElements)
	}
}

// text wants a text that is not blank.
func (c *checker) text(path string, s *string, most int) {
	if !c.required(path, s != nil) {
		return
	}
	*s = strings.TrimSpace(*s)
	c.want(*s != "", path, "a non-empty string")
	c.want(len([]rune(*s)) <= most, path, fmt.Sprintf("a string of at most %d characters", most))
}

// optional is text for what may be left out.
func (c *checker) optional(path string, s *string) {
	if s != nil {
		c.text(path, s, maxText)
	}
}

func (c *checker) email(path string, s *string) {
	if c.required(path, s != nil) {
		*s = strings.TrimSpace(*s)
		c.want(IsEmail(*s), path, "a valid email address")
	}
}

func (c *checker) phone(path string, s *string) {
	if c.required(path, s != nil) {
		*s = CanonicalPhone(*s)
		c.want(IsPhone(*s), path, "a valid phone number in E.164 format, such as +14155550123")
	}
}

func (c *checker) birthday(path string, s *string) {
	if s == nil {
		return
	}
	born, err := plaid.ParseDate(*s)
	c.want(err == nil, path, "a date of the form YYYY-MM-DD")
	c.want(err != nil || born <= c.today, path, "a day that is not in the future")
}

var (
	country      = regexp.MustCompile(`^[A-Z]{2}$`)
	postalCode   = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z -]{0,8}[0-9A-Za-z]$`)
	usPostalCode = regexp.MustCompile(`^[0-9]{5}(-[0-9]{4})?$`)
)

// address wants a country alone or a whole address. Street is the name of its street in the request.
func (c *checker) address(path, street string, a *Address) {
	c.optional(path+"."+street, a.Street1)
	c.optional(path+".street_2", a.Street2)
	c.optional(path+".city", a.City)
	c.optional(path+".region", a.Region)
	if parts := a.Street1 != nil || a.Street2 != nil || a.City != nil || a.Region != nil || a.PostalCode != nil; parts {
		c.want(a.Street1 != nil && a.City != nil, path, "a country alone, or have "+street+" and city as well")
	}
	if !c.required(path+".country", a.Country != nil) {
		return
	}
	c.want(country.MatchString(*a.Country), path+".country", "a country code of two capital letters (ISO 3166-1 alpha-2)")
	if a.PostalCode == nil {
		return
	}
	if *a.Country == "US" {
		c.want(usPostalCode.MatchString(*a.PostalCode), path+".postal_code", "a ZIP code of five or nine digits, such as 94103 or 94103-1234")
		return
	}
	c.want(postalCode.MatchString(*a.PostalCode), path+".postal_code", "a postal code of 2 to 10 letters and digits")
}

func (c *checker) numberType(path string, kind *string) {
	if c.required(path, kind != nil) {
		c.want(slices.Contains(NumberTypes, *kind), path, "one of "+strings.Join(NumberTypes, ", "))
	}
}

var (
	idNumber     = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)
	nineDigits   = regexp.MustCompile(`^[0-9]{9}$`)
	fourDigits   = regexp.MustCompile(`^[0-9]{4}$`)
	idSeparators = strings.NewReplacer(" ", "", "-", "", ".", "", "/", "")
)

func (c *checker) number(path string, kind, value *string) {
	if !c.required(path, value != nil) || kind == nil {
		return
	}
	*value = idSeparators.Replace(*value)
	switch *kind {
	case fullSSN:
		c.want(nineDigits.MatchString(*value), path, "a social security number of nine digits")
	case last4SSN:
		c.want(fourDigits.MatchString(*value), path, "the last four digits of a social security number")
	default:
		c.want(idNumber.MatchString(*value), path, "1 to 64 letters and digits")
	}
}
