// Package report is an Asset Report: its form, and what is calculated for it. Amounts are as the API has them: positive when money
// leaves an account, and a debt's balance positive.
package report

import (
	"slices"
	"time"

	"weft/internal/plaid"
)

// Report is a report as it is kept: with all insights, which are left out of an answer that does not want them.
type Report struct {
	AssetReportID  string  `json:"asset_report_id"`
	ClientReportID *string `json:"client_report_id"`
	// DateGenerated is the moment of which the report is, a time despite its name. What is filtered out of a report is of the same.
	DateGenerated string `json:"date_generated"`
	DaysRequested int    `json:"days_requested"`
	User          User   `json:"user"`
	Items         []Item `json:"items"`
}

// User is what the client tells of the person.
type User struct {
	ClientUserID *string `json:"client_user_id"`
	FirstName    *string `json:"first_name"`
	MiddleName   *string `json:"middle_name"`
	LastName     *string `json:"last_name"`
	SSN          *string `json:"ssn"`
	PhoneNumber  *string `json:"phone_number"`
	Email        *string `json:"email"`
}

// Item is what the report has of one Item.
type Item struct {
	ItemID          string    `json:"item_id"`
	InstitutionName string    `json:"institution_name"`
	InstitutionID   string    `json:"institution_id"`
	DateLastUpdated string    `json:"date_last_updated"`
	Accounts        []Account `json:"accounts"`
}

// Account is an account with its history, newest first.
type Account struct {
	AccountID           string                   `json:"account_id"`
	Balances            plaid.InvestmentBalances `json:"balances"`
	Mask                *string                  `json:"mask"`
	Name                string                   `json:"name"`
	OfficialName        *string                  `json:"official_name"`
	Type                string                   `json:"type"`
	Subtype             *string                  `json:"subtype"`
	VerificationStatus  string                   `json:"verification_status,omitempty"`
	PersistentAccountID string                   `json:"persistent_account_id,omitempty"`

	DaysAvailable      int           `json:"days_available"`
	Transactions       []Transaction `json:"transactions"`
	Investments        *Investments  `json:"investments,omitempty"`
	Owners             []plaid.Owner `json:"owners"`
	OwnershipType      *string       `json:"ownership_type"`
	HistoricalBalances []Balance     `json:"historical_balances"`
}

// Balance is what an account had, or owed, at the end of a day.
type Balance struct {
	Date                   plaid.Date    `json:"date"`
	Current                plaid.Decimal `json:"current"`
	ISOCurrencyCode        *string       `json:"iso_currency_code"`
	UnofficialCurrencyCode *string       `json:"unofficial_currency_code"`
}

// Transaction is a transaction in a report; Insights are nil in one without.
type Transaction struct {
	AccountID              string        `json:"account_id"`
	Amount                 plaid.Decimal `json:"amount"`
	ISOCurrencyCode        *string       `json:"iso_currency_code"`
	UnofficialCurrencyCode *string       `json:"unofficial_currency_code"`
	OriginalDescription    *string       `json:"original_description"`
	CheckNumber            *string       `json:"check_number"`
	Date                   plaid.Date    `json:"date"`
	DateTransacted         *plaid.Date   `json:"date_transacted"`
	Pending                bool          `json:"pending"`
	PendingTransactionID   *string       `json:"pending_transaction_id"`
	AccountOwner           *string       `json:"account_owner"`
	TransactionID          string        `json:"transaction_id"`
	TransactionType        string        `json:"transaction_type"`
	*Insights
}

// Insights are what is found in the bank's words.
type Insights struct {
	Category       []string          `json:"category"`
	CategoryID     *string           `json:"category_id"`
	CreditCategory *CreditCategory   `json:"credit_category"`
	Location       plaid.Location    `json:"location"`
	Name           string            `json:"name"`
	MerchantName   *string           `json:"merchant_name"`
	PaymentMeta    plaid.PaymentMeta `json:"payment_meta"`
}

