package household

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/plaid"
)

var (
	exchange = sync.OnceValue(func() *market.Market { return market.New("test") })
	created  = plaid.MustDate("2026-10-01")
)

func people(t testing.TB) map[string]*plan.Plan {
	t.Helper()
	lib, err := Open(personas.FS)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*plan.Plan{}
	for name := range lib.names {
		if all[name], err = lib.Plan(name); err != nil {
			t.Fatal(err)
		}
		if again, err := lib.Plan(name); err != nil || again != all[name] {
			t.Errorf("%s is read twice, %v", name, err)
		}
	}
	return all
}

func TestPeople(t *testing.T) {
	all := people(t)
	for _, name := range []string{"user_transactions_dynamic", "user_ewa_user", "user_yuppie", "user_small_business", "user_prism_8"} {
		if all[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for name, p := range all {
		if p.Description == "" || p.Place.City == "" || len(p.Owners) == 0 {
			t.Errorf("%s says nothing of itself", name)
		}
		for _, a := range p.Accounts {
			if a.Mask == "" || len(a.Owners) == 0 {
				t.Errorf("%s: account %s has no mask or no owner", name, a.Key)
			}
		}
	}
	if _, err := (&Library{files: personas.FS}).Plan("nobody"); err == nil {
		t.Error("nobody has a plan")
	}
}

// audit holds a statement to the rules of the package.
func audit(p *plan.Plan, made, today plaid.Date, b connector.Batch) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	posted, held := map[string]plaid.Decimal{}, map[string]plaid.Decimal{}
	keys := map[[2]string]bool{}
	for _, row := range b.Transactions {
		place := [2]string{row.AccountKey, row.Key}
		if keys[place] {
			fault("%v is used twice", place)
		}
		keys[place] = true
		if row.Pending {
			held[row.AccountKey] = held[row.AccountKey].Add(outflow(row.Amount))
		} else {
			posted[row.AccountKey] = posted[row.AccountKey].Add(row.Amount)
		}
		if row.Date < made.AddDays(-p.Days) || row.Date > today || row.AuthorizedDate != nil && *row.AuthorizedDate > row.Date {
			fault("%v is of %s, authorized %v", place, row.Date, row.AuthorizedDate)
		}
		if strings.ContainsAny(row.Name, "?~{}") || row.Name == "" || row.Kind == "" || row.Amount.IsZero() || !row.Amount.Round(2).Equal(row.Amount) {
			fault("%v is %q (%s), %s", place, row.Name, row.Kind, row.Amount)
		}
		if row.PendingKey != "" && row.Date <= made {
			fault("%v names a pending transaction that nobody can have seen", place)
		}
		if row.Pending && row.Date < today.AddDays(-14) || (row.Kind == "CHECK") != (row.CheckNumber != "") {
			fault("%v: pending since %s, check %q", place, row.Date, row.CheckNumber)
		}
	}
	for i, a := range b.Accounts {
		data := p.Accounts[i]
		if data.Hidden {
			if a.Balances.Current != nil || a.Balances.Available != nil {
				fault("%s tells a balance", a.Key)
			}
			continue
		}
		want := data.Opening.Add(posted[a.Key])
		free := plaid.Decimal{}
		if data.Type == plaid.TypeDepository {
			want = data.Opening.Sub(posted[a.Key])
			free = want.Sub(held[a.Key])
		} else if data.Limit != nil {
			free = data.Limit.Sub(want).Sub(held[a.Key])
		}
		if !a.Balances.Current.Equal(want) {
			fault("%s has %s, its transactions make %s", a.Key, a.Balances.Current, want)
		}
		if data.Type != plaid.TypeLoan && !a.Balances.Available.Equal(free) {
			fault("%s has %s available, its transactions leave %s", a.Key, a.Balances.Available, free)
		}
		faults = append(faults, sound(data, *a.Balances.Current)...)
	}
	return faults
}

// sound checks that nobody is where no bank would have let them come: tips and fees may take a little more than was asked.
func sound(a plan.Account, current plaid.Decimal) []string {
	slack := plaid.Dec("120")
	switch {
	case a.Type == plaid.TypeDepository && current.Cmp(least(a.Floor, a.Overdraft.Neg()).Sub(slack)) < 0:
		return []string{fmt.Sprintf("%s has %s", a.Key, current)}
	case a.Type == plaid.TypeCredit && current.Cmp(a.Limit.Add(slack)) > 0, a.Type == plaid.TypeLoan && current.Sign() < 0:
		return []string{fmt.Sprintf("%s owes %s", a.Key, current)}
	}
	return nil
}

// legs checks that every movement between two accounts has both legs, the second within some days.
func legs(p *plan.Plan, today plaid.Date, b connector.Batch) (faults []string) {
	sums := map[string]plaid.Decimal{}
	for _, row := range b.Transactions {
		for i := range p.Flows {
			f := &p.Flows[i]
			if f.To != "" && strings.HasPrefix(row.Key, f.ID+"-20") && (row.AccountKey == f.Account || row.AccountKey == f.To) && row.Date < today.AddDays(-10) {
				sums[row.Key] = sums[row.Key].Add(row.Amount)
			}
		}
	}
	for key, sum := range sums {
		day := plaid.MustDate(key[len(key)-8:len(key)-4] + "-" + key[len(key)-4:len(key)-2] + "-" + key[len(key)-2:])
		if !sum.IsZero() && day < today.AddDays(-20) {
			faults = append(faults, fmt.Sprintf("%s: the legs differ by %s", key, sum))
		}
	}
	return faults
}

// grown checks that a later day only adds, and settles what was pending.
func grown(early, late connector.Batch) (faults []string) {
	rows, settled := map[[2]string]connector.Transaction{}, map[[2]string]connector.Transaction{}
	for _, row := range late.Transactions {
		rows[[2]string{row.AccountKey, row.Key}] = row
		if row.PendingKey != "" {
			settled[[2]string{row.AccountKey, row.PendingKey}] = row
		}
	}
	for _, row := range early.Transactions {
		place := [2]string{row.AccountKey, row.Key}
		now, there := rows[place]
		by, done := settled[place]
		switch {
		case there && !reflect.DeepEqual(now, row):
			faults = append(faults, fmt.Sprintf("%v changed: %+v, then %+v", place, row, now))
		case !there && (!row.Pending || !done):
			faults = append(faults, fmt.Sprintf("%v is gone", place))
		case done && (there || by.Pending || by.Amount.Cmp(row.Amount) < 0 && row.Amount.Sign() > 0):
			faults = append(faults, fmt.Sprintf("%v is settled by %+v", place, by))
		}
	}
	return faults
}

func TestTheBooksOfAll(t *testing.T) {
	all := people(t)
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		made := plaid.MustDate("2024-01-01").AddDays(rapid.IntRange(0, 2000).Draw(t, "made"))
		today := made.AddDays(rapid.IntRange(0, 800).Draw(t, "today"))
		later := today.AddDays(rapid.IntRange(0, 40).Draw(t, "later"))
		seed := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "seed")
		first := rapid.IntRange(0, len(names)-1).Draw(t, "first")
		for i := range 3 {
			name := names[(first+7*i)%len(names)]
			p := all[name]
			b := Run(exchange(), p, seed, "US", made, today)
			faults := append(audit(p, made, today, b), legs(p, today, b)...)
			faults = append(faults, grown(b, Run(exchange(), p, seed, "US", made, later))...)
			if len(faults) > 0 {
				t.Fatalf("%s, made %s, today %s, later %s:\n%s", name, made, today, later, strings.Join(faults[:min(len(faults), 8)], "\n"))
			}
			if again := Run(exchange(), p, seed, "US", made, today); i == 0 && !reflect.DeepEqual(b, again) {
				t.Fatalf("%s: the same inputs give another result", name)
			}
		}
	})
}

