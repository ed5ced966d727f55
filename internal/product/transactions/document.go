package transactions

import (
	"weft/internal/connector"
	"weft/internal/enrich"
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// stored is a transaction as the table has it: its document, an object without its closing brace, and the members that depend
// on the request.
type stored struct{ document, original, v1, v2 []byte }

// document is a transaction as the API answers it.
func (c *change) document(t *stated, id string) (stored, error) {
	w := plaid.Transaction{
		AccountID: t.account, Amount: t.Amount, ISOCurrencyCode: t.ISOCurrencyCode, UnofficialCurrencyCode: t.UnofficialCurrencyCode,
		CheckNumber: text(t.CheckNumber), Date: t.Date, AuthorizedDate: t.AuthorizedDate, Pending: t.Pending, TransactionID: id,
		Name: t.Name,
	}
	if pending, ok := c.known[rowKey{t.account, t.PendingKey}]; ok && t.PendingKey != "" {
		w.PendingTransactionID = &pending.id
	}
	account := c.accounts[t.AccountKey]
	subtype := ""
	if account.Subtype != nil {
		subtype = *account.Subtype
	}
	found := c.enricher.Enrich(enrich.Input{Description: t.Name, Payee: t.Payee, Memo: t.Memo, Amount: t.Amount,
		AccountType: account.Type, AccountSubtype: subtype, Kind: t.Kind, CheckNumber: t.CheckNumber})
	describe(&w, found)
	doc, err := plaid.JSON(w)
	if err != nil {
		return stored{}, err
	}
	out := stored{document: doc[:len(doc)-1]}
	if out.original, err = plaid.JSON(original(t.Transaction)); err != nil {
		return stored{}, err
	}
	if out.v1, err = plaid.JSON(found.Personal(taxonomy.V1)); err == nil {
		out.v2, err = plaid.JSON(found.Personal(taxonomy.V2))
	}
	return out, err
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

// describe fills in what was found in the bank's words.
func describe(w *plaid.Transaction, found enrich.Result) {
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
