package panes

import (
	"cmp"
	"strconv"
	"strings"

	"weft/internal/product/link/session"
	"weft/internal/product/link/web/words"
)

// Bounds of what is typed.
const (
	longestCode   = 20
	longestNumber = 30 // with spaces, where it is pasted
	longestText   = 200
	longestToken  = 4096
)

// field is one field of a form.
type field struct {
	ID, Name, Label, Type, Autocomplete, InputMode, Value, Hint string
	// Capitalize is the attribute autocapitalize.
	Capitalize string
	// Code: it is typed digit by digit, and shown widely spaced.
	Code, Optional, Invalid bool
	Max                     int
	problem                 bool
}

// DescribedBy are the ids of what explains the field.
func (f field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.problem {
		ids = append(ids, "problem")
	}
	return strings.Join(ids, " ")
}

// Fields are those of the pane's form.
func (p page) Fields() []field {
	var list []field
	switch p.Pane {
	case session.PaneConsent:
		if p.Consent != nil && p.Consent.AsksPhone {
			list = append(list, field{Name: "phone", ID: "phone-input", Label: p.T("consent.phone"), Type: "tel", Autocomplete: "tel", InputMode: "tel", Value: words.Clean(p.Consent.Phone), Hint: p.T("consent.phone_hint"), Optional: true})
		}
	case session.PanePhone:
		number := ""
		if p.Phone != nil {
			number = words.Clean(p.Phone.Number)
		}
		list = append(list, field{Name: "phone", ID: "phone-input", Label: p.T("phone.label"), Type: "tel", Autocomplete: "tel", InputMode: "tel", Value: number})
	case session.PaneOTP:
		list = append(list, field{Name: "code", Label: p.T("otp.label"), Autocomplete: "one-time-code", InputMode: "numeric", Code: true, Max: longestCode})
	case session.PaneCredentials:
		for _, f := range p.Credentials.Fields {
			list = append(list, p.own(f))
		}
	case session.PaneMFA:
		if p.MFA.Kind == "code" {
			list = append(list, field{Name: "code", Label: p.T("mfa.code"), Autocomplete: "one-time-code", Code: true, Max: longestCode})
		}
	case session.PaneToken:
		list = append(list, field{Name: "token", Label: p.T("token.label"), Type: "password", Autocomplete: "off", Max: longestToken})
	case session.PaneRouting:
		list = append(list, field{Name: "routing", Label: p.T("routing.label"), InputMode: "numeric", Code: true, Max: longestNumber})
	case session.PaneNumber:
		list = append(list, field{Name: "account", Label: p.T("number.label"), InputMode: "numeric", Max: longestNumber},
			field{Name: "account_again", Label: p.T("number.again"), InputMode: "numeric", Max: longestNumber})
	case session.PaneHolder:
		list = append(list, field{Name: "name", Label: p.T("holder.name"), Autocomplete: "name", Capitalize: "words"})
	case session.PaneDepositCode:
		list = append(list, field{Name: "code", Label: p.T("deposit_code.label"), Capitalize: "characters", Code: true, Max: longestCode})
	}
	for i := range list {
		list[i] = p.complete(list[i], i, i == 0)
	}
	return list
}

// own is a login field of the bank.
func (p page) own(f session.Field) field {
	one := field{Name: f.Name, Label: words.Clean(f.Label), Autocomplete: f.Autocomplete, Optional: f.Optional}
	if !f.Verbatim {
		one.Label = p.worded("field.", f.Label)
	}
	switch f.Kind {
	case "password", "email", "tel":
		one.Type = f.Kind
	case "code":
		one.Code, one.Max = true, longestCode
	}
	return one
}

// Answer is the field of a bank's question.
func (p page) Answer(i int, question string) field {
	return p.complete(field{Name: "answer_" + strconv.Itoa(i), Label: words.Clean(question)}, i, i == 0)
}

// complete fills in what a field has unless it says otherwise. A problem that names no field is the first one's.
func (p page) complete(f field, i int, first bool) field {
	f.ID = cmp.Or(f.ID, "aut-input-"+strconv.Itoa(i)+"-input")
	f.Type, f.Autocomplete, f.Capitalize = cmp.Or(f.Type, "text"), cmp.Or(f.Autocomplete, "off"), cmp.Or(f.Capitalize, "none")
	f.Max = cmp.Or(f.Max, longestText)
	if p.Problem != nil {
		f.problem = p.Problem.Field == f.Name || (p.Problem.Field == "" && first)
		f.Invalid = f.problem
	}
	return f
}
