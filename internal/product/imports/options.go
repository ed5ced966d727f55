package imports

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/plaid"
)

// Options are what a person says of the files that they bring.
type Options struct {
	DryRun bool
	// Institution is the name of the institution for files that do not say it, as InstitutionName returns it; empty where
	// the person has not said it either.
	Institution string
}

// mostName bounds the name of an institution.
const mostName = 100

// InstitutionName reads the name of an institution as a person writes it. The error is a *plaid.Error.
func InstitutionName(text string) (string, error) {
	name := strings.TrimSpace(text)
	switch {
	case name == "":
		return "", plaid.InvalidField("institution", "must not be empty")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", plaid.InvalidField("institution", "must be text without control characters")
	case utf8.RuneCountInString(name) > mostName:
		return "", plaid.InvalidField("institution", "must have at most 100 characters")
	}
	return name, nil
}

// name gives a statement's institution the name that the person says, where the file has none. An institution that the file
// does not identify either is identified by that name, in whatever capitals, so that each of several has an Item.
func (o Options) name(st *connector.Statement) {
	if o.Institution == "" || st.Institution.Name != "" {
		return
	}
	st.Institution.Name = o.Institution
	if st.Unnamed {
		st.Institution.InstitutionID = "ins_" + ident.Derive("institution", strings.ToLower(o.Institution))
	}
}
