package simplefin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// counted is a Doer that notes when it is asked and for which days, and answers as it is told.
type counted struct {
	mu      sync.Mutex
	now     time.Time
	times   []int64
	windows [][2]int64
	status  func() int
	body    string
}

func (c *counted) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times = append(c.times, c.now.Unix())
	q := r.URL.Query()
	from, fromErr := strconv.ParseInt(q.Get("start-date"), 10, 64)
	to, toErr := strconv.ParseInt(q.Get("end-date"), 10, 64)
	if errors.Join(fromErr, toErr) == nil {
		c.windows = append(c.windows, [2]int64{from / 86400, to / 86400})
	}
	status := 200
	if c.status != nil {
		status = c.status()
	}
	if status == 0 {
		return nil, errors.New("no connection")
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(c.body))}, nil
}

const oneAccount = `{"errlist":[],"connections":[{"conn_id":"CON-1","name":"One"},{"conn_id":"CON-2","name":"Two"}],"accounts":[
	{"conn_id":"CON-1","id":"A","name":"Checking","currency":"USD","balance":"1.00","transactions":[]},
	{"conn_id":"CON-2","id":"A","name":"Checking","currency":"USD","balance":"1.00","transactions":[]}]}`

// TestBudgetProperty: whatever is asked for and however it goes, at whatever times and with restarts between, no 24 hours
// have more than 24 requests. The memory is all that survives a restart.
func TestBudgetProperty(t *testing.T) {
	bank := newBank(t)
	rapid.Check(t, func(t *rapid.T) {
		doer := &counted{now: noon("2026-10-03"), body: oneAccount}
		doer.status = func() int { return rapid.SampledFrom([]int{200, 200, 200, 500, 403, 0}).Draw(t, "status") }
		c, memory, refused := New(doer), json.RawMessage(nil), 0
		for range rapid.IntRange(1, 60).Draw(t, "fetches") {
			doer.now = doer.now.Add(time.Duration(rapid.SampledFrom([]int64{0, 1, 600, 3600, 14_400, 43_200}).Draw(t, "pause")) * time.Second)
			if rapid.Bool().Draw(t, "restart") {
				c = New(doer)
			}
			id := rapid.SampledFrom([]string{"sfin_c_CON-1", "sfin_c_CON-2", ""}).Draw(t, "institution")
			want := wantAt("2026-10-03", "2026-10-03")
			want.Now = doer.now
			want.HistoryFrom = plaid.DateOf(doer.now).AddDays(-rapid.SampledFrom([]int{0, 30, 200, 900}).Draw(t, "days"))
			before := len(doer.times)
			kept, code := fetchEither(c, bank, id, memory, want)
			if len(kept) == 0 {
				t.Fatal("a fetch without a memory")
			}
			memory = kept
			if code == "INSTITUTION_RATE_LIMIT" {
				refused++
				if len(doer.times) > before {
					t.Fatal("a refused fetch made a request")
				}
			} else if len(doer.times) == before {
				t.Fatalf("%s without a request", code)
			}
		}
		for i, from := range doer.times {
			if n := len(doer.times[i:]) - len(after(doer.times[i:], from+86400)); n > 24 {
				t.Fatalf("%d requests in the day from %d", n, from)
			}
		}
	})
}

// fetchEither fetches one institution, or all, and gives the memory that is left whatever happened.
func fetchEither(c *Connector, b *bank, id string, memory json.RawMessage, want connector.Want) (json.RawMessage, plaid.Code) {
	var err error
	var kept json.RawMessage
	if id == "" {
		span, fetchErr := c.FetchAll(b.t.Context(), b.connection("", memory), want)
		kept, err = span.Memory, fetchErr
	} else {
		batch, fetchErr := c.Fetch(b.t.Context(), b.connection(id, memory), want)
		kept, err = batch.Memory, fetchErr
	}
	if failure, ok := errors.AsType[*Failure](err); ok {
		kept = failure.Memory
	}
	if pe, ok := errors.AsType[*plaid.Error](err); ok {
		return kept, pe.Code
	}
	return kept, ""
}

func after(times []int64, t int64) []int64 {
	i, _ := slices.BinarySearch(times, t)
	return times[i:]
}

