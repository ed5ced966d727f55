package lots

import "weft/internal/plaid"

// Kind is what an event does.
type Kind string

// The kinds of events. A buy is also a reinvestment of income: what was paid out is the cost.
const (
	// Opening is what was held before the first event that is known: units without day and cost. Its quantity has the sign of
	// the position.
	Opening Kind = "opening"
	// Buy adds units, or closes a short position where nothing is held.
	Buy Kind = "buy"
	// Sell takes units.
	Sell Kind = "sell"
	// SellShort opens a short position, or writes an option.
	SellShort Kind = "sell short"
	// Cover closes a short position.
	Cover Kind = "cover"
	// Split changes the units of all lots and the cost of none. It is also a stock dividend of the same stock. Its quantity is
	// the change of the whole position, or zero where New and Old say the ratio.
	Split Kind = "split"
	// Merger exchanges Quantity units for Units of Into, for Amount of money, or for both.
	Merger Kind = "merger"
	// SpinOff adds Units of Into to those who hold the security.
	SpinOff Kind = "spin off"
	// ReturnOfCapital pays back a part of the cost: Amount in all.
	ReturnOfCapital Kind = "return of capital"
	// TransferIn brings units from elsewhere, with their cost and their day where they are known.
	TransferIn Kind = "transfer in"
	// TransferOut takes units elsewhere, with their cost.
	TransferOut Kind = "transfer out"
	// Exercise closes an option into its Trades, also where its writer is assigned. Its quantity is the change of the position:
	// negative for options that were held, positive for those that were written.
	Exercise Kind = "exercise"
	// Expire closes an option into nothing; the sign of its quantity is that of Exercise.
	Expire Kind = "expire"
)

// Reason says why a cost or a day is not known. It is empty where both are.
type Reason string

// The reasons.
const (
	Before        Reason = "it was held before the first known transaction"
	Uncosted      Reason = "a transaction does not say what was paid or received"
	Transferred   Reason = "it was transferred in without its cost"
	Oversold      Reason = "more was taken away than is known to have come"
	Undivided     Reason = "a spin-off does not say how the cost is divided"
	Unvalued      Reason = "a merger paid money and shares, and its tax treatment is not stated"
	Unordered     Reason = "which lots were sold cannot be told, as the method needs what is not known of one of them"
	Unfound       Reason = "the lots that were sold were named, and are not known"
	NoSharesForIt Reason = "shares were distributed to a holding that is not known"
)

// Pick names a part of a sale: by the lot's name, or by its day.
type Pick struct {
	Lot      string
	Acquired *plaid.Date
	Quantity plaid.Decimal
}

// Event is one thing that happens to the holdings of an account. Quantities and amounts are positive unless their kind says
// otherwise. Amount is the money paid or received in all: with the fees that were paid, less those that were taken off; nil
// where it is not known, and then Why says why.
type Event struct {
	// ID is the name of the lot that the event opens.
	ID       string
	Date     plaid.Date
	Kind     Kind
	Security string
	Quantity plaid.Decimal
	Amount   *plaid.Decimal
	// Price is that of a unit.
	Price *plaid.Decimal
	Why   Reason
	// Acquired is the day of purchase of what is transferred in.
	Acquired *plaid.Date
	// Picks are the lots that are sold, where they were named; of what is left of the quantity the method decides.
	Picks []Pick
	// New units stand for each Old ones after a split without a quantity.
	New, Old plaid.Decimal
	Into     string
	Units    plaid.Decimal
	// Value is what the units of a merger that also paid money were worth in all.
	Value *plaid.Decimal
	// Share is the part of the cost that goes to what was spun off, between 0 and 1.
	Share *plaid.Decimal
	// Trades are the purchases and sales at the strike price by which an option was exercised.
	Trades []Event
}
