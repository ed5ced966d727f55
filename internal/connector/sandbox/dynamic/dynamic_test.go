package dynamic

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/household"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/plaid"
)

var created = plaid.MustDate("2026-10-01")

type world struct {
	plan *plan.Plan
	base connector.Batch
}

func user(t testing.TB) world {
	t.Helper()
	lib, err := household.Open(personas.FS)
	if err != nil {
		t.Fatal(err)
	}
	p, err := lib.Plan("user_transactions_dynamic")
	if err != nil {
		t.Fatal(err)
	}
	return world{p, household.Run(market.New("test"), p, "test", "US", created, created)}
}

func (w world) state(m Memory) connector.Batch { return Play(w.plan, w.base, "seed", created, m) }

// fold is a reader who keeps what the answers tell.
type fold struct {
	rows map[string]connector.Transaction
	// settled are the pending rows that were posted, by whom; pendings all that were ever seen.
	settled  map[string]string
	pendings map[string]bool
}

// read takes an answer and says what was new, changed and gone.
func (f *fold) read(t interface{ Fatalf(string, ...any) }, b connector.Batch) (added, modified, removed []connector.Transaction) {
	now := map[string]connector.Transaction{}
	for _, row := range b.Transactions {
		key := place(row)
		if _, twice := now[key]; twice {
			t.Fatalf("%q is stated twice", key)
		}
		now[key] = row
		old, known := f.rows[key]
		switch {
		case !known:
			added = append(added, row)
		case !reflect.DeepEqual(old, row):
			modified = append(modified, row)
		}
		if row.Pending {
			f.pendings[key] = true
		}
		if row.PendingKey == "" {
			continue
		}
		of := row.AccountKey + "\x1f" + row.PendingKey
		if by := f.settled[of]; by != "" && by != key || !f.pendings[of] {
			t.Fatalf("%q settles %q, which %q has settled, or nobody saw", key, of, by)
		}
		f.settled[of] = key
	}
	for key, row := range f.rows {
		if _, there := now[key]; !there {
			removed = append(removed, row)
		}
	}
	f.rows = now
	return added, modified, removed
}

func newFold() *fold {
	return &fold{rows: map[string]connector.Transaction{}, settled: map[string]string{}, pendings: map[string]bool{}}
}

func TestFirstAnswer(t *testing.T) {
	w := user(t)
	b := w.state(Memory{Version: 1})
	pending, recurring := 0, map[string]int{}
	for _, row := range b.Transactions {
		recurring[row.Name]++
		if row.Pending {
			pending++
		}
	}
	if n := len(b.Transactions); n < 45 || n > 60 || pending != atFirst {
		t.Errorf("%d transactions, %d pending: about 50 are documented", n, pending)
	}
	if len(b.Accounts) != 2 || recurring["NETFLIX.COM NETFLIX.COM CA"] < 6 || recurring["LAKESHORE APARTMENTS WEB PMTS ??????"] > 0 {
		t.Errorf("%d accounts, recurring: %v", len(b.Accounts), recurring)
	}
	if !reflect.DeepEqual(b, w.state(Memory{Version: 1})) {
		t.Error("the same memory gives another answer")
	}
	if other := Play(w.plan, w.base, "other", created, Memory{Version: 1}); reflect.DeepEqual(b, other) {
		t.Error("two connections have the same purchases")
	}
}

