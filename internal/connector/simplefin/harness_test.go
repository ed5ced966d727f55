package simplefin

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/access"
	"weft/internal/needs"
	"weft/internal/plaid"
)

// The canaries: none of them may be in any error, note or memory.
const (
	canaryUser  = "canary-user-5f1d"
	canaryPass  = "canary/pass:%9e2c"
	canaryClaim = "canary-claim-77aa"
	canaryPath  = "canary-path-30bd"
)

// row is a movement of the fake server.
type row map[string]any

// bank is a scripted SimpleFIN server. It answers from its accounts, by the days that are asked for, unless it is told otherwise.
type bank struct {
	t   testing.TB
	srv *httptest.Server

	mu       sync.Mutex
	version  int
	problems []any
	conns    []any
	accounts []map[string]any // their "transactions" are filtered by the days
	claimed  bool
	asked    []*http.Request
	// next, where there are some, answer the next requests for accounts in the place of the server; a nil lets it answer.
	next []http.HandlerFunc
}

func newBank(t testing.TB) *bank {
	b := &bank{t: t, version: 2}
	b.srv = httptest.NewTLSServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.srv.Close)
	return b
}

// newPlainBank is one without TLS.
func newPlainBank(t testing.TB) *bank {
	b := &bank{t: t, version: 2}
	b.srv = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.srv.Close)
	return b
}

func (b *bank) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.URL.Path {
	case "/claim/" + canaryClaim:
		if r.Method != http.MethodPost || r.ContentLength != 0 {
			b.t.Errorf("claimed by %s with %d bytes", r.Method, r.ContentLength)
		}
		if b.claimed {
			http.Error(w, "<html>"+canaryClaim+"</html>", http.StatusForbidden)
			return
		}
		b.claimed = true
		fmt.Fprintln(w, b.accessURL())
	case "/" + canaryPath + "/simplefin/accounts":
		b.asked = append(b.asked, r)
		if user, password, _ := r.BasicAuth(); user != canaryUser || password != canaryPass {
			b.t.Errorf("logged in as %q with %q", user, password)
		}
		if len(b.next) > 0 {
			answer := b.next[0]
			b.next = b.next[1:]
			if answer != nil {
				b.mu.Unlock()
				defer b.mu.Lock() // for the other defer, also when the answer is to panic
				answer(w, r)
				return
			}
		}
		b.answer(w, r)
	default:
		b.t.Errorf("asked for %s", r.URL.Path)
	}
}

func (b *bank) accessURL() string {
	return strings.Replace(b.srv.URL, "://", "://"+canaryUser+":canary%2Fpass%3A%259e2c@", 1) + "/" + canaryPath + "/simplefin"
}

func (b *bank) token() string {
	return base64.StdEncoding.EncodeToString([]byte(b.srv.URL + "/claim/" + canaryClaim))
}

// answer is what the server has of the days that are asked for.
func (b *bank) answer(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, _ := strconv.ParseInt(q.Get("start-date"), 10, 64)
	to, err := strconv.ParseInt(q.Get("end-date"), 10, 64)
	if err != nil {
		to = 1 << 40
	}
	if days := (to - from) / 86400; days > 90 {
		b.t.Errorf("asked for %d days", days)
	}
	accounts := []any{}
	for _, a := range b.accounts {
		copied := map[string]any{}
		for k, v := range a {
			copied[k] = v
		}
		rows := []row{}
		if all, ok := a["transactions"].([]row); ok {
			for _, each := range all {
				posted, _ := each["posted"].(int64)
				if posted == 0 && q.Get("pending") == "1" || posted >= from && posted < to && posted > 0 {
					rows = append(rows, each)
				}
			}
		}
		if raw, ok := a["transactions"].([]any); ok {
			copied["transactions"] = raw
		} else {
			copied["transactions"] = rows
		}
		accounts = append(accounts, copied)
	}
	answer := map[string]any{"accounts": accounts}
	if b.version == 2 {
		answer["errlist"], answer["connections"] = append([]any{}, b.problems...), append([]any{}, b.conns...)
	} else {
		answer["errors"] = append([]any{}, b.problems...)
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		b.t.Error(err)
	}
}

