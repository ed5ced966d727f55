// Package stored makes what the table of transactions has of each: the JSON that the API answers, with what was found in the bank's
// words.
package stored

import (
	"cmp"

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
	found      map[enrich.Input]*described
	categories map[plaid.PersonalFinanceCategory]string
	room       []byte
}

// described is a transaction with what was found in its words and nothing else, and its category in either version.
type described struct {
	plaid.Transaction
	v1, v2 string
}

// mostRemembered bounds how many findings are kept.
const mostRemembered = 1024

// NewMaker makes a Maker.
func NewMaker(e *enrich.Enricher) *Maker {
	return &Maker{enricher: e, found: map[enrich.Input]*described{}, categories: map[plaid.PersonalFinanceCategory]string{}}
}

// Columns are those of a transaction with its ids and its account. Pending is the id of the pending transaction that it settles,
// nil for none.
func (m *Maker) Columns(t connector.Transaction, id, accountID string, pending *string, account connector.Account) (c Columns, err error) {
	found, err := m.describe(t, account)
	if err != nil {
		return c, err
	}
	w := found.Transaction
	w.AccountID, w.TransactionID, w.PendingTransactionID, w.Pending = accountID, id, pending, t.Pending
	w.Amount, w.ISOCurrencyCode, w.UnofficialCurrencyCode = t.Amount, t.ISOCurrencyCode, t.UnofficialCurrencyCode
	w.Date, w.AuthorizedDate = t.Date, t.AuthorizedDate
	m.room = appendTransaction(m.room[:0], &w)
	c.Document = string(m.room[:len(m.room)-1])
	m.room = plaid.AppendText(m.room[:0], original(t))
	c.Original, c.V1, c.V2 = string(m.room), found.v1, found.v2
	return c, nil
}

// Amounts, as far as enrichment looks at them: which way the money goes.
var in, out = plaid.DecimalFromInt(-1), plaid.DecimalFromInt(1)

// describe finds what the bank's words mean, or remembers it.
func (m *Maker) describe(t connector.Transaction, account connector.Account) (*described, error) {
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
	found := m.enricher.Enrich(input)
	d := &described{Transaction: transaction(t.Name, found)}
	var err error
	if d.v1, err = m.category(found.Personal(taxonomy.V1)); err != nil {
		return nil, err
	}
	if d.v2, err = m.category(found.Personal(taxonomy.V2)); err != nil {
		return nil, err
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

// transaction is one of which only a description is known, with what was found in it.
func transaction(name string, found enrich.Result) plaid.Transaction {
	return plaid.Transaction{
		Name: cmp.Or(found.Name, name), MerchantName: text(found.MerchantName), MerchantEntityID: text(found.EntityID),
		Website: text(found.Website), LogoURL: text(found.LogoURL), Counterparties: found.Parties(), Location: found.Place(),
		PaymentChannel: found.PaymentChannel, TransactionType: channelTypes[found.PaymentChannel], PaymentMeta: found.Meta(),
		CheckNumber: text(found.CheckNumber), CategoryID: text(found.LegacyCategoryID), Category: found.LegacyCategory,
	}
}

// channelTypes are the transaction types of old by payment channel.
var channelTypes = map[string]string{enrich.Online: "digital", enrich.InStore: "place", enrich.Other: "special"}
