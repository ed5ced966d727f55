package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

// The benchmarks of the read path compare the server with a bare net/http server that sends the same bytes, in one run,
// the two taking turns. Run them with
//
//	go test -run '^$' -bench Read -benchtime 1x ./internal/server
//
// The figure that travels to other machines is of-bare: the server's rate as a share of the bare one's.

const (
	benchRounds  = 5
	benchRound   = time.Second
	benchHolding = 60
)

func BenchmarkReadHoldings60(b *testing.B) {
	s := wefttest.NewServer(b)
	item := s.MustLinkUser(wefttest.User{Name: "user_custom", Password: manyHoldings(b, benchHolding)}, "ins_109508", "investments")
	compare(b, s, "/investments/holdings/get", map[string]any{"access_token": item.AccessToken})
}

func BenchmarkReadTransactions500(b *testing.B) {
	s := wefttest.NewServer(b)
	item := s.MustLink("ins_109508", "investments")
	compare(b, s, "/investments/transactions/get", map[string]any{
		"access_token": item.AccessToken, "start_date": "2024-11-20", "end_date": "2026-11-20", "options": map[string]any{"count": 500},
	})
}

// BenchmarkReadSync500 reads a page of 500 changes, from the cache and from the database.
func BenchmarkReadSync500(b *testing.B) {
	for name, o := range map[string]wefttest.Options{"cached": {}, "uncached": {NoCache: true}} {
		b.Run(name, func(b *testing.B) {
			s := wefttest.NewServerWith(b, o)
			var made struct {
				PublicToken string `json:"public_token"`
			}
			if err := s.Call("/sandbox/public_token/create", map[string]any{"institution_id": "ins_109508", "initial_products": []string{"transactions"},
				"options": map[string]any{"override_username": "user_yuppie", "override_password": "x", "transactions": map[string]any{"days_requested": 730}}}, &made); err != nil {
				b.Fatal(err)
			}
			item := s.MustExchange(made.PublicToken)
			compare(b, s, "/transactions/sync", map[string]any{"access_token": item.AccessToken, "count": 500})
		})
	}
}

func BenchmarkReadAccounts(b *testing.B) {
	s := wefttest.NewServer(b)
	item := s.MustLink("ins_109508", "investments")
	compare(b, s, "/accounts/get", map[string]any{"access_token": item.AccessToken})
}

// BenchmarkReadAccountsLimited compares a server that limits requests with one that does not, the two taking turns. The limits
// are too high to be reached.
func BenchmarkReadAccountsLimited(b *testing.B) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": storetest.PostgresURL} {
		b.Run(name, func(b *testing.B) {
			var servers [2]*wefttest.Server
			var bodies [2][]byte
			for i, limits := range []int64{0, unreached} {
				servers[i] = wefttest.NewServerWith(b, wefttest.Options{Database: database(b), RateLimits: limits})
				bodies[i] = fmt.Appendf(nil, `{"access_token":%q}`, servers[i].MustLink("ins_109508", "investments").AccessToken)
			}
			for b.Loop() {
				var rates [2][]float64
				var ratios []float64
				for range 3 * benchRounds {
					for i, s := range servers {
						rates[i] = append(rates[i], rate(b, s, s.URL+"/accounts/get", bodies[i], 4))
					}
					ratios = append(ratios, rates[1][len(rates[1])-1]/rates[0][len(rates[0])-1])
				}
				b.ReportMetric(median(rates[0]), "off-req/s")
				b.ReportMetric(median(rates[1]), "on-req/s")
				b.ReportMetric(median(ratios), "on/off")
			}
		})
	}
}

// unreached is how many times Plaid's limits a benchmark does not come up to.
const unreached = 1 << 20

// manyHoldings describes a custom user with one account of n holdings.
func manyHoldings(b *testing.B, n int) string {
	holdings := make([]map[string]any, n)
	for i := range holdings {
		holdings[i] = map[string]any{
			"institution_price": 10 + i, "quantity": 1 + i, "cost_basis": 9 * (1 + i), "currency": "USD",
			"security": map[string]any{"ticker_symbol": fmt.Sprintf("WFT%c%c", 'A'+i/26, 'A'+i%26), "name": fmt.Sprintf("Weft Industries %d", i), "currency": "USD"},
		}
	}
	text, err := json.Marshal(map[string]any{"override_accounts": []any{
		map[string]any{"type": "investment", "subtype": "brokerage", "starting_balance": 1000, "holdings": holdings},
	}})
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// compare measures a request at several numbers of connections, beside a bare server.
func compare(b *testing.B, s *wefttest.Server, path string, request map[string]any) {
	status, answer, err := s.Post(path, request, nil)
	if err != nil || status != http.StatusOK {
		b.Fatalf("%d %s %v", status, answer, err)
	}
	body, err := json.Marshal(request)
	if err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			b.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		if _, err := w.Write(answer); err != nil {
			b.Error(err)
		}
	}))
	defer bare.Close()
	for _, connections := range []int{1, 16} {
		b.Run(fmt.Sprintf("%dkB/%dconnections", len(answer)/1000, connections), func(b *testing.B) {
			for b.Loop() {
				var ours, theirs, ratios []float64
				for range benchRounds {
					o := rate(b, s, s.URL+path, body, connections)
					t := rate(b, s, bare.URL+path, body, connections)
					ours, theirs, ratios = append(ours, o), append(theirs, t), append(ratios, o/t)
				}
				b.ReportMetric(median(ours), "req/s")
				b.ReportMetric(median(theirs), "bare-req/s")
				b.ReportMetric(median(ratios), "of-bare")
			}
		})
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// rate is how many requests a second a server answers over so many connections.
func rate(b *testing.B, s *wefttest.Server, url string, body []byte, connections int) float64 {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var done atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	deadline := start.Add(benchRound)
	for range connections {
		wg.Go(func() {
			for time.Now().Before(deadline) {
				if err := one(client, s, url, body); err != nil {
					b.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

func one(client *http.Client, s *wefttest.Server, url string, body []byte) error {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("PLAID-CLIENT-ID", s.ClientID)
	req.Header.Set("PLAID-SECRET", s.Secret)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", strings.TrimSpace(res.Status))
	}
	return nil
}

// BenchmarkLink makes an Item with fourteen accounts, thirteen holdings and two years of investment transactions.
func BenchmarkLink(b *testing.B) {
	s := wefttest.NewServer(b)
	for b.Loop() {
		s.MustPublicToken(wefttest.Good, "ins_109508", "investments")
	}
}

// BenchmarkReadAmongItems reads one account list among few and among many Items of 20 accounts each, without the cache: a
// read must cost the same. It takes a minute to make the Items.
func BenchmarkReadAmongItems(b *testing.B) {
	s := wefttest.NewServerWith(b, wefttest.Options{NoCache: true})
	accounts := strings.TrimSuffix(strings.Repeat(`{"type":"depository","subtype":"checking"},`, 20), ",")
	person := wefttest.User{Name: "user_custom", Password: `{"override_accounts":[` + accounts + `]}`}
	item := s.MustLinkUser(person, "ins_109508", "transactions")
	made := 1
	for _, items := range []int{100, 10_000} {
		for ; made < items; made++ {
			s.MustPublicToken(person, "ins_109508", "transactions")
		}
		b.Run(fmt.Sprintf("%d", items), func(b *testing.B) {
			for b.Loop() {
				if err := item.Call("/accounts/get", nil, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
