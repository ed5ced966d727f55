package taxlots

import (
	"slices"
	"strings"
	"unicode"

	"weft/internal/lots"
	"weft/internal/plaid"
)

// events makes the events of an account out of its rows, and has them happen in a book.
type events struct {
	securities map[string]Security
	rows       []*row
	// currency is that in which a security's costs are told.
	currency map[string]string
	running  map[string]plaid.Decimal
	// broken are the securities that the rows do not explain: more was held than came, or less than went. What was held is
	// forgotten once all of it is gone; what was owed is not, as it may be a holding that is older than its rows.
	broken, hopeless map[string]bool
	// exchanged is when shares were exchanged last, of which fractions may be paid.
	exchanged map[string]plaid.Date
	book      *lots.Book
}

// fractionDays is for how long after an exchange of shares its fractions are paid.
const fractionDays = 60

// make makes the events. Held is what is held now: what the rows do not bring was there before.
func (e *events) make(held map[string]plaid.Decimal) {
	cancel(e.rows)
	traded := map[*row][]*row{}
	for _, r := range e.rows {
		if r.kind == lots.Exercise {
			traded[r] = exercised(r, e.rows, e.securities)
		}
	}
	e.open(held)
	for _, r := range e.rows {
		if r.done {
			continue
		}
		if t := r.Subtype; (t == "exercise" || t == "assignment") && r.kind != lots.Exercise && r.why == "" {
			r.why = unpremium
		}
		switch r.kind {
		case lots.Merger:
			e.merge(ofKind(between(e.rows, r.Date, r.Date), lots.Merger))
		case lots.SpinOff:
			e.spinOff(ofKind(between(e.rows, r.Date, r.Date), lots.SpinOff))
		case lots.Exercise:
			e.exercise(r, traded[r])
		default:
			e.one(r)
		}
	}
}

// open begins with what was held before the first row.
func (e *events) open(held map[string]plaid.Decimal) {
	before := map[string]plaid.Decimal{}
	var order []string
	for _, r := range e.rows {
		if _, ok := before[r.security]; !ok {
			order = append(order, r.security)
			before[r.security] = held[r.security]
		}
		before[r.security] = before[r.security].Sub(r.change())
	}
	for _, security := range order {
		units := before[security]
		e.running[security] = units
		if units.IsZero() {
			continue
		}
		e.broken[security], e.hopeless[security] = true, units.Sign() < 0
		e.book.Apply(lots.Event{ID: "opening", Date: e.rows[0].Date - 1, Kind: lots.Opening, Security: security, Quantity: units})
	}
}

// change notes by how much the units of a security change, and whether that can be.
func (e *events) change(kind lots.Kind, security string, by plaid.Decimal) {
	after := e.running[security].Add(by)
	e.running[security] = after
	switch {
	case after.IsZero():
		e.broken[security] = e.hopeless[security]
	case after.Sign() < 0 && by.Sign() < 0 && kind != lots.SellShort, after.Sign() > 0 && kind == lots.Cover:
		e.broken[security] = true
	}
}

// event is the event of a row alone.
func (e *events) event(r *row) lots.Event {
	out := lots.Event{ID: r.InvestmentTransactionID, Date: r.Date, Kind: r.kind, Security: r.security, Quantity: r.Quantity.Abs(), Why: r.why}
	if r.Price.Sign() > 0 {
		out.Price = &r.Price
	}
	if code := currencyOf(r.ISOCurrencyCode, r.UnofficialCurrencyCode); code != e.currency[r.security] && out.Why == "" {
		out.Why, out.Price = foreign, nil
	}
	if out.Why == "" && e.securities[r.security].Type == "fixed income" && !plainly(r) {
		out.Why = accrued
	}
	pays := r.kind == lots.Buy || r.kind == lots.Cover
	switch {
	case out.Why != "":
	case pays && r.Amount.Sign() > 0:
		out.Amount = &r.Amount
	case !pays && r.Amount.Sign() < 0, r.Type == "fee":
		out.Amount = r.Amount.Abs().Ptr()
	}
	return out
}

// plainly reports whether the amount is what the units cost at their price, with the fees: of a bond it may have in it the interest
// that has accrued, which is no part of the cost.
func plainly(r *row) bool {
	price := r.Quantity.Mul(r.Price)
	if r.Fees != nil {
		price = price.Add(*r.Fees)
	}
	return r.Amount.Sub(price).Abs().Cmp(plaid.NewDecimal(1, -2)) <= 0
}

func currencyOf(iso, unofficial *string) string {
	if iso != nil {
		return *iso
	}
	if unofficial != nil {
		return *unofficial
	}
	return ""
}

// one is the event of a row that stands alone.
func (e *events) one(r *row) {
	out := e.event(r)
	switch r.kind {
	case nothing:
		return
	case reversal:
		e.blur(r.InvestmentTransactionID, r.Date, r.security, r.Quantity, undone)
		return
	case fractions:
		if day, ok := e.exchanged[r.security]; ok && r.Date <= day+fractionDays {
			e.blur(r.InvestmentTransactionID, r.Date, r.security, plaid.Decimal{}, inFraction)
		}
		return
	case lots.ReturnOfCapital:
		if r.Amount.IsZero() {
			return
		}
		out.Quantity = plaid.Decimal{}
	case lots.Split:
		out.Quantity = r.Quantity
		e.exchanged[r.security] = r.Date
	case lots.Expire:
		out.Quantity = r.Quantity
	case lots.TransferIn, lots.TransferOut:
		out.Amount, out.Price = nil, nil // what it is worth is not what it cost
	}
	e.change(r.kind, r.security, r.change())
	e.book.Apply(out)
}

