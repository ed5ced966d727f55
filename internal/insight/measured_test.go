package insight_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/insight"
	"weft/internal/plaid"
)

// household is a described household with what is to be found in it.
type household struct {
	Name, About string
	AsOf        plaid.Date `json:"as_of"`
	Accounts    []insight.Account
	Rows        []series
	Holdings    []insight.Holding
	Expect      []answer
}

// series is rows of one payee: on some days, or from a day on in steps of months or days.
type series struct {
	Name, Merchant, Category, Account string
	On                                []plaid.Date
	From                              plaid.Date
	Times, Months, Days               int
	Amount                            plaid.Decimal
	Amounts                           []plaid.Decimal
	Pending                           bool
}

// answer is an insight that is to be found.
type answer struct {
	Kind   insight.Kind
	About  string
	Amount plaid.Decimal
}

func (a answer) String() string {
	return fmt.Sprintf("%s of %s: %s", a.Kind, a.About, a.Amount.Round(2))
}

func (s series) days() []plaid.Date {
	if len(s.On) > 0 {
		return s.On
	}
	var days []plaid.Date
	for i := range max(s.Times, len(s.Amounts)) {
		if day := s.From.Time(); s.Months > 0 {
			month := day.Month() + time.Month(i*s.Months)
			days = append(days, min(plaid.NewDate(day.Year(), month, day.Day()), plaid.NewDate(day.Year(), month+1, 0)))
			continue
		}
		days = append(days, s.From.AddDays(i*s.Days))
	}
	return days
}

func (h household) input() insight.Input {
	in := insight.Input{AsOf: h.AsOf, Accounts: h.Accounts, Holdings: h.Holdings}
	currencies := map[string]string{}
	for _, a := range h.Accounts {
		currencies[a.ID] = a.Currency
	}
	for n, s := range h.Rows {
		if s.Account == "" {
			s.Account = h.Accounts[0].ID
		}
		for i, day := range s.days() {
			amount := s.Amount
			if len(s.Amounts) > 0 {
				amount = s.Amounts[i]
			}
			name := s.Name
			if name == "" {
				name = strings.ToUpper(s.Merchant)
			}
			in.Transactions = append(in.Transactions, insight.Transaction{ID: fmt.Sprintf("%s-%02d-%02d", h.Name, n, i), Account: s.Account,
				Currency: currencies[s.Account], Date: day, Amount: amount, Name: name, Merchant: s.Merchant, Category: s.Category, Pending: s.Pending})
		}
	}
	return in
}

// score counts what was found of what is to be found, by kind.
type score map[insight.Kind]*[3]int

const (
	right = iota
	wrong
	missed
)

func (s score) count(kind insight.Kind, what int) {
	if s[kind] == nil {
		s[kind] = &[3]int{}
	}
	s[kind][what]++
}

// add compares what was found with the answers, and tells of each difference.
func (s score) add(t *testing.T, name string, found []insight.Insight, answers []answer) {
	t.Helper()
	left := slices.Clone(answers)
	for _, i := range found {
		at := slices.IndexFunc(left, func(a answer) bool { return a.Kind == i.Kind && a.About == i.About && a.Amount.Equal(i.AmountFound) })
		if at < 0 {
			s.count(i.Kind, wrong)
			t.Logf("%s: found, and not there: %s of %s, %s: %s", name, i.Kind, i.About, i.AmountFound, i.Text)
			continue
		}
		s.count(i.Kind, right)
		left = slices.Delete(left, at, at+1)
	}
	for _, a := range left {
		s.count(a.Kind, missed)
		t.Logf("%s: not found: %s", name, a)
	}
}

// hold prints precision and recall in percent, and fails where a kind is under the floor. Each kind of a list must occur.
func (s score) hold(t *testing.T, what string, floor int, kinds []insight.Kind) {
	t.Helper()
	for _, kind := range slices.Sorted(maps.Keys(s)) {
		n := s[kind]
		precision, recall := percent(n[right], n[right]+n[wrong]), percent(n[right], n[right]+n[missed])
		t.Logf("%-12s %-32s precision %3d%%  recall %3d%%  (%d right, %d wrong, %d missed)", what, kind, precision, recall, n[right], n[wrong], n[missed])
		if precision < floor || recall < floor {
			t.Errorf("%s: %s has precision %d%% and recall %d%%, less than %d%%", what, kind, precision, recall, floor)
		}
	}
	for _, kind := range kinds {
		if s[kind] == nil {
			t.Errorf("%s: %s does not occur", what, kind)
		}
	}
}

func percent(part, whole int) int {
	if whole == 0 {
		return 100
	}
	return part * 100 / whole
}

func households(t testing.TB) (list []household) {
	t.Helper()
	content, err := os.ReadFile("testdata/households.json")
	if err == nil {
		err = json.Unmarshal(content, &list)
	}
	if err != nil || len(list) < 12 {
		t.Fatalf("%d households, %v", len(list), err)
	}
	return list
}

func TestHouseholds(t *testing.T) {
	s := score{}
	for _, h := range households(t) {
		s.add(t, h.Name, insight.Find(h.input()), h.Expect)
	}
	s.hold(t, "described", 100, insight.Kinds)
}
