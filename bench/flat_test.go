package bench

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"weft/internal/store/storetest"
)

var (
	flatItems = flag.Int("items", 200_000, "Items of the large database of TestFlatCost, with -full")
	flatRows  = flag.Int("rows", 10, "transactions of either kind that each of them has; a million Items with 5 take 35 GB")
)

// mostDearer is how many times as much a request may cost where there is much more, or where it is far down.
const mostDearer = 1.5

// amounts are how much there is.
type amounts struct {
	few, many  int // Items of the small database, and of the large one
	rows       int // transactions of each Item of the large one on either account; those of the small one have none
	asked      int // Items among them, in either, that are asked, of ten transactions each
	long       int // transactions of one Item more of the large one, on either account
	spread     int // portions in which the Items come, with those that are asked between them
	page, back int // rows of a page, and how far before the end of the long Item's the far page begins
	rounds     int
	round      time.Duration
}

func amountsOf() amounts {
	if *full {
		return amounts{1000, *flatItems, *flatRows, 100, 500_000, 10, 500, 1000, 9, time.Second}
	}
	return amounts{20, 40, 10, 4, 2000, 1, 100, 200, 1, 30 * time.Millisecond}
}

// filled seeds a database and serves it, with nothing kept in memory: what is read is read from the database.
func (a amounts) filled(t *testing.T, database string, items, rows, long int) server {
	t.Helper()
	in := install(t, database)
	var asked, one []string
	for range a.spread {
		in.seed(t, (items-a.asked)/a.spread, rows, "--holdings-per-item", "1")
		asked = append(asked, in.seed(t, a.asked/a.spread, 10)...)
	}
	if long > 0 {
		one = in.seed(t, 1, long, "--holdings-per-item", "1")
	}
	if strings.HasPrefix(database, "postgres:") { // which a server does by itself some time later
		conn, err := pgx.Connect(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // it has done what it was for
		if _, err := conn.Exec(t.Context(), "vacuum analyze"); err != nil {
			t.Fatal(err)
		}
	}
	sv := in.serve(t, "--cache-mb", "0")
	sv.tokens, sv.long = asked, one
	return sv
}

// target is a server, and the requests that it is sent.
type target struct {
	address  string
	requests [][]byte
}

// requestsTo are requests to a server, one for each token.
func requestsTo(sv server, tokens []string, path, more string) target {
	a := target{address: sv.address}
	for _, token := range tokens {
		a.requests = append(a.requests, request(path, clientID, secret, `{"access_token":"`+token+`"`+more+`}`))
	}
	return a
}

// TestFlatCost prints what requests cost in a small database and in a large one, and near the beginning and the end of much.
func TestFlatCost(t *testing.T) {
	inShort(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			a, database := amountsOf(), func() string { return "" }
			if engine == "postgres" {
				database = func() string { return storetest.PostgresURL(t) }
			}
			small, large := a.filled(t, database(), a.few, 0, 0), a.filled(t, database(), a.many, a.rows, a.long)
			table := []string{fmt.Sprintf("%-62s %10s %10s %6s %5s %s", "p50 on "+engine, "near", "far", "ratio", "mark", "met")}
			line := func(name string, near, far target) { table = append(table, a.compared(t, name, near, far)) }
			what := fmt.Sprintf(" at %d and %d Items", a.few, a.many)
			for _, r := range reads {
				line(r.path+what, requestsTo(small, small.tokens, r.path, r.more), requestsTo(large, large.tokens, r.path, r.more))
			}
			for _, path := range []string{"/transactions/get", "/investments/transactions/get"} {
				a.offsets(t, large, path, line)
			}
			page, cursor := a.farCursor(t, large)
			line(fmt.Sprintf("/transactions/sync, pages 1 and %d", page), requestsTo(large, large.long, "/transactions/sync", a.count()),
				requestsTo(large, large.long, "/transactions/sync", a.count()+`,"cursor":"`+cursor+`"`))
			fmt.Println(strings.Join(table, "\n"))
		})
	}
}

