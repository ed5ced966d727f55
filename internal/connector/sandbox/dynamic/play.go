package dynamic

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/household"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/plaid"
)

// How many purchases are pending at first and after each round.
const (
	atFirst = 4
	fewest  = 2
	spread  = 3
)

// recent is how many of the newest posted rows the changed one is taken from.
const recent = 12

// Play is what the bank states after all that the memory holds. Base is the statement on the day on which the connection was
// made; nothing in it is pending.
func Play(p *plan.Plan, base connector.Batch, seed string, created plaid.Date, m Memory) connector.Batch {
	b := &bank{plan: p, seed: seed, changed: map[string]plaid.Decimal{}, currency: base.Accounts[0].Balances.ISOCurrencyCode}
	posted := len(base.Transactions)
	b.rows = slices.Clone(base.Transactions)
	b.draw(created, 0, atFirst)
	round := 0
	for _, r := range m.Rounds {
		for range r.Count {
			round++
			b.play(r.Day, round)
		}
	}
	for i, s := range m.Stated {
		b.state(i, s, depository(base.Accounts))
	}
	base.Transactions = b.finish()
	base.Accounts = slices.Clone(base.Accounts)
	for i := range base.Accounts {
		b.balance(&base.Accounts[i], b.rows[posted:])
	}
	return base
}

// bank gathers what it states.
type bank struct {
	plan     *plan.Plan
	seed     string
	currency *string
	rows     []connector.Transaction // posted, in the order of their posting
	changed  map[string]plaid.Decimal
	waiting  []purchase
}

// purchase is what is pending, and what it will be.
type purchase struct {
	row     connector.Transaction
	settled plaid.Decimal
}

// number is a draw from 0 to n-1.
func (b *bank) number(round int, what string, n int) int {
	sum := sha256.Sum256([]byte(b.seed + "\x1f" + strconv.Itoa(round) + "\x1f" + what))
	return int(binary.BigEndian.Uint64(sum[:8]) % uint64(n))
}

// play is one round: one posted amount grows, what was pending is posted, and others are pending.
func (b *bank) play(day plaid.Date, round int) {
	if n := min(len(b.rows), recent); n > 0 {
		row := b.rows[len(b.rows)-1-b.number(round, "changed", n)]
		key := place(row)
		b.changed[key] = b.changed[key].Add(plaid.DecimalFromInt(1))
	}
	for _, w := range b.waiting {
		row := w.row
		row.PendingKey, row.Key = row.Key, row.Key[:len(row.Key)-len(pendingSuffix)]
		row.Pending, row.Date, row.Amount = false, max(day, row.Date), w.settled
		b.rows = append(b.rows, row)
	}
	b.waiting = b.waiting[:0]
	b.draw(day, round, fewest+b.number(round, "how many", spread))
}

const pendingSuffix = "-pending"

func place(row connector.Transaction) string { return row.AccountKey + "\x1f" + row.Key }

// draw has some purchases happen.
func (b *bank) draw(day plaid.Date, round, count int) {
	for i := range count {
		f := &b.plan.Refresh[(b.number(round, "first", len(b.plan.Refresh))+i)%len(b.plan.Refresh)]
		name := fmt.Sprintf("refresh-%d-%d", round, i+1)
		row, settled := household.Draw(f, b.plan.Place, b.seed+"\x1f"+name, day)
		row.Key, row.ISOCurrencyCode = name+pendingSuffix, b.currency
		b.waiting = append(b.waiting, purchase{row, settled})
	}
}

// state adds a transaction that a client created.
func (b *bank) state(i int, s Stated, account string) {
	b.rows = append(b.rows, connector.Transaction{
		Key: "created-" + strconv.Itoa(i+1), AccountKey: account, Date: s.Posted, AuthorizedDate: s.Transacted.Ptr(),
		Amount: s.Amount, ISOCurrencyCode: &s.Currency, Name: s.Description,
	})
}

// finish is all transactions, in the order of their dates.
func (b *bank) finish() []connector.Transaction {
	for i, row := range b.rows {
		if more, ok := b.changed[place(row)]; ok {
			b.rows[i].Amount = row.Amount.Add(more)
		}
	}
	all := slices.Clone(b.rows)
	for _, w := range b.waiting {
		all = append(all, w.row)
	}
	slices.SortStableFunc(all, func(a, b connector.Transaction) int { return int(a.Date - b.Date) })
	return all
}

// balance moves an account's balances from those of the base to what the rows since then make them.
func (b *bank) balance(a *connector.Account, since []connector.Transaction) {
	moved := plaid.Decimal{}
	for _, row := range since {
		if row.AccountKey == a.Key {
			moved = moved.Add(row.Amount)
		}
	}
	for _, row := range b.rows[:len(b.rows)-len(since)] {
		if more, ok := b.changed[place(row)]; ok && row.AccountKey == a.Key {
			moved = moved.Add(more)
		}
	}
	held := plaid.Decimal{}
	for _, w := range b.waiting {
		if w.row.AccountKey == a.Key {
			held = held.Add(w.row.Amount)
		}
	}
	current := a.Balances.Current.Sub(moved)
	free := current.Sub(held)
	if a.Type == plaid.TypeCredit {
		current = a.Balances.Current.Add(moved)
		free = a.Balances.Limit.Sub(current).Sub(held)
	}
	a.Balances.Current, a.Balances.Available = &current, &free
}

// depository is the key of the first checking account: what clients create is in that one.
func depository(accounts []connector.Account) string {
	i := slices.IndexFunc(accounts, func(a connector.Account) bool { return *a.Subtype == "checking" })
	return accounts[max(i, 0)].Key
}
