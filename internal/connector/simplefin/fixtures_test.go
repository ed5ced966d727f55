package simplefin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/plaid"
)

// told is a batch in few words: each account with its kind and balances, then what else there is.
func told(b connector.Batch) string {
	var lines []string
	for _, a := range b.Accounts {
		subtype, available, currency := "-", "-", ""
		if a.Subtype != nil {
			subtype = *a.Subtype
		}
		if a.Balances.Available != nil {
			available = a.Balances.Available.String()
		}
		if a.Balances.ISOCurrencyCode != nil {
			currency = *a.Balances.ISOCurrencyCode
		}
		lines = append(lines, fmt.Sprintf("%s: %s/%s %s %s %s", a.Name, a.Type, subtype, a.Balances.Current, available, currency))
	}
	for _, h := range b.Holdings {
		lines = append(lines, fmt.Sprintf("holds %s %s x %s = %s cost %v", h.SecurityKey, h.Quantity, h.InstitutionPrice, h.InstitutionValue, h.CostBasis))
	}
	for _, r := range b.Transactions {
		lines = append(lines, fmt.Sprintf("%s %s %s pending %v", r.Date, r.Name, r.Amount, r.Pending))
	}
	for _, r := range b.InvestmentTransactions {
		lines = append(lines, fmt.Sprintf("%s %s %s %s/%s", r.Date, r.Name, r.Amount, r.Type, r.Subtype))
	}
	return strings.Join(lines, "\n")
}

// TestRecordedAnswers: what the recorded answers become.
func TestRecordedAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		day, history string
		want         map[string]string
	}{
		"simplefin-v2/demo_v2.json": {"2026-10-04", "2026-10-01", map[string]string{
			"sfin_c_CON-SIMPLEFIN-DEMO": "SimpleFIN Savings: depository/savings 115105.51 115105.51 USD\nSimpleFIN Checking: depository/checking 25584.47 25584.47 USD\n" +
				"Rewards Visa: credit/credit card 812.30 - USD\n2026-10-03 Fishing bait 15.50 pending false\n2026-10-03 Grocery store 125.50 pending false\n" +
				"2026-10-03 Payroll -2500.00 pending false\n2026-10-03 Coffee 40.00 pending true",
		}},
		"simplefin4py/tests/fixtures/account_set.json": {"1995-02-20", "1995-02-01", map[string]string{
			"sfin_o_mybank.com": "Savings: depository/savings 100.23 75.23 USD\n1995-02-18 Uncle Frank's Bait Shop 33293.43 pending false",
		}},
		"simplefin4py/tests/fixtures/200-with-errors.json": {"2024-01-17", "2024-01-01", map[string]string{
			"sfin_o_newwealthfront.com": "The Bank: depository/checking 7777.77 7777.77 USD", // and a movement of 1995, which nobody asked for
			"sfin_o_newfidelity.com": "My Checking: depository/checking 12345.67 5432.10 USD\nDr Evil: investment/brokerage 1000000.00 13579.24 USD\n" +
				"NerdCorp Series B: investment/brokerage 13579.24 9876.54 EUR\nholds symbol:FGKFX:USD 200.00 x 75.00 = 15000.00 cost 10000.00\n" +
				"holds symbol:FGKFX:EUR 150.00 x 65.8436 = 9876.54 cost 7500.00",
			"sfin_o_newhfcu.org": "PRIME SAVINGS: depository/savings 9876.54 8765.43 EUR",
			"sfin_o_randombank2.com": "Costco Anywhere Visa® Card: credit/credit card 532.69 4321.98 USD\nUnicorn Pot: depository/checking 10000.00 7500.00 USD\n" +
				"Castle Mortgage: loan/mortgage 7500.00 - USD",
		}},
	} {
		b := newBank(t)
		b.next = []http.HandlerFunc{reply(200, fixture(t, name))}
		want := wantAt(c.day, c.history)
		span, batches, _ := fetchAll(t, b.connector(), b.connection("", nil), want)
		if b.requests() != 1 {
			t.Fatalf("%s: %d requests", name, b.requests())
		}
		clean(t, string(span.Memory))
		if !slices.Equal(slices.Sorted(maps.Keys(batches)), slices.Sorted(maps.Keys(c.want))) {
			t.Errorf("%s: %v", name, slices.Sorted(maps.Keys(batches)))
		}
		for id, batch := range batches {
			connectortest.Check(t, batch, want)
			if got := told(batch); got != c.want[id] {
				t.Errorf("%s, %s: got\n%s\nwant\n%s", name, id, got, c.want[id])
			}
		}
	}
}

