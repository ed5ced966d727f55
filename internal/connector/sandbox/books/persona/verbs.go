package persona

// shape is what an order of a verb must have.
type shape struct {
	security bool // it names a security or an option
	sizes    int  // how many of amount, quantity and share it has
	whole    bool // without a size it means all of the position
}

// shapeOf is the table of verbs. Their work is done in package books.
func shapeOf(do string) (shape, bool) {
	switch do {
	// Cash comes from Account, or from outside; without the cover there nothing happens.
	case "deposit":
		return shape{sizes: 1}, true
	// Like a deposit, into a retirement plan: with the employer's match, put into securities at once.
	case "contribution":
		return shape{sizes: 1}, true
	// Cash goes to Account, or outside: an amount, at most what there is, or a share of the cash.
	case "withdrawal":
		return shape{sizes: 1}, true
	// An amount, or a share of the account's value.
	case "fee":
		return shape{sizes: 1}, true
	// Units, an amount's worth, or a share of the cash; at most what the cash pays for, unless there is margin.
	case "buy":
		return shape{security: true, sizes: 1}, true
	// Units, an amount's worth, or a share of the position; at most what is held and vested.
	case "sell":
		return shape{security: true, sizes: 1, whole: true}, true
	// Opens a short position, or writes an option; not while the security is held.
	case "sell short":
		return shape{security: true, sizes: 1}, true
	// Closes a short position, or buys a written option back.
	case "buy to cover":
		return shape{security: true, sizes: 1, whole: true}, true
	// Exercises an option that is held, before its expiry; at the expiry that happens by itself.
	case "exercise":
		return shape{security: true}, true
	// Units come from another institution, with their day of purchase (Bought).
	case "transfer in":
		return shape{security: true, sizes: 1}, true
	// Units go to Account, or outside, with their lots.
	case "send":
		return shape{security: true, sizes: 1, whole: true}, true
	// Shares that vest over time.
	case "grant":
		return shape{security: true, sizes: 1}, true
	// A retirement account pays out: an amount, or a share of its value, is sold, tax kept back, the rest withdrawn.
	case "distribution":
		return shape{security: true, sizes: 1}, true
	// A staked coin earns a share of itself.
	case "reward":
		return shape{security: true, sizes: 1}, true
	default:
		return shape{}, false
	}
}

// feeSubtype are the subtypes of what an order of the verb fee charges.
func feeSubtype(s string) bool {
	switch s {
	case "account fee", "legal fee", "management fee", "transfer fee", "trust fee":
		return true
	default:
		return false
	}
}
