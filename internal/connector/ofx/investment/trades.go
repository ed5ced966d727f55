package investment

import (
	"regexp"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/securities"
	"weft/internal/connector/ofx/statement"
	"weft/internal/plaid"
)

// kind is one of OFX's investment transactions.
type kind struct {
	body         string // the element inside it that has the common part, empty where it is the transaction itself
	by           securities.Kind
	rule         func(*reading, *trade) bool
	sign         int // 1 adds units and costs money, -1 the reverse
	typ, subtype string
	title        string
}

// kinds are all twenty.
var kinds = map[string]kind{
	"BUYSTOCK":       {"INVBUY", securities.Stock, (*reading).trade, 1, "buy", "buy", "Buy"},
	"BUYMF":          {"INVBUY", securities.Fund, (*reading).trade, 1, "buy", "buy", "Buy"},
	"BUYDEBT":        {"INVBUY", securities.Debt, (*reading).trade, 1, "buy", "buy", "Buy"},
	"BUYOPT":         {"INVBUY", securities.Option, (*reading).trade, 1, "buy", "buy", "Buy"},
	"BUYOTHER":       {"INVBUY", securities.Other, (*reading).trade, 1, "buy", "buy", "Buy"},
	"SELLSTOCK":      {"INVSELL", securities.Stock, (*reading).trade, -1, "sell", "sell", "Sell"},
	"SELLMF":         {"INVSELL", securities.Fund, (*reading).trade, -1, "sell", "sell", "Sell"},
	"SELLDEBT":       {"INVSELL", securities.Debt, (*reading).trade, -1, "sell", "sell", "Sell"},
	"SELLOPT":        {"INVSELL", securities.Option, (*reading).trade, -1, "sell", "sell", "Sell"},
	"SELLOTHER":      {"INVSELL", securities.Other, (*reading).trade, -1, "sell", "sell", "Sell"},
	"REINVEST":       {"", securities.Unknown, (*reading).trade, 1, "buy", "dividend reinvestment", "Reinvest"},
	"INCOME":         {"", securities.Unknown, (*reading).cash, 0, "cash", "dividend", "Income"},
	"RETOFCAP":       {"", securities.Unknown, (*reading).cash, 0, "cash", "return of principal", "Return of capital"},
	"INVEXPENSE":     {"", securities.Unknown, (*reading).cash, 0, "cash", "account fee", "Expense"},
	"MARGININTEREST": {"", securities.Unknown, (*reading).cash, 1, "cash", "margin expense", "Margin interest"},
	"TRANSFER":       {"", securities.Unknown, (*reading).transfer, 0, "transfer", "transfer", "Transfer"},
	"JRNLFUND":       {"", securities.Unknown, (*reading).journal, 0, "transfer", "transfer", "Journal"},
	"JRNLSEC":        {"", securities.Unknown, (*reading).journal, 0, "transfer", "transfer", "Journal"},
	"SPLIT":          {"", securities.Unknown, (*reading).split, 0, "transfer", "split", "Split"},
	"CLOSUREOPT":     {"", securities.Option, (*reading).closure, 0, "transfer", "expire", "Option closure"},
}

// tradeWords are what BUYTYPE, SELLTYPE and their like make of a trade.
var tradeWords = map[string]string{
	"BUYTOCOVER": "buy to cover", "BUYTOCLOSE": "buy to cover", "SELLSHORT": "sell short", "SELLTOOPEN": "sell short",
}

// incomes are INCOMETYPE: paid out, and reinvested.
var incomes = map[string]struct{ paid, reinvested string }{
	"DIV":      {"dividend", "dividend reinvestment"},
	"INTEREST": {"interest", "interest reinvestment"},
	"CGLONG":   {"long-term capital gain", "long-term capital gain reinvestment"},
	"CGSHORT":  {"short-term capital gain", "short-term capital gain reinvestment"},
	"MISC":     {"deposit", "dividend reinvestment"},
}

// closures are OPTACTION. A holder exercises and loses the contract, a writer is assigned and is rid of it.
var closures = map[string]struct {
	subtype string
	sign    int
}{"EXERCISE": {"exercise", -1}, "ASSIGN": {"assignment", 1}, "EXPIRE": {"expire", 0}}

