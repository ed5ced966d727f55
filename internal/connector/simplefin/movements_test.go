package simplefin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/plaid"
)

// pendingAt is a pending movement that happened on a day, or nobody says when.
func pendingAt(id, day string) row {
	r := row{"id": id, "posted": int64(0), "amount": "-40.00", "description": "Hotel"}
	if day != "" {
		r["transacted_at"] = at(day)
	}
	return r
}

// days are a batch's declared windows, or nothing.
func days(w *connector.Window) string {
	if w == nil {
		return "-"
	}
	return w.From.String() + " " + w.To.String()
}

// logOf is a batch's transactions by key and day.
func logOf(b connector.Batch) string {
	var list []string
	for _, t := range b.Transactions {
		list = append(list, t.Key+" "+t.Date.String())
	}
	return strings.Join(list, ", ")
}

// follower fetches one bank day by day, each time with the memory of the last.
type follower struct {
	*bank
	conn connector.Connection
}

func follow(b *bank) *follower { return &follower{b, b.connection("sfin_c_CON-1", nil)} }

func (f *follower) fetch(day, history string, products ...string) connector.Batch {
	f.t.Helper()
	batch, err := f.connector().Fetch(f.t.Context(), f.conn, wantAt(day, history, products...))
	if err != nil {
		f.t.Fatal(err)
	}
	f.conn.Memory = batch.Memory
	return batch
}

// bankAndBroker is an institution with an account of each sort.
func bankAndBroker(t testing.TB) *bank {
	b := newBank(t)
	b.conns = []any{connAt("CON-1", "One")}
	broker := accountAt("CON-1", "B", "Brokerage", "100.00", posted("b", "2026-09-25", "-1.00", "Dividend"))
	broker["holdings"] = []any{map[string]any{"id": "H", "symbol": "VOO", "shares": "1", "market_value": "100", "description": "Vanguard S&P 500 ETF"}}
	b.accounts = []map[string]any{accountAt("CON-1", "A", "Checking", "1.00", posted("a", "2026-09-25", "-1.00", "Coffee")), broker}
	return b
}

