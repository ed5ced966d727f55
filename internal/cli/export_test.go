package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/internal/store/storetest"
)

// exported is a server with people of several kinds, and how its data is exported.
type exported struct {
	t *testing.T
	// storage are the flags that say where it is.
	storage []string
}

// withPeople starts a server at which people of the simulated banks are linked, and stops it.
func withPeople(t *testing.T, storage ...string) exported {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, nil, append(storage, "--instant")...)
	id, secrets := printed(t, s.greeting)
	for _, who := range []struct{ name, products string }{
		{"user_good", `"transactions","investments"`}, {"user_transactions_dynamic", `"transactions"`}, {"user_bank_income", `"transactions"`},
	} {
		body := fmt.Sprintf(`{"client_id":%q,"secret":%q,"institution_id":"ins_109508","initial_products":[%s],"options":{"override_username":%q,"override_password":"pass_good"}}`,
			id, secrets["sandbox"], who.products, who.name)
		res, err := http.Post(s.url+"/sandbox/public_token/create", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		if res.Body.Close(); err != nil || res.StatusCode != http.StatusOK { //nolint:errcheck // it was read
			t.Fatalf("%s: %d %s %v", who.name, res.StatusCode, answer, err)
		}
		var made struct {
			PublicToken string `json:"public_token"`
		}
		if err := json.Unmarshal(answer, &made); err != nil {
			t.Fatal(err)
		}
		if status, code := s.post("/item/public_token/exchange", fmt.Sprintf(`{"client_id":%q,"secret":%q,"public_token":%q}`, id, secrets["sandbox"], made.PublicToken)); status != http.StatusOK {
			t.Fatalf("%d %s", status, code)
		}
	}
	return exported{t, append(storage, "--data", data)}
}

func (e exported) to(format string, args ...string) string {
	e.t.Helper()
	out := filepath.Join(e.t.TempDir(), "weft."+format)
	weft(e.t, nil, slices.Concat([]string{"export", format, "--environment", "sandbox", "--out", out}, e.storage, args)...).succeeds(e.t)
	return out
}

// run runs a tool, which must end well.
func (e exported) run(t *testing.T, tool string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(tool), err, out)
	}
	return string(out)
}

// What is exported is read by the tools that it is for, with every balance as the bank states it.
func TestExportIsReadByItsTools(t *testing.T) {
	e := withPeople(t)
	t.Run("beancount", func(t *testing.T) {
		check := needs.Program(t, "bean-check", "apt-get install beancount")
		e.run(t, check, e.to("beancount"))
		e.run(t, check, e.to("beancount", "--pending"))
		e.run(t, check, e.to("beancount", "--to", "2026-01-31"))
	})
	t.Run("hledger", func(t *testing.T) {
		hledger := needs.Program(t, "hledger", "apt-get install hledger")
		journal := e.to("hledger")
		e.run(t, hledger, "check", "--strict", "-f", journal)
		e.run(t, hledger, "check", "--strict", "-f", e.to("hledger", "--pending"))
		balance := e.run(t, hledger, "balance", "--no-total", "--flat", "-f", journal, "Assets:First-Platypus-Bank:Plaid-Checking", "cur:USD")
		if !strings.Contains(balance, "110") {
			t.Errorf("the checking account has %s", balance)
		}
	})
	t.Run("ofx", func(t *testing.T) {
		ofxdump, file := needs.Program(t, "ofxdump", "apt-get install ofx"), e.to("ofx")
		dump := e.run(t, ofxdump, file)
		if _, fault, found := strings.Cut(dump, "LibOFX ERROR"); found {
			t.Errorf("ofxdump says:\n%.2000s", fault)
		}
		written, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir, text := e.to("csv"), string(written)
		if got, want := strings.Count(dump, "ofx_proc_account():"), len(rows(t, dir, "accounts")); got != want {
			t.Errorf("%d accounts, and ofxdump reads %d", want, got)
		}
		events := strings.Count(text, "<INVTRAN>") + strings.Count(text, "<STMTTRN>")
		if got := strings.Count(dump, "ofx_proc_transaction():"); got != events {
			t.Errorf("%d transactions are written, and ofxdump reads %d", events, got)
		}
		for _, row := range append(rows(t, dir, "transactions"), rows(t, dir, "investment_transactions")...) {
			if !strings.Contains(text, "<FITID>"+row[0]+"</FITID>") {
				t.Errorf("%v is not written", row)
			}
		}
	})
}

// rows are those of a table.
func rows(t *testing.T, dir, table string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, table+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

// An export is imported again, with the same balances and as many transactions.
func TestExportIsImportedAgain(t *testing.T) {
	e := withPeople(t)
	file := e.to("ofx")
	again := filepath.Join(t.TempDir(), "again")
	s := serve(t, again, nil)
	s.stop()
	weft(t, nil, "import", "--data", again, file).succeeds(t)
	before, after := e.to("csv"), t.TempDir()
	weft(t, nil, "export", "csv", "--data", again, "--out", after).succeeds(t)
	for _, table := range []string{"accounts", "transactions"} {
		was, is := len(rows(t, before, table)), len(rows(t, after, table))
		if was != is || is < 4 {
			t.Errorf("%s: %d lines became %d", table, was, is)
		}
	}
}

// Either engine gives the same tables, but for the moment of the balances.
func TestExportFromEitherEngine(t *testing.T) {
	lite := withPeople(t)
	post := withPeople(t, "--database", storetest.PostgresURL(t))
	one, other := lite.to("csv"), post.to("csv")
	for _, table := range []string{"accounts", "transactions", "securities", "holdings", "investment_transactions"} {
		a, b := rows(t, one, table), rows(t, other, table)
		if len(a) != len(b) || len(a) == 0 {
			t.Errorf("%s: %d rows and %d", table, len(a), len(b))
		}
	}
	if some := rows(t, post.to("csv", "--from", "2026-11-01", "--to", "2026-11-05"), "transactions"); len(some) >= len(rows(t, other, "transactions")) {
		t.Errorf("%d transactions of five days", len(some))
	}
}

func TestExportRefuses(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve(t, data, nil).stop()
	run := func(args ...string) outcome {
		return weft(t, nil, append([]string{"export", "--data", data}, args...)...)
	}
	run().fails(t, "no format", 2, "FORMAT")
	run("xml").fails(t, "an unknown format", 2, `"xml"`, "beancount, csv, hledger, ofx, parquet")
	run("csv").fails(t, "tables without a folder", 2, "--out")
	run("ofx", "--from", "yesterday", "--to", "never").fails(t, "days", 2, "--from", "--to")
	run("ofx", "--from", "2026-02-01", "--to", "2026-01-01").fails(t, "days in the wrong order", 2, "after")
	run("ofx", "--item", "nobody").fails(t, "an unknown Item", 1, "nobody")
	run("ofx", "--account", "nobody").fails(t, "an unknown account", 1, "nobody")
}
