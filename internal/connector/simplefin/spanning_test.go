package simplefin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// twoBanks are two banks with a movement each in the old days of a history from May.
func twoBanks(t *testing.T) *bank {
	b := newBank(t)
	b.conns = []any{connAt("CON-1", "One"), connAt("CON-2", "Two")}
	b.accounts = []map[string]any{
		accountAt("CON-1", "A", "Checking", "1.00", posted("a", "2026-05-10", "-1.00", "Coffee")),
		accountAt("CON-2", "B", "Checking", "2.00", posted("b", "2026-05-10", "-2.00", "Tea")),
	}
	return b
}

// TestDeclined: what is not wanted is not answered, costs no request and is forgotten, so that all of it comes when it is wanted
// again.
func TestDeclined(t *testing.T) {
	b := twoBanks(t)
	conn := b.connection("", nil)
	fetch := func(day string, requests int, declined ...string) (string, map[string]connector.Batch) {
		t.Helper()
		before := b.requests()
		conn.Declined = declined
		span, batches, failures := fetchAll(t, b.connector(), conn, wantAt(day, "2026-05-01"))
		if len(failures) > 0 || b.requests()-before != requests {
			t.Errorf("%s: %v after %d requests, want %d", day, failures, b.requests()-before, requests)
		}
		conn.Memory = span.Memory
		return string(span.Memory), batches
	}
	if memory, batches := fetch("2026-10-03", 2); len(batches) != 2 || !strings.Contains(memory, "CON-2") {
		t.Fatal(memory)
	}
	b.problems = []any{map[string]any{"code": "act.failed", "msg": "No.", "account_id": "B"}, map[string]any{"code": "con.auth", "msg": "No.", "conn_id": "CON-2"}}
	b.accounts[1]["transactions"] = []any{row{"id": "bad", "amount": "NaN"}}
	for _, day := range []string{"2026-10-04", "2026-10-05"} {
		memory, batches := fetch(day, 1, "sfin_c_CON-2", "sfin_c_CON-9")
		if len(batches) != 1 || len(batches["sfin_c_CON-1"].Accounts) != 1 || strings.Contains(memory, "CON-2") || len(notesOf(conn.Memory)) > 0 {
			t.Errorf("%s: %v, remembers %s", day, batches, memory)
		}
		if batches["sfin_c_CON-1"].TransactionHistory == nil {
			t.Errorf("%s: the trouble of a bank that nobody wants is another's", day)
		}
	}
	if memory, batches := fetch("2026-10-06", 1, "sfin_c_CON-1", "sfin_c_CON-2"); len(batches) != 0 || strings.Contains(memory, "CON-") {
		t.Errorf("all declined: %v, remembers %s", batches, memory)
	}
	b.problems = nil
	b.accounts[1]["transactions"] = []row{posted("b", "2026-05-10", "-2.00", "Tea")}
	fetch("2026-10-07", 2, "sfin_c_CON-2")
	if _, batches := fetch("2026-10-08", 3); len(batches["sfin_c_CON-1"].Transactions) != 1 || len(batches["sfin_c_CON-2"].Transactions) != 1 {
		t.Errorf("wanted again: %v", batches)
	}
}

// TestSpanMemory: what a failed fetch has spent is spent, what was known stays known, and what was declined is forgotten.
func TestSpanMemory(t *testing.T) {
	b := twoBanks(t)
	b.problems = []any{map[string]any{"code": "act.missingdata", "msg": "Some.", "account_id": "A"}, map[string]any{"code": "act.missingdata", "msg": "Some.", "account_id": "B"}}
	span, _, _ := fetchAll(t, b.connector(), b.connection("", nil), wantAt("2026-10-03", "2026-05-01"))
	if n := notesOf(span.Memory); len(n) != 2 || n[1].InstitutionID != "sfin_c_CON-2" || n[1].AccountKey != "B" {
		t.Fatal(n)
	}
	known := readMemory(span.Memory).Institutions["sfin_c_CON-1"]
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for name, c := range map[string]struct {
		ctx         context.Context
		next        []http.HandlerFunc
		history     string
		credentials string
		code        plaid.Code
		spent       int
	}{
		"down":            {t.Context(), []http.HandlerFunc{reply(500, "")}, "2026-05-01", "", "INSTITUTION_NOT_RESPONDING", 3},
		"refused":         {t.Context(), []http.HandlerFunc{reply(403, "")}, "2026-05-01", "", "ITEM_LOGIN_REQUIRED", 3},
		"cancelled":       {ctx, []http.HandlerFunc{nil, func(_ http.ResponseWriter, r *http.Request) { stop(); <-r.Context().Done() }}, "2026-01-01", "", "", 4},
		"bad credentials": {t.Context(), nil, "2026-05-01", `{}`, "", 2},
	} {
		b.next = c.next
		conn := b.connection("", span.Memory)
		conn.Declined = []string{"sfin_c_CON-2"}
		if c.credentials != "" {
			conn.Credentials = json.RawMessage(c.credentials)
		}
		failed, err := b.connector().FetchAll(c.ctx, conn, wantAt("2026-10-03", c.history))
		pe, _ := errors.AsType[*plaid.Error](err)
		if err == nil || (c.code != "" && (pe == nil || pe.Code != c.code)) || len(failed.Answers) > 0 {
			t.Errorf("%s: %v", name, err)
		}
		m := readMemory(failed.Memory)
		if len(m.Spent) != c.spent || strings.Contains(string(failed.Memory), "CON-2") || len(m.Institutions) != 1 || !slices.Equal(m.Institutions["sfin_c_CON-1"].Covered, known.Covered) {
			t.Errorf("%s: remembers %s", name, failed.Memory)
		}
		clean(t, string(failed.Memory), err.Error())
	}
}

