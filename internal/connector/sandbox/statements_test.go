package sandbox

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/daybook"
	"weft/internal/needs"
	"weft/internal/plaid"
)

// papers is what a person's bank lists on a day, and how to get each.
type papers struct {
	batch connector.Batch
	conn  connector.Connection
}

func papersOf(t *testing.T, user, password string, days int) papers {
	t.Helper()
	opened, code := login(t, platypus, user, password)
	if code != "" {
		t.Fatalf("%s: %s", user, code)
	}
	p := papers{conn: connector.Connection{ID: "one", InstitutionID: platypus, Credentials: opened.Credentials, CreatedAt: now}}
	at := now.AddDate(0, 0, days)
	var err error
	p.batch, err = shared().Fetch(t.Context(), p.conn, connector.Want{Now: at, Products: []string{"statements"}, HistoryFrom: plaid.DateOf(at).AddDays(-3000)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p papers) get(t *testing.T, s connector.AccountStatement) []byte {
	t.Helper()
	content, err := shared().AccountStatement(t.Context(), p.conn, s.AccountKey, s.Key)
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	return content
}

// written is the text of a PDF, its runs of spaces made one.
func written(t *testing.T, content []byte) string {
	t.Helper()
	tool := needs.Program(t, "pdftotext", "poppler-utils (make needs)")
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// A month's statement has each of its transactions and no other, and the balances on both sides of it.
func TestStatementsAgreeWithTheBooks(t *testing.T) {
	for _, c := range []struct{ user, account, key, from string }{
		{"user_yuppie", "checking", "2026-07-31", "2026-07-01"}, {"user_yuppie", "card", "2026-07-14", "2026-06-15"},
		{"user_small_business", "checking", "2026-09-30", "2026-09-01"}, {"user_credit_joint_account", "mortgage", "2026-07-31", "2026-07-01"},
		{"user_good", "savings", "2026-07-31", "2026-07-01"},
	} {
		password := "x"
		if c.user == userGood {
			password = "pass_good"
		}
		p := papersOf(t, c.user, password, 60)
		i := slices.IndexFunc(p.batch.AccountStatements, func(s connector.AccountStatement) bool { return s.AccountKey == c.account && s.Key == c.key })
		if i < 0 {
			t.Fatalf("%+v is not listed", c)
		}
		at := slices.IndexFunc(p.batch.Accounts, func(a connector.Account) bool { return a.Key == c.account })
		book, text := daybook.Of(p.batch, p.batch.Accounts[at]), written(t, p.get(t, p.batch.AccountStatements[i]))
		opening, closing := "Opening balance ", "Closing balance "
		if p.batch.Accounts[at].Type != plaid.TypeDepository {
			opening, closing = "Previous balance ", "New balance "
		}
		from, to := plaid.MustDate(c.from), plaid.MustDate(c.key)
		for _, want := range []string{opening + grouped(book.At(from.AddDays(-1))), closing + grouped(book.At(to))} {
			if !strings.Contains(text, want) {
				t.Errorf("%+v has no %q:\n%s", c, want, text)
			}
		}
		rows := book.Between(from, to)
		for _, row := range rows {
			name := strings.Join(strings.Fields(row.Name), " ")
			want := row.Date.Time().Format("Jan 02") + " " + name[:min(len(name), 24)] // a long one goes on below
			if !strings.Contains(text, want) || !strings.Contains(text, " "+grouped(row.Amount.Abs())+" ") {
				t.Errorf("%+v has no %q, %s", c, want, grouped(row.Amount.Abs()))
			}
		}
		if len(rows) == 0 {
			t.Errorf("%+v has no transactions", c)
		}
	}
}

// grouped is an amount as statements write it.
func grouped(d plaid.Decimal) string {
	text := d.Abs().Round(2).String()
	if !strings.Contains(text, ".") {
		text += ".00"
	}
	for len(text)-strings.Index(text, ".") < 3 {
		text += "0"
	}
	whole := strings.Index(text, ".")
	for at := whole - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	if d.Sign() < 0 {
		return "−" + text
	}
	return text
}

// The statement of a month is the same whenever it is fetched, and later months only add to the list.
func TestStatementsStay(t *testing.T) {
	for _, user := range []string{"user_yuppie", "user_investor", "user_transactions_dynamic"} {
		early, late := papersOf(t, user, "x", 0), papersOf(t, user, "x", 75)
		if len(early.batch.AccountStatements) == 0 || len(late.batch.AccountStatements) < len(early.batch.AccountStatements) {
			t.Errorf("%s: %d statements, later %d", user, len(early.batch.AccountStatements), len(late.batch.AccountStatements))
		}
		for i, s := range early.batch.AccountStatements {
			if !slices.Contains(late.batch.AccountStatements, s) {
				t.Errorf("%s: %+v is gone", user, s)
			}
			if i%12 == 0 && !bytes.Equal(early.get(t, s), late.get(t, s)) {
				t.Errorf("%s: %+v has changed", user, s)
			}
		}
	}
}

// Accounts in all countries, with letters of all kinds and numbers that no money has, have statements.
func TestStatementsOfAnybody(t *testing.T) {
	p := papersOf(t, "user_custom", `{"override_accounts":[{"type":"depository","subtype":"checking","starting_balance":9e50,"currency":"EUR",
		"meta":{"name":"Zażółć 口座 \u0007","official_name":"x"},"identity":{"names":["Łukasz Żółć","Βασίλης"],"addresses":[{"data":{"street":"","country":"PL"}}]},
		"transactions":[{"amount":9e50,"date_posted":"2026-07-02","description":"Ünïcödé 📦 {n} wire"},{"amount":-1e-30,"date_posted":"2026-07-03"}]}]}`, 40)
	for _, s := range p.batch.AccountStatements {
		text := written(t, p.get(t, s))
		if s.Month == 7 && (!strings.Contains(text, "Łukasz Żółć and Βασίλης") || !strings.Contains(text, "Ünïcödé □")) {
			t.Errorf("%s", text)
		}
	}
	if len(p.batch.AccountStatements) != 3 {
		t.Errorf("%+v", p.batch.AccountStatements)
	}
	for _, key := range []string{"", "2026-07-30", "nothing", "9999-99-99"} {
		if _, err := shared().AccountStatement(t.Context(), p.conn, "account-0", key); err == nil {
			t.Errorf("there is a statement %q", key)
		}
	}
	p.conn.InstitutionID = "ins_132361" // down
	if _, err := shared().AccountStatement(t.Context(), p.conn, "account-0", "2026-07-31"); err == nil {
		t.Error("a bank that is down has given a statement")
	}
}
