package fixed

import (
	"fmt"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/numbers"
	"weft/internal/plaid"
)

// usd is the currency of securities, holdings and history that do not say theirs: at a foreign institution the accounts
// change their currency, and what they hold stays what it is.
const usd = "USD"

// Statement is what a bank of a country states of the person, for a connection made on a day: everything, whatever its
// date. It declares no window.
func (p *Persona) Statement(created plaid.Date, country string) connector.Batch {
	var batch connector.Batch
	for i := range p.Accounts {
		batch.Accounts = append(batch.Accounts, p.account(&p.Accounts[i], country))
	}
	for _, s := range p.Securities {
		out := connector.Security{Key: s.Key, Security: s.Security}
		if out.ISOCurrencyCode == nil && out.UnofficialCurrencyCode == nil {
			out.ISOCurrencyCode = ref(usd)
		}
		if out.IsCashEquivalent == nil {
			out.IsCashEquivalent = ref(false)
		}
		batch.Securities = append(batch.Securities, out)
	}
	for i := range p.Holdings {
		batch.Holdings = append(batch.Holdings, p.holding(&p.Holdings[i]))
	}
	for i := range p.History {
		batch.InvestmentTransactions = append(batch.InvestmentTransactions, p.rows(&p.History[i], created)...)
	}
	currencies := map[string]*string{}
	for _, a := range batch.Accounts {
		currencies[a.Key] = a.Balances.ISOCurrencyCode
	}
	for i := range p.Transactions {
		m := &p.Transactions[i]
		batch.Transactions = append(batch.Transactions, p.movements(m, created, currencies[m.Account])...)
	}
	return batch
}

func (p *Persona) account(a *Account, country string) connector.Account {
	out := connector.Account{
		Key: a.Key, MarginLoan: a.MarginLoan, Owners: []plaid.Owner{p.Owner},
		Account: plaid.Account{
			Name: a.Name, OfficialName: a.OfficialName, Type: a.Type, Subtype: &a.Subtype,
			HolderCategory: ref(or(a.HolderCategory, "personal")),
			Balances: plaid.Balances{
				Available: a.Available, Current: a.Current, Limit: a.Limit,
				ISOCurrencyCode: ref(or(a.Currency, numbers.Currency(country))),
			},
		},
	}
	if a.Mask != "" {
		out.Mask = &a.Mask
	}
	if a.Numbers != nil {
		out.Numbers = *a.Numbers
	} else {
		out.Numbers = numbers.Default(country, a.Type, a.Subtype, a.Mask)
	}
	return out
}

func (p *Persona) holding(h *Holding) connector.Holding {
	out := connector.Holding{AccountKey: h.Account, SecurityKey: h.Security, Holding: plaid.Holding{
		Quantity: h.Quantity, InstitutionPrice: h.Price, InstitutionPriceAsOf: h.PriceAsOf, CostBasis: h.CostBasis,
		InstitutionValue: h.Quantity.Mul(h.Price), ISOCurrencyCode: ref(or(h.Currency, usd)), TaxLots: []plaid.TaxLot{},
	}}
	if out.InstitutionPriceAsOf == nil {
		out.InstitutionPriceAsOf = p.PriceAsOf
	}
	if h.Value != nil {
		out.InstitutionValue = *h.Value
	}
	return out
}

// rows plays one rule back in time. A row's key counts from the latest one, which never moves.
func (p *Persona) rows(r *Recurring, created plaid.Date) []connector.InvestmentTransaction {
	var rows []connector.InvestmentTransaction
	for n := 0; r.First+n*r.Every < p.HistoryDays; n++ {
		row := connector.InvestmentTransaction{
			Key: fmt.Sprintf("%s-%d", r.ID, n), AccountKey: r.Account, SecurityKey: r.Security,
			InvestmentTransaction: plaid.InvestmentTransaction{
				Date: created.AddDays(-(r.First + n*r.Every)), Name: r.Name, Type: r.Type, Subtype: r.Subtype,
				Price: r.Price, Fees: &r.Fees, ISOCurrencyCode: ref(or(r.Currency, usd)),
			},
		}
		if len(r.Quantity) > 0 {
			row.Quantity = r.Quantity[n%len(r.Quantity)]
			row.Amount = row.Quantity.Mul(r.Price).Add(r.Fees).Round(2)
		}
		if len(r.Amount) > 0 {
			row.Amount = r.Amount[n%len(r.Amount)]
		}
		rows = append(rows, row)
	}
	return rows
}

// movements plays a transaction back in time, as rows does.
func (p *Persona) movements(m *Movement, created plaid.Date, currency *string) []connector.Transaction {
	var rows []connector.Transaction
	for n := 0; m.First+n*m.Every < p.HistoryDays; n++ {
		row := connector.Transaction{
			Key: fmt.Sprintf("%s-%d", m.ID, n), AccountKey: m.Account, Date: created.AddDays(-(m.First + n*m.Every)),
			Amount: m.Amount, ISOCurrencyCode: currency, Name: m.Name,
		}
		if m.Authorized != nil {
			row.AuthorizedDate = row.Date.AddDays(-*m.Authorized).Ptr()
		}
		rows = append(rows, row)
	}
	return rows
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func ref[T any](v T) *T { return &v }
