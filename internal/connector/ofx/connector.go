package ofx

import (
	"context"
	"errors"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Connector reads statement files. It has no bank to ask: an Item that files have made is brought up to date by a newer
// file.
type Connector struct{}

var (
	_ connector.Connector = Connector{}
	_ connector.Files     = Connector{}
)

// New is the connector.
func New() Connector { return Connector{} }

// Name is "ofx".
func (Connector) Name() string { return "ofx" }

// Fetch says that there is nobody to ask.
func (Connector) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	return connector.Batch{}, plaid.Errf("PRODUCTS_NOT_SUPPORTED", "this Item is made of statement files and cannot be refreshed: import a newer file")
}

// ReadFile reads an OFX or QFX file: a statement for each institution in it.
func (Connector) ReadFile(content []byte) (connector.File, error) {
	f, err := Parse(content)
	var problem Problem
	if errors.As(err, &problem) {
		return connector.File{}, plaid.Errf("INVALID_FIELD", "the file is no OFX statement that can be read: %v", problem)
	}
	if err != nil {
		return connector.File{}, err
	}
	var file connector.File
	for _, p := range f.Problems {
		file.Problems = append(file.Problems, connector.Problem(p))
	}
	for _, im := range f.Imports() {
		if len(im.Statements) > 0 {
			file.Statements = append(file.Statements, im.statement())
		}
	}
	if len(file.Statements) == 0 {
		if f.Error != nil {
			return connector.File{}, f.Error
		}
		return connector.File{}, plaid.Errf("NO_ACCOUNTS", "the file has no statement of an account")
	}
	return file, nil
}

// unknownMoment is the age of a balance that the file does not state: anything that is known is younger.
var unknownMoment = time.UnixMilli(1)

func (im Import) statement() connector.Statement {
	b := im.Batch
	b.Partial, b.InvestmentHistory = true, nil
	products := map[string]bool{}
	for i := range b.Accounts {
		a := &b.Accounts[i]
		products[map[bool]string{true: "investments", false: "transactions"}[a.Type == plaid.TypeInvestment]] = true
		products["auth"] = products["auth"] || a.Numbers.ACH != nil
		im.date(a)
		if plaid.Known(im.Unbalanced, a.Key) {
			a.AsOf, a.Balances.Current = unknownMoment, nil
		} else if !a.AsOf.IsZero() {
			at := plaid.Timestamp(a.AsOf)
			a.Balances.LastUpdatedDatetime = &at
		}
	}
	ins := connector.Institution{Supported: true, Institution: plaid.Institution{
		InstitutionID: "ins_" + im.Institution.Key(), Name: im.Institution.Name(), CountryCodes: []string{}, RoutingNumbers: []string{}, DTCNumbers: []string{},
	}}
	for _, p := range plaid.Products {
		if products[p] {
			ins.Products = append(ins.Products, p)
		}
	}
	return connector.Statement{Institution: ins, Unnamed: im.Institution == Institution{}, Batch: b}
}

// date says what moment an account's balances and holdings are of, and what days its statements cover.
func (im Import) date(a *connector.Account) {
	a.HoldingsUnstated = true
	for _, st := range im.Statements {
		if st.Account.Key != a.Key {
			continue
		}
		if st.AsOf != nil && st.AsOf.Time().After(a.AsOf) {
			a.AsOf = st.AsOf.Time()
		}
		if st.Balanced || len(st.Holdings) > 0 {
			a.HoldingsUnstated = a.Type != plaid.TypeInvestment
		}
		if st.Window == nil {
			continue
		}
		w := *st.Window
		if a.History != nil {
			w.From, w.To = min(w.From, a.History.From), max(w.To, a.History.To)
		}
		a.History = &w
	}
}
