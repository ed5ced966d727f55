package bank

import (
	"strconv"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/household"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/plaid"
)

// transactions states those of an account that is no investment account: the given ones or, where none are given, made-up
// ones, and what an inflow model adds to either.
func (b *builder) transactions(account connector.Account, a *custom.Account, currency string, from source) {
	var rows []connector.Transaction
	if a.Transactions != nil {
		for i := range a.Transactions {
			rows = append(rows, b.givenTransaction(i, &a.Transactions[i], currency, from.at("transaction", i)))
		}
	} else {
		rows = b.madeUp(account, currency, from)
	}
	if a.InflowModel != nil {
		rows = append(rows, b.inflow(account, a, currency)...)
	}
	for i := range rows {
		rows[i].AccountKey = account.Key
	}
	b.batch.Transactions = append(b.batch.Transactions, rows...)
}

// givenTransaction states one of the configuration. It is posted once its day of posting is there, and pending until then.
func (b *builder) givenTransaction(i int, t *custom.Transaction, currency string, from source) connector.Transaction {
	row := connector.Transaction{Key: "transaction-" + strconv.Itoa(i), AuthorizedDate: t.DateTransacted}
	made := b.Created.AddDays(-int(from.between("day", 1, 90)))
	posted := or(first(t.DatePosted, t.DateTransacted), made)
	row.Date = posted
	if posted > b.Today {
		row.Pending, row.Date = true, min(posted, or(t.DateTransacted, b.Created))
		row.Key += "-pending"
	} else if posted > b.Created {
		row.PendingKey = row.Key + "-pending" // it may have been seen while it was pending
	}
	row.Amount = or(t.Amount, from.money("amount", 4, 180))
	row.Name = or(t.Description, from.pick("description", []string{"POS PURCHASE 004117", "ONLINE PAYMENT 88213", "CHECKCARD PURCHASE 5521"}))
	row.ISOCurrencyCode, row.UnofficialCurrencyCode = currencyCodes(or(t.Currency, currency))
	return row
}

// habitOf is the set of flows that made-up transactions are drawn from, empty for accounts that have none.
func habitOf(account connector.Account) string {
	switch {
	case account.Type == plaid.TypeCredit:
		return "custom card"
	case account.Type != plaid.TypeDepository:
		return ""
	case plaid.Known([]string{"savings", "money market", "cd", "hsa"}, *account.Subtype):
		return "custom savings"
	default:
		return "custom checking"
	}
}

// mostMadeUp is how many accounts have made-up transactions: the contract allows as many accounts.
const mostMadeUp = 10

// madeUp is two years before the connection was made; nothing is added later.
func (b *builder) madeUp(account connector.Account, currency string, from source) []connector.Transaction {
	if len(b.batch.Accounts) >= mostMadeUp {
		return nil
	}
	rows := household.Sketch(b.Habits[habitOf(account)], plan.Place{}, string(from), b.Created, historyDays)
	for i := range rows {
		rows[i].ISOCurrencyCode, rows[i].UnofficialCurrencyCode = currencyCodes(currency)
	}
	return rows
}

// documentedRates are the yearly percentages of debts that give none: those of the documented default accounts. Other
// accounts bear no interest.
var documentedRates = map[string]string{"credit card": "12.5", "paypal": "12.5", "student": "5.25", "mortgage": "3.99"}

// inflow is the payments of a model, one a month from two years before the connection was made until today. A payment of a
// debt is of the balance that the account states, which the configuration keeps as it is, or of a month's interest on it.
func (b *builder) inflow(account connector.Account, a *custom.Account, currency string) []connector.Transaction {
	m := a.InflowModel
	var amount plaid.Decimal
	switch or(m.Type, "none") {
	case "monthly-income":
		amount = or(m.IncomeAmount, amount)
	case "monthly-balance-payment":
		amount = *account.Balances.Current
	case "monthly-interest-only-payment":
		amount = interest(account, a)
	}
	if amount = bounded(amount.Neg()); amount.Sign() >= 0 {
		return nil
	}
	var rows []connector.Transaction
	opening := b.Created.AddDays(-historyDays)
	start := opening.Time()
	for month := 0; ; month++ {
		year, calendarMonth, _ := time.Date(start.Year(), start.Month()+time.Month(month), 1, 0, 0, 0, 0, time.UTC).Date()
		day := dayOfMonth(m.PaymentDayOfMonth, year, calendarMonth, 1)
		// What is paid is known when the statement closes, which for the first payment must be in the account's life.
		if closed := dayOfMonth(m.StatementDayOfMonth, year, calendarMonth, 0); m.StatementDayOfMonth != nil && closed < opening {
			continue
		}
		if day > b.Today {
			return rows
		}
		if day < opening {
			continue
		}
		row := connector.Transaction{Key: "inflow-" + day.Time().Format("200601"), Date: day, Amount: amount, Name: or(m.TransactionName, "")}
		row.ISOCurrencyCode, row.UnofficialCurrencyCode = currencyCodes(currency)
		rows = append(rows, row)
	}
}

// interest is a month's interest on what is owed.
func interest(account connector.Account, a *custom.Account) plaid.Decimal {
	documented, known := documentedRates[*account.Subtype]
	if !known || account.Type == plaid.TypeDepository {
		return plaid.Decimal{}
	}
	rate := plaid.Dec(documented)
	if l := a.Liability; l != nil {
		rate = or(first(l.PurchaseAPR, l.NominalAPR), rate)
	}
	return bounded(account.Balances.Current.Mul(rate)).Div(plaid.DecimalFromInt(1200), 2)
}

// dayOfMonth is a configured day in a month; without one it is the fallback, 0 being the last day.
func dayOfMonth(d *custom.DayOfMonth, year int, month time.Month, fallback int) plaid.Date {
	if d != nil {
		fallback = d.Day // 0 where it is the last
	}
	if fallback == 0 {
		return plaid.NewDate(year, month+1, 0)
	}
	return plaid.NewDate(year, month, fallback)
}