// TestRounds reads twenty answers: each posts what was pending, brings new pendings and changes one amount by 1.00.
func TestRounds(t *testing.T) {
	w := user(t)
	rapid.Check(t, func(t *rapid.T) {
		f, m, day, tips := newFold(), Memory{Version: 1}, created, 0
		f.read(t, w.state(m))
		for round := range 20 {
			day = day.AddDays(rapid.IntRange(0, 3).Draw(t, "days"))
			before := f.rows
			var waiting []string
			for key, row := range before {
				if row.Pending {
					waiting = append(waiting, key)
				}
			}
			m = m.Ask(day)
			b := w.state(m)
			added, modified, removed := f.read(t, b)
			posted, pending := 0, 0
			for _, row := range added {
				if row.Pending {
					pending++
				} else {
					posted++
					was := before[row.AccountKey+"\x1f"+row.PendingKey]
					if row.Date != day && row.Date != was.Date || *row.AuthorizedDate != was.Date || row.Amount.Cmp(was.Amount) < 0 || row.Name != was.Name {
						t.Fatalf("round %d: %+v was posted as %+v", round, was, row)
					}
					if !row.Amount.Equal(was.Amount) {
						tips++
					}
				}
			}
			if posted != len(waiting) || len(removed) != len(waiting) || pending < fewest || pending >= fewest+spread {
				t.Fatalf("round %d: %d of %d posted, %d removed, %d pending", round, posted, len(waiting), len(removed), pending)
			}
			if len(modified) != 1 || !modified[0].Amount.Sub(before[place(modified[0])].Amount).Equal(plaid.DecimalFromInt(1)) {
				t.Fatalf("round %d: %d changed: %+v", round, len(modified), modified)
			}
			balanced(t, w, b)
		}
		if tips == 0 {
			t.Fatalf("nobody tips")
		}
	})
}

// balanced checks that the balances are what the transactions make them.
func balanced(t interface{ Fatalf(string, ...any) }, w world, b connector.Batch) {
	for i, a := range b.Accounts {
		posted, held := plaid.Decimal{}, plaid.Decimal{}
		for _, row := range b.Transactions {
			switch {
			case row.AccountKey != a.Key:
			case row.Pending:
				held = held.Add(row.Amount)
			default:
				posted = posted.Add(row.Amount)
			}
		}
		current := w.plan.Accounts[i].Opening.Sub(posted)
		free := current.Sub(held)
		if a.Type == plaid.TypeCredit {
			current = w.plan.Accounts[i].Opening.Add(posted)
			free = a.Balances.Limit.Sub(current).Sub(held)
		}
		if !a.Balances.Current.Equal(current) || !a.Balances.Available.Equal(free) {
			t.Fatalf("%s: %s and %s available, its transactions make %s and %s", a.Key, a.Balances.Current, a.Balances.Available, current, free)
		}
	}
}

