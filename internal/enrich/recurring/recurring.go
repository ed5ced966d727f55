package recurring

import (
	"cmp"
	"slices"
	"strings"

	"weft/internal/enrich/words"
	"weft/internal/ident"
	"weft/internal/plaid"
)

// Frequency is how often a stream comes, in Plaid's words.
type Frequency string

// The frequencies.
const (
	Weekly      Frequency = "WEEKLY"
	Biweekly    Frequency = "BIWEEKLY"
	SemiMonthly Frequency = "SEMI_MONTHLY"
	Monthly     Frequency = "MONTHLY"
	Annually    Frequency = "ANNUALLY"
	Unknown     Frequency = "UNKNOWN"
)

// Status is how far a stream has come, in Plaid's words.
type Status string

// The statuses.
const (
	Mature         Status = "MATURE"
	EarlyDetection Status = "EARLY_DETECTION"
	Tombstoned     Status = "TOMBSTONED"
)

// Row is a posted transaction.
type Row struct {
	ID   string
	Date plaid.Date
	// Amount has Plaid's sign: positive is money out.
	Amount plaid.Decimal
	// Name is the description; Merchant is "" where unknown; Category is a detailed personal finance category of any version.
	Name, Merchant, Category string
}

// Stream is a payment that comes again.
type Stream struct {
	ID string
	// Description and Category are those of the last row, Merchant is "" where unknown.
	Description, Merchant, Category string
	Frequency                       Frequency
	Status                          Status
	// Active: the next payment is not overdue.
	Active              bool
	FirstDate, LastDate plaid.Date
	// Next is the predicted date of the next payment, nil where the stream has ended.
	Next *plaid.Date
	// TransactionIDs are the rows, the oldest first.
	TransactionIDs []string
	// AverageAmount is rounded to the digits of the amounts, two at least.
	AverageAmount, LastAmount plaid.Decimal
}

// Streams are the streams of an account, each list by first date.
type Streams struct{ Inflow, Outflow []Stream }

// Find finds the streams in an account's rows, as of a day. The order of the rows does not matter.
func Find(account string, rows []Row, today plaid.Date) (out Streams) {
	type key struct {
		who    string
		inflow bool
	}
	groups := map[key][]Row{}
	for _, r := range rows {
		if who := payee(r); who != "" && !r.Amount.IsZero() {
			k := key{who, r.Amount.Sign() < 0}
			groups[k] = append(groups[k], r)
		}
	}
	for k, group := range groups {
		slices.SortFunc(group, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Date, b.Date), strings.Compare(a.ID, b.ID)) })
		for _, found := range streamsOf(group) {
			s := found.stream(today)
			if direction := "outflow"; !k.inflow {
				s.ID = ident.Derive("stream", account, k.who, direction, s.TransactionIDs[0])
				out.Outflow = append(out.Outflow, s)
				continue
			}
			s.ID = ident.Derive("stream", account, k.who, "inflow", s.TransactionIDs[0])
			out.Inflow = append(out.Inflow, s)
		}
	}
	byFirst := func(a, b Stream) int {
		return cmp.Or(cmp.Compare(a.FirstDate, b.FirstDate), strings.Compare(a.ID, b.ID))
	}
	slices.SortFunc(out.Inflow, byFirst)
	slices.SortFunc(out.Outflow, byFirst)
	return out
}

// payee is what rows that may belong together have in common: the merchant, or the words of the name that have no digits.
func payee(r Row) string {
	if r.Merchant != "" {
		return strings.ToLower(r.Merchant)
	}
	var kept []string
	for _, w := range words.Cut(words.Bounded(r.Name)) {
		if !w.Digit && strings.Trim(w.Text, "x") != "" {
			kept = append(kept, w.Text)
		}
	}
	return strings.Join(kept, " ")
}

// found is rows with the rhythm that they fit.
type found struct {
	rows []Row
	fit
}

func (f found) stream(today plaid.Date) Stream {
	last := f.rows[len(f.rows)-1]
	s := Stream{Description: last.Name, Merchant: last.Merchant, Category: last.Category, Frequency: f.frequency,
		Status: Mature, Active: true, FirstDate: f.rows[0].Date, LastDate: last.Date, LastAmount: last.Amount}
	if len(f.rows) < 3 {
		s.Status = EarlyDetection
	}
	sum, places := plaid.DecimalFromInt(0), int32(2)
	for _, r := range f.rows {
		s.TransactionIDs = append(s.TransactionIDs, r.ID)
		sum = sum.Add(r.Amount)
		if _, digits, ok := strings.Cut(r.Amount.String(), "."); ok {
			places = max(places, int32(len(digits)))
		}
	}
	s.AverageAmount = sum.Div(plaid.DecimalFromInt(int64(len(f.rows))), places)
	if next := f.next(last.Date); today > next.AddDays(f.patience()) {
		s.Status, s.Active = Tombstoned, false
	} else {
		s.Next = next.Ptr()
	}
	return s
}