// TestOneAnswerServesAll: the batch of one institution is the same, asked for alone or with the others.
func TestOneAnswerServesAll(t *testing.T) {
	body := fixture(t, "simplefin4py/tests/fixtures/200-with-errors.json")
	b := newBank(t)
	b.next = []http.HandlerFunc{reply(200, body)}
	want := wantAt("2024-01-17", "2024-01-17")
	span, all, _ := fetchAll(t, b.connector(), b.connection("", nil), want)
	for id, batch := range all {
		b.next = []http.HandlerFunc{reply(200, body)}
		alone, err := b.connector().Fetch(t.Context(), b.connection(id, nil), want)
		if err != nil || told(alone) != told(batch) {
			t.Errorf("%s: %v\n%s\nand\n%s", id, err, told(alone), told(batch))
		}
		if m := readMemory(alone.Memory); len(m.Institutions) != 1 || m.Institutions[id] == nil {
			t.Errorf("%s: remembers %v", id, m.Institutions)
		}
	}
	// The texts of version 1 name two banks of one name: they are told to the user, and break nothing.
	if notes := notesOf(span.Memory); len(notes) != 2 || notes[0].InstitutionID != "sfin_o_newfidelity.com" || notes[1].InstitutionID != "" {
		t.Errorf("%v", notes)
	}
}

// TestTypesHold: an account keeps its type when its balance's sign changes, is corrected by the user, and becomes an investment
// account when holdings appear, which asks for its history again.
func TestTypesHold(t *testing.T) {
	b := newBank(t)
	card := accountAt("CON-1", "A", "Quicksilver", "-10.00", posted("t", "2026-09-01", "-10.00", "YOU BOUGHT X (XYZ)"))
	b.conns, b.accounts = []any{connAt("CON-1", "One")}, []map[string]any{card}
	conn := b.connection("sfin_c_CON-1", nil)
	fetch := func(day string) connector.Batch {
		t.Helper()
		batch, err := b.connector().Fetch(t.Context(), conn, wantAt(day, "2026-08-15"))
		if err != nil {
			t.Fatal(err)
		}
		conn.Memory = batch.Memory
		return batch
	}
	if a := accountNamed(t, fetch("2026-10-03"), "A"); a.Type != "credit" || a.Balances.Current.String() != "10.00" {
		t.Errorf("first: %s %s", a.Type, a.Balances.Current)
	}
	card["balance"] = "0.00"
	if a := accountNamed(t, fetch("2026-10-04"), "A"); a.Type != "credit" {
		t.Errorf("paid off: %s", a.Type)
	}
	card["holdings"] = []any{map[string]any{"id": "H", "symbol": "XYZ", "shares": "1", "market_value": "10", "description": "X"}}
	if a := accountNamed(t, fetch("2026-10-05"), "A"); a.Type != "investment" {
		t.Errorf("with holdings: %s", a.Type)
	}
	again := fetch("2026-10-06")
	if len(again.InvestmentTransactions) != 1 || again.InvestmentTransactions[0].Type != "buy" || again.InvestmentHistory == nil || again.InvestmentHistory.From != plaid.MustDate("2026-08-15") {
		t.Errorf("its history: %+v, %v", again.InvestmentTransactions, again.InvestmentHistory)
	}
	card["holdings"] = []any{}
	if a := accountNamed(t, fetch("2026-10-07"), "A"); a.Type != "investment" {
		t.Errorf("sold out: %s", a.Type)
	}
	correct := func(account, accountType, subtype string) {
		t.Helper()
		var err error
		if conn.Credentials, err = b.connector().Correct(conn.Credentials, "sfin_c_CON-1", account, accountType, subtype); err != nil {
			t.Fatal(err)
		}
	}
	correct("A", "depository", "")
	corrected := fetch("2026-10-08")
	if a := accountNamed(t, corrected, "A"); a.Type != "depository" || a.Subtype != nil || len(corrected.Transactions) != 1 {
		t.Errorf("corrected: %+v, %d rows", a, len(corrected.Transactions))
	}
	correct("A", "investment", "ira")
	if a := accountNamed(t, fetch("2026-10-09"), "A"); a.Type != "investment" || *a.Subtype != "ira" {
		t.Errorf("corrected again: %s", a.Type)
	}
}