func TestCreate(t *testing.T) {
	w := user(t)
	one := connector.SimulatedTransaction{Transacted: created.AddDays(-2), Posted: created, Amount: plaid.Dec("-12.340"), Description: "Übertrag"}
	m, err := Memory{Version: 1}.Create(created, []connector.SimulatedTransaction{one, {Transacted: created, Posted: created, Amount: plaid.Dec("5"), Description: "X", ISOCurrencyCode: "EUR"}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := m.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = ReadMemory(text); err != nil {
		t.Fatal(err)
	}
	b := w.state(m)
	var found []string
	for _, row := range b.Transactions {
		if strings.HasPrefix(row.Key, "created-") {
			found = append(found, fmt.Sprint(row.Key, " ", row.AccountKey, " ", row.Date, " ", *row.AuthorizedDate, " ", row.Amount, " ", row.Name, " ", *row.ISOCurrencyCode, " ", row.Pending))
		}
	}
	if got := strings.Join(found, "; "); got != "created-1 checking 2026-10-01 2026-09-29 -12.340 Übertrag USD false; created-2 checking 2026-10-01 2026-10-01 5 X EUR false" {
		t.Error(got)
	}
	balanced(t, w, b)
	f := newFold()
	f.read(t, b)
	if _, _, removed := f.read(t, w.state(m.Ask(created.AddDays(1)))); len(removed) != atFirst {
		t.Errorf("what was created goes with the next round: %v", removed)
	}
}

func TestCreateRefuses(t *testing.T) {
	good := connector.SimulatedTransaction{Transacted: created, Posted: created, Amount: plaid.Dec("1"), Description: "x"}
	with := func(change func(*connector.SimulatedTransaction)) []connector.SimulatedTransaction {
		bad := good
		change(&bad)
		return []connector.SimulatedTransaction{good, bad}
	}
	const dates = "Transaction and posted dates must be within the last 14 days. The posted date cannot be before the transaction date."
	eleven := make([]connector.SimulatedTransaction, 11)
	for _, c := range []struct {
		list []connector.SimulatedTransaction
		want string
	}{
		{nil, "transactions must not be empty"},
		{eleven, "The request contains too many transactions."},
		{with(func(s *connector.SimulatedTransaction) { s.Posted++ }), dates},
		{with(func(s *connector.SimulatedTransaction) { s.Transacted, s.Posted = s.Transacted+1, s.Posted+1 }), dates},
		{with(func(s *connector.SimulatedTransaction) { s.Transacted -= 15 }), dates},
		{with(func(s *connector.SimulatedTransaction) { s.Posted-- }), dates},
		{with(func(s *connector.SimulatedTransaction) { s.Description = "" }), "transactions[1].description"},
		{with(func(s *connector.SimulatedTransaction) { s.Description = strings.Repeat("x", 256) }), "transactions[1].description"},
		{with(func(s *connector.SimulatedTransaction) { s.Description = "a\x00" }), "transactions[1].description"},
		{with(func(s *connector.SimulatedTransaction) { s.ISOCurrencyCode = "usd" }), "transactions[1].iso_currency_code"},
		{with(func(s *connector.SimulatedTransaction) { s.Amount = plaid.Dec("1e40").Mul(plaid.Dec("1e40")) }), "transactions[1].amount"},
	} {
		_, err := Memory{Version: 1}.Create(created, c.list)
		if failed, ok := errors.AsType[*plaid.Error](err); !ok || failed.Code != "INVALID_FIELD" || !strings.Contains(failed.Message, c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := (Memory{Version: 1}).Create(created, with(func(s *connector.SimulatedTransaction) { s.Transacted -= 14 })); err != nil {
		t.Errorf("14 days back: %v", err)
	}
}

// TestMemoryIsBounded: no client makes it grow without end, and a client's requests beyond the bound change nothing.
func TestMemoryIsBounded(t *testing.T) {
	w, m := user(t), Memory{Version: 1}
	for i := range 1500 {
		m = m.Ask(created.AddDays(i / 2))
	}
	ten := make([]connector.SimulatedTransaction, 10)
	for i := range ten {
		ten[i] = connector.SimulatedTransaction{Transacted: created, Posted: created, Description: strings.Repeat("d", 255), Amount: plaid.Dec("1")}
	}
	var err error
	for range 50 {
		if m, err = m.Create(created, ten); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = m.Create(created, ten); err == nil {
		t.Error("more than the most were created")
	}
	text, err := m.JSON()
	if err != nil || len(text) > 256<<10 || m.asked() != mostRounds {
		t.Errorf("%d bytes, asked %d times, %v", len(text), m.asked(), err)
	}
	if !reflect.DeepEqual(w.state(m), w.state(m.Ask(created.AddDays(900)))) {
		t.Error("something happened beyond the bound")
	}
}

func TestMemory(t *testing.T) {
	if m, err := ReadMemory(nil); err != nil || m.asked() != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	for _, text := range []string{`{"version": 2}`, `{`, `[]`} {
		if _, err := ReadMemory([]byte(text)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	m := Memory{Version: 1}.Ask(created).Ask(created.AddDays(-3)).Ask(created.AddDays(1))
	if text, err := m.JSON(); err != nil || string(text) != `{"version":1,"rounds":[{"day":"2026-10-01","count":2},{"day":"2026-10-02","count":1}]}` {
		t.Errorf("%s, %v", text, err)
	}
	shared := Memory{Version: 1}.Ask(created)
	if a, b := shared.Ask(created), shared.Ask(created.AddDays(1)); shared.asked() != 1 || a.asked() != 2 || b.asked() != 2 {
		t.Error("a memory changed when another was made of it")
	}
}

func BenchmarkPlay(b *testing.B) {
	w, m := user(b), Memory{Version: 1}
	for i := range mostRounds {
		m = m.Ask(created.AddDays(i))
	}
	for b.Loop() {
		w.state(m)
	}
}