// TestInstitution: what a server says of a bank, as far as it can be shown.
func TestInstitution(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.bank.example/a": "https://www.bank.example/a", "http://bank.example": "http://bank.example",
		"": "", "bank.example": "", "javascript:alert(1)": "", "https://": "", "https://user:pass@bank.example": "", "ftp://bank.example": "", "%zz": "",
	} {
		b := newBank(t)
		c := connAt("CON-1", "My Bank")
		c["org_url"] = address
		b.conns, b.accounts = []any{c}, []map[string]any{accountAt("CON-1", "A", "Checking", "1.00")}
		span, _, _ := fetchAll(t, b.connector(), b.connection("", nil), wantAt("2026-10-03", "2026-09-15"))
		got := ""
		if in := span.Answers[0].Institution; in.URL != nil {
			got = *in.URL
		}
		if in := span.Answers[0].Institution; got != want || in.InstitutionID != "sfin_c_CON-1" || in.Name != "My Bank" {
			t.Errorf("%q: %q, %+v", address, got, in)
		}
	}
}

// TestNoInstitution: an id that is none of SimpleFIN's costs no request.
func TestNoInstitution(t *testing.T) {
	b := twoBanks(t)
	for _, id := range []string{"", "ins_3"} {
		_, err := b.connector().Fetch(t.Context(), b.connection(id, nil), wantAt("2026-10-03", "2026-09-15"))
		if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "INVALID_INSTITUTION" || b.requests() > 0 {
			t.Errorf("%q: %v after %d requests", id, err, b.requests())
		}
	}
}

func TestRefreshEvery(t *testing.T) {
	if every := New(nil).RefreshEvery(); every != 6*time.Hour {
		t.Error(every)
	}
}

// TestAllowHTTP: plain http is spoken where the operator says so, and nowhere else.
func TestAllowHTTP(t *testing.T) {
	b := newPlainBank(t)
	b.conns, b.accounts = []any{connAt("CON-1", "My Bank")}, []map[string]any{accountAt("CON-1", "A", "Checking", "1.00")}
	want := wantAt("2026-10-03", "2026-09-15")
	strict, open := New(b.srv.Client()), New(b.srv.Client(), AllowHTTP())
	_, err := strict.Claim(t.Context(), b.token())
	if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "INVALID_CREDENTIALS" || !strings.Contains(pe.Display, "plain http, which is not allowed") || b.claimed {
		t.Errorf("%v", err)
	}
	conn := b.connection("sfin_c_CON-1", nil)
	if conn.Credentials, err = open.Claim(t.Context(), b.token()); err != nil {
		t.Fatal(err)
	}
	_, fetchErr := strict.Fetch(t.Context(), conn, want)
	_, allErr := strict.FetchAll(t.Context(), conn, want)
	_, correctErr := strict.Correct(conn.Credentials, "sfin_c_CON-1", "A", "loan", "")
	for _, err := range []error{fetchErr, allErr, correctErr} {
		if err == nil || !strings.Contains(err.Error(), "plain http, which is not allowed") || b.requests() > 0 {
			t.Errorf("%v after %d requests", err, b.requests())
			continue
		}
		clean(t, err.Error())
	}
	if conn.Credentials, err = open.Correct(conn.Credentials, "sfin_c_CON-1", "A", "loan", ""); err != nil {
		t.Fatal(err)
	}
	if batch, err := open.Fetch(t.Context(), conn, want); err != nil || accountNamed(t, batch, "A").Type != "loan" {
		t.Errorf("%v, %v", batch, err)
	}
	// No other scheme comes with it; and a token of https whose server answers with an access URL of http is refused without it.
	for _, bad := range []string{`{"url":"ftp://a.example","user":"u"}`, `{"url":"//a.example","user":"u"}`} {
		conn.Credentials = json.RawMessage(bad)
		if _, err := open.Fetch(t.Context(), conn, want); err == nil {
			t.Errorf("%s is good", bad)
		}
	}
	tls := newBank(t)
	answers := doer(func(r *http.Request) (*http.Response, error) {
		resp, err := tls.srv.Client().Do(r)
		if err == nil {
			resp.Body.Close()
			resp.Body = readerOf(b.accessURL())
		}
		return resp, err
	})
	_, err = New(answers).Claim(t.Context(), tls.token())
	if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "UNSUPPORTED_RESPONSE" || !strings.Contains(pe.Message, "plain http, which is not allowed") {
		t.Errorf("%v", err)
	}
	clean(t, err.Error())
	tls.claimed = false
	if _, err = New(answers, AllowHTTP()).Claim(t.Context(), tls.token()); err != nil {
		t.Error(err)
	}
}
