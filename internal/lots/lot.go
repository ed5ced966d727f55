package lots

import "weft/internal/plaid"

// Method is how the lots are chosen of which a sale takes.
type Method string

// The methods. Average is one cost for all units, of which the oldest go first.
const (
	FIFO    Method = "fifo"
	LIFO    Method = "lifo"
	HIFO    Method = "hifo"
	Average Method = "average"
)

// Methods are all of them.
var Methods = []string{string(FIFO), string(LIFO), string(HIFO), string(Average)}

// Lot is one acquisition that is still held. The quantity of a short lot is negative, and so is its cost: what was received
// for it.
type Lot struct {
	// ID is that of the event that opened it.
	ID string `json:"id"`
	// Acquired is the day of purchase, which outlasts splits, mergers and spin-offs; nil where it is not known.
	Acquired *plaid.Date   `json:"acquired,omitempty"`
	Quantity plaid.Decimal `json:"quantity"`
	// Cost is the total with fees, nil where it is not known.
	Cost *plaid.Decimal `json:"cost,omitempty"`
	// Price is what a unit of today was bought for.
	Price *plaid.Decimal `json:"price,omitempty"`
	// Why says why the cost or the day is not known.
	Why Reason `json:"why,omitempty"`

	sequence int
	bound    plaid.Date // no later than which it was acquired
}

// Closed is a part of a lot that is gone. Of a short lot the proceeds came first and the cost later.
type Closed struct {
	// Kind is that of the event: what was exercised or transferred has no proceeds, as its cost lives on elsewhere.
	Kind     Kind
	Security string
	Lot      string
	Short    bool
	Opened   *plaid.Date
	Closed   plaid.Date
	// Quantity is zero where units stayed: of a return of capital beyond the cost, and of the money that a merger paid beside
	// shares.
	Quantity       plaid.Decimal
	Cost, Proceeds *plaid.Decimal
	Why            Reason
}

// Gain is what was gained, negative for a loss; nil where it is not known, or where nothing was sold.
func (c Closed) Gain() *plaid.Decimal {
	if c.Cost == nil || c.Proceeds == nil {
		return nil
	}
	return c.Proceeds.Sub(*c.Cost).Ptr()
}

// LongTerm reports whether it was held for more than a year; nil where that is not known. What a short position brings is
// always short-term: nothing was held.
func (c Closed) LongTerm() *bool {
	if c.Short {
		return new(bool)
	}
	if c.Opened == nil {
		return nil
	}
	long := LongTerm(*c.Opened, c.Closed)
	return &long
}

// LongTerm reports whether what was acquired on one day is held for more than a year on another. The holding period begins
// on the day after the purchase.
func LongTerm(acquired, day plaid.Date) bool {
	return day >= plaid.DateOf(acquired.AddDays(1).Time().AddDate(1, 0, 0))
}