// blur changes the units of a security so that nobody can tell of which lots they are.
func (e *events) blur(id string, day plaid.Date, security string, by plaid.Decimal, why lots.Reason) {
	before := e.running[security]
	after := before.Add(by)
	e.change(lots.TransferIn, security, by)
	if after.Sign() < 0 || before.Sign() < 0 {
		e.broken[security], e.hopeless[security] = true, true
	}
	for _, step := range []plaid.Decimal{before.Neg(), after} {
		out := lots.Event{ID: id, Date: day, Kind: lots.TransferIn, Security: security, Quantity: step.Abs(), Why: why}
		if step.Sign() < 0 {
			out.Kind = lots.TransferOut
		}
		if !step.IsZero() {
			e.book.Apply(out)
		}
	}
}

// merge is a day's mergers: of one security into another, or into money. Of several at once nobody says which became which.
func (e *events) merge(list []*row) {
	var paid plaid.Decimal
	for _, r := range list {
		r.done = true
		paid = paid.Sub(r.Amount)
	}
	add, take, _ := apart(list)
	whole := len(take) == 1 && e.running[take[0].security].Cmp(take[0].Quantity.Abs()) >= 0
	if !whole || len(add) > 1 || len(add) == 0 && paid.Sign() <= 0 || len(add) == 1 && add[0].security == take[0].security {
		for _, r := range append(take, add...) {
			e.moved(r)
		}
		return
	}
	old := take[0]
	out := lots.Event{ID: old.InvestmentTransactionID, Date: old.Date, Kind: lots.Merger, Security: old.security, Quantity: old.Quantity.Abs()}
	if !paid.IsZero() {
		out.Amount = &paid
	}
	e.change(lots.Merger, old.security, old.Quantity)
	if len(add) == 1 {
		out.Into, out.Units = add[0].security, add[0].Quantity
		e.change(lots.Merger, out.Into, out.Units)
		e.exchanged[out.Into] = old.Date
	}
	e.book.Apply(out)
}

// moved is a row whose units come or go in a way that nothing explains.
func (e *events) moved(r *row) {
	r.kind = lots.TransferIn
	if r.Quantity.Sign() < 0 {
		r.kind = lots.TransferOut
	}
	e.one(r)
}

// spinOff is a day's spin-offs. The company that they are of is named by a row of it without units, or by the words of the row,
// or not at all: then each share that is held may have become cheaper by it.
func (e *events) spinOff(list []*row) {
	for _, r := range list {
		r.done = true
	}
	add, take, neither := apart(list)
	for _, r := range take {
		e.moved(r)
	}
	for _, r := range add {
		parents := e.mayHaveSpunOff(add)
		switch named := e.named(r, parents); {
		case len(neither) == 1 && neither[0].security != r.security:
			parents = []string{neither[0].security}
		case len(named) == 1:
			parents = named
		default:
			for _, parent := range parents {
				e.book.Apply(lots.Event{Date: r.Date, Kind: lots.ReturnOfCapital, Security: parent, Why: lots.Undivided})
			}
			e.moved(r)
			continue
		}
		e.book.Apply(lots.Event{ID: r.InvestmentTransactionID, Date: r.Date, Kind: lots.SpinOff, Security: parents[0], Into: r.security, Units: r.Quantity})
		e.change(lots.SpinOff, r.security, r.Quantity)
		e.exchanged[r.security] = r.Date
	}
}

// named are those securities that the words of a row name, beside the row's own.
func (e *events) named(r *row, among []string) (list []string) {
	own := e.securities[r.security]
	words := strings.ToUpper(r.Name)
	for _, part := range []string{own.Name, own.Ticker} {
		if part != "" {
			words = strings.ReplaceAll(words, strings.ToUpper(part), " ")
		}
	}
	words = " " + plain(words) + " "
	for _, security := range among {
		s := e.securities[security]
		name := plain(s.Name)
		ticker := len(s.Ticker) > 1 && strings.Contains(words, " "+strings.ToUpper(s.Ticker)+" ")
		if ticker || name != "" && strings.Contains(words, " "+name+" ") {
			list = append(list, security)
		}
	}
	return list
}

// plain are the words of a text, in capitals and a space apart.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToUpper(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }), " ")
}

// mayHaveSpunOff are the shares that are held, without those that were spun off.
func (e *events) mayHaveSpunOff(children []*row) (list []string) {
	for security, units := range e.running {
		t := e.securities[security].Type
		child := slices.ContainsFunc(children, func(r *row) bool { return r.security == security })
		if units.Sign() > 0 && !child && (t == "equity" || t == "other" || t == "") {
			list = append(list, security)
		}
	}
	slices.Sort(list)
	return list
}

// exercise is an exercise or an assignment, with the trades at the strike price.
func (e *events) exercise(r *row, trades []*row) {
	out := e.event(r)
	out.Quantity = r.Quantity
	e.change(lots.Exercise, r.security, r.Quantity)
	for _, t := range trades {
		out.Trades = append(out.Trades, e.event(t))
		e.change(t.kind, t.security, t.Quantity)
	}
	e.book.Apply(out)
}
