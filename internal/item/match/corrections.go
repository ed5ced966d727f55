package match

import (
	"cmp"
	"iter"
	"slices"
	"strconv"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/plaid"
)

// Row is a row of an account's log that a correction may mean.
type Row struct {
	Account   string        `json:"-"`
	Reference string        `json:"-"`
	Key       string        `json:"key"`
	Date      plaid.Date    `json:"date"`
	Amount    plaid.Decimal `json:"amount"`
	Content   string        `json:"content"`
	// Text is whatever its owner needs to bring it back.
	Text string `json:"text"`
}

// Correction is what a bank takes back: the row with a reference.
type Correction struct {
	Account   string `json:"-"`
	Reference string `json:"-"`
	// ReplacedBy is the key of the row that takes its place, empty where it is deleted; Date and Amount are that row's.
	ReplacedBy string        `json:"-"`
	Date       plaid.Date    `json:"date"`
	Amount     plaid.Decimal `json:"amount"`
	// Until is the last day that the bank can have meant. A reference may be used again, for a row that was not there yet.
	Until plaid.Date `json:"until"`
	// Took is the row that was meant, nil while it is not known.
	Took *Row `json:"took,omitempty"`
}

// place is what tells corrections apart.
type place struct{ account, reference, replacedBy string }

func (c *Correction) place() place { return place{c.Account, c.Reference, c.ReplacedBy} }

// rowID is a row by its account and key, or all rows of an account with a reference.
type rowID [2]string

// Corrections are all that a bank has corrected in an Item's log. What they take back follows from the rows that were ever
// stated and from nothing else, so it is the same in whatever order the bank's answers come.
type Corrections struct {
	itemKey, kind string
	all           map[place]*Correction
	stored        map[place]string
	stated        map[place]bool // in this answer
	references    map[rowID][]*Correction
	replacements  map[rowID]bool
	taken         map[rowID]*Correction
	ids           map[string]bool // of known rows, once they were needed
}

func newCorrections(itemKey, kind string) *Corrections {
	return &Corrections{
		itemKey: itemKey, kind: kind, all: map[place]*Correction{}, stored: map[place]string{}, stated: map[place]bool{},
		references: map[rowID][]*Correction{}, replacements: map[rowID]bool{}, taken: map[rowID]*Correction{},
	}
}

func (c *Corrections) add(one *Correction) {
	c.all[one.place()] = one
	at := rowID{one.Account, one.Reference}
	c.references[at] = append(c.references[at], one)
	if one.ReplacedBy != "" {
		c.replacements[rowID{one.Account, one.ReplacedBy}] = true
	}
}

const (
	// mostOfOne is how many rows of an account may have one reference; a bank that has more of one says nothing with it.
	mostOfOne = 1000
	// longestChain is how often a row may be replaced.
	longestChain = 100
	// slack is how many days behind its own end a statement may correct something: it may be of less than there is.
	slack = 30
)

// lastDay is the bound of an answer that says nothing of the days it is of, and the last day that can be written.
var lastDay = plaid.NewDate(9999, 12, 31)

// Learn takes the corrections of an answer, whose rows it is given. A replacement that is none of these rows belongs to
// another log.
func (c *Corrections) Learn(batch connector.Batch, accountIDs map[string]string, rows iter.Seq[Row]) {
	if len(batch.Corrections) == 0 {
		return
	}
	wanted := map[rowID]*Row{}
	for _, one := range batch.Corrections {
		wanted[rowID{accountIDs[one.AccountKey], one.ReplacedBy}] = nil
	}
	until := lastDays(batch, accountIDs)
	for row := range rows {
		until[row.Account] = max(until[row.Account], row.Date.AddDays(slack))
		if _, ok := wanted[rowID{row.Account, row.Key}]; ok {
			found := row
			wanted[rowID{row.Account, row.Key}] = &found
		}
	}
	for _, one := range batch.Corrections {
		account := accountIDs[one.AccountKey]
		last := min(until[account], lastDay)
		by := wanted[rowID{account, one.ReplacedBy}]
		if account == "" || one.Reference == "" || by == nil && one.ReplacedBy != "" {
			continue
		}
		at := place{account, one.Reference, one.ReplacedBy}
		c.stated[at] = true
		known, ok := c.all[at]
		if !ok {
			known = &Correction{Account: account, Reference: one.Reference, ReplacedBy: one.ReplacedBy, Until: last}
			if by != nil {
				known.Date, known.Amount = by.Date, by.Amount
			}
			c.add(known)
		}
		known.Until = min(known.Until, last)
	}
}

// lastDays are the last days that an answer can mean, by account.
func lastDays(batch connector.Batch, accountIDs map[string]string) map[string]plaid.Date {
	until := map[string]plaid.Date{}
	for _, a := range batch.Accounts {
		day := plaid.DateOf(a.AsOf)
		if a.History != nil {
			day = max(day, a.History.To)
		}
		if day <= 0 && a.History == nil { // no moment is known
			day = lastDay
		}
		until[accountIDs[a.Key]] = day.AddDays(slack)
	}
	return until
}

// None reports whether nothing was ever corrected.
func (c *Corrections) None() bool { return len(c.all) == 0 }