// TestTransactionHistory: a window is declared where the answer is the whole of it, and each trap keeps it from being declared.
func TestTransactionHistory(t *testing.T) {
	const both = "2026-09-19 2026-10-03"
	add := func(account int, r row) func(*bank) {
		return func(b *bank) {
			rows, _ := b.accounts[account]["transactions"].([]row)
			b.accounts[account]["transactions"] = append(append([]row{}, rows...), r)
		}
	}
	// raw is for rows that the fake server would not send for these days.
	raw := func(account int, more ...any) func(*bank) {
		return func(b *bank) { b.accounts[account]["transactions"] = append([]any{}, more...) }
	}
	problem := func(p map[string]any) func(*bank) { return func(b *bank) { b.problems = []any{p} } }
	list := func(account int, to any) func(*bank) {
		return func(b *bank) {
			body := map[string]any{"errlist": []any{}, "connections": b.conns}
			accounts := []any{}
			for i, a := range b.accounts {
				if i == account {
					copied := map[string]any{"conn_id": "CON-1", "id": a["id"], "name": a["name"], "currency": "USD", "balance": "1.00", "holdings": a["holdings"]}
					if to != "none" {
						copied["transactions"] = to
					}
					a = copied
				}
				accounts = append(accounts, a)
			}
			body["accounts"] = accounts
			text, _ := json.Marshal(body)
			b.next = []http.HandlerFunc{reply(200, string(text))}
		}
	}
	for name, c := range map[string]struct {
		change                func(*bank)
		transactions, invests string
		told                  string
	}{
		"all well":                {func(*bank) {}, both, both, "a 2026-09-25"},
		"no rows at all":          {raw(0), both, both, ""},
		"a pending row":           {add(0, pendingAt("p", "2026-09-20")), both, both, "p 2026-09-20, a 2026-09-25"},
		"a pending row of no day": {add(0, pendingAt("p", "")), both, both, "a 2026-09-25, p 2026-10-03"},
		"unreadable row":          {add(0, row{"id": "x", "posted": at("2026-09-25"), "amount": "NaN"}), "-", both, "a 2026-09-25"},
		"unreadable movement":     {add(1, row{"id": "x", "posted": at("2026-09-25"), "amount": "NaN"}), both, "-", "a 2026-09-25"},
		"unreadable balance":      {func(b *bank) { b.accounts[0]["available-balance"] = "NaN" }, "-", both, "a 2026-09-25"},
		"an id that is used twice": {raw(0, posted("a", "2026-09-25", "-1.00", "Coffee"), posted("a", "2026-09-26", "-1.00", "Coffee")),
			"-", both, "a 2026-09-25"},
		"unreadable account":      {func(b *bank) { b.accounts = append(b.accounts, map[string]any{"conn_id": "CON-1", "id": "C"}) }, "-", "-", "a 2026-09-25"},
		"trouble of the account":  {problem(map[string]any{"code": "act.missingdata", "msg": "Some.", "account_id": "A"}), "-", "-", "a 2026-09-25"},
		"trouble of the bank":     {problem(map[string]any{"code": "con.other", "msg": "Some.", "conn_id": "CON-1"}), "-", "-", "a 2026-09-25"},
		"trouble of nobody":       {problem(map[string]any{"msg": "Some."}), "-", "-", "a 2026-09-25"},
		"lost positions":          {func(b *bank) { b.accounts[1]["holdings"] = []any{map[string]any{"market_value": "NaN"}} }, "-", "-", "a 2026-09-25"},
		"no list of movements":    {list(0, "none"), "-", both, ""},
		"null for a list":         {list(0, nil), "-", both, ""},
		"an empty list":           {list(0, []any{}), both, both, ""},
		"no list at the broker's": {list(1, "none"), both, "-", "a 2026-09-25"},

		// Rows outside the window, as servers send them that do not look at the days.
		"posted long ago":          {raw(0, posted("x", "2026-01-01", "-1.00", "Old")), both, both, ""},
		"posted on the first day":  {raw(0, posted("x", "2026-09-18", "-1.00", "Old")), both, both, ""},
		"a movement on the first":  {raw(1, posted("x", "2026-09-18", "1.00", "Dividend"), posted("y", "2026-09-19", "1.00", "Dividend")), both, both, "a 2026-09-25"},
		"posted tomorrow":          {raw(0, posted("x", "2026-10-04", "-1.00", "Soon")), "-", both, ""},
		"posted after tomorrow":    {raw(0, posted("x", "2026-10-05", "-1.00", "Planned")), both, both, ""},
		"pending tomorrow":         {raw(0, pendingAt("x", "2026-10-04")), "-", both, ""},
		"pending after tomorrow":   {raw(0, pendingAt("x", "2026-10-05")), both, both, ""},
		"pending on the first day": {raw(0, pendingAt("x", "2026-09-18")), "-", both, "x 2026-09-18"},
		"pending since before":     {raw(0, pendingAt("x", "2026-08-20")), "-", both, ""},
		"pending for too long":     {raw(0, pendingAt("x", "2026-07-21")), both, both, ""},
		"pending for nearly so":    {raw(0, pendingAt("x", "2026-07-22")), "-", both, ""},
	} {
		f := follow(bankAndBroker(t))
		if first := f.fetch("2026-10-01", "2026-06-01"); days(first.TransactionHistory) != "2026-06-01 2026-10-01" {
			t.Fatal(days(first.TransactionHistory))
		}
		c.change(f.bank)
		batch := f.fetch("2026-10-03", "2026-06-01")
		connectortest.Check(t, batch, wantAt("2026-10-03", "2026-06-01"))
		if days(batch.TransactionHistory) != c.transactions || days(batch.InvestmentHistory) != c.invests || logOf(batch) != c.told {
			t.Errorf("%s: %s and %s, want %s and %s; tells %s", name, days(batch.TransactionHistory), days(batch.InvestmentHistory), c.transactions, c.invests, logOf(batch))
		}
	}
	// A row that happened before the history that is wanted will not be reached by the next fetch either.
	f := follow(bankAndBroker(t))
	f.fetch("2026-10-01", "2026-09-10")
	raw(0, pendingAt("x", "2026-09-09"))(f.bank)
	if batch := f.fetch("2026-10-03", "2026-09-10"); days(batch.TransactionHistory) != both || logOf(batch) != "" {
		t.Errorf("pending before the history: %s, tells %s", days(batch.TransactionHistory), logOf(batch))
	}
	for products, want := range map[string]string{"transactions": both + ", -", "investments": "-, " + both, "auth": "-, -"} {
		f := follow(bankAndBroker(t))
		f.fetch("2026-10-01", "2026-06-01", products)
		batch := f.fetch("2026-10-03", "2026-06-01", products)
		if got := days(batch.TransactionHistory) + ", " + days(batch.InvestmentHistory); got != want {
			t.Errorf("%s: %s, want %s", products, got, want)
		}
	}
}

