package transactions

import (
	"weft/internal/connector"
	"weft/internal/plaid"
)

// document is a transaction as the API answers it.
func (c *change) document(t *stated, id string) (stored, error) {
	w := plaid.Transaction{
		AccountID: t.account, Amount: t.Amount, ISOCurrencyCode: t.ISOCurrencyCode, UnofficialCurrencyCode: t.UnofficialCurrencyCode,
		CheckNumber: text(t.CheckNumber), Date: t.Date, AuthorizedDate: t.AuthorizedDate, Pending: t.Pending, TransactionID: id,
		Name: t.Name, PaymentChannel: "other", Counterparties: []plaid.Counterparty{}, TransactionType: "unresolved",
	}
	if pending, ok := c.known[rowKey{t.account, t.PendingKey}]; ok && t.PendingKey != "" {
		w.PendingTransactionID = &pending.id
	}
	v1, v2 := describe(t.Transaction, &w)
	doc, err := plaid.JSON(w)
	if err != nil {
		return stored{}, err
	}
	out := stored{document: doc[:len(doc)-1]}
	if out.original, err = plaid.JSON(original(t.Transaction)); err != nil {
		return stored{}, err
	}
	if out.v1, err = plaid.JSON(v1); err == nil {
		out.v2, err = plaid.JSON(v2)
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

// describe fills in what is found in the texts, and returns the categories in both versions of the taxonomy.
func describe(t connector.Transaction, w *plaid.Transaction) (v1, v2 plaid.PersonalFinanceCategory) {
	v1 = plaid.PersonalFinanceCategory{Primary: "GENERAL_SERVICES", Detailed: "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", ConfidenceLevel: "LOW", Version: "v1"}
	v2 = plaid.PersonalFinanceCategory{Primary: "OTHER", Detailed: "OTHER_OTHER", ConfidenceLevel: "LOW", Version: "v2"}
	return v1, v2
}
