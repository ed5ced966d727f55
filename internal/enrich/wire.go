package enrich

import (
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// text is null for what is empty.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Personal is the personal finance category as the API answers it.
func (r Result) Personal(v taxonomy.Version) plaid.PersonalFinanceCategory {
	c := r.Category(v)
	return plaid.PersonalFinanceCategory{Primary: c.Primary, Detailed: c.Detailed, ConfidenceLevel: string(c.Confidence), Version: string(v)}
}

// Parties are the counterparties as the API answers them.
func (r Result) Parties() []plaid.Counterparty {
	list := make([]plaid.Counterparty, 0, len(r.Counterparties))
	for _, c := range r.Counterparties {
		list = append(list, plaid.Counterparty{Name: c.Name, EntityID: text(c.EntityID), Type: string(c.Type), Website: text(c.Website),
			LogoURL: text(c.LogoURL), ConfidenceLevel: text(string(c.Confidence))})
	}
	return list
}

// Place is the location as the API answers it.
func (r Result) Place() plaid.Location {
	l := r.Location
	return plaid.Location{Address: text(l.Address), City: text(l.City), Region: text(l.Region), PostalCode: text(l.PostalCode),
		Country: text(l.Country), StoreNumber: text(l.StoreNumber)}
}

// Meta is what is said of a transfer between banks, as the API answers it.
func (r Result) Meta() plaid.PaymentMeta {
	m := r.PaymentMeta
	return plaid.PaymentMeta{ReferenceNumber: text(m.ReferenceNumber), PPDID: text(m.PPDID), Payee: text(m.Payee), Payer: text(m.Payer),
		ByOrderOf: text(m.ByOrderOf), PaymentMethod: text(m.PaymentMethod), PaymentProcessor: text(m.PaymentProcessor), Reason: text(m.Reason)}
}