// TestCorrect: one account is corrected, what was said of others and the access URL stay.
func TestCorrect(t *testing.T) {
	b := newBank(t)
	b.conns = []any{connAt("CON-1", "One")}
	b.accounts = []map[string]any{accountAt("CON-1", "A", "Checking", "1.00"), accountAt("CON-1", "B", "Checking", "2.00")}
	conn, c := b.connection("sfin_c_CON-1", nil), b.connector()
	kinds := func() string {
		t.Helper()
		batch, err := c.Fetch(t.Context(), conn, wantAt("2026-10-03", "2026-09-15"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(told(batch), " USD", "")
	}
	for _, step := range []struct{ institution, account, accountType, subtype, want string }{
		{"sfin_c_CON-1", "A", "credit", "credit card", "Checking: credit/credit card -1.00 -\nChecking: depository/checking 2.00 -"},
		{"sfin_c_CON-1", "B", "loan", "", "Checking: credit/credit card -1.00 -\nChecking: loan/- 2.00 -"},
		{"sfin_c_CON-2", "A", "investment", "ira", "Checking: credit/credit card -1.00 -\nChecking: loan/- 2.00 -"},
		{"sfin_c_CON-1", "A", "depository", "savings", "Checking: depository/savings 1.00 -\nChecking: loan/- 2.00 -"},
	} {
		before := slices.Clone(conn.Credentials)
		corrected, err := c.Correct(conn.Credentials, step.institution, step.account, step.accountType, step.subtype)
		if err != nil || string(before) != string(conn.Credentials) {
			t.Fatal(err)
		}
		conn.Credentials = corrected
		if got := kinds(); got != step.want {
			t.Errorf("%s of %s a %s: got\n%s\nwant\n%s", step.account, step.institution, step.accountType, got, step.want)
		}
	}
	for _, bad := range [][3]string{{"bank", "", "type "}, {"credit", "checking", "subtype "}, {"", "", "type "}, {"", "checking", "type "}} {
		_, err := c.Correct(conn.Credentials, "sfin_c_CON-1", "A", bad[0], bad[1])
		if pe, ok := errors.AsType[*plaid.Error](err); !ok || pe.Code != "INVALID_FIELD" || !strings.HasPrefix(pe.Message, bad[2]) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// TestInvestmentHistory: the window says what is complete, and nothing is in it that was not asked for.
func TestInvestmentHistory(t *testing.T) {
	b := newBank(t)
	broker := accountAt("CON-1", "A", "Brokerage", "10.00")
	broker["transactions"] = []any{ // as a server sends that does not look at the days
		posted("old", "2020-01-01", "1.00", "Dividend"), posted("in", "2026-10-01", "1.00", "Dividend"), posted("ahead", "2026-10-09", "1.00", "Dividend"),
		row{"id": "pending", "posted": 0, "amount": "1.00", "description": "Dividend"},
		row{"id": "posted soon", "posted": at("2026-10-02"), "pending": true, "amount": "1.00", "description": "Dividend"},
	}
	b.conns, b.accounts = []any{connAt("CON-1", "One")}, []map[string]any{broker}
	want := wantAt("2026-10-03", "2026-05-01")
	batch, err := b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), want)
	if err != nil {
		t.Fatal(err)
	}
	connectortest.Check(t, batch, want)
	if len(batch.InvestmentTransactions) != 1 || batch.InvestmentTransactions[0].Key != "in" || batch.InvestmentHistory == nil ||
		*batch.InvestmentHistory != (connector.Window{From: plaid.MustDate("2026-05-01"), To: plaid.MustDate("2026-10-03")}) {
		t.Errorf("%+v, %v", batch.InvestmentTransactions, batch.InvestmentHistory)
	}
	// A row that cannot be read may be one that is known: nothing is declared.
	broker["transactions"] = append(broker["transactions"].([]any), row{"id": "bad", "posted": at("2026-10-01"), "amount": "NaN"})
	if batch, err = b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), want); err != nil || batch.InvestmentHistory != nil || len(batch.InvestmentTransactions) != 1 {
		t.Errorf("%+v, %v, %v", batch.InvestmentTransactions, batch.InvestmentHistory, err)
	}
	if n := notesOf(batch.Memory); len(n) != 1 || n[0].Code != "weft.record" || n[0].AccountKey != "A" || n[0].InstitutionID != "sfin_c_CON-1" {
		t.Errorf("%v", n)
	}
	// What nobody wants is not told.
	batch, err = b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-05-01", "transactions"))
	if err != nil || batch.InvestmentTransactions != nil || batch.Holdings != nil || batch.InvestmentHistory != nil || len(batch.Accounts) != 1 {
		t.Errorf("%+v, %v", batch, err)
	}
}

// TestPostedCountsBeforePending: a movement that is in two answers, or twice in one, is told once, as what it has become.
func TestPostedCountsBeforePending(t *testing.T) {
	pending := row{"id": "t", "posted": 0, "transacted_at": at("2026-10-01"), "amount": "-40.00", "description": "Coffee", "pending": true}
	for name, c := range map[string]struct {
		first, second []row
	}{
		"one answer":  {[]row{pending, posted("t", "2026-10-02", "-41.00", "Coffee")}, nil},
		"two answers": {[]row{pending}, []row{posted("t", "2026-06-09", "-41.00", "Coffee")}},
	} {
		b := newBank(t)
		b.conns = []any{connAt("CON-1", "One")}
		for _, rows := range [][]row{c.first, c.second} {
			body, err := json.Marshal(map[string]any{"errlist": []any{}, "connections": b.conns, "accounts": []any{accountAt("CON-1", "A", "Checking", "1.00", rows...)}})
			if err != nil {
				t.Fatal(err)
			}
			b.next = append(b.next, reply(200, string(body)))
		}
		batch, err := b.connector().Fetch(t.Context(), b.connection("sfin_c_CON-1", nil), wantAt("2026-10-03", "2026-05-01"))
		if err != nil || len(batch.Transactions) != 1 || b.requests() != 2 || batch.Transactions[0].Pending || batch.Transactions[0].Amount.String() != "41.00" || len(notesOf(batch.Memory)) > 0 {
			t.Errorf("%s: %+v, %v", name, batch.Transactions, err)
		}
		if q := b.asked[0].URL.Query(); q.Get("pending") != "1" || q.Get("version") != "2" {
			t.Errorf("%v", q)
		}
	}
}