// TestOlderWindows: an older window must be whole too, of each account, and lie close to the newer one.
func TestOlderWindows(t *testing.T) {
	const whole = "2026-06-01 2026-10-03"
	for name, c := range map[string]struct {
		older         func(accounts []any, body map[string]any)
		transactions  string
		told, invests string
	}{
		"all well":         {func([]any, map[string]any) {}, whole, "o 2026-06-02, a 2026-09-25", whole},
		"an account less":  {func(accounts []any, body map[string]any) { body["accounts"] = accounts[1:] }, "-", "a 2026-09-25", whole},
		"a problem":        {func(_ []any, body map[string]any) { body["errlist"] = []any{"Some."} }, "-", "o 2026-06-02, a 2026-09-25", "-"},
		"no institution":   {func(_ []any, body map[string]any) { body["connections"], body["accounts"] = []any{}, []any{} }, "-", "a 2026-09-25", "-"},
		"unreadable row":   {func(accounts []any, _ map[string]any) { accounts[0].(map[string]any)["transactions"] = []any{1} }, "-", "a 2026-09-25", whole},
		"no list":          {func(accounts []any, _ map[string]any) { delete(accounts[0].(map[string]any), "transactions") }, "-", "a 2026-09-25", whole},
		"none, which ends": {nil, "2026-07-08 2026-10-03", "a 2026-09-25", "2026-07-08 2026-10-03"},
	} {
		f := follow(bankAndBroker(t))
		older := reply(500, "")
		if c.older != nil {
			accounts := []any{accountAt("CON-1", "A", "Checking", "1.00", posted("o", "2026-06-02", "-1.00", "Old")), f.accounts[1]}
			body := map[string]any{"errlist": []any{}, "connections": f.conns, "accounts": accounts}
			c.older(accounts, body)
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			older = reply(200, string(text))
		}
		f.next = []http.HandlerFunc{nil, older}
		batch := f.fetch("2026-10-03", "2026-06-01")
		if days(batch.TransactionHistory) != c.transactions || logOf(batch) != c.told || days(batch.InvestmentHistory) != c.invests || f.requests() != 2 {
			t.Errorf("%s: %s, %s, tells %s", name, days(batch.TransactionHistory), days(batch.InvestmentHistory), logOf(batch))
		}
	}
	// Windows that do not meet declare nothing, but what they bring is told.
	f := follow(bankAndBroker(t))
	f.conn.Memory = json.RawMessage(`{"v":1,"institutions":{"sfin_c_CON-1":{"covered":[{"from":"2026-08-01","to":"2026-10-01"}],"kinds":["investments","transactions"]}}}`)
	f.accounts[0]["transactions"] = []row{posted("old", "2026-06-02", "-1.00", "Old"), posted("mid", "2026-08-20", "-1.00", "Known"), posted("a", "2026-09-17", "-1.00", "Coffee")}
	batch := f.fetch("2026-10-03", "2026-06-01")
	if batch.TransactionHistory != nil || batch.InvestmentHistory != nil || logOf(batch) != "old 2026-06-02, a 2026-09-17" || f.requests() != 2 {
		t.Errorf("apart: %s, tells %s after %d requests", days(batch.TransactionHistory), logOf(batch), f.requests())
	}
}

// applied is what an applier has of one account that was told batch after batch: rows by key, without those that are gone.
type applied map[string]connector.Transaction

func (a applied) apply(b connector.Batch) {
	seen := map[string]bool{}
	for _, row := range b.Transactions {
		a[row.Key], seen[row.Key] = row, true
	}
	for key, row := range a {
		if !seen[key] && within(b.TransactionHistory, row.Date) {
			delete(a, key)
		}
	}
}