// What memos say that the elements do not.
var (
	memoReversal     = regexp.MustCompile(`\bREVERS(AL|ED)\b`)
	memoContribution = regexp.MustCompile(`\bCONTRIBUTION\b`)
	memoManagement   = regexp.MustCompile(`\b(MANAGEMENT|ADVISORY|ADVISOR|ADVISER) (FEE|EXPENSE)|\bINVESTMENT EXPENSE\b`)
	memoLongGain     = regexp.MustCompile(`\b(LT|LONG[- ]TERM) CAP(ITAL)? GAIN`) // Vanguard calls them DIV
	memoShortGain    = regexp.MustCompile(`\b(ST|SHORT[- ]TERM) CAP(ITAL)? GAIN`)
)

// feeElements are what a trade's amount has beside units and price.
var feeElements = []string{"COMMISSION", "FEES", "LOAD", "TAXES", "WITHHOLDING", "STATEWITHHOLDING", "PENALTY"}

// trade is an investment transaction while it is read.
type trade struct {
	element reader.Element
	kind    kind
	body    reader.Element
	tran    reader.Element // its INVTRAN, or the body where that has none
	fitid   string
	memo    string
	settled *plaid.Date
	entry   *securities.Entry // nil for a movement of cash
	out     plaid.InvestmentTransaction
}

// row reads one entry of a list of investment transactions.
func (r *reading) row(e reader.Element) {
	k, ok := kinds[e.Name()]
	switch {
	case e.Is("INVBANKTRAN"):
		r.cashMovement(e)
		return
	case !ok:
		if e.Child("INVTRAN").OK() {
			r.Report(statement.Problem{Line: e.Line(), Element: e.Name(), Expected: "one of OFX's twenty investment transactions; it is left out"})
		}
		return
	}
	t := &trade{element: e, kind: k, body: e}
	if body := e.Child(k.body); body.OK() {
		t.body = body
	}
	tran := t.body.Child("INVTRAN")
	if !tran.OK() {
		tran = t.body
	}
	t.tran = tran
	if r.Deleted(tran) {
		return
	}
	t.fitid, t.memo = tran.Value("FITID"), once(tran.Value("MEMO"))
	traded, dated := r.Moment(tran, "DTTRADE")
	if m, ok := r.Moment(tran, "DTSETTLE"); ok {
		t.settled = m.Day.Ptr()
		if !dated {
			traded, dated = m, true
		}
	}
	if !dated {
		r.Report(statement.Problem{Line: e.Line(), Element: e.Name(), Expected: "a DTTRADE, without which it is left out"})
		return
	}
	t.out = plaid.InvestmentTransaction{Date: traded.Day, Type: k.typ, Subtype: k.subtype}
	t.out.ISOCurrencyCode, t.out.UnofficialCurrencyCode = r.Currencies(t.body)
	if t.entry = r.Securities.Find(t.body.Child("SECID"), k.by); t.entry != nil {
		t.entry.In(t.out.ISOCurrencyCode, t.out.UnofficialCurrencyCode)
	}
	if !k.rule(r, t) {
		return
	}
	key := r.add(t, e.Name())
	r.Replaced(tran, key)
}

// once is a text that Vanguard wrote twice: DIVIDEND PAYMENTDIVIDEND PAYMENT.
func once(memo string) string {
	if half := len(memo) / 2; half > 0 && memo[:half] == memo[half:] {
		return memo[:half]
	}
	return memo
}

func (t *trade) says(pattern *regexp.Regexp) bool {
	return pattern.MatchString(strings.ToUpper(t.memo))
}

// add states a transaction and returns its key.
func (r *reading) add(t *trade, kind string) string {
	t.out.Name = t.name()
	statement.FitAll(&t.out.Quantity, &t.out.Price, &t.out.Amount, t.out.Fees)
	row := connector.InvestmentTransaction{AccountKey: r.Of.Account.Key, Reference: t.fitid, InvestmentTransaction: t.out}
	if t.entry != nil {
		row.SecurityKey = t.entry.Key
	}
	row.Key = r.Key(statement.Content{
		Kind: kind, FITID: t.fitid, Security: row.SecurityKey, Day: t.out.Date, Amount: t.out.Amount,
		Text: t.memo + " " + row.SecurityKey + " " + statement.Plain(t.out.Quantity),
	}, t.settled)
	r.Of.InvestmentTransactions = append(r.Of.InvestmentTransactions, row)
	return row.Key
}

