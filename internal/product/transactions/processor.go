package transactions

import (
	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/transactions/rows"
)

// mirrors are the routes of processors, each for the account of its token.
func (s *service) mirrors() []httpapi.Route {
	of := func(more ...string) []string { return append([]string{productName}, more...) }
	return []httpapi.Route{
		{Path: "/processor/transactions/get", Summary: "Transactions of a processor's account, newest first, by pages",
			Endpoint: product.Mirror(s.items, of(), s.get, processorGet.narrow)},
		{Path: "/processor/transactions/sync", Summary: "Changes of a processor's account's transactions since a cursor",
			Endpoint: product.Mirror(s.items, of(), s.sync, narrowSync)},
		{Path: "/processor/transactions/recurring/get", Summary: "Payments and income of a processor's account that come again and again",
			Endpoint: product.Mirror(s.items, of("recurring_transactions"), s.recurring, processorRecurring.narrow)},
		{Path: "/processor/transactions/refresh", Summary: "Ask the institution of a processor's account for transactions now",
			Endpoint: product.Mirror(s.items, of("transactions_refresh"), s.refresh, product.Narrow(func(string) httpapi.None { return httpapi.None{} }))},
	}
}

type processorGet struct {
	StartDate plaid.Date          `json:"start_date" weft:"required"`
	EndDate   plaid.Date          `json:"end_date" weft:"required"`
	Options   processorGetOptions `json:"options"`
}

type processorGetOptions struct {
	Count                              *int  `json:"count"`
	Offset                             int   `json:"offset"`
	IncludeOriginalDescription         *bool `json:"include_original_description"`
	IncludePersonalFinanceCategory     *bool `json:"include_personal_finance_category"`
	IncludePersonalFinanceCategoryBeta *bool `json:"include_personal_finance_category_beta"`
	IncludeLogoAndCounterpartyBeta     *bool `json:"include_logo_and_counterparty_beta"`
}

func (r processorGet) narrow(accountID string) (getRequest, error) {
	return getRequest{StartDate: r.StartDate, EndDate: r.EndDate, Options: getOptions{
		RangeOptions: product.RangeOptions{AccountIDs: []string{accountID}, Count: r.Options.Count, Offset: r.Options.Offset},
		Variants:     rows.Variants{IncludeOriginalDescription: r.Options.IncludeOriginalDescription},
	}}, nil
}

// narrowSync filters by the account, so that the cursors are the account's too.
func narrowSync(r syncRequest, accountID string) (syncRequest, error) {
	if r.Options.AccountID != nil {
		if _, err := product.OnlyAccount([]string{*r.Options.AccountID}, accountID); err != nil {
			return r, err
		}
	}
	r.Options.AccountID = &accountID
	return r, nil
}

type processorRecurring struct {
	Options recurringOptions `json:"options"`
}

func (r processorRecurring) narrow(accountID string) (recurringRequest, error) {
	return recurringRequest{AccountIDs: []string{accountID}, Options: r.Options}, nil
}
