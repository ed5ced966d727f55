// Package forms puts what banks ask a person into the words of a session.
package forms

import (
	"weft/internal/connector"
	"weft/internal/product/link/session"
)

// Challenge is what a bank asks besides the login.
func Challenge(c *connector.Challenge) *session.MFA {
	out := &session.MFA{Kind: c.Kind, Destination: c.Destination, Devices: choices(c.Devices)}
	for _, q := range c.Questions {
		out.Questions = append(out.Questions, session.Question{Text: q.Text, Answers: choices(q.Answers)})
	}
	return out
}

func choices(list []connector.Choice) []session.Choice {
	var out []session.Choice
	for _, c := range list {
		out = append(out, session.Choice{Value: c.Value, Text: c.Text})
	}
	return out
}

// Fields are the login fields of an institution.
func Fields(con connector.Connector, institutionID string) []session.Field {
	forms, ok := con.(connector.Forms)
	if !ok {
		return nil
	}
	var out []session.Field
	for _, f := range forms.Fields(institutionID) {
		out = append(out, session.Field{Name: f.Name, Label: f.Label, Verbatim: f.Verbatim, Kind: f.Kind, Autocomplete: f.Autocomplete, Optional: f.Optional})
	}
	return out
}
