package investment

import (
	"slices"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/securities"
	"weft/internal/connector/ofx/statement"
	"weft/internal/plaid"
)

// Read reads a statement: an INVSTMTRS.
func Read(b *statement.Book, e reader.Element) *statement.Statement {
	r := &reading{b.Begin(e, "INVACCTFROM", "INVTRANLIST")}
	if m, ok := r.Moment(e, "DTASOF"); ok {
		r.Of.AsOf = m.Day.Ptr()
	}
	r.Of.InvestmentTransactions = slices.Grow(r.Of.InvestmentTransactions, r.Rows)
	r.Window(e, "INVTRANLIST")
	plan := readPlan(r, e)
	if plan.is401k && r.Of.Account.Subtype != nil && *r.Of.Account.Subtype == "brokerage" {
		r.Of.Account.Subtype = new("401k")
	}
	held := &positions{reading: r, plan: plan, at: map[*securities.Entry]*position{}}
	for row := range statement.Entries(e, "INVPOSLIST") {
		held.read(row)
	}
	for row := range statement.Entries(e, "INVTRANLIST") {
		r.row(row)
	}
	r.balances(e, held)
	held.state()
	r.named(plan)
	r.Finish()
	return r.Of
}

// reading is a statement while it is read.
type reading struct{ *statement.Reading }

// plan is what a statement says of a 401(k) plan.
type plan struct {
	is401k       bool
	id, employer string
	// vested is the percentage of the employer's contributions that is vested, nil if it is not known.
	vested *plaid.Decimal
	// balance and cash are those of INV401KBAL, nil where it has none.
	balance, cash *plaid.Decimal
}

func readPlan(r *reading, e reader.Element) plan {
	info, bal := e.Child("INV401K"), e.Child("INV401KBAL")
	p := plan{is401k: info.OK() || bal.OK() || hasSource(e), id: info.Value("PLANID"), employer: info.Value("EMPLOYERNAME")}
	if d, ok := r.Amount(info, "CURRENTVESTPCT"); ok {
		p.vested = &d
	}
	latest := plaid.Date(0)
	for v := range info.All("VESTINFO") { // the steps of vesting: the last one that is past
		pct, known := r.Amount(v, "VESTPCT")
		day, dated := r.Moment(v, "VESTDATE")
		past := dated && r.Of.AsOf != nil && day.Day <= *r.Of.AsOf
		if known && past && day.Day >= latest && !info.Child("CURRENTVESTPCT").OK() {
			p.vested, latest = &pct, day.Day
		}
	}
	if d, ok := r.Amount(bal, "TOTAL"); ok {
		p.balance = &d
	}
	if d, ok := r.Amount(bal, "CASHBAL"); ok {
		p.cash = &d
	}
	return p
}

// hasSource reports whether anything in a statement comes of a 401(k) contribution.
func hasSource(e reader.Element) bool {
	for _, list := range []string{"INVPOSLIST", "INVTRANLIST"} {
		for row := range statement.Entries(e, list) {
			if row.Child("INV401KSOURCE").OK() {
				return true
			}
			for _, body := range []string{"INVPOS", "INVBUY", "INVSELL"} {
				if row.Child(body).Child("INV401KSOURCE").OK() {
					return true
				}
			}
		}
	}
	return false
}

// balances reads the cash and adds it all up: an investment account's current balance is what it is worth.
func (r *reading) balances(e reader.Element, held *positions) {
	bal, balances := e.Child("INVBAL"), &r.Of.Account.Balances
	cash, stated := r.Amount(bal, "AVAILCASH")
	if !stated && r.Of.Account.Subtype != nil && held.plan.cash != nil {
		cash, stated = *held.plan.cash, true
	}
	if stated {
		balances.Available = &cash
	}
	total := held.value
	if stated && !cash.IsZero() && !held.hasCore(cash) {
		total = total.Add(cash)
		held.addCash(cash)
	}
	margin, onMargin := r.Amount(bal, "MARGINBALANCE")
	short, onShort := r.Amount(bal, "SHORTBALANCE")
	if margin.Sign() < 0 {
		r.Of.Account.MarginLoan = margin.Neg().Ptr()
	}
	total = total.Add(margin).Add(short)
	switch {
	case stated || onMargin || onShort || len(held.order) > 0:
		if len(held.order) == 0 && total.IsZero() && held.plan.balance != nil {
			total = *held.plan.balance
		}
		balances.Current = &total
	case held.plan.balance != nil: // a 401(k) that lists nothing of what it holds
		balances.Current = held.plan.balance
	default:
		r.Unbalanced(e, "INVBAL")
	}
	statement.FitAll(balances.Current)
}

// named gives the account of a 401(k) its plan's name and numbers.
func (r *reading) named(p plan) {
	a := &r.Of.Account
	if p.is401k {
		a.Numbers = connector.Numbers{}
		if p.id != "" && r.Of.Identity.AccountID != "" {
			a.Numbers.Retirement401k = &connector.Retirement401k{Plan: p.id, Account: r.Of.Identity.AccountID}
		}
	}
	if p.employer != "" && a.OfficialName == nil {
		a.Name, a.OfficialName = p.employer, &p.employer
	}
}

// vestedShare is how much of a position of a source is vested, in percent; nil if it cannot be told. What an employee paid
// in is the employee's. Vanguard marks everything as not vested in a plan that is vested wholly.
func (p plan) vestedShare(source string) *plaid.Decimal {
	all := plaid.DecimalFromInt(100)
	if p.vested != nil && p.vested.Cmp(all) >= 0 && source != "" {
		return &all
	}
	switch strings.ToUpper(source) {
	case "PRETAX", "AFTERTAX", "ROLLOVER", "OTHERVEST":
		return &all
	case "MATCH", "PROFITSHARING":
		return p.vested
	case "OTHERNONVEST":
		return new(plaid.Decimal)
	}
	return nil
}
