package simplefin_test

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// fetched is what our own client reads over an access.
func fetched(t *testing.T, c *simplefin.Connector, claim string, now time.Time) []connector.Answer {
	t.Helper()
	credentials, err := c.Claim(t.Context(), base64.StdEncoding.EncodeToString([]byte(claim)))
	if err != nil {
		t.Fatal(err)
	}
	span, err := c.FetchAll(t.Context(), connector.Connection{ID: "conn", Credentials: credentials, CreatedAt: now}, connector.Want{
		Now: now, Products: []string{"investments", "transactions"}, HistoryFrom: plaid.DateOf(now).AddDays(-731),
	})
	if err != nil {
		t.Fatal(err)
	}
	return span.Answers
}

// line writes what must survive a round trip.
func line(parts ...any) string {
	var out []string
	for _, p := range parts {
		switch v := p.(type) {
		case *plaid.Decimal:
			if v == nil {
				p = "-"
			}
		case *string:
			p = "-"
			if v != nil {
				p = *v
			}
		case *plaid.Date:
			if v == nil {
				p = "-"
			}
		}
		out = append(out, fmt.Sprint(p))
	}
	return strings.Join(out, " | ")
}

// digest tells a batch line by line, accounts by their names.
func digest(b connector.Batch) []string {
	names, symbols := map[string]string{}, map[string]string{}
	var out []string
	for _, a := range b.Accounts {
		names[a.Key] = strings.TrimSuffix(a.Name, " (4711)")
		// A mortgage has nothing to withdraw: our client asks no bank's word for it.
		out = append(out, line("account", names[a.Key], a.Type, a.Subtype, a.Mask, cents(a.Balances.Current), cents(a.Balances.Available), a.Balances.ISOCurrencyCode, a.Balances.UnofficialCurrencyCode))
	}
	for _, s := range b.Securities {
		symbols[s.Key] = line(s.TickerSymbol, s.CUSIP)
	}
	for _, h := range b.Holdings {
		out = append(out, line("holding", names[h.AccountKey], symbols[h.SecurityKey], h.Quantity, h.InstitutionValue, h.CostBasis, h.ISOCurrencyCode))
	}
	for _, t := range b.Transactions {
		out = append(out, line("transaction", names[t.AccountKey], t.Pending, t.Date, t.AuthorizedDate, cents(&t.Amount), t.Name))
	}
	for _, t := range b.InvestmentTransactions {
		out = append(out, line("investment", names[t.AccountKey], t.Date, cents(&t.Amount), t.Name, symbols[t.SecurityKey], t.Type, t.Subtype, t.Quantity, t.Price))
	}
	slices.Sort(out)
	return out
}

// cents is an amount as the server tells it: with two places at least.
func cents(d *plaid.Decimal) *plaid.Decimal {
	if d == nil {
		return nil
	}
	if _, places, _ := strings.Cut(d.String(), "."); len(places) < 2 {
		return d.Round(2).Ptr()
	}
	return d
}

// What a bank has stated comes out of our own client as it was: balances with their signs, positions digit for digit,
// movements with their days.
func TestRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.pages.ServeHTTP(rw, r) }))
		t.Cleanup(server.Close)
		w.serve(server.URL)
		sent := []connector.Batch{bank(), broker()}
		// Our client knows an account by its name alone, and takes this one for an account of a bank.
		sent[0].Accounts[3].Name = "Checking in coins"
		_, claim := w.create(w.importBatch("ins_a", "Larkfield Savings", "https://www.larkfield.example", sent[0]), w.importBatch("ins_b", "Moss & Partners", "", sent[1]))
		got := fetched(t, simplefin.New(server.Client()), strings.Replace(claim, base, server.URL, 1), storetest.Start)
		slices.SortFunc(got, func(a, b connector.Answer) int { return cmp.Compare(a.Institution.Name, b.Institution.Name) })
		if len(got) != 2 || got[0].Institution.Name != "Larkfield Savings" || got[1].Institution.Name != "Moss & Partners" {
			t.Fatalf("read %+v", got)
		}
		for i, answer := range got {
			// Of a pending movement there is one day.
			for at, row := range sent[i].Transactions {
				if row.Pending {
					sent[i].Transactions[at].AuthorizedDate = row.Date.Ptr()
				}
			}
			want, have := digest(sent[i]), digest(answer.Batch)
			if answer.Err != nil || !slices.Equal(want, have) {
				t.Errorf("%v\nsent\n%s\nread\n%s", answer.Err, strings.Join(want, "\n"), strings.Join(have, "\n"))
			}
		}
	})
}