// name is the memo, which at brokers says what was done (YOU BOUGHT), and the security's name.
func (t *trade) name() string {
	name := t.memo
	if name == "" {
		name = t.kind.title
	}
	if t.entry != nil && !strings.Contains(strings.ToUpper(name), strings.ToUpper(t.entry.Label())) {
		name += " " + t.entry.Label()
	}
	return name
}

// times is a magnitude with a sign.
func times(sign int, d plaid.Decimal) plaid.Decimal {
	if sign < 0 {
		return d.Neg()
	}
	return d
}

// trade is a purchase, a sale or a reinvestment: the element has the sign, the numbers are magnitudes.
func (r *reading) trade(t *trade) bool {
	units, counted := r.Amount(t.body, "UNITS")
	price, _ := r.Amount(t.body, "UNITPRICE")
	total, summed := r.Amount(t.body, "TOTAL")
	if !counted && !summed {
		r.Report(statement.Problem{Line: t.element.Line(), Element: t.element.Name(), Expected: "UNITS or TOTAL, without which it is left out"})
		return false
	}
	sign, fees := t.kind.sign, r.fees(t)
	var gross *plaid.Decimal
	if summed {
		gross = total.Abs().Sub(times(sign, fees)).Ptr()
	}
	quantity, price := units.Abs(), price.Abs()
	if t.entry != nil {
		t.entry.Shares(t.element.Value("SHPERCTRCT"))
		quantity, price = t.entry.Normal(t.kind.by, quantity, price, gross)
	}
	amount := total.Abs()
	if !summed {
		amount = quantity.Mul(price).Add(times(sign, fees))
	}
	if t.says(memoReversal) || r.undone(t, units, total) {
		sign = -sign
	}
	t.out.Quantity, t.out.Price, t.out.Amount = times(sign, quantity), price, times(sign, amount)
	for _, name := range []string{"BUYTYPE", "OPTBUYTYPE", "SELLTYPE", "OPTSELLTYPE"} {
		if subtype := tradeWords[strings.ToUpper(t.element.Value(name))]; subtype != "" {
			t.out.Subtype = subtype
		}
	}
	switch {
	case t.element.Is("REINVEST"):
		t.out.Subtype = r.income(t).reinvested
	case t.kind.typ == "buy" && t.out.Subtype == "buy" && t.contributed():
		t.out.Subtype = "contribution"
	}
	return true
}

// undone reports whether a row names the transaction that it reverses and both of its numbers have the sign of one.
func (r *reading) undone(t *trade, units, total plaid.Decimal) bool {
	if t.body.Child("INVTRAN").Value("REVERSALFITID") == "" {
		return false
	}
	return units.Sign() == -t.kind.sign && total.Sign() == t.kind.sign
}

// contributed reports whether a purchase is of a contribution: its memo says so (401(k) plans), or it came of a payroll and
// does not pay back a loan.
func (t *trade) contributed() bool {
	payroll := t.body.Value("DTPAYROLL") != "" && t.body.Value("INV401KSOURCE") != "" && t.body.Value("LOANID") == ""
	return t.says(memoContribution) || payroll
}

// fees adds up what the amount has beside units and price; the sum is also the row's, if it has any such element.
func (r *reading) fees(t *trade) plaid.Decimal {
	var sum plaid.Decimal
	for _, name := range feeElements {
		if d, ok := r.Amount(t.body, name); ok {
			sum = sum.Add(d.Abs())
			t.out.Fees = sum.Ptr()
		}
	}
	return sum
}

func (r *reading) income(t *trade) struct{ paid, reinvested string } {
	word := strings.ToUpper(t.body.Value("INCOMETYPE"))
	switch {
	case word == "DIV" && t.says(memoLongGain):
		word = "CGLONG"
	case word == "DIV" && t.says(memoShortGain):
		word = "CGSHORT"
	}
	if in, ok := incomes[word]; ok {
		return in
	}
	return incomes["DIV"]
}

