package server_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"

	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// What a processor reads again costs one read of the database, as what the Item's own client reads does.
func TestProcessorsReadAtOnePoint(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			var statements atomic.Int64
			o := wefttest.Options{Observe: func(query string, _ []any) {
				if query != store.Committing && query != store.Committed {
					statements.Add(1)
				}
			}}
			if engine == "postgres" {
				o.Database = storetest.PostgresURL(t)
			}
			s := wefttest.NewServerWith(t, o)
			item := s.MustLink("ins_109508", "investments", "transactions")
			var made struct {
				Token string `json:"processor_token"`
			}
			if err := item.Call("/processor/token/create", map[string]any{"account_id": item.MustAccounts()[0].AccountID, "processor": "dwolla"}, &made); err != nil {
				t.Fatal(err)
			}
			partner := s.NewClient()
			partner.BeProcessor("dwolla")
			for _, path := range []string{"/processor/account/get", "/processor/investments/holdings/get", "/processor/transactions/sync", "/processor/transactions/get", "/processor/transactions/recurring/get"} {
				request := map[string]any{"processor_token": made.Token}
				if path == "/processor/transactions/get" {
					request["start_date"], request["end_date"] = "2026-01-01", "2026-11-20"
				}
				for i := range 3 {
					statements.Store(0)
					if err := partner.Call(path, request, nil); err != nil {
						t.Fatal(err)
					}
					if n := statements.Load(); i > 0 && n != 1 {
						t.Errorf("%s: %d statements at call %d", path, n, i)
					}
				}
			}
		})
	}
}

// No processor token is in any log, file or answer of the server, but for that which made it.
func TestProcessorTokensAreNotToldOrStoredInClear(t *testing.T) {
	dir, log, told := t.TempDir(), &lockedLog{}, &bytes.Buffer{}
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: log})
	item := s.MustLink("ins_109508", "auth", "transactions")
	account := item.MustAccounts()[0].AccountID
	make := func(path, more string) string {
		answer := tell(t, s, wefttest.SandboxSecret, path, `{"access_token":"`+item.AccessToken+`","account_id":"`+account+`"`+more+`}`)
		return between(answer, `_token":"`, `"`)
	}
	tokens := []string{
		make("/processor/token/create", `,"processor":"dwolla"`), make("/processor/apex/processor_token/create", ""), make("/processor/stripe/bank_account_token/create", ""),
		between(tell(t, s, wefttest.SandboxSecret, "/sandbox/processor_token/create", `{"institution_id":"ins_109508"}`), `_token":"`, `"`),
	}
	for _, token := range tokens {
		tell(t, s, wefttest.SandboxSecret, "/processor/account/"+token, `{}`) // which the answer names, and the log does not
		for _, path := range []string{"/processor/account/get", "/processor/transactions/sync", "/processor/token/permissions/get", "/processor/token/webhook/update", "/accounts/get"} {
			for _, body := range []string{`{"processor_token":"` + token + `"}`, `{"processor_token":"` + token + `","webhook":"https://hook.example"}`, `{"processor_token":"` + token + `x"}`, `{"access_token":"` + token + `"}`} {
				told.WriteString(tell(t, s, wefttest.SandboxSecret, path, body))
			}
		}
	}
	if answers := strings.Count(told.String(), account); answers == 0 {
		t.Fatal("nothing was read")
	}
	s.Stop()
	found := map[string][]byte{"log": log.Bytes(), "answers": told.Bytes()}
	readFiles(t, dir, found)
	if len(found) < 4 || log.Len() == 0 {
		t.Fatalf("only %d places were searched", len(found))
	}
	for place, content := range found {
		for _, token := range tokens {
			if len(token) < 20 {
				t.Fatalf("a token is %q", token)
			}
			if at := bytes.Index(content, []byte(token)); at >= 0 {
				t.Errorf("%s has a token: …%q", place, content[max(0, at-80):min(len(content), at+60)])
			}
		}
	}
}