// The simulated people of the sandbox, with all their positions and two years of movements.
func TestRoundTripOfPeople(t *testing.T) {
	for _, user := range []wefttest.User{wefttest.Good, {Name: "user_investor", Password: "anything"}, {Name: "user_crypto", Password: "anything"}, {Name: "user_retiree", Password: "anything"}} {
		t.Run(user.Name, func(t *testing.T) {
			var it *wefttest.Item
			s := wefttest.NewServer(t)
			it = s.MustLinkUser(user, "ins_109508", "investments")
			var made struct {
				SetupToken string `json:"setup_token"`
			}
			if err := s.Call("/weft/simplefin/create", map[string]any{"access_tokens": []string{it.AccessToken}}, &made); err != nil {
				t.Fatal(err)
			}
			got := fetched(t, simplefin.New(http.DefaultClient, simplefin.AllowHTTP()), claimURL(t, made.SetupToken), s.Now())
			if len(got) != 1 || got[0].Err != nil {
				t.Fatalf("read %+v", got)
			}
			comparePeople(t, it, got[0].Batch, s.Now())
		})
	}
}

// comparePeople holds what our client has read to what the API answers.
func comparePeople(t *testing.T, it *wefttest.Item, b connector.Batch, now time.Time) {
	t.Helper()
	var want, have []string
	for _, a := range it.MustAccounts() {
		want = append(want, line("account", a.AccountID, cents(a.Balances.Current)))
	}
	for _, a := range b.Accounts {
		have = append(have, line("account", a.Key, cents(a.Balances.Current)))
	}
	held := it.MustHoldings()
	stated, read := positions{}, positions{}
	securities := map[string]plaid.Security{}
	for _, s := range held.Securities {
		securities[s.SecurityID] = s
	}
	for _, h := range held.Holdings {
		stated.add(h.AccountID, securities[h.SecurityID], h)
	}
	keys := map[string]plaid.Security{}
	for _, s := range b.Securities {
		keys[s.Key] = s.Security
	}
	for _, h := range b.Holdings {
		read.add(h.AccountKey, keys[h.SecurityKey], h.Holding)
	}
	want, have = append(want, stated.lines()...), append(have, read.lines()...)
	for _, m := range it.MustInvestmentTransactions(now.AddDate(-3, 0, 0), now).Transactions {
		want = append(want, line("movement", m.AccountID, m.InvestmentTransactionID, m.Date, cents(&m.Amount)))
	}
	for _, m := range b.InvestmentTransactions {
		have = append(have, line("movement", m.AccountKey, m.Key, m.Date, cents(&m.Amount)))
	}
	slices.Sort(want)
	slices.Sort(have)
	if len(want) < 20 {
		t.Errorf("only %d lines to compare", len(want))
	}
	for _, l := range want {
		if _, ok := slices.BinarySearch(have, l); !ok {
			t.Errorf("not read:  %s", l)
		}
	}
	for _, l := range have {
		if _, ok := slices.BinarySearch(want, l); !ok {
			t.Errorf("made up:   %s", l)
		}
	}
}

// positions are quantity, value and cost by account and security.
type positions map[string][3]plaid.Decimal

// add adds a position. Our client puts all cash of an account into one, by the currency in which it is valued; and a cost of
// zero is one that it does not know.
func (p positions) add(account string, s plaid.Security, h plaid.Holding) {
	symbol := symbolOf(s)
	if strings.HasPrefix(symbol, "CUR:") || (s.Type != nil && *s.Type == "cash" && len(symbol) == 3) {
		symbol = "cash"
	}
	at := line("holding", account, symbol, h.ISOCurrencyCode)
	sum := p[at]
	sum[0], sum[1] = sum[0].Add(h.Quantity), sum[1].Add(h.InstitutionValue)
	if h.CostBasis != nil {
		sum[2] = sum[2].Add(*h.CostBasis)
	}
	p[at] = sum
}

func (p positions) lines() []string {
	var out []string
	for at, sum := range p {
		out = append(out, line(at, sum[0], sum[1], cents(&sum[2])))
	}
	return out
}

func symbolOf(s plaid.Security) string {
	for _, each := range []*string{s.TickerSymbol, s.CUSIP, s.ISIN, s.Name} {
		if each != nil {
			return *each
		}
	}
	return ""
}