// TestEveryoneIsBusy: two years of history, every month, with what recurs and what waits.
func TestEveryoneIsBusy(t *testing.T) {
	for name, p := range people(t) {
		b := Run(exchange(), p, "weft", "US", created, created)
		months, pending := map[string]int{}, 0
		for _, row := range b.Transactions {
			months[row.Date.String()[:7]]++
		}
		for ahead := range 30 { // whether something waits depends on the day
			for _, row := range Run(exchange(), p, "weft", "US", created, created.AddDays(ahead)).Transactions {
				if row.Pending {
					pending++
				}
			}
		}
		if len(months) < p.Days/31 || name != "user_transactions_dynamic" && (pending == 0 || len(b.Transactions) < p.Days*9/10) {
			t.Errorf("%s: %d rows in %d months, %d pending in 30 days", name, len(b.Transactions), len(months), pending)
		}
	}
}

// TestLinkedTwice: who links on two days sees the same purchases.
func TestLinkedTwice(t *testing.T) {
	p := people(t)["user_yuppie"]
	first, second := Run(exchange(), p, "s", "US", created, created), Run(exchange(), p, "s", "US", created.AddDays(-50), created)
	have := map[string]plaid.Decimal{}
	for _, row := range first.Transactions {
		have[row.AccountKey+row.Key] = row.Amount
	}
	same, all := 0, 0
	for _, row := range second.Transactions {
		if row.Date > created.AddDays(-300) && strings.Contains(row.Key, "coffee") {
			all++
			if amount, ok := have[row.AccountKey+row.Key]; ok && amount.Equal(row.Amount) {
				same++
			}
		}
	}
	if all < 50 || same != all {
		t.Errorf("%d of %d purchases are the same", same, all)
	}
}