// CreditCategory is what a transaction was for.
type CreditCategory struct {
	Primary  string `json:"primary"`
	Detailed string `json:"detailed"`
}

// Investments are what an investment account has, where the report was asked for with them.
type Investments struct {
	Holdings     []Holding               `json:"holdings"`
	Securities   []Security              `json:"securities"`
	Transactions []InvestmentTransaction `json:"transactions"`
}

// Holding is a position.
type Holding struct {
	AccountID              string         `json:"account_id"`
	SecurityID             string         `json:"security_id"`
	TickerSymbol           *string        `json:"ticker_symbol"`
	InstitutionPrice       plaid.Decimal  `json:"institution_price"`
	InstitutionPriceAsOf   *plaid.Date    `json:"institution_price_as_of"`
	InstitutionValue       plaid.Decimal  `json:"institution_value"`
	CostBasis              *plaid.Decimal `json:"cost_basis"`
	Quantity               plaid.Decimal  `json:"quantity"`
	ISOCurrencyCode        *string        `json:"iso_currency_code"`
	UnofficialCurrencyCode *string        `json:"unofficial_currency_code"`
}

// Security is an instrument that is named in a report.
type Security struct {
	SecurityID   string  `json:"security_id"`
	Name         *string `json:"name"`
	TickerSymbol *string `json:"ticker_symbol"`
	Type         *string `json:"type"`
}

// InvestmentTransaction is an event of an investment account, with what was vested of its quantity and value, which no bank says
// of an event.
type InvestmentTransaction struct {
	InvestmentTransactionID string         `json:"investment_transaction_id"`
	AccountID               string         `json:"account_id"`
	SecurityID              *string        `json:"security_id"`
	Date                    plaid.Date     `json:"date"`
	Name                    string         `json:"name"`
	Quantity                plaid.Decimal  `json:"quantity"`
	VestedQuantity          plaid.Decimal  `json:"vested_quantity"`
	VestedValue             plaid.Decimal  `json:"vested_value"`
	Amount                  plaid.Decimal  `json:"amount"`
	Price                   plaid.Decimal  `json:"price"`
	Fees                    *plaid.Decimal `json:"fees"`
	Type                    string         `json:"type"`
	Subtype                 string         `json:"subtype"`
	ISOCurrencyCode         *string        `json:"iso_currency_code"`
	UnofficialCurrencyCode  *string        `json:"unofficial_currency_code"`
}

// Warning says what a report lacks.
type Warning struct {
	WarningType string          `json:"warning_type"`
	WarningCode string          `json:"warning_code"`
	Cause       plaid.ItemCause `json:"cause"`
}

// Stored is a report with its warnings, as it is kept.
type Stored struct {
	Report   Report    `json:"report"`
	Warnings []Warning `json:"warnings"`
}

// Warning codes.
const (
	OwnersUnavailable       = "OWNERS_UNAVAILABLE"
	InvestmentsUnavailable  = "INVESTMENTS_UNAVAILABLE"
	TransactionsUnavailable = "TRANSACTIONS_UNAVAILABLE"
)

// Unowned reports whether the owners of some accounts could not be told. There is no fast report then.
func (s Stored) Unowned() bool {
	return slices.ContainsFunc(s.Warnings, func(w Warning) bool { return w.WarningCode == OwnersUnavailable })
}

