package taxlots

import (
	"cmp"
	"slices"
	"strings"

	"weft/internal/lots"
	"weft/internal/plaid"
)

// Security is what matters of a security here.
type Security struct {
	Type     string                `json:"type"`
	Name     string                `json:"name"`
	Ticker   string                `json:"ticker_symbol"`
	CashLike bool                  `json:"is_cash_equivalent"`
	Option   *plaid.OptionContract `json:"option_contract"`
}

// cash reports whether it is money, which has no lots.
func (s Security) cash() bool { return s.Type == "cash" || s.CashLike }

func (s Security) option() bool { return s.Option != nil || s.Type == "derivative" }

// What a row may be beside the kinds of events.
const (
	nothing lots.Kind = ""
	// reversal takes back another row.
	reversal lots.Kind = "reversal"
	// fractions pays for the parts of shares that an exchange of shares has left.
	fractions lots.Kind = "fractions"
)

// row is an investment transaction of a security, with what it does to the units.
type row struct {
	plaid.InvestmentTransaction
	security string
	kind     lots.Kind
	// why is why what it says of money is not the cost.
	why lots.Reason
	// done says that another event has it in itself.
	done bool
}

// change is by how much the row changes the units.
func (r *row) change() plaid.Decimal {
	switch r.kind {
	case nothing, fractions, lots.ReturnOfCapital:
		return plaid.Decimal{}
	}
	return r.Quantity
}

// read sorts the rows that are of securities, and finds what they do.
func read(list []plaid.InvestmentTransaction, securities map[string]Security) []*row {
	all, rows := make([]row, len(list)), make([]*row, 0, len(list))
	for i, t := range list {
		if t.SecurityID == nil || securities[*t.SecurityID].cash() {
			continue
		}
		all[i] = row{InvestmentTransaction: t, security: *t.SecurityID, kind: kindOf(t, securities[*t.SecurityID])}
		rows = append(rows, &all[i])
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(rank[a.kind], rank[b.kind]), cmp.Compare(timeOf(a), timeOf(b)),
			cmp.Compare(a.InvestmentTransactionID, b.InvestmentTransactionID))
	})
	return rows
}

// rank is the order within a day, which banks do not state: exchanges of shares come over night, options end after the close,
// and what comes is there before what goes.
var rank = map[lots.Kind]int{
	lots.Split: 0, lots.Merger: 1, lots.SpinOff: 2, lots.TransferIn: 3, lots.Buy: 4, lots.SellShort: 5, lots.Sell: 6, lots.Cover: 7,
	lots.TransferOut: 8, lots.ReturnOfCapital: 9, lots.Exercise: 10, lots.Expire: 11, reversal: 12, fractions: 13, nothing: 14,
}

func timeOf(r *row) string {
	if r.TransactionDatetime == nil {
		return ""
	}
	return *r.TransactionDatetime
}

// kindOf is what a row does. The subtype says it where it names an event; else the type, with the sign of the quantity.
func kindOf(t plaid.InvestmentTransaction, s Security) lots.Kind {
	units := t.Quantity.Sign()
	switch t.Subtype {
	case "merger":
		return lots.Merger
	case "spin off":
		return lots.SpinOff
	case "return of principal":
		return lots.ReturnOfCapital
	}
	switch {
	case units == 0:
		return money(t)
	case t.Subtype == "split", t.Subtype == "stock distribution" && t.Amount.IsZero():
		return lots.Split
	case s.option() && (t.Subtype == "exercise" || t.Subtype == "assignment"):
		return lots.Exercise
	case s.option() && t.Subtype == "expire":
		return lots.Expire
	}
	return trade(t, units)
}

// money is what a row without units does.
func money(t plaid.InvestmentTransaction) lots.Kind {
	if t.Amount.Sign() < 0 && (t.Type == "cash" && t.Subtype == "deposit" || t.Subtype == "split" || t.Subtype == "stock distribution") {
		return fractions
	}
	return nothing
}

// trade is what a row does that says no more than its type.
func trade(t plaid.InvestmentTransaction, units int) lots.Kind {
	paid := t.Amount.Sign()
	switch {
	case t.Type == "buy" && units > 0 && t.Subtype == "buy to cover":
		return lots.Cover
	case t.Type == "sell" && units < 0 && t.Subtype == "sell short":
		return lots.SellShort
	case t.Type == "buy" && units > 0, t.Type == "cash" && units > 0 && paid > 0 && strings.HasSuffix(t.Subtype, "reinvestment"):
		return lots.Buy
	case t.Type == "sell" && units < 0, t.Type == "fee" && units < 0: // of a plan whose costs are paid in units
		return lots.Sell
	case t.Type == "buy", t.Type == "sell", t.Type == "cancel":
		return reversal
	case t.Type == "transfer" && (t.Subtype == "trade" || t.Subtype == "rebalance") && paid == units:
		return map[int]lots.Kind{1: lots.Buy, -1: lots.Sell}[units]
	case t.Type == "transfer" && units > 0:
		return lots.TransferIn
	case t.Type == "transfer":
		return lots.TransferOut
	}
	return nothing
}