// NewID is the id of a new row, derived from parts. Where a known row has it, which has taken the place of another before, it is
// another.
func (c *Corrections) NewID(known iter.Seq[string], parts ...string) string {
	id := ident.Derive(parts...)
	if c.None() {
		return id
	}
	if c.ids == nil {
		c.ids = map[string]bool{}
		for of := range known {
			c.ids[of] = true
		}
	}
	for n := 2; c.ids[id]; n++ {
		id = ident.Derive(append(slices.Clone(parts), strconv.Itoa(n))...)
	}
	return id
}

// Names reports whether a correction names a reference, so that the rows which have it must be settled.
func (c *Corrections) Names(account, reference string) bool {
	return reference != "" && len(c.references[rowID{account, reference}]) > 0
}

// Replacement reports whether a row takes another one's place.
func (c *Corrections) Replacement(account, key string) bool {
	return c.replacements[rowID{account, key}]
}

// Outdated reports whether a row of this answer reads as it did before it was corrected under its own key and reference:
// an earlier file's statement of it.
func (c *Corrections) Outdated(account, key, reference string) bool {
	at := place{account, reference, key}
	return c.all[at] != nil && !c.stated[at]
}

// TakenBack reports whether a row was taken back.
func (c *Corrections) TakenBack(account, key string) bool { return c.taken[rowID{account, key}] != nil }

// Heir is the key of the row that has taken a row's place in the end, empty where it is deleted.
func (c *Corrections) Heir(account, key string) string {
	for by := c.taken[rowID{account, key}]; by != nil; by = c.taken[rowID{account, key}] {
		key = by.ReplacedBy
	}
	return key
}

// Taken are the rows that are taken back, by account and key, in a stable order.
func (c *Corrections) Taken() [][2]string {
	all := make([][2]string, 0, len(c.taken))
	for id := range c.taken {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return all
}

// Settle finds what the corrections mean among the rows that have a reference which they name, and returns the rows that
// were taken for meant before and are not any more. Of several rows with the reference a replacement means the one nearest
// to it in date, then in amount. A deletion says nothing of the row but its reference: where rows that differ have it, none is
// taken back, for a wrong row too many can be seen, and a right one that is gone cannot.
func (c *Corrections) Settle(rows []Row) (restored []Row) {
	groups, given := map[rowID][]Row{}, map[rowID]bool{}
	for _, r := range rows {
		groups[rowID{r.Account, r.Reference}] = append(groups[rowID{r.Account, r.Reference}], r)
		given[rowID{r.Account, r.Key}] = true
	}
	ordered := make([]*Correction, 0, len(c.all))
	before := map[rowID]*Row{}
	for _, one := range c.all {
		ordered = append(ordered, one)
		if one.Took == nil {
			continue
		}
		id := rowID{one.Account, one.Took.Key}
		before[id] = one.Took
		if !given[id] {
			groups[rowID{one.Account, one.Reference}] = append(groups[rowID{one.Account, one.Reference}], *one.Took)
		}
	}
	slices.SortFunc(ordered, inOrder)
	for _, one := range ordered {
		one.Took = nil
		row, ok := c.meant(one, groups[rowID{one.Account, one.Reference}])
		if !ok {
			continue
		}
		if old := before[rowID{row.Account, row.Key}]; old != nil {
			row = *old
		}
		one.Took = &row
		c.taken[rowID{row.Account, row.Key}] = one
	}
	for id, row := range before {
		if c.taken[id] == nil {
			restored = append(restored, *row)
		}
	}
	slices.SortFunc(restored, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Key, b.Key)) })
	return restored
}

// inOrder puts replacements before deletions: what a deletion means is among what is left.
func inOrder(a, b *Correction) int {
	deletes := func(c *Correction) int {
		if c.ReplacedBy == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(deletes(a), deletes(b)), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Reference, b.Reference),
		cmp.Compare(a.Date, b.Date), cmp.Compare(a.ReplacedBy, b.ReplacedBy))
}

// meant is the row that a correction means, if that can be told.
func (c *Corrections) meant(one *Correction, rows []Row) (best Row, found bool) {
	if len(rows) > mostOfOne || len(c.references[rowID{one.Account, one.Reference}]) > mostOfOne {
		return Row{}, false
	}
	for _, r := range rows {
		switch {
		case r.Date > one.Until || c.TakenBack(r.Account, r.Key):
		case one.ReplacedBy == "":
			if found && (r.Date != best.Date || r.Content != best.Content || r.Amount.Cmp(best.Amount) != 0) {
				return Row{}, false
			}
			if !found || r.Key < best.Key {
				best, found = r, true
			}
		case c.all[place{r.Account, r.Reference, r.Key}] != nil || c.follows(r, one.ReplacedBy):
			// It is itself a correction of this reference, or has in the end taken the place of what would replace it.
		case !found || nearer(one, r, best):
			best, found = r, true
		}
	}
	return best, found
}

func nearer(to *Correction, a, b Row) bool {
	days := func(r Row) plaid.Date { return max(r.Date-to.Date, to.Date-r.Date) }
	off := func(r Row) plaid.Decimal { return r.Amount.Sub(to.Amount).Abs() }
	return cmp.Or(cmp.Compare(days(a), days(b)), off(a).Cmp(off(b)), cmp.Compare(a.Key, b.Key)) < 0
}

// follows reports whether a row is the one with a key or replaces it, over whatever others.
func (c *Corrections) follows(r Row, key string) bool {
	for range longestChain {
		if key == r.Key {
			return true
		}
		by := c.taken[rowID{r.Account, key}]
		if by == nil || by.ReplacedBy == "" {
			return false
		}
		key = by.ReplacedBy
	}
	return true
}
