package persona

import (
	"weft/internal/connector"
	"weft/internal/plaid"
)

// Kind marks the persona files that this package reads.
const Kind = "books"

// Persona is a person with accounts at the bank. Days count from the day on which the connection was made: -30 is thirty
// days before it.
type Persona struct {
	Kind        string                 `json:"kind"`
	Name        string                 `json:"name"`
	Description string                 `json:"description"`
	Owners      map[string]plaid.Owner `json:"owners"`
	Accounts    []Account              `json:"accounts"`
}

// Account is an account and what is ordered in it.
type Account struct {
	Key            string `json:"key"`
	Name           string `json:"name"`
	OfficialName   string `json:"official_name"`
	Type           string `json:"type"`
	Subtype        string `json:"subtype"`
	Mask           string `json:"mask"`
	HolderCategory string `json:"holder_category"`
	// Opened is the number of days before the connection was made; a negative one lies after it.
	Opened   int    `json:"opened"`
	Currency string `json:"currency"`
	// Cash is the ticker of the security that cash is held in: the currency or a sweep fund. Empty for a wallet without cash.
	Cash string `json:"cash"`
	// Fractional accounts buy parts of shares; others whole ones.
	Fractional bool `json:"fractional"`
	// Reinvest puts dividends and capital gains back into the security that paid them.
	Reinvest bool `json:"reinvest"`
	// InterestPercent is what cash earns a year, MarginPercent what a loan costs; without it nothing is bought on margin.
	InterestPercent plaid.Decimal  `json:"interest_percent"`
	MarginPercent   *plaid.Decimal `json:"margin_percent"`
	// Locked accounts allow no withdrawal: their available balance is null.
	Locked  bool              `json:"locked"`
	Numbers connector.Numbers `json:"numbers"`
	Owners  []string          `json:"owners"`
	Orders  []Order           `json:"orders"`
	// Trading is what the owner decides day by day, beside the orders.
	Trading *Trading `json:"trading"`
}

// Coins reports whether the account trades every day of the week.
func (a *Account) Coins() bool {
	return a.Subtype == "crypto exchange" || a.Subtype == "non-custodial wallet"
}

// Trading is the habits of somebody who trades, by which package trading draws their orders.
type Trading struct {
	// PerMonth is how many decisions are made in a month of 21 trading days.
	PerMonth int `json:"per_month"`
	// Stocks are bought for a share of the cash and sold again, LimitPercent of the times by limit orders.
	Stocks       []string `json:"stocks"`
	LimitPercent int      `json:"limit_percent"`
	// Options are underlyings of which calls and puts are bought; Covered are bought by 100 to write calls on, and puts are
	// written on them; Shorts are sold short. No ticker is in two of these lists.
	Options []string `json:"options"`
	Covered []string `json:"covered"`
	Shorts  []string `json:"shorts"`
	// Bonds are bills, notes and bonds, held to the end or sold before.
	Bonds []string `json:"bonds"`
	// BrokenPercent is how many of the purchases and sales the exchange breaks.
	BrokenPercent int `json:"broken_percent"`
}

// Order is one order, on a Day, or a standing one, Every so often from Start to End. On a day without trading it waits
// for the next. What Do means is written at each verb in verbs.go.
type Order struct {
	Do  string `json:"do"`
	Day *int   `json:"day"`
	// Every is week, two weeks, month, quarter, half year or year. The last four keep to the day On of the month.
	Every string `json:"every"`
	On    int    `json:"on"`
	Start int    `json:"start"`
	End   *int   `json:"end"`

	// Security is a ticker, a pattern of the market (HBL*, UST-13W-*) or "@" and the name that an earlier order gave by As.
	Security string       `json:"security"`
	Option   *OptionTerms `json:"option"`
	As       string       `json:"as"`

	// The size: cash, units (of options: shares of the underlying, contracts x 100), or a share between 0 and 1.
	Amount   *plaid.Decimal `json:"amount"`
	Quantity *plaid.Decimal `json:"quantity"`
	Share    *plaid.Decimal `json:"share"`
	Fees     plaid.Decimal  `json:"fees"`

	// Account is the other account of a movement: where a deposit comes from, where a withdrawal or a sent coin goes.
	Account string `json:"account"`
	// Text replaces the transaction's name; Subtype is that of a fee.
	Text    string `json:"text"`
	Subtype string `json:"subtype"`
	// Match is the employer's part of a contribution, Invest says what the whole is put into.
	Match  plaid.Decimal `json:"match"`
	Invest []Allocation  `json:"invest"`
	// Withhold is the share of a vesting or a distribution that is kept back as tax.
	Withhold plaid.Decimal `json:"withhold"`
	Vesting  *Vesting      `json:"vesting"`
	// Bought is the day on which units that are transferred in were bought.
	Bought int `json:"bought"`
	// NetworkFee is the number of units that sending a coin costs.
	NetworkFee plaid.Decimal `json:"network_fee"`
	// Roll buys the next bill of the kind from the proceeds when one matures.
	Roll bool `json:"roll"`

	// Limit makes it a limit order: a share of the close before, which the price must reach within Good days. It may be filled
	// in parts.
	Limit *plaid.Decimal `json:"limit"`
	Good  int            `json:"good"`
	// Broken says that the exchange breaks the trade over night, and what then becomes of it.
	Broken string `json:"broken"`
	// Chance is what is left to chance in it.
	Chance uint64 `json:"-"`
}

// Title is an order's own text, or the usual one.
func (o *Order) Title(usual string) string {
	if o.Text != "" {
		return o.Text
	}
	return usual
}

// What becomes of a broken trade: it is told no more, or a cancellation follows it.
const (
	Vanishes = "vanishes"
	Reversed = "reversed"
)

// OptionTerms choose a listed option on the day of the order: the monthly expiry at least Days ahead, the strike as a share
// of the underlying's price.
type OptionTerms struct {
	Underlying string        `json:"underlying"`
	Type       string        `json:"type"`
	Strike     plaid.Decimal `json:"strike"`
	Days       int           `json:"days"`
}

// Allocation is the share of an amount that buys a security.
type Allocation struct {
	Security string        `json:"security"`
	Share    plaid.Decimal `json:"share"`
}

// Vesting is the schedule of a grant: so many equal parts, one each period.
type Vesting struct {
	Every string `json:"every"`
	Parts int    `json:"parts"`
}