// TestPersonas holds what the documentation says of some people.
func TestPersonas(t *testing.T) {
	all := people(t)
	net := func(name string, accounts ...string) int64 {
		p := all[name]
		b := Run(exchange(), p, "weft", "US", created, created)
		var sum plaid.Decimal
		for i, a := range p.Accounts {
			if plaid.Known(accounts, a.Key) {
				sum = sum.Add(b.Accounts[i].Balances.Current.Sub(a.Opening))
			}
		}
		return cents(sum) / 100
	}
	if n := net("user_credit_profile_poor", "checking", "savings"); n > -5000 {
		t.Errorf("poor: %d over two years, a net loss is documented", n)
	}
	if n := net("user_credit_profile_excellent", "checking", "savings"); n < 50000 {
		t.Errorf("excellent: %d over two years, a positive cash flow is documented", n)
	}
	if n := net("user_credit_profile_good", "checking", "savings"); n < -12000 || n > 12000 {
		t.Errorf("good: %d over two years, a neutral cash flow is documented", n)
	}
	fees := 0
	for _, row := range Run(exchange(), all["user_ewa_user"], "weft", "US", created, created).Transactions {
		if strings.HasPrefix(row.Name, "OVERDRAFT") {
			fees++
		}
	}
	if fees == 0 {
		t.Error("user_ewa_user never overdraws")
	}
	if n := len(all["user_credit_joint_account"].Accounts[0].Owners); n != 2 {
		t.Errorf("the joint account has %d owners", n)
	}
}

func TestForeignBank(t *testing.T) {
	b := Run(exchange(), people(t)["user_prism_2"], "s", "CA", created, created)
	if got := *b.Accounts[0].Balances.ISOCurrencyCode; got != "CAD" || *b.Transactions[0].ISOCurrencyCode != got || b.Accounts[0].Numbers.EFT == nil {
		t.Errorf("currency %s, numbers %+v", got, b.Accounts[0].Numbers)
	}
}

// TestGolden fixes the digits of one person by their sum: no platform may give others.
func TestGolden(t *testing.T) {
	b := Run(exchange(), people(t)["user_small_business"], "weft", "US", created, created)
	var sum plaid.Decimal
	for _, row := range b.Transactions {
		sum = sum.Add(row.Amount.Abs())
	}
	if got := fmt.Sprintf("%d transactions, sum %s", len(b.Transactions), sum); got != "2037 transactions, sum 2285750.35" {
		t.Error(got)
	}
}

func TestCents(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "12": 1200, "1.5": 150, "-38.10": -3810, "0.07": 7, "99.999": 10000} {
		if got := cents(plaid.Dec(text)); got != want {
			t.Errorf("%s is %d", text, got)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for name, p := range people(b) {
		if name != "user_yuppie" && name != "user_small_business" {
			continue
		}
		b.Run(name, func(b *testing.B) {
			m := exchange()
			b.ReportAllocs()
			for b.Loop() {
				Run(m, p, "weft", "US", created, created.AddDays(365))
			}
		})
	}
}