// TestPendingRowsSettle: whenever a row happened and however long it is pending, it is told once at the end, posted under
// another id, and does not vanish while it is pending, but after 75 days.
func TestPendingRowsSettle(t *testing.T) {
	for _, happened := range []string{"", "2026-10-02", "2026-09-20", "2026-09-01", "2026-07-28", "2026-07-20"} {
		for _, pendingFor := range []int{1, 5, 13, 14, 15, 16, 40, 60} {
			for _, filters := range []bool{false, true} { // servers differ in whether they look at the day of a pending row
				name := fmt.Sprintf("happened %q, pending for %d days, filtered %v", happened, pendingFor, filters)
				then := plaid.MustDate("2026-12-31")
				if happened != "" {
					then = plaid.MustDate(happened)
				}
				f := follow(bankAndBroker(t))
				have := applied{}
				have.apply(f.fetch("2026-10-02", "2026-06-01"))
				for day := range pendingFor {
					now := plaid.MustDate("2026-10-03").AddDays(day)
					f.accounts[0]["transactions"] = []row{posted("a", "2026-09-25", "-1.00", "Coffee"), pendingAt("p", happened)}
					if filters && happened != "" {
						f.next = []http.HandlerFunc{f.filtered("p", then)}
					}
					have.apply(f.fetch(now.String(), "2026-06-01"))
					_, told := have["p"]
					held := day == 0 || filters && plaid.MustDate("2026-09-19") > then // a server that holds it back has not told it yet
					if then > now.AddDays(-74) && !told && !held || then < now.AddDays(-75) && told || have["a"].Key == "" {
						t.Fatalf("%s: on %s there are %v", name, now, have)
					}
				}
				settled := plaid.MustDate("2026-10-03").AddDays(pendingFor)
				f.accounts[0]["transactions"] = []row{posted("a", "2026-09-25", "-1.00", "Coffee"), posted("q", settled.String(), "-41.00", "Hotel")}
				have.apply(f.fetch(settled.String(), "2026-06-01"))
				if len(have) != 2 || have["q"].Pending || have["a"].Key == "" {
					t.Errorf("%s: at the end there are %v", name, have)
				}
			}
		}
	}
}

// filtered answers without the pending row if its day is not asked for.
func (f *follower) filtered(id string, on plaid.Date) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		from, to := r.URL.Query().Get("start-date"), r.URL.Query().Get("end-date")
		second := fmt.Sprint(on.Time().Unix() + 43200)
		if second < from || second >= to { // of as many digits each
			rows := f.accounts[0]["transactions"].([]row)
			f.accounts[0]["transactions"] = rows[:1]
		}
		f.answer(w, r)
	}
}

// TestPendingReach: how far fetches reach back, and when they stop.
func TestPendingReach(t *testing.T) {
	f := follow(bankAndBroker(t))
	asked := func() string {
		q := f.asked[len(f.asked)-1].URL.Query()
		var from int64
		if _, err := fmt.Sscan(q.Get("start-date"), &from); err != nil {
			t.Fatal(err)
		}
		return plaid.Date(from / 86400).String()
	}
	f.accounts[0]["transactions"] = []row{pendingAt("p", "2026-08-20"), pendingAt("o", "2026-09-30")}
	f.fetch("2026-10-03", "2026-06-01")
	for _, step := range []struct {
		day  string
		rows []row
		from string // what is asked for, with what the fetches before have seen
	}{
		{"2026-10-04", []row{pendingAt("p", "2026-08-20")}, "2026-08-19"},
		{"2026-10-05", []row{pendingAt("o", "2026-09-30")}, "2026-08-19"}, // p is gone
		{"2026-10-06", nil, "2026-09-22"},                                 // as ever: o is inside
		{"2026-10-07", []row{pendingAt("old", "2026-07-27")}, "2026-09-23"},
		{"2026-10-08", []row{pendingAt("old", "2026-07-27")}, "2026-07-26"},
		{"2026-10-09", []row{pendingAt("old", "2026-07-27")}, "2026-07-26"}, // for 75 days
		{"2026-10-10", []row{pendingAt("old", "2026-07-27")}, "2026-09-26"},
	} {
		before := f.requests()
		f.accounts[0]["transactions"] = step.rows
		f.fetch(step.day, "2026-06-01")
		if asked() != step.from || f.requests() != before+1 {
			t.Errorf("%s: asks from %s with %d requests, want %s", step.day, asked(), f.requests()-before, step.from)
		}
	}
	// After a pause it may be out of reach, which costs no second window.
	f.accounts[0]["transactions"] = []row{pendingAt("p", "2026-08-20")}
	f.fetch("2026-10-11", "2026-06-01")
	f.fetch("2026-10-12", "2026-06-01")
	if before := f.requests(); f.fetch("2026-11-20", "2026-06-01").Accounts == nil || f.requests() != before+1 || asked() != "2026-09-29" {
		t.Errorf("after a pause: asks from %s with %d requests", asked(), f.requests()-before)
	}
	// Trouble says nothing of what became of a row.
	f = follow(bankAndBroker(t))
	f.accounts[0]["transactions"] = []row{pendingAt("p", "2026-08-20")}
	f.fetch("2026-10-03", "2026-06-01")
	f.accounts[0]["transactions"], f.problems = []row{pendingAt("o", "2026-09-10")}, []any{map[string]any{"msg": "Some."}}
	f.fetch("2026-10-04", "2026-06-01")
	f.problems = nil
	if f.fetch("2026-10-05", "2026-06-01"); asked() != "2026-08-19" {
		t.Errorf("after trouble: %s", asked())
	}
}
