package bank

import (
	"strconv"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/numbers"
	"weft/internal/plaid"
)

// World is what a statement depends on besides the configuration.
type World struct {
	Market *market.Market
	// ConnectionID is the seed of a configuration that has none.
	ConnectionID string
	// Created is the day on which the connection was made, and Today the day of the statement.
	Created, Today plaid.Date
	// Country is the institution's: it decides the currency and the kind of numbers that accounts have by default.
	Country string
	// Owner holds the accounts of a configuration that does not say who does.
	Owner plaid.Owner
	// Habits are what made-up transactions are drawn from.
	Habits map[string][]plan.Flow
}

// Statement is what the bank states of a configuration: all accounts, holdings and securities, and all transactions whatever
// their day. It declares no window.
func Statement(cfg *custom.Config, w World) connector.Batch {
	b := &builder{
		World: w, source: source(or(cfg.Seed, w.ConnectionID)),
		specs: map[string]*spec{}, masks: map[string]bool{},
	}
	accounts := cfg.Accounts
	if accounts == nil {
		accounts = defaultAccounts()
	}
	for _, a := range accounts {
		if a.Identity != nil && len(a.Identity.Names) > 0 && b.names == nil {
			b.names = texts(a.Identity.Names)
		}
		if a.Meta != nil && a.Meta.Mask != nil {
			b.masks[*a.Meta.Mask] = true
		}
	}
	for i := range accounts {
		b.account(i, &accounts[i])
	}
	b.writeSecurities()
	return b.batch
}

// defaultAccounts are those of the empty configuration.
func defaultAccounts() []custom.Account {
	var accounts []custom.Account
	for _, subtype := range []string{"checking", "savings", "credit card", "ira", "brokerage", "student"} {
		accounts = append(accounts, custom.Account{Subtype: &subtype})
	}
	return accounts
}

// builder gathers a statement.
type builder struct {
	World
	source source
	batch  connector.Batch
	// specs are the securities met so far and order their keys.
	specs map[string]*spec
	order []string
	masks map[string]bool
	// names are the first ones given: all accounts of a login belong to the same people.
	names []string
}

func (b *builder) account(i int, a *custom.Account) {
	from := b.source.at("account", i)
	accountType, subtype := kindOf(a)
	meta := or(a.Meta, custom.Meta{})
	account := connector.Account{Key: "account-" + strconv.Itoa(i)}
	name, official := defaultName(accountType, subtype)
	account.Name = or(meta.Name, name)
	account.OfficialName = first(meta.OfficialName, official)
	if meta.Name != nil && meta.OfficialName == nil {
		account.OfficialName = nil // a documented official name belongs to its own account name only
	}
	account.Type, account.Subtype = accountType, &subtype
	account.Mask = ref(b.mask(a, from))
	account.HolderCategory = first(a.HolderCategory, ref("personal"))
	currency := or(a.Currency, numbers.Currency(b.Country))
	account.Balances.ISOCurrencyCode, account.Balances.UnofficialCurrencyCode = currencyCodes(currency)
	account.Owners = []plaid.Owner{b.owner(a.Identity)}
	account.Numbers = b.numbers(a, accountType, subtype, *account.Mask)
	if accountType == plaid.TypeInvestment {
		current := b.investments(account.Key, a, subtype, currency, from)
		account.Balances.Current = first(a.StartingBalance, &current)
		account.Balances.Limit = meta.Limit
		account.Balances.Available = available(a, nil)
	} else {
		b.balances(&account.Balances, a, accountType, from)
		b.transactions(account, a, currency, from)
	}
	b.batch.Accounts = append(b.batch.Accounts, account)
}

// kindOf is the type and subtype that an account has in responses. What is not given follows from what is: holdings make an
// investment account, a student's liability a student loan. Payroll is no type of the responses, so it becomes other.
func kindOf(a *custom.Account) (accountType, subtype string) {
	accountType = or(a.Type, "")
	liability := ""
	if a.Liability != nil {
		liability = or(a.Liability.Type, "")
	}
	if accountType == "" {
		owner, owned := custom.TypeOf(or(a.Subtype, ""))
		switch {
		case len(a.Holdings) > 0 || len(a.InvestmentTransactions) > 0:
			accountType = plaid.TypeInvestment
		case owned:
			accountType = owner
		case a.Income != nil || a.Subtype != nil:
			accountType = plaid.TypeOther
		case liability == "credit":
			accountType = plaid.TypeCredit
		case liability == "student":
			accountType = plaid.TypeLoan
		default:
			accountType = plaid.TypeDepository
		}
	}
	subtype = or(a.Subtype, map[string]string{
		plaid.TypeDepository: "checking", plaid.TypeCredit: "credit card", plaid.TypeLoan: "student",
		plaid.TypeInvestment: "brokerage", custom.TypePayroll: "payroll", plaid.TypeOther: "other",
	}[accountType])
	if accountType == custom.TypePayroll {
		accountType = plaid.TypeOther
	}
	return accountType, subtype
}

