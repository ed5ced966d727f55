package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/item"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// victimVariable makes the test's own program a server that asks for a history and kills itself at a named point.
const victimVariable = "WEFT_TEST_ASYNC_VICTIM"

// asyncVictim is a server with an Item, which dies before the first statement that holds a text.
type asyncVictim struct {
	Data, Database, Access, Point string
}

var wholeLog = map[string]any{"start_date": "2024-11-20", "end_date": "2026-11-20", "options": map[string]any{"async_update": true}}

const askedLine = "the client has its answer"

// TestAsyncVictim is the child of TestAsyncUpdateSurvivesKills; by itself it does nothing.
func TestAsyncVictim(t *testing.T) {
	line := os.Getenv(victimVariable)
	if line == "" {
		return
	}
	var v asyncVictim
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatal(err)
	}
	var working atomic.Bool
	var passed atomic.Int64
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: v.Data, Database: v.Database, Observe: func(query string, _ []any) {
		if !working.Load() || !strings.Contains(query, v.Point) {
			return
		}
		if passed.Add(1) == 1 {
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		}
	}})
	working.Store(true)
	err := s.Call("/investments/transactions/get", withToken(v.Access, wholeLog), nil)
	if err == nil || !strings.Contains(err.Error(), "PRODUCT_NOT_READY") {
		t.Fatal(err)
	}
	if _, err := os.Stdout.WriteString(askedLine + "\n"); err != nil {
		t.Fatal(err)
	}
	s.Settle()
}

func withToken(access string, request map[string]any) map[string]any {
	whole := map[string]any{"access_token": access}
	for k, v := range request {
		whole[k] = v
	}
	return whole
}

// prepare makes an Item whose user has consented to share investments, which it does not have yet.
func (v *asyncVictim) prepare(t *testing.T, webhook string) {
	cfg := config(v.Data)
	cfg.Storage.DatabaseURL = v.Database
	cfg.Preset = client.Preset{ClientID: wefttest.ClientID, Secrets: client.Secrets{"sandbox": wefttest.SandboxSecret}}
	srv := mustOpen(t, cfg)
	defer mustClose(t, srv)
	tenant := store.Tenant{Client: wefttest.ClientID, Environment: "sandbox"}
	linked, err := srv.Items.Link(t.Context(), tenant, item.LinkRequest{InstitutionID: "ins_109508", Username: "user_good", Password: "pass_good",
		Products: []string{"auth"}, Consented: []string{"investments"}, Webhook: webhook})
	if err == nil {
		v.Access, _, err = srv.Items.Exchange(t.Context(), tenant, linked.PublicToken)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// start runs the victim and reports whether the client had its answer, and whether it was killed.
func (v asyncVictim) start(t *testing.T) (asked, killed bool) {
	line, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAsyncVictim$")
	cmd.Env = append(os.Environ(), victimVariable+"="+string(line))
	out, err := cmd.Output()
	if err != nil {
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if killed = ok && status.Signaled(); !killed {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	storetest.Ended(t, v.Database)
	return strings.Contains(string(out), askedLine), killed
}

// A client that was answered PRODUCT_NOT_READY has its HISTORICAL_UPDATE written once, wherever the server is killed between
// the two.
func TestAsyncUpdateSurvivesKills(t *testing.T) {
	points := []asyncVictim{
		{Point: "insert into jobs"}, {Point: store.Committed}, {Point: "with chosen"},
		{Point: "insert into investment_transactions"}, {Point: "insert into webhooks"}, {Point: "delete from jobs"},
		{Point: "set refreshed_at"}, {Point: "attempts = attempts + 1, sent_at"}, {Point: "no such statement"},
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, v := range points {
			t.Run(engine+"/"+v.Point, func(t *testing.T) {
				if v.Data = t.TempDir(); engine == "postgres" {
					v.Database = storetest.PostgresURL(t)
				}
				r := wefttest.NewReceiver(t)
				v.prepare(t, r.URL)
				asked, killed := v.start(t)
				if asked == (v.Point == "insert into jobs" || v.Point == store.Committed) || killed == (v.Point == "no such statement") {
					t.Fatalf("asked %v, killed %v", asked, killed)
				}
				s := wefttest.NewServerWith(t, wefttest.Options{DataDir: v.Data, Database: v.Database, Now: wefttest.Start.Add(time.Hour)})
				s.Settle()
				if got := historicalUpdates(t, s); got != 1 && (asked || got != 0) {
					t.Fatalf("%d webhooks were written", got)
				}
				if !asked {
					return
				}
				var page struct {
					Total int `json:"total_investment_transactions"`
				}
				if err := s.Call("/investments/transactions/get", withToken(v.Access, wholeLog), &page); err != nil || page.Total == 0 {
					t.Errorf("%d transactions, %v", page.Total, err)
				}
				told := fmt.Sprintf("\"new_investments_transactions\": %d,", page.Total)
				if !slices.ContainsFunc(r.Take(), func(w wefttest.Webhook) bool {
					return w.Code == "HISTORICAL_UPDATE" && strings.Contains(string(w.Body), told)
				}) {
					t.Errorf("the receiver was not told %s", told)
				}
			})
		}
	}
}

// historicalUpdates is how many HISTORICAL_UPDATE of investments were written.
func historicalUpdates(t *testing.T, s *wefttest.Server) (n int) {
	var list struct {
		Webhooks []struct {
			Type string `json:"webhook_type"`
			Code string `json:"webhook_code"`
		}
	}
	if err := s.Call("/weft/webhooks/list", map[string]any{}, &list); err != nil {
		t.Fatal(err)
	}
	for _, w := range list.Webhooks {
		if w.Type == "INVESTMENTS_TRANSACTIONS" && w.Code == "HISTORICAL_UPDATE" {
			n++
		}
	}
	return n
}
