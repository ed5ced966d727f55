// Package rules reads the rules of a request's fields from their tags, and holds values against them.
package rules

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"weft/internal/plaid"
	"weft/internal/user/identity"
)

// Rule is what the tag of a request's field says of its value: rule:"required,nonempty,min=1,max=730,enum=a|b,in=NAME,
// format=NAME,secret". min and max bound a number; max alone the characters of a text or the elements of an array. The
// rules of an array hold for its elements, nonempty for the array. Optional fields are pointers or arrays.
type Rule struct {
	// Name is the field's, Secret says that its value is not to be stored.
	Name     string
	Secret   bool
	index    int
	required bool
	nonempty bool
	min, max int64
	enum     []string
	format   format
	// Fields are the rules of an object, or of the objects in an array.
	Fields []Rule
}

// Limits of what has none of its own, so that a stored request stays small.
const (
	MaxText     = 2048
	MaxElements = 100
)

// enums are the enumerations that tags name; shorter ones stand in the tags themselves.
var enums = map[string][]string{
	"languages": plaid.Languages,
	"id_types":  identity.NumberTypes,
	"purposes": {
		"ACCOUNT_REVIEW_CREDIT", "ACCOUNT_REVIEW_NON_CREDIT", "EXTENSION_OF_CREDIT", "LEGITIMATE_BUSINESS_NEED_TENANT_SCREENING",
		"LEGITIMATE_BUSINESS_NEED_OTHER", "WRITTEN_INSTRUCTION_PREQUALIFICATION", "WRITTEN_INSTRUCTION_OTHER",
		"ELIGIBILITY_FOR_GOVT_BENEFITS",
	},
	"income_categories": {
		"OTHER", "SALARY", "UNEMPLOYMENT", "CASH", "GIG_ECONOMY", "RENTAL", "CHILD_SUPPORT", "MILITARY", "RETIREMENT",
		"LONG_TERM_DISABILITY", "BANK_INTEREST",
	},
}

// Compile reads the rules of a struct's fields from their tags.
func Compile(t reflect.Type) []Rule {
	rules := make([]Rule, t.NumField())
	for i := range rules {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		r := Rule{Name: name, index: i, max: -1}
		if tag := f.Tag.Get("rule"); tag != "" {
			for part := range strings.SplitSeq(tag, ",") {
				r.parse(t.Name()+"."+f.Name, part)
			}
		}
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[plaid.Decimal]() {
			r.Fields = Compile(inner)
		}
		rules[i] = r
	}
	return rules
}

func (r *Rule) parse(field, part string) {
	key, value, _ := strings.Cut(part, "=")
	known := true
	var err error
	switch key {
	case "required":
		r.required = true
	case "nonempty":
		r.nonempty = true
	case "secret":
		r.Secret = true
	case "min":
		r.min, err = strconv.ParseInt(value, 10, 64)
	case "max":
		r.max, err = strconv.ParseInt(value, 10, 64)
	case "enum":
		r.enum = strings.Split(value, "|")
	case "in":
		r.enum, known = enums[value]
	case "format":
		r.format, known = formats[value]
	default:
		known = false
	}
	if !known || err != nil { // a mistake in this package, found when the program starts
		panic(fmt.Sprintf("link: field %s has the unknown rule %q", field, part))
	}
}

// Check checks the fields of an object: first which required ones are missing, all at once, then each value.
func Check(rules []Rule, v reflect.Value, path string) error {
	var missing []string
	for _, r := range rules {
		if f := v.Field(r.index); r.required && f.IsZero() && f.Kind() != reflect.String {
			missing = append(missing, Join(path, r.Name))
		}
	}
	if len(missing) > 0 {
		return plaid.MissingFields(missing...)
	}
	for _, r := range rules {
		if err := r.check(v.Field(r.index), Join(path, r.Name)); err != nil {
			return err
		}
	}
	return nil
}

// Join is the path of a field in an object.
func Join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r Rule) check(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return r.check(v.Elem(), path)
	case reflect.Slice:
		return r.checkArray(v, path)
	case reflect.Struct:
		return Check(r.Fields, v, path)
	case reflect.String:
		if problem := r.checkText(v.String()); problem != "" {
			return Invalid(path, problem)
		}
	case reflect.Int64:
		if n := v.Int(); r.max >= 0 && (n < r.min || n > r.max) {
			return Invalid(path, fmt.Sprintf("must be between %d and %d", r.min, r.max))
		}
	}
	return nil
}

func (r Rule) checkArray(v reflect.Value, path string) error {
	most := r.max
	if most < 0 {
		most = MaxElements
	}
	switch {
	case v.IsNil():
		return nil
	case r.nonempty && v.Len() == 0:
		return Invalid(path, "must be a non-empty array")
	case int64(v.Len()) > most:
		return Invalid(path, fmt.Sprintf("must have at most %d elements", most))
	}
	element := r
	element.max, element.nonempty = -1, true
	for i := range v.Len() {
		if err := element.check(v.Index(i), path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	return nil
}

// checkText says what is wrong with a text, nothing if it is right.
func (r Rule) checkText(s string) string {
	most := r.max
	if most < 0 {
		most = MaxText
	}
	switch {
	case r.enum != nil:
		if !plaid.Known(r.enum, s) {
			return "must be one of " + strings.Join(r.enum, ", ")
		}
	case r.nonempty && strings.TrimSpace(s) == "":
		return "must be a non-empty string"
	case r.format.valid != nil && !r.format.valid(s):
		return "must be " + r.format.words
	case int64(len([]rune(s))) > most:
		return fmt.Sprintf("must have at most %d characters", most)
	}
	return ""
}

// Invalid names a field and its problem. What the user object tells of a person has a code of its own.
func Invalid(field, problem string) error {
	if strings.HasPrefix(field, "user.") && field != "user.client_user_id" {
		return plaid.Errf("INVALID_USER_IDENTITY_DATA", "%s %s", field, problem)
	}
	return plaid.InvalidField(field, problem)
}

// Withhold empties the secret fields of an object and returns the paths of those that had a value.
func Withhold(rules []Rule, v reflect.Value, path string) []string {
	var withheld []string
	for _, r := range rules {
		f, name := v.Field(r.index), Join(path, r.Name)
		switch {
		case f.IsZero():
		case r.Secret:
			withheld = append(withheld, name)
			f.SetZero()
		case r.Fields != nil && f.Kind() == reflect.Pointer:
			withheld = append(withheld, Withhold(r.Fields, f.Elem(), name)...)
		}
	}
	return withheld
}
