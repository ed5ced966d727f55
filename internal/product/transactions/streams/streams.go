// Package streams finds what comes again and again in the transactions of an Item's accounts, as /transactions/recurring/get
// answers it.
package streams

import (
	"encoding/json"
	"slices"

	"weft/internal/enrich/recurring"
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// Stream is a series of transactions that come again and again. Amounts are positive when money leaves the account.
type Stream struct {
	AccountID               string                        `json:"account_id"`
	StreamID                string                        `json:"stream_id"`
	Category                []string                      `json:"category"`
	CategoryID              *string                       `json:"category_id"`
	Description             string                        `json:"description"`
	MerchantName            *string                       `json:"merchant_name"`
	FirstDate               plaid.Date                    `json:"first_date"`
	LastDate                plaid.Date                    `json:"last_date"`
	PredictedNextDate       *plaid.Date                   `json:"predicted_next_date"`
	Frequency               string                        `json:"frequency"`
	TransactionIDs          []string                      `json:"transaction_ids"`
	AverageAmount           Amount                        `json:"average_amount"`
	LastAmount              Amount                        `json:"last_amount"`
	IsActive                bool                          `json:"is_active"`
	Status                  string                        `json:"status"`
	PersonalFinanceCategory plaid.PersonalFinanceCategory `json:"personal_finance_category"`
	IsUserModified          bool                          `json:"is_user_modified"`
}

// Amount is an amount with its currency.
type Amount struct {
	Amount                 plaid.Decimal `json:"amount"`
	ISOCurrencyCode        *string       `json:"iso_currency_code"`
	UnofficialCurrencyCode *string       `json:"unofficial_currency_code"`
}

// account is the rows of one account, and of each its document.
type account struct {
	id        string
	rows      []recurring.Row
	documents map[string]plaid.Transaction
	v1, v2    map[string]plaid.PersonalFinanceCategory
}

// Accounts gathers transactions by account.
type Accounts struct{ list []*account }

// Add takes a transaction by its document and its category in both versions. One that is pending belongs to no series yet.
func (a *Accounts) Add(document, category1, category2 []byte) error {
	var t plaid.Transaction
	if err := json.Unmarshal(document, &t); err != nil || t.Pending {
		return err
	}
	var v1, v2 plaid.PersonalFinanceCategory
	if err := json.Unmarshal(category1, &v1); err != nil {
		return err
	}
	if err := json.Unmarshal(category2, &v2); err != nil {
		return err
	}
	at := slices.IndexFunc(a.list, func(o *account) bool { return o.id == t.AccountID })
	if at < 0 {
		at = len(a.list)
		a.list = append(a.list, &account{id: t.AccountID, documents: map[string]plaid.Transaction{},
			v1: map[string]plaid.PersonalFinanceCategory{}, v2: map[string]plaid.PersonalFinanceCategory{}})
	}
	merchant := ""
	if t.MerchantName != nil {
		merchant = *t.MerchantName
	}
	of := a.list[at]
	of.rows = append(of.rows, recurring.Row{ID: t.TransactionID, Date: t.Date, Amount: t.Amount, Name: t.Name, Merchant: merchant, Category: v2.Detailed})
	of.documents[t.TransactionID], of.v1[t.TransactionID], of.v2[t.TransactionID] = t, v1, v2
	return nil
}

// Find finds the series as of a day, with categories of a version.
func (a *Accounts) Find(today plaid.Date, version taxonomy.Version) (inflow, outflow []Stream) {
	inflow, outflow = []Stream{}, []Stream{}
	for _, of := range a.list {
		found := recurring.Find(of.id, of.rows, today)
		for _, one := range found.Inflow {
			inflow = append(inflow, of.stream(one, version))
		}
		for _, one := range found.Outflow {
			outflow = append(outflow, of.stream(one, version))
		}
	}
	return inflow, outflow
}

// stream is a series as it is answered, with the category and the currency of its newest transaction.
func (a *account) stream(found recurring.Stream, version taxonomy.Version) Stream {
	newest := found.TransactionIDs[0]
	for _, id := range found.TransactionIDs {
		if a.documents[id].Date > a.documents[newest].Date {
			newest = id
		}
	}
	t, category := a.documents[newest], a.v1[newest]
	if version == taxonomy.V2 {
		category = a.v2[newest]
	}
	amount := func(d plaid.Decimal) Amount {
		return Amount{d, t.ISOCurrencyCode, t.UnofficialCurrencyCode}
	}
	return Stream{
		AccountID: a.id, StreamID: found.ID, Category: t.Category, CategoryID: t.CategoryID, Description: found.Description, MerchantName: merchant(found.Merchant),
		FirstDate: found.FirstDate, LastDate: found.LastDate, PredictedNextDate: found.Next, Frequency: string(found.Frequency), TransactionIDs: found.TransactionIDs,
		AverageAmount: amount(found.AverageAmount), LastAmount: amount(found.LastAmount), IsActive: found.Active, Status: string(found.Status),
		PersonalFinanceCategory: category,
	}
}

func merchant(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}