// mask is the given mask, else the end of the given account number, else four digits that no other account has.
func (b *builder) mask(a *custom.Account, from source) string {
	if a.Meta != nil && a.Meta.Mask != nil {
		return *a.Meta.Mask
	}
	if n := a.Numbers; n != nil {
		if given := first(n.Account, n.InternationalIBAN); given != nil && len(*given) >= 4 && alphanumeric((*given)[len(*given)-4:]) {
			return (*given)[len(*given)-4:]
		}
	}
	for n := from.below("mask", 10000); ; n = (n + 1) % 10000 {
		digits := strconv.FormatInt(10000+n, 10)[1:]
		// Beyond ten thousand accounts masks repeat, as they do at real banks.
		if !b.masks[digits] || len(b.masks) >= 10000 {
			b.masks[digits] = true
			return digits
		}
	}
}

func alphanumeric(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// balances states what an account holds or owes.
func (b *builder) balances(to *plaid.Balances, a *custom.Account, accountType string, from source) {
	var current plaid.Decimal
	var free *plaid.Decimal
	if a.Meta != nil {
		to.Limit = a.Meta.Limit
	}
	switch accountType {
	case plaid.TypeCredit:
		current = or(a.StartingBalance, from.money("balance", 50, 1800))
		if to.Limit == nil {
			to.Limit = limitFor(a, current, from).Ptr()
		}
		free = bounded(to.Limit.Sub(current)).Ptr()
	case plaid.TypeLoan:
		// Without a balance of its own a loan owes what was lent.
		current = from.money("balance", 5000, 90000)
		if a.Liability != nil {
			current = or(a.Liability.Principal, current)
		}
		current = or(a.StartingBalance, current)
	case plaid.TypeDepository:
		current = or(a.StartingBalance, from.money("balance", 200, 25000))
		free = current.Ptr()
		if a.StartingBalance == nil {
			free = current.Sub(from.money("pending", 0, 150)).Ptr() // some of it is in pending payments
		}
	default:
		current = or(a.StartingBalance, from.money("balance", 100, 5000))
	}
	to.Current, to.Available = &current, available(a, free)
}

func available(a *custom.Account, otherwise *plaid.Decimal) *plaid.Decimal {
	if a.ForceAvailableBalance != nil {
		return a.ForceAvailableBalance
	}
	if or(a.HasNullAvailableBalance, false) {
		return nil
	}
	return otherwise
}

// limitFor is a credit limit that fits the balance, and the available credit where that is given.
func limitFor(a *custom.Account, current plaid.Decimal, from source) plaid.Decimal {
	if a.ForceAvailableBalance != nil {
		return sum(current, *a.ForceAvailableBalance)
	}
	limit := plaid.DecimalFromInt(2000 + 1000*from.below("limit", 14))
	for limit.Cmp(current) < 0 && len(limit.String()) < 58 {
		limit = limit.Mul(plaid.DecimalFromInt(2))
	}
	return limit
}

// numbers are the given ones. A part that is not given is filled by the country's default, but one kind of number never
// brings another: an account with a sort code only is a British one.
func (b *builder) numbers(a *custom.Account, accountType, subtype, mask string) connector.Numbers {
	n := or(a.Numbers, custom.Numbers{})
	account := or(first(n.Account, n.InternationalIBAN), numbers.Account(mask))
	var given connector.Numbers
	if n.ACHRouting != nil || n.ACHWireRouting != nil {
		given.ACH = &connector.ACH{
			Account: account, Routing: or(n.ACHRouting, numbers.ACHRouting), WireRouting: or(n.ACHWireRouting, numbers.WireRouting),
		}
	}
	if n.EFTInstitution != nil && n.EFTBranch != nil {
		given.EFT = &connector.EFT{Account: account, Institution: *n.EFTInstitution, Branch: *n.EFTBranch}
	}
	if n.BACSSortCode != nil {
		given.BACS = &connector.BACS{Account: account, SortCode: *n.BACSSortCode}
	}
	if n.InternationalIBAN != nil && n.InternationalBIC != nil {
		given.International = &connector.International{IBAN: *n.InternationalIBAN, BIC: *n.InternationalBIC}
	}
	if given != (connector.Numbers{}) {
		return given
	}
	defaults := numbers.Default(b.Country, accountType, subtype, mask)
	if n.Account == nil {
		return defaults
	}
	switch {
	case defaults.ACATS != nil:
		defaults.ACATS.Account = account
	case defaults.ATON != nil:
		defaults.ATON.Account = account
	case defaults.Retirement401k != nil:
		defaults.Retirement401k.Account = account
	default:
		return numbers.Bank(b.Country, account)
	}
	return defaults
}
