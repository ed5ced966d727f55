package connectortest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// mostDigits is how long a number may be written out: a longer one could be stored but not read again.
const mostDigits = 60

var (
	holderCategories = []string{"business", "personal", "unrecognized"}
	phoneTypes       = []string{"home", "work", "office", "mobile", "mobile1", "other"}
	emailTypes       = []string{"primary", "secondary", "other"}
)

// Check holds one batch to the rules that need no second fetch. [Run] applies it; a connector's own tests may too.
func Check(t *testing.T, b connector.Batch, want connector.Want) {
	t.Helper()
	for _, fault := range faults(b, want) {
		t.Error(fault)
	}
}

// checker gathers faults, each with the thing that it is about.
type checker struct {
	about string
	found []string
}

func (c *checker) fail(format string, args ...any) {
	if len(c.found) < 20 { // a rule that is broken everywhere need not be told a thousand times
		c.found = append(c.found, c.about+": "+fmt.Sprintf(format, args...))
	}
}

func faults(b connector.Batch, want connector.Want) []string {
	c := &checker{}
	accounts, securities := c.accounts(b), c.securities(b)
	c.holdings(b, accounts, securities)
	c.investmentTransactions(b, accounts, securities)
	c.transactions(b, accounts, want)
	c.liabilities(b, want)
	c.about = "batch"
	investments := want.Has("investments") || want.Has("investments_auth")
	if !investments && (len(b.Holdings) > 0 || len(b.Securities) > 0 || len(b.InvestmentTransactions) > 0 || b.InvestmentHistory != nil) {
		c.fail("investments that nobody wanted")
	}
	if w := b.InvestmentHistory; w != nil {
		if w.From > w.To {
			c.fail("the window from %s ends before, on %s", w.From, w.To)
		}
	}
	return c.found
}

func (c *checker) accounts(b connector.Batch) map[string]connector.Account {
	byKey := map[string]connector.Account{}
	for _, a := range b.Accounts {
		c.about = fmt.Sprintf("account %q", a.Key)
		if _, twice := byKey[a.Key]; twice || a.Key == "" {
			c.fail("the key is empty or used twice")
		}
		byKey[a.Key] = a
		c.text("key", a.Key)
		c.text("name", a.Name)
		if strings.TrimSpace(a.Name) == "" {
			c.fail("no name")
		}
		if a.AccountID != "" {
			c.fail("an account_id, which is not a connector's to give")
		}
		c.optional("mask", a.Mask)
		c.optional("official_name", a.OfficialName)
		c.oneOf("holder_category", a.HolderCategory, holderCategories)
		c.kind(a)
		c.currency(a.Balances.ISOCurrencyCode, a.Balances.UnofficialCurrencyCode)
		c.decimal("available", a.Balances.Available)
		c.decimal("current", a.Balances.Current)
		c.decimal("limit", a.Balances.Limit)
		c.decimal("margin loan", a.MarginLoan)
		if a.MarginLoan != nil && a.MarginLoan.Sign() < 0 {
			c.fail("a margin loan of %s: it is positive when owed", a.MarginLoan)
		}
		if a.Balances.Current == nil && a.Balances.Available == nil && !untold(a) {
			c.fail("neither a current nor an available balance")
		}
		c.owners(a.Owners)
	}
	return byKey
}

// untold reports whether an account is of the one kind of which the contract documents that no balance is told.
func untold(a connector.Account) bool {
	return a.Subtype != nil && *a.Subtype == "limited purpose checking"
}

// kind checks that the subtype belongs to the type. Subtypes that the contract gives to no type may be of type other.
func (c *checker) kind(a connector.Account) {
	if !plaid.Known(plaid.AccountTypes, a.Type) {
		c.fail("type %q is unknown", a.Type)
		return
	}
	if a.Subtype == nil || plaid.Known(plaid.SubtypesOf(a.Type), *a.Subtype) {
		return
	}
	owned := slices.ContainsFunc(plaid.AccountTypes, func(t string) bool { return plaid.Known(plaid.SubtypesOf(t), *a.Subtype) })
	if a.Type != plaid.TypeOther || owned || !plaid.Known(plaid.AccountSubtypes, *a.Subtype) {
		c.fail("subtype %q does not belong to type %s", *a.Subtype, a.Type)
	}
}

func (c *checker) owners(owners []plaid.Owner) {
	for _, o := range owners {
		if o.Names == nil || o.PhoneNumbers == nil || o.Emails == nil || o.Addresses == nil {
			c.fail("an owner without a list: empty lists are written, not null")
		}
		for _, name := range o.Names {
			c.text("owner's name", name)
		}
		for _, p := range o.PhoneNumbers {
			c.text("phone number", p.Data)
			c.oneOf("phone type", &p.Type, phoneTypes)
		}
		for _, e := range o.Emails {
			c.text("email", e.Data)
			c.oneOf("email type", &e.Type, emailTypes)
		}
		for _, a := range o.Addresses {
			c.text("street", a.Data.Street)
			c.optional("city", a.Data.City)
		}
	}
}

