package linkmoney_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

// buffer is a log that several goroutines write.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// registered is a user with Items.
type registered struct {
	*wefttest.Server
	*testing.T
	token, id string
	items     []*wefttest.Item
}

func register(t *testing.T, s *wefttest.Server, name string, banks ...string) *registered {
	t.Helper()
	var made struct {
		UserID      string `json:"user_id"`
		AccessToken string `json:"access_token"`
	}
	if err := s.Call("/v1/plaid/users/register", map[string]any{"client_user_id": name}, &made); err != nil {
		t.Fatal(err)
	}
	r := &registered{Server: s, T: t, token: made.AccessToken, id: made.UserID}
	for _, bank := range banks {
		var public struct {
			PublicToken string `json:"public_token"`
		}
		err := s.Call("/sandbox/public_token/create", map[string]any{"institution_id": bank, "user_id": r.id, "initial_products": []string{"transactions", "investments"}}, &public)
		if err != nil {
			t.Fatal(err)
		}
		r.items = append(r.items, s.MustExchange(public.PublicToken))
	}
	return r
}

// ask calls with the user's token and nothing else.
func (r *registered) ask(path string, request map[string]any) (int, []byte) {
	r.Helper()
	status, body, err := r.Post(path, request, http.Header{"Authorization": {"Bearer " + r.token}, "Plaid-Client-Id": nil, "Plaid-Secret": nil})
	if err != nil {
		r.Fatal(err)
	}
	return status, body
}

// What a route is limited to, it is limited to by the dialect as well; the pages of one answer count once.
func TestLimits(t *testing.T) {
	s := wefttest.NewServerWith(t, wefttest.Options{RateLimits: 1})
	r := register(t, s, "u", "ins_109508", "ins_109509")
	for n := range 3 {
		status, body := r.ask("/v1/plaid/transactions/refresh", nil)
		if want := map[bool]int{true: 200, false: 429}[n < 2]; status != want {
			t.Errorf("refresh %d is answered %d %s", n+1, status, body)
		}
	}
	status, body, err := s.Post("/transactions/refresh", map[string]any{"access_token": r.items[0].AccessToken}, nil)
	if err != nil || status != 429 || !strings.Contains(string(body), "TRANSACTIONS_REFRESH_LIMIT") {
		t.Errorf("by Plaid's own path it is answered %d %s, %v", status, body, err)
	}
}

// No token and no secret is in the log, wherever it stands in a request, nor in what is answered to a wrong one.
func TestNothingSecretInLogs(t *testing.T) {
	var log buffer
	s := wefttest.NewServerWith(t, wefttest.Options{Log: &log})
	r := register(t, s, "u", "ins_109508")
	access := r.items[0].AccessToken
	wrong := "access-user-sandbox-11111111-2222-3333-4444-555555555555"
	for _, request := range []map[string]any{
		nil, {"access_token": r.token}, {"access_token": access}, {"access_token": wrong}, {"access_token": []string{r.token}}, {r.token: 1},
		{"client_id": s.ClientID, "client_secret": s.Secret}, {"access_token": access, "client_id": s.ClientID, "secret": s.Secret + "x"},
	} {
		for _, path := range []string{"/v1/plaid/accounts/get", "/v1/plaid/item/get", "/v1/plaid/configuration", "/v2/plaid/nothing/" + r.token} {
			_, body := r.ask(path, request)
			if text := string(body); strings.Contains(text, s.Secret) || request[r.token] == nil && !strings.HasSuffix(path, r.token) && strings.Contains(text, r.token) || strings.Contains(text, access) {
				t.Errorf("%s answers %s", path, text)
			}
		}
	}
	for _, secret := range []string{r.token, access, wrong, s.Secret} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
	if !strings.Contains(log.String(), "/v1/plaid/accounts/get") {
		t.Error("nothing was logged")
	}
}

// Whatever pages a client reads, they are parts of one list: that of all Items, newest first.
func TestPagesAreOfTheWhole(t *testing.T) {
	for engine, o := range map[string]wefttest.Options{"sqlite": {}, "postgres": {Database: storetest.PostgresURL(t)}} {
		t.Run(engine, func(t *testing.T) {
			pagesAreOfTheWhole(t, register(t, wefttest.NewServerWith(t, o), "u", "ins_109508", "ins_109509", "ins_109510"))
		})
	}
}

func pagesAreOfTheWhole(t *testing.T, r *registered) {
	for _, kind := range []struct{ path, list, id, total string }{
		{"/v1/plaid/transactions/get", "transactions", "transaction_id", "total_transactions"},
		{"/v1/plaid/investments/transactions/get", "investment_transactions", "investment_transaction_id", "total_investment_transactions"},
	} {
		read := func(offset, count int) (ids, dates []string, total int, securities map[string]bool, wanted []string) {
			status, body := r.ask(kind.path, map[string]any{"start_date": "2024-11-01", "end_date": "2026-11-20", "options": map[string]any{"offset": offset, "count": count}})
			var answer map[string]json.RawMessage
			var rows []map[string]any
			if err := json.Unmarshal(body, &answer); err != nil || status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			if err := json.Unmarshal(answer[kind.list], &rows); err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				ids, dates = append(ids, fmt.Sprint(row[kind.id])), append(dates, fmt.Sprint(row["date"]))
				if row["security_id"] != nil {
					wanted = append(wanted, fmt.Sprint(row["security_id"]))
				}
			}
			var list []map[string]any
			_ = json.Unmarshal(answer["securities"], &list)
			securities = map[string]bool{}
			for _, sec := range list {
				securities[fmt.Sprint(sec["security_id"])] = true
			}
			if err := json.Unmarshal(answer[kind.total], &total); err != nil {
				t.Fatal(err)
			}
			return ids, dates, total, securities, wanted
		}
		var all []string
		for {
			ids, dates, total, _, _ := read(len(all), 500)
			all = append(all, ids...)
			if !slices.IsSortedFunc(dates, func(a, b string) int { return strings.Compare(b, a) }) {
				t.Errorf("%s is not newest first", kind.path)
			}
			if len(ids) == 0 || len(all) >= total {
				if len(all) != total {
					t.Errorf("%s has %d rows, and says %d", kind.path, len(all), total)
				}
				break
			}
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(all))); len(unique) != len(all) || len(all) < 20 {
			t.Fatalf("%s: %d rows, %d of them different", kind.path, len(all), len(unique))
		}
		rapid.Check(t, func(rt *rapid.T) {
			offset, count := rapid.IntRange(0, len(all)+5).Draw(rt, "offset"), rapid.IntRange(1, 500).Draw(rt, "count")
			ids, _, total, securities, wanted := read(offset, count)
			from := min(offset, len(all))
			if want := all[from:min(from+count, len(all))]; !slices.Equal(ids, want) || total != len(all) {
				rt.Errorf("%s from %d, %d: %d rows of %d, want %d", kind.path, offset, count, len(ids), total, len(want))
			}
			for _, id := range wanted {
				if !securities[id] {
					rt.Errorf("the security %s is not there", id)
				}
			}
		})
	}
}