// cash is income, expense and their like. Their sign is the file's, but for margin interest, which is always paid.
func (r *reading) cash(t *trade) bool {
	total, ok := r.Amount(t.body, "TOTAL")
	if !ok {
		r.Report(statement.Problem{Line: t.element.Line(), Element: t.element.Name(), Expected: "a TOTAL, without which it is left out"})
		return false
	}
	r.fees(t)
	t.out.Amount = total.Neg()
	switch {
	case t.kind.sign > 0:
		t.out.Amount = total.Abs()
	case t.element.Is("INCOME"):
		t.out.Subtype = r.income(t).paid
	case t.element.Is("INVEXPENSE") && t.says(memoManagement):
		t.out.Subtype = "management fee"
	}
	if t.says(memoReversal) && t.out.Amount.Sign() == -1 && t.element.Is("INCOME") {
		t.out.Amount = t.out.Amount.Neg() // income that was taken back and is still written as income
	}
	return true
}

// transfer moves a security in or out without money. Vanguard books what a 401(k) costs as one.
func (r *reading) transfer(t *trade) bool {
	units, _ := r.Amount(t.body, "UNITS")
	price, _ := r.Amount(t.body, "UNITPRICE")
	quantity, price := units, price.Abs()
	if t.entry != nil {
		quantity, price = t.entry.Normal(t.kind.by, units, price, nil)
	}
	action := strings.ToUpper(t.body.Value("TFERACTION"))
	if action == "IN" || action == "OUT" {
		quantity = quantity.Abs()
		if (action == "OUT") != strings.EqualFold(t.body.Value("POSTYPE"), "SHORT") {
			quantity = quantity.Neg()
		}
	}
	t.out.Quantity, t.out.Price = quantity, price
	if t.says(memoManagement) && quantity.Sign() < 0 {
		t.out.Type, t.out.Subtype = "fee", "management fee"
		t.out.Amount = quantity.Abs().Mul(price).Round(2)
	}
	return true
}

// journal moves cash or a security between the parts of one account, such as cash and margin: of the account's units and
// money nothing changes.
func (r *reading) journal(t *trade) bool {
	return !strings.EqualFold(t.body.Value("SUBACCTFROM"), t.body.Value("SUBACCTTO"))
}

// split changes the units; what is paid for a fraction is a row of its own.
func (r *reading) split(t *trade) bool {
	before, _ := r.Amount(t.body, "OLDUNITS")
	after, known := r.Amount(t.body, "NEWUNITS")
	if !known {
		r.Report(statement.Problem{Line: t.element.Line(), Element: "SPLIT", Expected: "OLDUNITS and NEWUNITS"})
		before = plaid.Decimal{}
	}
	if t.entry != nil {
		before, _ = t.entry.Normal(t.kind.by, before, plaid.Decimal{}, nil)
		after, _ = t.entry.Normal(t.kind.by, after, plaid.Decimal{}, nil)
	}
	t.out.Quantity = after.Sub(before)
	if fraction, ok := r.Amount(t.body, "FRACCASH"); ok && !fraction.IsZero() {
		paid := *t
		paid.out.Type, paid.out.Subtype, paid.out.Amount, paid.out.Quantity = "cash", "deposit", fraction.Abs().Neg(), plaid.Decimal{}
		r.Replaced(t.tran, r.add(&paid, "FRACCASH"))
	}
	return true
}

// closure ends option contracts. What expires was held or written: only the sign of its units, or the part of the account
// that it is in, can say.
func (r *reading) closure(t *trade) bool {
	units, ok := r.Amount(t.body, "UNITS")
	c, known := closures[strings.ToUpper(t.body.Value("OPTACTION"))]
	if !ok || !known {
		r.Report(statement.Problem{Line: t.element.Line(), Element: "CLOSUREOPT", Expected: "UNITS, and EXERCISE, ASSIGN or EXPIRE as OPTACTION"})
	}
	if known {
		t.out.Subtype = c.subtype
	}
	quantity := units
	if t.entry != nil {
		t.entry.Shares(t.body.Value("SHPERCTRCT"))
		quantity, _ = t.entry.Normal(t.kind.by, units, plaid.Decimal{}, nil)
	}
	switch {
	case c.sign != 0:
		quantity = times(c.sign, quantity.Abs())
	case strings.EqualFold(t.body.Value("SUBACCTSEC"), "SHORT"):
		quantity = quantity.Abs()
	}
	t.out.Quantity = quantity
	return true
}
