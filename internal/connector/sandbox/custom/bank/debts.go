package bank

import (
	"strconv"
	"time"

	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/debt"
	"weft/internal/plaid"
)

// Terms are what is agreed on the cards and loans of a configuration, by the keys of accounts. What it leaves open is as on the
// documented default accounts, or made up.
func Terms(cfg *custom.Config, w World) map[string]debt.Terms {
	s := source(or(cfg.Seed, w.ConnectionID))
	accounts := cfg.Accounts
	if accounts == nil {
		accounts = defaultAccounts()
	}
	all := map[string]debt.Terms{}
	for i := range accounts {
		a := &accounts[i]
		accountType, subtype := kindOf(a)
		l := or(a.Liability, custom.Liability{})
		t := debt.Terms{StatementDay: statementDay(a), DueDay: paymentDay(a)}
		switch {
		case accountType == plaid.TypeCredit:
			t.Credit, t.DueDay = cardOf(&l), 0
		case accountType == plaid.TypeLoan && subtype == "student":
			t.Student = studentOf(&l, w)
		case accountType == plaid.TypeLoan && subtype == "mortgage":
			t.Mortgage = mortgageOf(a, w, s.at("account", i))
		default:
			continue
		}
		all["account-"+strconv.Itoa(i)] = t
	}
	return all
}

// statementDay is the day on which statements are made, 0 where the configuration does not say. The last day of a month is
// the 28th here: it is there in each month.
func statementDay(a *custom.Account) int {
	if a.InflowModel == nil || a.InflowModel.StatementDayOfMonth == nil {
		return 0
	}
	return dayOrLast(a.InflowModel.StatementDayOfMonth)
}

func paymentDay(a *custom.Account) int {
	if a.InflowModel == nil || a.InflowModel.PaymentDayOfMonth == nil {
		return 0
	}
	return dayOrLast(a.InflowModel.PaymentDayOfMonth)
}

func dayOrLast(d *custom.DayOfMonth) int {
	if d.Day == 0 {
		return 28
	}
	return d.Day
}

// cardOf is a card with the given rates, or those of the documented card. Without being told the bank calls nobody late.
func cardOf(l *custom.Liability) *plaid.CreditCard {
	c := &plaid.CreditCard{
		LastPaymentAmount: l.LastPaymentAmount, MinimumPaymentAmount: l.MinimumPaymentAmount, IsOverdue: ref(or(l.IsOverdue, false)),
	}
	for _, apr := range []struct {
		kind  string
		given *plaid.Decimal
		usual string
	}{
		{"balance_transfer_apr", l.BalanceTransferAPR, "15.24"}, {"cash_apr", l.CashAPR, "27.95"},
		{"purchase_apr", l.PurchaseAPR, "12.5"}, {"special", l.SpecialAPR, "0"},
	} {
		c.APRs = append(c.APRs, plaid.APR{Type: apr.kind, Percentage: or(apr.given, plaid.Dec(apr.usual))})
	}
	return c
}

// The documented repayment model of a student loan.
const (
	usualWait     = 12
	usualPayments = 120
	mostMonths    = 1200 // no loan lives longer
)

