package taxlots

import (
	"cmp"
	"slices"

	"weft/internal/lots"
	"weft/internal/plaid"
)

// What else is not known of a cost, beside the reasons of the lots.
const (
	unpremium   lots.Reason = "an option was exercised into it, and what the option cost cannot be found"
	foreign     lots.Reason = "it was paid for in another currency than it is held in"
	accrued     lots.Reason = "what was paid for a bond may have accrued interest in it"
	undone      lots.Reason = "a transaction takes back another that is not known"
	inFraction  lots.Reason = "money was paid for fractions of shares, whose part of the cost is not stated"
	disputed    lots.Reason = "the lots cost another amount in all than the bank says"
	unexplained lots.Reason = "the transactions do not explain the holding"
)

// cancel leaves out the rows that were taken back, with those that took them back. A reversal that finds nothing stays.
func cancel(rows []*row) {
	type content struct{ security, quantity, amount string }
	taken := map[content][]*row{}
	for _, r := range rows {
		if r.kind != reversal && r.kind != nothing {
			at := content{r.security, normal(r.Quantity), normal(r.Amount)}
			taken[at] = append(taken[at], r)
		}
	}
	for _, r := range rows {
		if r.kind != reversal {
			continue
		}
		at := content{r.security, normal(r.Quantity.Neg()), normal(r.Amount.Neg())}
		if list := taken[at]; len(list) > 0 {
			list[len(list)-1].kind, r.kind = nothing, nothing
			taken[at] = list[:len(list)-1]
		}
	}
}

// normal writes equal decimals alike.
func normal(d plaid.Decimal) string { return lots.Short(d).String() }

// delivered is within how many days of its exercise an option's shares are delivered.
const delivered = 3

// exercised finds for an exercise the trades at its strike price. Where they cannot be found, what may be one of them has no
// known cost.
func exercised(o *row, rows []*row, securities map[string]Security) (trades []*row) {
	contract := securities[o.security].Option
	left := o.Quantity.Abs()
	var near []*row
	for _, r := range between(rows, o.Date-1, o.Date+delivered) {
		if r.done || r.kind != lots.Buy && r.kind != lots.Sell && r.kind != lots.SellShort {
			continue
		}
		if contract == nil {
			near = append(near, r)
			continue
		}
		buys := (contract.ContractType == "call") == (o.Quantity.Sign() < 0)
		if securities[r.security].Ticker != contract.UnderlyingSecurityTicker || buys != (r.kind == lots.Buy) || !r.Price.Equal(contract.StrikePrice) {
			continue
		}
		near = append(near, r)
		if r.Quantity.Abs().Cmp(left) <= 0 {
			trades, left = append(trades, r), left.Sub(r.Quantity.Abs())
		}
	}
	if !left.IsZero() {
		for _, r := range near {
			r.why = unpremium
		}
		return nil
	}
	for _, r := range trades {
		r.done = true
	}
	return trades
}

// between are the rows from one day to another.
func between(rows []*row, from, to plaid.Date) []*row {
	at := func(day plaid.Date) int {
		i, _ := slices.BinarySearchFunc(rows, day, func(r *row, day plaid.Date) int { return cmp.Compare(r.Date, day) })
		return i
	}
	return rows[at(from):at(to+1)]
}

// ofKind are the rows of a kind that are not done.
func ofKind(rows []*row, kind lots.Kind) (list []*row) {
	for _, r := range rows {
		if r.kind == kind && !r.done {
			list = append(list, r)
		}
	}
	return list
}

// apart are the rows of a list that add units, those that take them, and those that do neither.
func apart(list []*row) (add, take, neither []*row) {
	for _, r := range list {
		switch r.Quantity.Sign() {
		case 1:
			add = append(add, r)
		case -1:
			take = append(take, r)
		default:
			neither = append(neither, r)
		}
	}
	return add, take, neither
}
