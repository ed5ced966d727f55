package debt

import (
	"time"

	"weft/internal/plaid"
)

// Rates and days of loans that no terms fix.
var (
	usualMortgageRate = plaid.NewDecimal(399, -2)
	usualStudentRate  = plaid.NewDecimal(525, -2)
	lateFeePart       = plaid.NewDecimal(4, -2)
)

const (
	usualDueDay = 1
	// grace is how many days after its due day a payment is no longer in time.
	grace = 15
)

// mortgage states a mortgage.
func (d *debt) mortgage() *plaid.Mortgage {
	var m plaid.Mortgage
	if d.Mortgage != nil {
		m = *d.Mortgage
	}
	fill(&m.InterestRate.Percentage, usualMortgageRate)
	fill(&m.InterestRate.Type, "fixed")
	d.payment(d.today, &m.LastPaymentAmount, &m.LastPaymentDate)
	if m.LastPaymentAmount != nil {
		fill(&m.NextMonthlyPayment, least(*m.LastPaymentAmount, floor(d.owed())))
	}
	due := d.due()
	fill(&m.NextPaymentDueDate, due)
	var missing, fee plaid.Decimal
	if m.NextMonthlyPayment != nil && d.late(m.LastPaymentDate) {
		missing, fee = *m.NextMonthlyPayment, m.NextMonthlyPayment.Mul(lateFeePart).Round(2)
	}
	fill(&m.PastDueAmount, missing)
	fill(&m.CurrentLateFee, fee)
	d.ytd(&m.YTDInterestPaid, &m.YTDPrincipalPaid)
	return &m
}

// student states a student loan.
func (d *debt) student() *plaid.StudentLoan {
	l := plaid.StudentLoan{InterestRatePercentage: usualStudentRate}
	if d.Student != nil {
		l = *d.Student
	}
	made := lastOn(d.Closes(), d.today)
	until := d.today
	if d.PaymentDay > 0 {
		until = made
	}
	d.payment(until, &l.LastPaymentAmount, &l.LastPaymentDate)
	if l.LastPaymentAmount != nil {
		fill(&l.MinimumPaymentAmount, least(*l.LastPaymentAmount, floor(d.owed())))
	}
	fill(&l.LastStatementIssueDate, made)
	fill(&l.LastStatementBalance, d.book.At(made))
	fill(&l.NextPaymentDueDate, d.due())
	fill(&l.IsOverdue, d.late(l.LastPaymentDate))
	fill(&l.OutstandingInterestAmount, d.accrued(l.InterestRatePercentage))
	fill(&l.LoanStatus.Type, "repayment")
	if l.LoanStatus.EndDate == nil {
		l.LoanStatus.EndDate = l.ExpectedPayoffDate
	}
	d.ytd(&l.YTDInterestPaid, &l.YTDPrincipalPaid)
	return &l
}

// due is when the next payment of a loan is due.
func (d *debt) due() plaid.Date {
	if d.DueDay == 0 {
		d.DueDay = usualDueDay
	}
	return nextOn(d.DueDay, d.today)
}

// late reports whether the payment of the last due day that is out of its grace has not come. Of a loan that nobody has paid
// yet the bank says nothing bad.
func (d *debt) late(paid *plaid.Date) bool {
	if d.DueDay == 0 {
		d.DueDay = usualDueDay
	}
	return paid != nil && d.PaymentDay == 0 && *paid < lastOn(d.DueDay, d.today.AddDays(-grace-1)).AddDays(-grace)
}

// accrued is the interest of the days since it was charged last, at the end of a month.
func (d *debt) accrued(percent plaid.Decimal) plaid.Decimal {
	t := d.today.Time()
	days := inMonth(t.Year(), t.Month(), 31).Time().Day()
	return monthly(floor(d.owed()), percent).Mul(plaid.DecimalFromInt(int64(t.Day()%days))).Div(plaid.DecimalFromInt(int64(days)), 2)
}

// ytd fills in what was paid in this year: first the interest that was charged, and then the debt itself.
func (d *debt) ytd(interest, principal **plaid.Decimal) {
	newYear := plaid.NewDate(d.today.Time().Year(), time.January, 1)
	paid := d.paid(newYear, d.today)
	toInterest := least(paid, d.charged(newYear, d.today))
	fill(interest, toInterest)
	fill(principal, paid.Sub(toInterest))
}