// TestBudgetOfSeparateItems: Items that keep their memories apart do not overspend together while the process lives.
func TestBudgetOfSeparateItems(t *testing.T) {
	bank := newBank(t)
	doer := &counted{now: noon("2026-10-03"), body: oneAccount}
	c := New(doer)
	memories := map[string]json.RawMessage{}
	refused := 0
	for i := range 60 {
		id := []string{"sfin_c_CON-1", "sfin_c_CON-2"}[i%2]
		kept, code := fetchEither(c, bank, id, memories[id], wantAt("2026-10-03", "2024-10-03"))
		memories[id] = kept
		if code != "" {
			refused++
		}
	}
	if len(doer.times) != 24 || refused == 0 {
		t.Errorf("%d requests, %d refusals", len(doer.times), refused)
	}
	doer.now = noon("2026-10-04")
	if _, code := fetchEither(c, bank, "sfin_c_CON-1", memories["sfin_c_CON-1"], wantAt("2026-10-04", "2024-10-03")); code != "" {
		t.Errorf("the next day: %s", code)
	}
}

// TestHistoryProperty: whatever history is wanted and however fetches and failures follow each other, the windows are of 90
// days at most; and once a fetch finds nothing left to do, the windows of the successful requests cover everything, each
// overlapping its neighbour by 5 days.
func TestHistoryProperty(t *testing.T) {
	bank := newBank(t)
	rapid.Check(t, func(t *rapid.T) {
		start := plaid.NewDate(2026, 1, 1).AddDays(rapid.IntRange(-3000, 3000).Draw(t, "today")) // small numbers come oftener
		history := start.AddDays(-rapid.SampledFrom([]int{-3, 0, 85, 170, 700, 4000}).Draw(t, "about") - rapid.IntRange(0, 9).Draw(t, "days"))
		doer := &counted{body: oneAccount}
		var good [][2]int64
		doer.status = func() int {
			status := rapid.SampledFrom([]int{200, 200, 200, 200, 500}).Draw(t, "status")
			if status == 200 {
				good = append(good, doer.windows[len(doer.windows)-1])
			}
			return status
		}
		var memory json.RawMessage
		today := start
		for range 40 {
			doer.now = today.Time().Add(time.Duration(rapid.Int64Range(0, 86399).Draw(t, "second")) * time.Second)
			want := wantAt("2026-10-03", "2026-10-03")
			want.Now, want.HistoryFrom = doer.now, history
			memory, _ = fetchEither(New(doer), bank, "sfin_c_CON-1", memory, want)
			today = today.AddDays(rapid.SampledFrom([]int{1, 1, 1, 2, 20, 200}).Draw(t, "later"))
		}
		for range 20 { // the end: all goes well, until all is there
			doer.status = func() int { good = append(good, doer.windows[len(doer.windows)-1]); return 200 }
			doer.now = today.Time()
			want := wantAt("2026-10-03", "2026-10-03")
			want.Now, want.HistoryFrom = doer.now, history
			memory, _ = fetchEither(New(doer), bank, "sfin_c_CON-1", memory, want)
			today = today.AddDays(1)
		}
		for _, w := range doer.windows {
			if w[1]-w[0] > 90 || w[1] <= w[0] {
				t.Fatalf("a window of %d days", w[1]-w[0])
			}
		}
		covered(t, good, int64(max(0, history)), int64(today))
	})
}