// studentOf is a student loan: repaid in equal parts from when its time of waiting is over.
func studentOf(l *custom.Liability, w World) *plaid.StudentLoan {
	model := or(l.RepaymentModel, custom.RepaymentModel{})
	origination := or(l.OriginationDate, w.Created.AddDays(-3*365))
	wait, payments := min(or(model.NonRepaymentMonths, usualWait), mostMonths), min(or(model.RepaymentMonths, usualPayments), mostMonths)
	starts, ends := months(origination, wait), months(origination, wait+payments)
	out := &plaid.StudentLoan{
		InterestRatePercentage: or(l.NominalAPR, plaid.Dec("5.25")), OriginationDate: &origination, DisbursementDates: []plaid.Date{origination},
		OriginationPrincipalAmount: l.Principal, Guarantor: first(l.Guarantor, ref("DEPT OF ED")), LoanName: first(l.LoanName, ref("Consolidation")),
		ExpectedPayoffDate: first(l.ExpectedPayoffDate, &ends), PaymentReferenceNumber: l.PaymentReferenceNumber, SequenceNumber: first(l.SequenceNumber, ref("1")),
		MinimumPaymentAmount: l.MinimumPaymentAmount, LastPaymentAmount: l.LastPaymentAmount, IsOverdue: l.IsOverdue,
		RepaymentPlan: plaid.RepaymentPlan{Type: first(planType(l.RepaymentPlanType), ref("standard")), Description: first(l.RepaymentPlanDescription, ref("Standard Repayment"))},
	}
	if out.MinimumPaymentAmount == nil && l.Principal != nil {
		out.MinimumPaymentAmount = installment(*l.Principal, out.InterestRatePercentage, payments)
	}
	if w.Created < starts {
		out.LoanStatus = plaid.StudentLoanStatus{Type: ref("in grace"), EndDate: &starts}
	}
	if s := l.LoanStatus; s != nil {
		out.LoanStatus = plaid.StudentLoanStatus{Type: s.Type, EndDate: s.EndDate}
	}
	if s := l.PSLFStatus; s != nil {
		out.PSLFStatus = plaid.PSLFStatus{EstimatedEligibilityDate: s.EstimatedEligibilityDate, PaymentsMade: s.PaymentsMade, PaymentsRemaining: s.PaymentsRemaining}
	}
	if s := l.ServicerAddress; s != nil {
		data := or(s.Data, custom.AddressData{})
		out.ServicerAddress = plaid.PropertyAddress{City: data.City, Country: data.Country, PostalCode: data.PostalCode, Region: data.Region, Street: data.Street}
	}
	return out
}

// planType is the contract's word: the configuration's schema writes one of them without its hyphen.
func planType(given *string) *string {
	if given != nil && *given == "interest only" {
		return ref("interest-only")
	}
	return given
}

func months(from plaid.Date, n int) plaid.Date {
	t := from.Time()
	return min(plaid.NewDate(t.Year(), t.Month()+time.Month(n), t.Day()), plaid.NewDate(t.Year(), t.Month()+time.Month(n)+1, 0), lastDay)
}

// lastDay is the last that a date can be.
var lastDay = plaid.NewDate(9999, time.December, 31)

// installment is the monthly part that pays a loan back with its interest; nil where there are no months to do it in.
func installment(principal, percent plaid.Decimal, payments int) *plaid.Decimal {
	if payments < 1 || percent.Sign() < 0 {
		return nil
	}
	one := plaid.DecimalFromInt(1)
	rate := percent.Div(plaid.DecimalFromInt(1200), 12)
	if rate.IsZero() {
		return bounded(principal).Div(plaid.DecimalFromInt(int64(payments)), 2).Ptr()
	}
	growth := one
	for range payments {
		growth = growth.Mul(one.Add(rate)).Round(12)
	}
	return bounded(principal.Mul(rate).Mul(growth)).Div(growth.Sub(one), 2).Ptr()
}

// mortgageOf is a mortgage of thirty years on the house in which its owner lives: the configuration cannot describe one.
func mortgageOf(a *custom.Account, w World, from source) *plaid.Mortgage {
	origination := months(w.Created, -int(from.between("months", 12, 180)))
	maturity := months(origination, 360)
	m := &plaid.Mortgage{
		InterestRate: plaid.MortgageRate{Percentage: ref(plaid.Dec(documentedRates["mortgage"])), Type: ref("fixed")},
		LoanTerm:     ref("30 year"), LoanTypeDescription: ref("conventional"), OriginationDate: &origination, MaturityDate: &maturity,
		HasPMI: ref(false), HasPrepaymentPenalty: ref(false), EscrowBalance: ref(plaid.Decimal{}),
	}
	b := &builder{World: w}
	if owner := b.owner(a.Identity); len(owner.Addresses) > 0 {
		home := owner.Addresses[0].Data
		m.PropertyAddress = plaid.PropertyAddress{City: home.City, Country: home.Country, PostalCode: home.PostalCode, Region: home.Region, Street: &home.Street}
	}
	return m
}
