// Package stored makes what the table of transactions has of each: the JSON that the API answers, with what was found in the bank's
// words.
package stored

import (
	"weft/internal/connector"
	"weft/internal/enrich"
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// Columns are a transaction's: its document, an object without its closing brace, and the members that depend on the request.
type Columns struct{ Document, Original, V1, V2 string }

// Maker makes the columns of transactions, for one goroutine. It remembers what it has found, since most of what people pay for
// they pay for again.
type Maker struct {
	enricher   *enrich.Enricher
	found      map[enrich.Input]described
	categories map[plaid.PersonalFinanceCategory]string
}

// described is what was found in the words of a transaction, as far as it is JSON already.
type described struct {
	enrich.Result
	v1, v2 string
}

// mostRemembered bounds how many findings are kept.
const mostRemembered = 4096

// NewMaker makes a Maker.
func NewMaker(e *enrich.Enricher) *Maker {
	return &Maker{e, map[enrich.Input]described{}, map[plaid.PersonalFinanceCategory]string{}}
}

// Columns are those of a transaction with its ids and its account. Pending is the id of the pending transaction that it settles,
// nil for none.
func (m *Maker) Columns(t connector.Transaction, id, accountID string, pending *string, account connector.Account) (c Columns, err error) {
	found, err := m.describe(t, account)
	if err != nil {
		return c, err
	}
	w := plaid.Transaction{
		AccountID: accountID, Amount: t.Amount, ISOCurrencyCode: t.ISOCurrencyCode, UnofficialCurrencyCode: t.UnofficialCurrencyCode,
		Date: t.Date, AuthorizedDate: t.AuthorizedDate, Pending: t.Pending, PendingTransactionID: pending, TransactionID: id, Name: t.Name,
	}
	fill(&w, found.Result)
	document, err := plaid.JSON(w)
	if err != nil {
		return c, err
	}
	words, err := plaid.JSON(original(t))
	return Columns{Document: string(document[:len(document)-1]), Original: string(words), V1: found.v1, V2: found.v2}, err
}

// ends of an amount, as far as enrichment looks at it: which way the money goes.
var in, out = plaid.DecimalFromInt(-1), plaid.DecimalFromInt(1)

// describe finds what the bank's words mean, or remembers it.
func (m *Maker) describe(t connector.Transaction, account connector.Account) (d described, err error) {
	subtype := ""
	if account.Subtype != nil {
		subtype = *account.Subtype
	}
	input := enrich.Input{Description: t.Name, Payee: t.Payee, Memo: t.Memo, Amount: out, AccountType: account.Type, AccountSubtype: subtype, Kind: t.Kind, CheckNumber: t.CheckNumber}
	if t.Amount.Sign() < 0 {
		input.Amount = in
	}
	if d, ok := m.found[input]; ok {
		return d, nil
	}
	d.Result = m.enricher.Enrich(input)
	if d.v1, err = m.category(d.Personal(taxonomy.V1)); err != nil {
		return d, err
	}
	if d.v2, err = m.category(d.Personal(taxonomy.V2)); err != nil {
		return d, err
	}
	if len(m.found) == mostRemembered {
		clear(m.found)
	}
	m.found[input] = d
	return d, nil
}

// category is the JSON of a category, of which there are few.
func (m *Maker) category(c plaid.PersonalFinanceCategory) (string, error) {
	if text, ok := m.categories[c]; ok {
		return text, nil
	}
	text, err := plaid.JSON(c)
	m.categories[c] = string(text)
	return string(text), err
}

// original is the description as the bank gives it.
func original(t connector.Transaction) string {
	if t.Memo == "" {
		return t.Name
	}
	return t.Name + " " + t.Memo
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// fill fills in what was found in the bank's words.
func fill(w *plaid.Transaction, found enrich.Result) {
	if found.Name != "" {
		w.Name = found.Name
	}
	w.MerchantName, w.MerchantEntityID = text(found.MerchantName), text(found.EntityID)
	w.Website, w.LogoURL = text(found.Website), text(found.LogoURL)
	w.PaymentChannel, w.TransactionType = found.PaymentChannel, channelTypes[found.PaymentChannel]
	w.Counterparties = found.Parties()
	w.Location, w.PaymentMeta = found.Place(), found.Meta()
	w.CheckNumber = text(found.CheckNumber)
	w.CategoryID, w.Category = text(found.LegacyCategoryID), found.LegacyCategory
}

// channelTypes are the transaction types of old by payment channel.
var channelTypes = map[string]string{enrich.Online: "digital", enrich.InStore: "place", enrich.Other: "special"}