// covered fails where windows leave a day out, or meet with less than 5 days in common.
func covered(t *rapid.T, windows [][2]int64, from, to int64) {
	slices.SortFunc(windows, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	if len(windows) == 0 || windows[0][0] > from {
		t.Fatalf("nothing from %s", plaid.Date(from))
	}
	reach := windows[0][1]
	for _, w := range windows[1:] {
		if w[0] > max(reach-5, from) && reach < to && w[1] > reach {
			t.Fatalf("from %s to %s only: %s begins less than 5 days before that", plaid.Date(from), plaid.Date(reach), plaid.Date(w[0]))
		}
		reach = max(reach, w[1])
	}
	if reach < to {
		t.Fatalf("nothing after %s, %s is wanted", plaid.Date(reach), plaid.Date(to))
	}
}

// TestFirstFetchAndNext: what the first fetch asks for, and the next.
func TestFirstFetchAndNext(t *testing.T) {
	bank := newBank(t)
	doer := &counted{now: noon("2026-10-03"), body: oneAccount}
	memory, _ := fetchEither(New(doer), bank, "sfin_c_CON-1", nil, wantAt("2026-10-03", "2026-05-01"))
	day := func(i int) string {
		return plaid.Date(doer.windows[i][0]).String() + " " + plaid.Date(doer.windows[i][1]).String()
	}
	if len(doer.windows) != 2 || day(0) != "2026-07-07 2026-10-04" || day(1) != "2026-05-01 2026-07-12" {
		t.Fatalf("first: %s", day(0))
	}
	memory, _ = fetchEither(New(doer), bank, "sfin_c_CON-1", memory, wantAt("2026-10-05", "2026-05-03"))
	if len(doer.windows) != 3 || day(2) != "2026-09-20 2026-10-06" {
		t.Errorf("next: %s", day(2))
	}
	// Another institution of the same access URL has nothing yet; asked together, the first goes on and the other catches up.
	memory, _ = fetchEither(New(doer), bank, "", memory, wantAt("2026-10-06", "2026-05-04"))
	if len(doer.windows) != 6 || day(3) != "2026-09-22 2026-10-07" || day(4) != "2026-07-10 2026-10-07" {
		t.Errorf("all: %d windows, %s, %s", len(doer.windows), day(3), day(4))
	}
	if memory, _ = fetchEither(New(doer), bank, "", memory, wantAt("2026-10-07", "2026-05-05")); len(doer.windows) != 7 {
		t.Errorf("all again: %d windows", len(doer.windows))
	}
	// Another product, or another type of an account: the days were not fetched for it.
	want := wantAt("2026-10-08", "2026-05-05", "transactions")
	if _, err := New(doer).Fetch(t.Context(), bank.connection("sfin_c_CON-1", memory), want); err != nil || len(doer.windows) != 8 {
		t.Errorf("fewer products: %d windows, %v", len(doer.windows), err)
	}
	conn := bank.connection("sfin_c_CON-1", memory)
	var err error
	if conn.Credentials, err = New(doer).Correct(conn.Credentials, "sfin_c_CON-1", "A", "investment", "ira"); err != nil {
		t.Fatal(err)
	}
	batch, err := New(doer).Fetch(t.Context(), conn, wantAt("2026-10-08", "2026-05-05"))
	if err != nil || len(doer.windows) != 10 || batch.Accounts[0].Type != "investment" || *batch.Accounts[0].Subtype != "ira" || batch.InvestmentHistory == nil {
		t.Errorf("corrected: %d windows, %v, %v", len(doer.windows), batch, err)
	}
	// Without movements one day is enough.
	if _, err := New(doer).Fetch(t.Context(), bank.connection("sfin_c_CON-2", nil), wantAt("2026-10-08", "2026-05-05", "auth")); err != nil || day(len(doer.windows)-1) != "2026-10-08 2026-10-09" {
		t.Errorf("no movements: %s, %v", day(len(doer.windows)-1), err)
	}
}

// TestOldDaysLeaveSomething: a long history does not use up the day.
func TestOldDaysLeaveSomething(t *testing.T) {
	bank := newBank(t)
	doer := &counted{now: noon("2026-10-03"), body: oneAccount}
	memory, _ := fetchEither(New(doer), bank, "", nil, wantAt("2026-10-03", "1900-01-01"))
	if len(doer.times) != 18 {
		t.Errorf("%d requests", len(doer.times))
	}
	for range 6 {
		if memory, _ = fetchEither(New(doer), bank, "", memory, wantAt("2026-10-03", "1900-01-01")); len(memory) == 0 {
			t.Fatal("no memory")
		}
	}
	if _, code := fetchEither(New(doer), bank, "", memory, wantAt("2026-10-03", "1900-01-01")); code != "INSTITUTION_RATE_LIMIT" || len(doer.times) != 24 {
		t.Errorf("%s after %d requests", code, len(doer.times))
	}
}

func TestStrangeMemories(t *testing.T) {
	bank := newBank(t)
	for _, stored := range []string{`null`, `{}`, `[]`, `"x"`, `{"v":2,"spent":[1]}`, `{"v":1,"institutions":{"sfin_c_CON-1":null}}`,
		`{"v":1,"institutions":{"sfin_c_CON-1":{"covered":[{"from":"2030-01-01","to":"2020-01-01"}],"kinds":["investments","transactions"]}}}`,
		`{"v":1,"spent":[99999999999999,-5],"not_before":0}`} {
		doer := &counted{now: noon("2026-10-03"), body: oneAccount}
		if _, err := New(doer).Fetch(t.Context(), bank.connection("sfin_c_CON-1", json.RawMessage(stored)), wantAt("2026-10-03", "2026-05-01")); err != nil || len(doer.windows) != 2 {
			t.Errorf("%s: %v, %d windows", stored, err, len(doer.windows))
		}
	}
	// A clock that was ahead by years, and stated a pause there, does not lock the connection for good.
	doer := &counted{now: noon("2026-10-03"), body: oneAccount}
	memory, code := fetchEither(New(doer), bank, "sfin_c_CON-1", json.RawMessage(`{"v":1,"not_before":99999999999}`), wantAt("2026-10-03", "2026-05-01"))
	if code != "INSTITUTION_RATE_LIMIT" {
		t.Fatal(code)
	}
	if _, code := fetchEither(New(doer), bank, "sfin_c_CON-1", memory, wantAt("2026-10-05", "2026-05-01")); code != "" {
		t.Error(code)
	}
}
