// Package tables lays a book out in tables, and writes them as CSV or Parquet. Columns have the names and the signs that the API
// gives them; an empty field says that the bank gives none.
package tables

import (
	"strings"

	"weft/internal/export/ledger"
	"weft/internal/plaid"
)

// Kind is what a column holds.
type Kind int

// The kinds of columns: text, a day, yes or no, and decimals.
const (
	Text Kind = iota
	Day
	Flag
	Number
)

// Column of a table.
type Column struct {
	Name string
	Kind Kind
	// Places are the decimal places that a column of numbers has at least.
	Places int32
}

// Table is one table. A row has a value for each column: string, plaid.Date, bool or plaid.Decimal, or nil.
type Table struct {
	Name    string
	Columns []Column
	Rows    [][]any
}

func text(names ...string) []Column { return columns(Text, 0, names) }
func money(names ...string) []Column {
	return columns(Number, moneyPlaces, names)
}
func quantity(names ...string) []Column { return columns(Number, quantityPlaces, names) }

// Decimal places that columns have at least.
const (
	moneyPlaces    = 2
	quantityPlaces = 6
)

func columns(kind Kind, places int32, names []string) []Column {
	list := make([]Column, len(names))
	for i, name := range names {
		list[i] = Column{name, kind, places}
	}
	return list
}

func join(lists ...[]Column) (all []Column) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// opt is a value that may be missing.
func opt[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// Of are the tables of a book.
func Of(b *ledger.Book) []Table {
	return []Table{accounts(b), transactions(b), securities(b), holdings(b), investments(b)}
}

func accounts(b *ledger.Book) Table {
	t := Table{Name: "accounts", Columns: join(text("account_id", "item_id", "institution_id", "institution_name", "name", "official_name", "mask", "type", "subtype"),
		money("current", "available", "limit"), text("currency", "as_of"))}
	for _, a := range b.Accounts {
		t.Rows = append(t.Rows, []any{a.AccountID, a.ItemID, a.InstitutionID, a.InstitutionName, a.Name, opt(a.OfficialName), opt(a.Mask), a.Type, opt(a.Subtype),
			opt(a.Balances.Current), opt(a.Balances.Available), opt(a.Balances.Limit), a.Currency(), plaid.Timestamp(a.AsOf)})
	}
	return t
}

func transactions(b *ledger.Book) Table {
	t := Table{Name: "transactions", Columns: join(text("transaction_id", "account_id"), columns(Day, 0, []string{"date", "authorized_date"}), money("amount"),
		text("currency"), columns(Flag, 0, []string{"pending"}),
		text("name", "merchant_name", "original_description", "category", "category_detailed", "payment_channel", "check_number", "city", "region", "country", "pending_transaction_id"))}
	for _, a := range b.Accounts {
		for _, r := range a.Transactions {
			t.Rows = append(t.Rows, []any{r.TransactionID, a.AccountID, r.Date, opt(r.AuthorizedDate), r.Amount,
				ledger.Currency(r.ISOCurrencyCode, r.UnofficialCurrencyCode, a.Currency()), r.Pending,
				r.Name, opt(r.MerchantName), opt(r.OriginalDescription), named(r.PersonalFinanceCategory.Primary), named(r.PersonalFinanceCategory.Detailed),
				r.PaymentChannel, opt(r.CheckNumber), opt(r.Location.City), opt(r.Location.Region), opt(r.Location.Country), opt(r.PendingTransactionID)})
		}
	}
	return t
}

// named is a word that may be missing.
func named(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func securities(b *ledger.Book) Table {
	t := Table{Name: "securities", Columns: join(text("security_id", "name", "ticker_symbol", "type", "subtype", "isin", "cusip", "sedol", "currency"),
		quantity("close_price"), columns(Day, 0, []string{"close_price_as_of"}), text("option_type"), columns(Day, 0, []string{"option_expiration", "maturity_date"}),
		quantity("option_strike"), text("option_underlying"))}
	for _, s := range b.Securities {
		row := []any{s.SecurityID, opt(s.Name), opt(s.TickerSymbol), opt(s.Type), opt(s.Subtype), opt(s.ISIN), opt(s.CUSIP), opt(s.SEDOL),
			named(ledger.Currency(s.ISOCurrencyCode, s.UnofficialCurrencyCode, "")), opt(s.ClosePrice), opt(s.ClosePriceAsOf), nil, nil, nil, nil, nil}
		if o := s.OptionContract; o != nil {
			row[11], row[12], row[14], row[15] = o.ContractType, o.ExpirationDate, o.StrikePrice, o.UnderlyingSecurityTicker
		}
		if f := s.FixedIncome; f != nil {
			row[13] = opt(f.MaturityDate)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func holdings(b *ledger.Book) Table {
	t := Table{Name: "holdings", Columns: join(text("account_id", "security_id"), quantity("quantity", "price"), columns(Day, 0, []string{"price_as_of"}),
		money("value", "cost_basis"), text("currency"))}
	for _, a := range b.Accounts {
		for _, h := range a.Holdings {
			t.Rows = append(t.Rows, []any{a.AccountID, h.SecurityID, h.Quantity, h.InstitutionPrice, opt(h.InstitutionPriceAsOf), h.InstitutionValue, opt(h.CostBasis),
				ledger.Currency(h.ISOCurrencyCode, h.UnofficialCurrencyCode, a.Currency())})
		}
	}
	return t
}

func investments(b *ledger.Book) Table {
	t := Table{Name: "investment_transactions", Columns: join(text("investment_transaction_id", "account_id", "security_id"), columns(Day, 0, []string{"date"}),
		text("type", "subtype", "name"), quantity("quantity", "price"), money("amount", "fees"), text("currency"))}
	for _, a := range b.Accounts {
		for _, r := range a.Investments {
			t.Rows = append(t.Rows, []any{r.InvestmentTransactionID, a.AccountID, opt(r.SecurityID), r.Date, r.Type, r.Subtype, strings.TrimSpace(r.Name),
				r.Quantity, r.Price, r.Amount, opt(r.Fees), ledger.Currency(r.ISOCurrencyCode, r.UnofficialCurrencyCode, a.Currency())})
		}
	}
	return t
}