// Balances are the balances of an account at the end of each of some days before a day, newest first, calculated back from what it
// has now by the dates on which transactions were posted. Pending ones are not in a balance yet. Accounts of which no transactions
// tell the whole story, investments and loans, have none.
func Balances(a Account, list []Transaction, today plaid.Date, days int) []Balance {
	out := []Balance{}
	if a.Balances.Current == nil || (a.Type != "depository" && a.Type != "credit") {
		return out
	}
	moved := map[plaid.Date]plaid.Decimal{}
	for _, t := range list {
		if !t.Pending {
			moved[t.Date] = moved[t.Date].Add(t.Amount)
		}
	}
	current := *a.Balances.Current
	back := func(d plaid.Date) {
		if a.Type == "credit" { // what is spent is owed
			current = current.Sub(moved[d])
		} else {
			current = current.Add(moved[d])
		}
		delete(moved, d)
	}
	for d := range moved {
		if d > today { // a bank whose day began earlier
			back(d)
		}
	}
	for i := range days {
		day := today.AddDays(-i - 1)
		back(day.AddDays(1))
		out = append(out, Balance{Date: day, Current: current, ISOCurrencyCode: a.Balances.ISOCurrencyCode, UnofficialCurrencyCode: a.Balances.UnofficialCurrencyCode})
	}
	return out
}

// Days is how many of the days asked for an account's history has: those since its first transaction, or all where it has none, since
// then nothing says that it is younger.
func Days(list []Transaction, today plaid.Date, requested int) int {
	if len(list) == 0 {
		return requested
	}
	first := list[0].Date
	for _, t := range list {
		first = min(first, t.Date)
	}
	return min(requested, max(0, int(today-first)))
}

// Cut is an account with so many days of history at most.
func (a Account) Cut(today plaid.Date, days int) Account {
	from := today.AddDays(-days)
	a.Transactions = slices.DeleteFunc(slices.Clone(a.Transactions), func(t Transaction) bool { return t.Date < from })
	a.HistoricalBalances = a.HistoricalBalances[:min(days, len(a.HistoricalBalances))]
	a.DaysAvailable = min(days, a.DaysAvailable)
	if a.Investments != nil {
		cut := *a.Investments
		cut.Transactions = slices.DeleteFunc(slices.Clone(cut.Transactions), func(t InvestmentTransaction) bool { return t.Date < from })
		a.Investments = &cut
	}
	return a
}

// each is the report with each account replaced.
func (r Report) each(change func(Account) Account) Report {
	r.Items = slices.Clone(r.Items)
	for i, it := range r.Items {
		accounts := make([]Account, len(it.Accounts))
		for j, a := range it.Accounts {
			accounts[j] = change(a)
		}
		r.Items[i].Accounts = accounts
	}
	return r
}

// Within is the report with so many days of history at most, back from the day of which it is.
func (r Report) Within(days int) (Report, error) {
	made, err := time.Parse(time.RFC3339, r.DateGenerated)
	if err != nil {
		return r, err
	}
	today := plaid.DateOf(made)
	return r.each(func(a Account) Account { return a.Cut(today, days) }), nil
}

// WithoutInsights is the report with the bank's own words alone.
func (r Report) WithoutInsights() Report {
	return r.each(func(a Account) Account {
		a.Transactions = slices.Clone(a.Transactions)
		for i := range a.Transactions {
			a.Transactions[i].Insights = nil
		}
		return a
	})
}

// Fast is the report with who owns the accounts and what is in them, and without what was moved.
func (r Report) Fast() Report {
	return r.each(func(a Account) Account {
		a.Transactions, a.Investments, a.HistoricalBalances = []Transaction{}, nil, []Balance{}
		return a
	})
}

// WithoutAccounts is the report without some accounts, and the ids of those that it does not have. An Item all of whose accounts are
// left out stays, without any.
func (r Report) WithoutAccounts(ids []string) (Report, []string) {
	known := map[string]bool{}
	r.Items = slices.Clone(r.Items)
	for i, it := range r.Items {
		r.Items[i].Accounts = slices.DeleteFunc(slices.Clone(it.Accounts), func(a Account) bool {
			left := slices.Contains(ids, a.AccountID)
			if left {
				known[a.AccountID] = true
			}
			return left
		})
	}
	var unknown []string
	for _, id := range ids {
		if !known[id] {
			unknown = append(unknown, id)
		}
	}
	return r, unknown
}