func (c *checker) securities(b connector.Batch) map[string]bool {
	keys := map[string]bool{}
	for _, s := range b.Securities {
		c.about = fmt.Sprintf("security %q", s.Key)
		if keys[s.Key] || s.Key == "" {
			c.fail("the key is empty or used twice")
		}
		keys[s.Key] = true
		c.text("key", s.Key)
		if s.SecurityID != "" || s.ProxySecurityID != nil {
			c.fail("a security_id, which is not a connector's to give")
		}
		if s.Name == nil && s.TickerSymbol == nil && s.CUSIP == nil && s.ISIN == nil && s.InstitutionSecurityID == nil {
			c.fail("nothing that names it")
		}
		c.optional("name", s.Name)
		c.optional("ticker_symbol", s.TickerSymbol)
		c.oneOf("type", s.Type, plaid.SecurityTypes)
		c.oneOf("subtype", s.Subtype, plaid.SecuritySubtypes)
		c.currency(s.ISOCurrencyCode, s.UnofficialCurrencyCode)
		c.decimal("close_price", s.ClosePrice)
		if o := s.OptionContract; o != nil {
			c.oneOf("contract_type", &o.ContractType, []string{"put", "call"})
			c.decimal("strike_price", &o.StrikePrice)
		}
		if f := s.FixedIncome; f != nil && f.YieldRate != nil {
			c.oneOf("yield rate's type", f.YieldRate.Type, []string{"coupon", "coupon_equivalent", "discount", "yield"})
			c.decimal("yield rate", &f.YieldRate.Percentage)
		}
	}
	return keys
}

func (c *checker) holdings(b connector.Batch, accounts map[string]connector.Account, securities map[string]bool) {
	seen := map[[2]string]bool{}
	for _, h := range b.Holdings {
		place := [2]string{h.AccountKey, h.SecurityKey}
		c.about = fmt.Sprintf("holding of %q in %q", h.SecurityKey, h.AccountKey)
		if seen[place] {
			c.fail("listed twice")
		}
		seen[place] = true
		c.investmentAccount(h.AccountKey, accounts)
		if !securities[h.SecurityKey] {
			c.fail("no such security")
		}
		if h.AccountID != "" || h.SecurityID != "" {
			c.fail("public ids, which are not a connector's to give")
		}
		c.currency(h.ISOCurrencyCode, h.UnofficialCurrencyCode)
		c.decimal("quantity", &h.Quantity)
		c.decimal("institution_price", &h.InstitutionPrice)
		c.decimal("institution_value", &h.InstitutionValue)
		c.decimal("cost_basis", h.CostBasis)
		c.decimal("vested_quantity", h.VestedQuantity)
		c.decimal("vested_value", h.VestedValue)
		for _, lot := range h.TaxLots {
			c.oneOf("position_type", lot.PositionType, []string{"LONG", "SHORT"})
			for _, d := range []*plaid.Decimal{lot.Quantity, lot.PurchasePrice, lot.CostBasis, lot.CurrentValue} {
				c.decimal("tax lot", d)
			}
		}
	}
}

func (c *checker) investmentTransactions(b connector.Batch, accounts map[string]connector.Account, securities map[string]bool) {
	seen := map[[2]string]bool{}
	for _, row := range b.InvestmentTransactions {
		place := [2]string{row.AccountKey, row.Key}
		c.about = fmt.Sprintf("investment transaction %q of %q", row.Key, row.AccountKey)
		if seen[place] || row.Key == "" {
			c.fail("the key is empty or used twice")
		}
		seen[place] = true
		c.text("key", row.Key)
		c.text("name", row.Name)
		c.investmentAccount(row.AccountKey, accounts)
		if row.SecurityKey != "" && !securities[row.SecurityKey] {
			c.fail("no such security %q", row.SecurityKey)
		}
		if row.InvestmentTransactionID != "" || row.AccountID != "" || row.SecurityID != nil {
			c.fail("public ids, which are not a connector's to give")
		}
		if w := b.InvestmentHistory; w != nil && (row.Date < w.From || row.Date > w.To) {
			c.fail("%s is outside the window %s to %s", row.Date, w.From, w.To)
		}
		c.oneOf("type", &row.Type, plaid.InvestmentTransactionTypes)
		c.oneOf("subtype", &row.Subtype, plaid.InvestmentTransactionSubtypes)
		c.currency(row.ISOCurrencyCode, row.UnofficialCurrencyCode)
		for _, d := range []*plaid.Decimal{&row.Quantity, &row.Price, &row.Amount, row.Fees} {
			c.decimal("a number", d)
		}
	}
}

func (c *checker) investmentAccount(key string, accounts map[string]connector.Account) {
	a, ok := accounts[key]
	if !ok {
		c.fail("no such account")
	} else if a.Type != plaid.TypeInvestment {
		c.fail("in an account of type %s", a.Type)
	}
}

// currency checks that exactly one of the two codes is set, and each to what it is for.
func (c *checker) currency(iso, unofficial *string) {
	if (iso == nil) == (unofficial == nil) {
		c.fail("exactly one currency code is needed")
		return
	}
	if iso != nil && (len(*iso) != 3 || strings.ToUpper(*iso) != *iso || plaid.Known(plaid.UnofficialCurrencies, *iso)) {
		c.fail("%q is no ISO 4217 code", *iso)
	}
	c.optional("unofficial_currency_code", unofficial)
}

func (c *checker) oneOf(name string, v *string, allowed []string) {
	if v != nil && !plaid.Known(allowed, *v) {
		c.fail("%s %q is unknown", name, *v)
	}
}

func (c *checker) optional(name string, v *string) {
	if v != nil {
		c.text(name, *v)
	}
}

// text refuses what PostgreSQL cannot store.
func (c *checker) text(name, v string) {
	if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
		c.fail("%s %q has a NUL or is not UTF-8", name, v)
	}
}

// decimal checks that a number reads back as it is written, and that zero has no sign.
func (c *checker) decimal(name string, d *plaid.Decimal) {
	if d == nil {
		return
	}
	text := d.String()
	if len(text) > mostDigits {
		c.fail("%s has %d characters", name, len(text))
		return
	}
	if back, err := plaid.ParseDecimal(text); err != nil || !back.Equal(*d) {
		c.fail("%s %s does not read back", name, text)
	}
	if d.IsZero() && strings.HasPrefix(text, "-") {
		c.fail("%s is a negative zero", name)
	}
}
