package insight_test

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/enrich"
	"weft/internal/insight"
	"weft/internal/plaid"
)

// people are the simulated people by user name, with all that their bank states on a day of 2026.
func people(t *testing.T) map[string]insight.Input {
	t.Helper()
	now := time.Date(2026, 8, 22, 15, 4, 5, 0, time.UTC)
	bank, enricher := sandbox.New("test", 30*24*time.Hour), enrich.New()
	all := map[string]insight.Input{}
	for _, pattern := range []string{"*.json", "households/*.json"} {
		files, err := fs.Glob(personas.FS, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			user := strings.TrimSuffix(path.Base(file), ".json")
			opened, err := bank.Authenticate(t.Context(), connector.Login{InstitutionID: "ins_109508", Username: user, Password: "pass_good", Now: now})
			if err != nil {
				t.Fatal(user, err)
			}
			batch, err := bank.Fetch(t.Context(), connector.Connection{ID: user, InstitutionID: "ins_109508", Credentials: opened.Credentials, CreatedAt: now},
				connector.Want{Now: now, Products: []string{"transactions", "liabilities", "investments"}, HistoryFrom: plaid.DateOf(now).AddDays(-730)})
			if err != nil {
				t.Fatal(user, err)
			}
			all[user] = stated(batch, enricher, plaid.DateOf(now))
		}
	}
	return all
}

// stated is a bank's answer as insights are found in it.
func stated(batch connector.Batch, enricher *enrich.Enricher, today plaid.Date) insight.Input {
	in := insight.Input{AsOf: today}
	kinds := map[string]connector.Account{}
	aprs := map[string][]plaid.APR{}
	for _, l := range batch.Liabilities {
		if l.Credit != nil {
			aprs[l.AccountKey] = l.Credit.APRs
		}
	}
	for _, a := range batch.Accounts {
		kinds[a.Key] = a
		in.Accounts = append(in.Accounts, insight.Account{ID: a.Key, Name: a.Name, Type: a.Type, Subtype: value(a.Subtype), Currency: value(a.Balances.ISOCurrencyCode),
			Available: a.Balances.Available, Current: a.Balances.Current, APRs: aprs[a.Key]})
	}
	for _, t := range batch.Transactions {
		a := kinds[t.AccountKey]
		found := enricher.Enrich(enrich.Input{Description: t.Name, Payee: t.Payee, Memo: t.Memo, Amount: t.Amount, AccountType: a.Type, AccountSubtype: value(a.Subtype), Kind: t.Kind})
		in.Transactions = append(in.Transactions, insight.Transaction{ID: t.AccountKey + "/" + t.Key, Account: t.AccountKey, Currency: value(t.ISOCurrencyCode),
			Date: t.Date, Amount: t.Amount, Name: cmp.Or(found.Name, t.Name), Merchant: found.MerchantName, Entity: found.EntityID, Category: found.V2.Detailed, Pending: t.Pending})
	}
	securities := map[string]connector.Security{}
	for _, s := range batch.Securities {
		securities[s.Key] = s
	}
	for _, h := range batch.Holdings {
		s := securities[h.SecurityKey]
		in.Holdings = append(in.Holdings, insight.Holding{Account: h.AccountKey, Security: h.SecurityKey, Ticker: value(s.TickerSymbol), ISIN: value(s.ISIN),
			Name: value(s.Name), Currency: value(h.ISOCurrencyCode), Value: h.InstitutionValue})
	}
	return in
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// The simulated people, with answers that were written down by looking at their rows.
func TestSimulatedPeople(t *testing.T) {
	var answers map[string][]answer
	content, err := os.ReadFile("testdata/sandbox.json")
	if err == nil {
		err = json.Unmarshal(content, &answers)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := score{}
	for user, in := range people(t) {
		if len(in.Accounts) == 0 {
			t.Errorf("%s has no accounts", user)
		}
		s.add(t, user, insight.Find(in), answers[user])
		delete(answers, user)
	}
	for user := range answers {
		t.Errorf("there is no %s", user)
	}
	s.hold(t, "simulated", 100, nil)
}