func (b *bank) requests() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

func (b *bank) connector() *Connector { return New(b.srv.Client()) }

// connection is one to the bank, with the memory of what went before.
func (b *bank) connection(institution string, memory json.RawMessage) connector.Connection {
	c, err := access.Parse(b.accessURL(), true)
	if err != nil {
		b.t.Fatal(err)
	}
	creds, err := plaid.JSON(c)
	if err != nil {
		b.t.Fatal(err)
	}
	return connector.Connection{ID: "conn", InstitutionID: institution, Credentials: creds, CreatedAt: noon("2026-10-03"), Memory: memory}
}

func noon(day string) time.Time { return plaid.MustDate(day).Time().Add(12 * time.Hour) }

// at is the second of noon of a day.
func at(day string) int64 { return noon(day).Unix() }

func wantAt(day string, history string, products ...string) connector.Want {
	if len(products) == 0 {
		products = []string{"transactions", "investments"}
	}
	return connector.Want{Now: noon(day), Products: products, HistoryFrom: plaid.MustDate(history)}
}

func connAt(id, name string) map[string]any {
	return map[string]any{"conn_id": id, "name": name, "org_id": strings.ToLower(id) + ".example", "org_name": name, "org_url": "https://www." + strings.ToLower(id) + ".example"}
}

func accountAt(conn, id, name, balance string, rows ...row) map[string]any {
	return map[string]any{"conn_id": conn, "id": id, "name": name, "currency": "USD", "balance": balance, "balance-date": at("2026-10-03"), "transactions": rows}
}

func posted(id, day, amount, description string) row {
	return row{"id": id, "posted": at(day), "amount": amount, "description": description}
}

// reply is an answer of a status with a body.
func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(needs.Shared(t, "fixtures"), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// clean fails where an error, a note or a memory has a canary.
func clean(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, canary := range []string{canaryUser, canaryPass, "canary%2Fpass", canaryClaim, canaryPath} {
			if strings.Contains(text, canary) {
				t.Errorf("%q is told in %q", canary, text)
			}
		}
	}
}

// notesOf are the notes in a memory.
func notesOf(memory json.RawMessage) []connector.Note { return New(nil).Notes(memory) }

// parts are a span's batches and errors by institution, each of which is told once and in order.
func parts(t testing.TB, s connector.Span) (batches map[string]connector.Batch, failures map[string]*plaid.Error) {
	t.Helper()
	batches, failures = map[string]connector.Batch{}, map[string]*plaid.Error{}
	last := ""
	for _, a := range s.Answers {
		in := a.Institution
		if in.InstitutionID <= last || !in.Supported || in.CountryCodes == nil || in.RoutingNumbers == nil || in.DTCNumbers == nil || !slices.Equal(in.Products, []string{"investments", "transactions"}) {
			t.Errorf("after %q: %+v", last, in)
		}
		if last = in.InstitutionID; a.Err != nil {
			failures[last] = a.Err
		} else {
			batches[last] = a.Batch
		}
		if a.Batch.Memory != nil || a.Err != nil && a.Batch.Accounts != nil {
			t.Errorf("%s has a memory of its own, or an error and accounts", last)
		}
	}
	return batches, failures
}

// fetchAll is a span that is no error as a whole.
func fetchAll(t testing.TB, c *Connector, conn connector.Connection, want connector.Want) (connector.Span, map[string]connector.Batch, map[string]*plaid.Error) {
	t.Helper()
	s, err := c.FetchAll(t.Context(), conn, want)
	if err != nil {
		t.Fatal(err)
	}
	batches, failures := parts(t, s)
	return s, batches, failures
}

func accountNamed(t testing.TB, b connector.Batch, key string) connector.Account {
	t.Helper()
	i := slices.IndexFunc(b.Accounts, func(a connector.Account) bool { return a.Key == key })
	if i < 0 {
		t.Fatalf("no account %q among %d", key, len(b.Accounts))
	}
	return b.Accounts[i]
}

// doer is a Doer that is a function.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func readerOf(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }
