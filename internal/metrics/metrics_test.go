package metrics

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weft/internal/needs"
)

// everything are metrics of which each has counted something.
func everything() *Metrics {
	m := New()
	r := m.Route("/accounts/get")
	r.Answered(200, "", false, 700*time.Microsecond)
	r.Answered(200, "", false, 2*time.Second)
	r.Answered(429, "ACCOUNTS_LIMIT", true, time.Millisecond)
	m.Refreshed("sandbox", "ok", time.Second)
	m.Queued("ITEM", "ERROR")
	m.Attempted("ITEM", "ERROR", false, time.Second)
	m.Attempted("ITEM", "ERROR", true, 3*time.Second)
	m.Job("webhook", "ok", time.Second)
	m.Session("success")
	m.Watch(Sources{
		Cache: func() (int64, int64, uint64) { return 3, 1, 1000 },
		Pools: func() []Pool { return []Pool{{"writer", 2, 1, 4, 7, 500 * time.Millisecond}} },
		Jobs: func(context.Context) ([]Jobs, error) {
			return []Jobs{{"webhook", 5, 4, 3, 2, time.Minute}}, nil
		},
	})
	return m
}

func text(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestFigures(t *testing.T) {
	got := text(t, everything())
	for _, line := range []string{
		`weft_requests_total{route="/accounts/get",status="200"} 2`,
		`weft_requests_total{route="/accounts/get",status="429"} 1`,
		`weft_request_duration_seconds_bucket{route="/accounts/get",le="0.001"} 2`,
		`weft_request_duration_seconds_count{route="/accounts/get"} 3`,
		`weft_errors_total{error_code="ACCOUNTS_LIMIT",route="/accounts/get"} 1`,
		`weft_rate_limit_refusals_total{route="/accounts/get"} 1`,
		`weft_refresh_duration_seconds_sum{connector="sandbox",outcome="ok"} 1`,
		`weft_webhooks_queued_total{code="ERROR",type="ITEM"} 1`,
		`weft_webhook_attempts_total{code="ERROR",outcome="failed",type="ITEM"} 1`,
		`weft_webhook_attempts_total{code="ERROR",outcome="delivered",type="ITEM"} 1`,
		`weft_webhook_latency_seconds_sum{type="ITEM"} 3`,
		`weft_job_duration_seconds_count{kind="webhook",outcome="ok"} 1`,
		`weft_link_sessions_total{outcome="success"} 1`,
		`weft_cache_requests_total{result="hit"} 3`,
		`weft_cache_requests_total{result="miss"} 1`,
		`weft_cache_bytes 1000`,
		`weft_database_connections{pool="writer",state="used"} 1`,
		`weft_database_connections{pool="writer",state="idle"} 1`,
		`weft_database_connections{pool="writer",state="most"} 4`,
		`weft_database_waits_total{pool="writer"} 7`,
		`weft_database_wait_seconds_total{pool="writer"} 0.5`,
		`weft_jobs{kind="webhook",state="ready"} 5`,
		`weft_jobs{kind="webhook",state="waiting"} 4`,
		`weft_jobs{kind="webhook",state="running"} 3`,
		`weft_jobs{kind="webhook",state="dead"} 2`,
		`weft_jobs_oldest_ready_seconds{kind="webhook"} 60`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("there is no %s in\n%s", line, got)
		}
	}
}

// A queue that cannot be read leaves the other figures, which say why.
func TestFiguresWithoutTheQueue(t *testing.T) {
	m := New()
	m.Watch(Sources{
		Cache: func() (int64, int64, uint64) { return 1, 0, 0 }, Pools: func() []Pool { return nil },
		Jobs: func(context.Context) ([]Jobs, error) { return nil, errors.New("the database has gone") }, Log: slog.New(slog.DiscardHandler),
	})
	if got := text(t, m); !strings.Contains(got, "weft_cache_requests_total") || strings.Contains(got, "weft_jobs{") {
		t.Error(got)
	}
}

func TestNilCountsNothing(t *testing.T) {
	var m *Metrics
	m.Route("/x").Answered(200, "", false, 0)
	m.Refreshed("", "", 0)
	m.Queued("", "")
	m.Attempted("", "", true, 0)
	m.Job("", "", 0)
	m.Session("")
}

// An answer that is none of an error costs no memory.
func TestAnsweredAllocatesNothing(t *testing.T) {
	r := New().Route("/accounts/get")
	r.Answered(200, "", false, 0)
	if n := testing.AllocsPerRun(100, func() { r.Answered(200, "", false, time.Millisecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Each query of the dashboard names metrics that there are, with labels that they have.
func TestDashboard(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(needs.Root(t), "deploy", "grafana", "weft.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(file, &dashboard); err != nil {
		t.Fatal(err)
	}
	series := map[string]string{} // name -> one series with its labels
	for line := range strings.SplitSeq(text(t, everything()), "\n") {
		if name := regexp.MustCompile(`^[a-z_]+`).FindString(line); name != "" {
			series[name] = line
		}
	}
	name := regexp.MustCompile(`\b(?:weft|go|process)_[a-z_]+\b`)
	label := regexp.MustCompile(`\b(route|status|error_code|connector|outcome|type|code|kind|state|result|pool)\b(?:=|[,)])`)
	used := map[string]bool{}
	for _, p := range dashboard.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s asks nothing", p.Title)
		}
		for _, target := range p.Targets {
			names := name.FindAllString(target.Expr, -1)
			if len(names) == 0 {
				t.Errorf("%s: %s names no metric", p.Title, target.Expr)
			}
			for _, n := range names {
				used[n] = true
				if series[n] == "" {
					t.Errorf("%s: there is no %s", p.Title, n)
				}
				for _, l := range label.FindAllStringSubmatch(target.Expr, -1) {
					if series[n] != "" && !strings.Contains(series[n], l[1]+`="`) {
						t.Errorf("%s: %s has no label %s", p.Title, n, l[1])
					}
				}
			}
		}
	}
	for n := range series { // and each of ours is shown
		family := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(n, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(n, "weft_") && !used[n] && !used[family+"_bucket"] && !used[family+"_count"] {
			t.Errorf("the dashboard does not show %s", n)
		}
	}
}