func (a amounts) count() string { return fmt.Sprintf(`,"count":%d`, a.page) }

// compared is a line of the table. The two take turns.
func (a amounts) compared(t *testing.T, name string, near, far target) string {
	t.Helper()
	var p50 [2][]float64
	for range a.rounds {
		for i, one := range []target{near, far} {
			f, err := measure(t.Context(), one.address, load{one.requests, 1, a.round})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			p50[i] = append(p50[i], float64(f.p50))
		}
	}
	met, ratio := "yes", median(p50[1])/median(p50[0])
	if ratio > mostDearer {
		met = "NO"
	}
	return fmt.Sprintf("%-62s %10s %10s %6.2f %5.2f %s", name, time.Duration(median(p50[0])).Round(time.Microsecond), time.Duration(median(p50[1])).Round(time.Microsecond),
		ratio, mostDearer, met)
}

// rowsAnswer is a page of either route.
type rowsAnswer struct {
	Transactions, InvestmentTransactions []struct {
		AccountID string `json:"account_id"`
	}
	TotalTransactions           int `json:"total_transactions"`
	TotalInvestmentTransactions int `json:"total_investment_transactions"`
}

// offsets compares the first page of the long Item's rows with one far down: of all, of one account, and of a part of the days.
func (a amounts) offsets(t *testing.T, sv server, path string, line func(name string, near, far target)) {
	t.Helper()
	ranged := func(start string, offset int, accounts string) target {
		return requestsTo(sv, sv.long, path, fmt.Sprintf(`,"start_date":%q,"end_date":"2100-01-01","options":{"count":%d,"offset":%d%s}`, start, a.page, offset, accounts))
	}
	read := func(one target) (rows, total int, account string) {
		body, err := once(t.Context(), one.address, one.requests[0])
		var answer rowsAnswer
		if err == nil {
			body = []byte(strings.Replace(string(body), `"investment_transactions":`, `"InvestmentTransactions":`, 1))
			err = json.Unmarshal(body, &answer)
		}
		list := append(answer.Transactions, answer.InvestmentTransactions...)
		if err != nil || len(list) == 0 {
			t.Fatalf("%s: %d rows, %v", path, len(list), err)
		}
		return len(list), answer.TotalTransactions + answer.TotalInvestmentTransactions, list[0].AccountID
	}
	rows, total, account := read(ranged("2000-01-01", 0, ""))
	if total != a.long || rows != a.page {
		t.Fatalf("%s has %d rows of %d", path, rows, total)
	}
	year := time.Now().AddDate(-1, 0, 0).Format(time.DateOnly)
	for _, v := range []struct{ name, start, accounts string }{
		{"", "2000-01-01", ""}, {" of an account", "2000-01-01", `,"account_ids":["` + account + `"]`}, {" of a year", year, ""},
	} {
		near := ranged(v.start, 0, v.accounts)
		_, total, _ := read(near)
		offset := total - a.back
		far := ranged(v.start, offset, v.accounts)
		if rows, farTotal, _ := read(far); rows != a.page || farTotal != total {
			t.Errorf("%s%s at %d: %d rows of %d", path, v.name, offset, rows, farTotal)
		}
		line(fmt.Sprintf("%s%s, offsets 0 and %d", path, v.name, offset), near, far)
	}
}

// farCursor is the cursor of the long Item's last full page of changes, and that page's number.
func (a amounts) farCursor(t *testing.T, sv server) (page int, cursor string) {
	t.Helper()
	last := a.long / a.page
	for page = 1; page < last; page++ {
		body, err := once(t.Context(), sv.address, requestsTo(sv, sv.long, "/transactions/sync", a.count()+`,"cursor":"`+cursor+`"`).requests[0])
		var answer struct {
			Next string `json:"next_cursor"`
			More bool   `json:"has_more"`
		}
		if err == nil {
			err = json.Unmarshal(body, &answer)
		}
		if err != nil || !answer.More {
			t.Fatalf("page %d of %d: %.200s %v", page, last, body, err)
		}
		cursor = answer.Next
	}
	return page, cursor
}
