package simplefin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/connector/simplefin/access"
	"weft/internal/plaid"
)

// TestRefusals: every way in which a server can refuse has its meaning, is paid for, and tells no secret.
func TestRefusals(t *testing.T) {
	leak := canaryUser + " " + canaryPass + " " + canaryPath
	quoted, _ := json.Marshal(leak)
	forbidden := fixture(t, "simplefin4py/tests/fixtures/403.txt")
	payment := fixture(t, "simplefin4py/tests/fixtures/402.json")
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		code    plaid.Code
		display string
	}{
		"402":           {reply(402, payment), "USER_SETUP_REQUIRED", "Payment required."},
		"402 bare":      {reply(402, ""), "USER_SETUP_REQUIRED", ""},
		"403 HTML":      {reply(403, forbidden), "ITEM_LOGIN_REQUIRED", ""},
		"403 leak":      {reply(403, `{"errlist":[{"code":"gen.auth","msg":`+string(quoted)+`}]}`), "ITEM_LOGIN_REQUIRED", access.Redacted},
		"401":           {reply(401, ""), "ITEM_LOGIN_REQUIRED", ""},
		"429":           {reply(429, "", "Retry-After", "10"), "INSTITUTION_RATE_LIMIT", ""},
		"500":           {reply(500, leak), "INSTITUTION_NOT_RESPONDING", ""},
		"503":           {reply(503, leak, "Retry-After", "10"), "INSTITUTION_NOT_RESPONDING", ""},
		"400 gen.api":   {reply(400, `{"errlist":[{"code":"gen.api","msg":"No."}],"accounts":[]}`), "INTERNAL_SERVER_ERROR", ""},
		"404":           {reply(404, leak), "UNSUPPORTED_RESPONSE", ""},
		"302":           {reply(302, "", "Location", "https://evil.example/"), "UNSUPPORTED_RESPONSE", ""},
		"HTML":          {reply(200, forbidden), "UNSUPPORTED_RESPONSE", ""},
		"nothing":       {reply(200, ""), "UNSUPPORTED_RESPONSE", ""},
		"other JSON":    {reply(200, `{"a":1}`), "UNSUPPORTED_RESPONSE", ""},
		"gen.auth":      {reply(200, `{"errlist":[{"code":"gen.auth","message":"No credentials provided `+canaryUser+`"}],"accounts":[]}`), "ITEM_LOGIN_REQUIRED", "No credentials provided " + access.Redacted},
		"gen.api alone": {reply(200, `{"errlist":[{"code":"gen.api","msg":"Bad."}],"accounts":[]}`), "INTERNAL_SERVER_ERROR", ""},
		"broken":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "INSTITUTION_NOT_RESPONDING", ""},
		"broken in body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			_, _ = w.Write([]byte(`{"acc`))
		}, "INSTITUTION_NOT_RESPONDING", ""},
		"deep": {reply(200, `{"accounts":`+strings.Repeat("[", 1_000_000)), "UNSUPPORTED_RESPONSE", ""},
	} {
		b := newBank(t)
		client := b.srv.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		b.next = []http.HandlerFunc{c.answer}
		batch, err := New(client).Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-01-01"))
		pe, ok := errors.AsType[*plaid.Error](err)
		failure, kept := errors.AsType[*Failure](err)
		if !ok || !kept || pe.Code != c.code || b.requests() != 1 || len(batch.Accounts) > 0 || batch.Memory != nil {
			t.Errorf("%s: %v after %d requests, want %s", name, err, b.requests(), c.code)
			continue
		}
		if c.display != "" && !strings.Contains(pe.Display, c.display) {
			t.Errorf("%s: shows %q, want %q", name, pe.Display, c.display)
		}
		if m := readMemory(failure.Memory); len(m.Spent) != 1 {
			t.Errorf("%s: %v is spent", name, m.Spent)
		}
		clean(t, err.Error(), pe.Display, pe.Message, string(failure.Memory))
	}
}

// TestRetryAfter: a server that wants to be left alone is, also after a restart.
func TestRetryAfter(t *testing.T) {
	for header, seconds := range map[string]int64{"120": 120, "": 3600, "soon": 3600, "999999999": 86400, "Sat, 03 Oct 2026 12:10:00 GMT": 600, "Sat, 03 Oct 2020 12:10:00 GMT": 0} {
		b := newBank(t)
		b.conns, b.accounts = []any{connAt("CON-1", "My Bank")}, []map[string]any{accountAt("CON-1", "A", "Checking", "1.00")}
		b.next = []http.HandlerFunc{reply(429, "", "Retry-After", header)}
		want := wantAt("2026-10-03", "2026-09-20")
		_, err := b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), want)
		failure, ok := errors.AsType[*Failure](err)
		if !ok {
			t.Fatal(err)
		}
		if seconds > 0 {
			want.Now = want.Now.Add(time.Duration(seconds-1) * time.Second)
			_, err = b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", failure.Memory), want)
			if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "INSTITUTION_RATE_LIMIT" || pe.Type != "RATE_LIMIT_EXCEEDED" || b.requests() != 1 {
				t.Errorf("%q: %v a second before", header, err)
			}
			want.Now = want.Now.Add(time.Second)
		}
		if _, err = b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", failure.Memory), want); err != nil {
			t.Errorf("%q: %v at its time", header, err)
		}
	}
}

// TestSlowServer: the context's time bounds a fetch, and a slow second window does not cost the first.
func TestSlowServer(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"accounts":[`))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	b := newBank(t)
	b.conns, b.accounts = []any{connAt("CON-1", "My Bank")}, []map[string]any{accountAt("CON-1", "A", "Checking", "1.00", posted("t", "2026-10-01", "-1", "Coffee"))}
	b.next = []http.HandlerFunc{hang, nil, hang}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := b.connector().Fetch(ctx, b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-01-01"))
	if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "INSTITUTION_NOT_RESPONDING" || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	batch, err := b.connector().Fetch(ctx, b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-01-01"))
	if err != nil || len(batch.Transactions) != 1 {
		t.Errorf("%v, %v", batch, err)
	}
	if notes := notesOf(batch.Memory); len(notes) != 1 || notes[0].Code != "weft.window" {
		t.Errorf("%v", notes)
	}

	midway, stop := context.WithCancel(t.Context())
	b.next = []http.HandlerFunc{nil, func(w http.ResponseWriter, r *http.Request) { stop(); hang(w, r) }}
	if batch, err := b.connector().Fetch(midway, b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-01-01")); !errors.Is(err, context.Canceled) || batch.Accounts != nil {
		t.Errorf("%v, %v", batch, err)
	}
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	if batch, err := b.connector().Fetch(cancelled, b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-01-01")); !errors.Is(err, context.Canceled) || batch.Accounts != nil {
		t.Errorf("%v, %v", batch, err)
	}
}

// fails is a Doer that tells what it knows.
type fails struct{}

func (fails) Do(r *http.Request) (*http.Response, error) {
	user, password, _ := r.BasicAuth()
	return nil, errors.New("cannot call " + r.URL.String() + " as " + user + " with " + password)
}

// TestTalkativeDoer: not even what makes the calls may put a secret into an error.
func TestTalkativeDoer(t *testing.T) {
	b := newBank(t)
	_, err := New(fails{}).Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-01-01"))
	_, claimErr := New(fails{}).Claim(t.Context(), b.token())
	clean(t, err.Error(), claimErr.Error())
	if !strings.Contains(err.Error(), "cannot call") || !strings.Contains(claimErr.Error(), "cannot call") {
		t.Errorf("%v, %v", err, claimErr)
	}
}

// TestPartialFailures: what fails at one bank, or for one account, leaves the others.
func TestPartialFailures(t *testing.T) {
	b := newBank(t)
	b.conns = []any{connAt("CON-1", "One"), connAt("CON-2", "Two"), connAt("CON-3", "Three")}
	b.accounts = []map[string]any{
		accountAt("CON-1", "A", "Checking", "1.00", posted("t", "2026-10-01", "-1", "Coffee")),
		accountAt("CON-2", "B", "Checking", "2.00"),
		accountAt("CON-3", "C", "Savings", "3.00", posted("t", "2026-10-01", "5", "Interest")),
		accountAt("CON-3", "D", "Checking", "4.00"),
	}
	b.problems = []any{
		map[string]any{"code": "con.auth", "msg": "Authentication failed for Two - Jim\u0007", "conn_id": "CON-2"},
		map[string]any{"code": "act.failed", "message": "Failed to get all transactions.\u202e\x00", "account_id": "C"},
		map[string]any{"code": "act.missingdata", "msg": "Some history is not available.", "account_id": "A"},
	}
	want := wantAt("2026-10-03", "2026-09-03")
	all, batches, failures := fetchAll(t, b.connector(), b.connection("", nil), want)
	if two := failures["sfin_c_CON-2"]; len(failures) != 1 || two == nil || two.Code != "ITEM_LOGIN_REQUIRED" || two.Display != "Authentication failed for Two - Jim" {
		t.Fatalf("%v", failures)
	}
	if got := slices.Sorted(maps.Keys(batches)); !slices.Equal(got, []string{"sfin_c_CON-1", "sfin_c_CON-3"}) || b.requests() != 1 {
		t.Fatalf("%v after %d requests", got, b.requests())
	}
	for id, batch := range batches {
		connectortest.Check(t, batch, want)
		if batch.InvestmentHistory != nil || batch.TransactionHistory != nil {
			t.Errorf("%s: a whole history", id)
		}
	}
	m := readMemory(all.Memory)
	if len(m.Institutions["sfin_c_CON-1"].Covered) != 1 || len(m.Institutions["sfin_c_CON-3"].Covered) != 0 {
		t.Errorf("covered: %v", m.Institutions)
	}
	if len(batches["sfin_c_CON-3"].Transactions) != 1 || len(m.Notes) != 3 || m.Notes[1].InstitutionID != "sfin_c_CON-3" || m.Notes[1].Message != "Failed to get all transactions." {
		t.Errorf("%v", m.Notes)
	}
	// The same for one bank: the broken one fails, the others do not notice.
	for id, code := range map[string]plaid.Code{"sfin_c_CON-1": "", "sfin_c_CON-2": "ITEM_LOGIN_REQUIRED", "sfin_c_CON-3": "", "sfin_c_CON-9": "INSTITUTION_NOT_RESPONDING", "ins_3": "INVALID_INSTITUTION"} {
		batch, err := b.connector().Fetch(t.Context(), b.connection(id, nil), want)
		pe, _ := errors.AsType[*plaid.Error](err)
		if (code == "") != (err == nil) || code != "" && (pe == nil || pe.Code != code || batch.Accounts != nil) {
			t.Errorf("%s: %v, want %s", id, err, code)
		}
	}
	b.problems = nil
	_, err := b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-9", nil), want)
	if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "USER_PERMISSION_REVOKED" {
		t.Errorf("a connection that is gone: %v", err)
	}
}

// TestInstitutionsThatAreGone: what was known and is not in the answer fails, each for its reason; of what the user has
// disconnected it is told once.
func TestInstitutionsThatAreGone(t *testing.T) {
	one, two := accountAt("CON-1", "A", "Checking", "1.00"), accountAt("CON-2", "B", "Checking", "1.00")
	for name, c := range map[string]struct {
		conns, problems []any
		accounts        []map[string]any
		code            plaid.Code // of the second
		again           bool
		whole           bool // nothing else is left
	}{
		"disconnected":   {[]any{connAt("CON-1", "One")}, nil, []map[string]any{one}, "USER_PERMISSION_REVOKED", false, false},
		"with a problem": {[]any{connAt("CON-1", "One")}, []any{map[string]any{"code": "con.auth", "msg": "No.", "conn_id": "CON-2"}}, []map[string]any{one}, "ITEM_LOGIN_REQUIRED", true, false},
		"without any":    {nil, nil, nil, "INSTITUTION_NOT_RESPONDING", true, true},
		"no accounts":    {[]any{connAt("CON-1", "One"), connAt("CON-2", "Two")}, nil, []map[string]any{one}, "INSTITUTION_NOT_RESPONDING", true, false},
	} {
		b := newBank(t)
		b.conns, b.accounts = []any{connAt("CON-1", "One"), connAt("CON-2", "Two")}, []map[string]any{one, two}
		all, first, _ := fetchAll(t, b.connector(), b.connection("", nil), wantAt("2026-10-03", "2026-09-03"))
		if len(first) != 2 {
			t.Fatal(first)
		}
		b.conns, b.problems, b.accounts = c.conns, c.problems, c.accounts
		for i := range 2 {
			var batches map[string]connector.Batch
			var failures map[string]*plaid.Error
			all, batches, failures = fetchAll(t, b.connector(), b.connection("", all.Memory), wantAt("2026-10-04", "2026-09-03"))
			two := failures["sfin_c_CON-2"]
			if (two != nil) != (i == 0 || c.again) || two != nil && two.Code != c.code || (len(batches) == 0) != c.whole {
				t.Errorf("%s, %d: %v, %v", name, i, batches, failures)
			}
			at := slices.IndexFunc(all.Answers, func(a connector.Answer) bool { return a.Institution.InstitutionID == "sfin_c_CON-2" })
			if two != nil && (all.Answers[at].Institution.Name == "Two") != (name == "no accounts") {
				t.Errorf("%s, %d: its name is %q", name, i, all.Answers[at].Institution.Name)
			}
		}
	}
	b := newBank(t)
	all, err := b.connector().FetchAll(t.Context(), b.connection("", nil), wantAt("2026-10-04", "2026-09-03"))
	if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "NO_ACCOUNTS" || len(all.Answers) > 0 || len(readMemory(all.Memory).Spent) != 1 {
		t.Errorf("nothing at all: %v", err)
	}
}

// TestProblemFixture: the errors as servers send them.
func TestProblemFixture(t *testing.T) {
	b := newBank(t)
	b.next = []http.HandlerFunc{reply(200, fixture(t, "simplefin-v2/errors_v2.json"))}
	_, err := b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-09-03"))
	pe, ok := errors.AsType[*plaid.Error](err)
	if !ok || pe.Code != "ITEM_LOGIN_REQUIRED" || pe.Display != "No credentials provided" {
		t.Errorf("%v", err)
	}
	var all struct {
		ErrList []map[string]any `json:"errlist"`
	}
	if err := json.Unmarshal([]byte(fixture(t, "simplefin-v2/errors_v2.json")), &all); err != nil {
		t.Fatal(err)
	}
	b = newBank(t)
	b.conns = []any{connAt("CON-1", "One"), connAt("CON-2", "Two")}
	b.accounts = []map[string]any{accountAt("CON-2", "ACT-1", "Checking", "1.00")}
	for _, each := range all.ErrList[1:] {
		b.problems = append(b.problems, each)
	}
	span, batches, failures := fetchAll(t, b.connector(), b.connection("", nil), wantAt("2026-10-03", "2026-09-03"))
	if one := failures["sfin_c_CON-1"]; one == nil || one.Code != "ITEM_LOGIN_REQUIRED" || len(batches) != 1 || len(batches["sfin_c_CON-2"].Accounts) != 1 {
		t.Fatalf("%v, %v", batches, failures)
	}
	notes := notesOf(span.Memory)
	for _, n := range notes {
		if strings.ContainsFunc(n.Message, func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q", n.Message)
		}
	}
	if len(notes) != 4 || notes[0].Code != "gen.api" {
		t.Errorf("%v", notes)
	}
}

// TestLostPositions: positions that a bank could not tell are not gone, and an account that it names in an error stays.
func TestLostPositions(t *testing.T) {
	held := func(holdings ...any) map[string]any {
		a := accountAt("CON-1", "A", "Individual", "100.00")
		a["holdings"] = holdings
		return a
	}
	voo := map[string]any{"id": "H", "symbol": "VOO", "shares": "1", "market_value": "100", "description": "Vanguard S&P 500 ETF"}
	failed := []any{map[string]any{"code": "act.failed", "msg": "No.", "account_id": "A"}}
	other := accountAt("CON-1", "B", "Checking", "1.00")
	for name, c := range map[string]struct {
		then     []map[string]any
		problems []any
		partial  bool
		keys     string
	}{
		"all well":          {[]map[string]any{held(voo), other}, nil, false, "AB"},
		"sold":              {[]map[string]any{held(), other}, nil, false, "AB"},
		"closed":            {[]map[string]any{other}, nil, false, "B"},
		"failed":            {[]map[string]any{held(), other}, failed, true, "B"},
		"failed, with them": {[]map[string]any{held(voo), other}, failed, false, "AB"},
		"failed, gone":      {[]map[string]any{other}, failed, true, "B"},
		"unreadable":        {[]map[string]any{held(map[string]any{"id": "H", "market_value": "NaN"}), other}, nil, true, "B"},
		"account broken":    {[]map[string]any{{"conn_id": "CON-1", "id": "A", "balance": "1e400"}, other}, nil, true, "B"},
	} {
		b := newBank(t)
		b.conns, b.accounts = []any{connAt("CON-1", "One")}, []map[string]any{held(voo), other}
		first, err := b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-09-03"))
		if err != nil {
			t.Fatal(err)
		}
		b.accounts, b.problems = c.then, c.problems
		batch, err := b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", first.Memory), wantAt("2026-10-04", "2026-09-03"))
		if err != nil {
			t.Fatal(name, err)
		}
		keys := ""
		for _, a := range batch.Accounts {
			keys += a.Key
			if a.Key == "A" && a.Type != "investment" {
				t.Errorf("%s: type %s", name, a.Type)
			}
		}
		if batch.Partial != c.partial || keys != c.keys {
			t.Errorf("%s: partial %v, accounts %s", name, batch.Partial, keys)
		}
		if known := readMemory(batch.Memory).Institutions["sfin_c_CON-1"].Accounts; (len(known) == 2) != (c.partial || len(c.keys) == 2) {
			t.Errorf("%s: remembers %v", name, known)
		}
	}
}

// TestVersionsMeet: an Item that was made of a server of version 1 goes on when the server has moved to version 2, asked for
// alone or with the others; what is declined stays declined.
func TestVersionsMeet(t *testing.T) {
	b := newBank(t)
	b.version = 1
	old := func(domain, id string) map[string]any {
		return map[string]any{"org": map[string]any{"domain": domain, "name": "One", "sfin-url": "https://s.example"}, "id": id, "name": "Checking", "currency": "USD", "balance": "1.00"}
	}
	b.accounts = []map[string]any{old("www.con-1.example", "A"), old("con-2.example", "B")}
	want := wantAt("2026-10-03", "2026-09-03")
	conn := b.connection("", nil)
	conn.Declined = []string{"sfin_o_con-2.example"}
	span, first, _ := fetchAll(t, b.connector(), conn, want)
	if len(first) != 1 || len(first["sfin_o_con-1.example"].Accounts) != 1 {
		t.Fatal(first)
	}
	b.version, b.conns = 2, []any{connAt("CON-1", "One"), connAt("CON-2", "Two"), connAt("CON-3", "Three")}
	b.accounts = []map[string]any{accountAt("CON-1", "A", "Checking", "1.00"), accountAt("CON-2", "B", "Checking", "1.00"), accountAt("CON-3", "C", "Checking", "1.00")}
	batch, err := b.connector().Fetch(t.Context(), b.connection("sfin_o_con-1.example", span.Memory), want)
	if err != nil || len(batch.Accounts) != 1 || batch.Accounts[0].Key != "A" {
		t.Errorf("%v, %v", batch, err)
	}
	b.problems = []any{map[string]any{"code": "con.auth", "msg": "No.", "conn_id": "CON-1"}}
	conn.Memory = span.Memory
	span, batches, failures := fetchAll(t, b.connector(), conn, want)
	if one := failures["sfin_o_con-1.example"]; one == nil || one.Code != "ITEM_LOGIN_REQUIRED" || len(failures) != 1 || len(batches) != 1 || batches["sfin_c_CON-3"].Accounts == nil {
		t.Errorf("%v, %v", batches, failures)
	}
	if n := notesOf(span.Memory); len(n) != 1 || n[0].InstitutionID != "sfin_o_con-1.example" {
		t.Errorf("%v", n)
	}
	// By its newer id it can be declined too, and is then not gone.
	b.problems, conn.Memory, conn.Declined = nil, span.Memory, []string{"sfin_o_con-2.example", "sfin_c_CON-1"}
	if _, batches, failures = fetchAll(t, b.connector(), conn, want); len(failures) > 0 || len(batches) != 1 {
		t.Errorf("%v, %v", batches, failures)
	}
}

// restarted is the connector of a process that has just begun, at each fetch.
type restarted struct{ doer Doer }

func (restarted) Name() string { return "simplefin" }

func (r restarted) Fetch(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	return New(r.doer, DailyRequests(1000)).Fetch(ctx, conn, want)
}

// TestRun holds the connector to the contract of all connectors, with a server that admits as many requests as that takes.
func TestRun(t *testing.T) {
	b := newBank(t)
	b.conns = []any{connAt("CON-1", "One")}
	a := accountAt("CON-1", "A", "Brokerage", "100.00")
	a["holdings"] = []any{map[string]any{"id": "H", "symbol": "VOO", "shares": "1", "market_value": "100", "description": "Vanguard S&P 500 ETF"}}
	rows := []row{}
	for day := plaid.MustDate("2024-09-01"); day < plaid.MustDate("2026-12-01"); day += 9 {
		rows = append(rows, row{"id": "t" + day.String(), "posted": day.Time().Unix() + 43200, "amount": "-10.00", "description": "YOU BOUGHT VANGUARD (VOO)"})
	}
	a["transactions"] = rows
	b.accounts = []map[string]any{a, accountAt("CON-1", "B", "Checking", "1.00", posted("x", "2026-10-01", "-1.50", "Coffee"))}
	connectortest.Run(t, restarted{b.srv.Client()}, []connector.Connection{b.connection("sfin_c_CON-1", nil)})
}

func TestNoRequestsAtAll(t *testing.T) {
	b := newBank(t)
	_, err := New(b.srv.Client(), DailyRequests(0)).Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-09-03"))
	if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "INSTITUTION_RATE_LIMIT" || b.requests() > 0 || b.connector().Name() != "simplefin" {
		t.Error(err)
	}
}

// endless is a body that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type pours struct{}

func (pours) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(endless{})}, nil
}

// TestEndlessAnswer: the connector has a cap of its own, whoever makes the calls.
func TestEndlessAnswer(t *testing.T) {
	_, err := New(pours{}).Fetch(t.Context(), newBank(t).connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-09-03"))
	if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "UNSUPPORTED_RESPONSE" {
		t.Error(err)
	}
}
