package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/metrics"
	"weft/internal/tracing"
)

// BenchmarkObserved answers one request without being observed, with metrics, and with metrics and traces.
//
//	go test -run '^$' -bench Observed -benchmem ./internal/httpapi
func BenchmarkObserved(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer collector.Close()
	tracer, err := tracing.New(b.Context(), collector.URL)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := tracer.Close(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	}()
	for _, c := range []struct {
		name    string
		metrics *metrics.Metrics
		tracer  *tracing.Tracer
	}{{"not", nil, nil}, {"metrics", metrics.New(), nil}, {"metrics and traces", metrics.New(), tracer}} {
		b.Run(c.name, func(b *testing.B) {
			h := observed(c.metrics, c.tracer)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/page", strings.NewReader(`{}`)))
			}
		})
	}
}

// observed serves one route.
func observed(m *metrics.Metrics, t *tracing.Tracer) http.Handler {
	page := httpapi.NewOpen(func(context.Context, struct{}) (httpapi.Raw, error) {
		return httpapi.Raw{[]byte(`{"accounts":[]`)}, nil
	})
	api := &httpapi.API{Log: slog.New(slog.DiscardHandler), Clock: clock.NewManual(time.Unix(0, 0)), IDs: ident.System(), BaseURL: func() string { return baseURL }, Metrics: m, Tracer: t}
	return api.Handler([]httpapi.Route{{Path: "/page", Summary: "A page", Endpoint: page}}, nil)
}

// What is asked of paths that do not exist is one route, whatever the paths are.
func TestUnknownPathsAreOneRoute(t *testing.T) {
	m := metrics.New()
	h := observed(m, nil)
	for _, path := range []string{"/a", "/b/c", "/access-sandbox-1234"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, strings.NewReader(`{}`)))
	}
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/page", strings.NewReader(`{}`)))
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`weft_requests_total{route="unknown",status="404"} 3`, `weft_errors_total{error_code="NOT_FOUND",route="unknown"} 3`,
		`weft_requests_total{route="/page",status="200"} 1`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("there is no %s", line)
		}
	}
	if strings.Contains(w.Body.String(), "access-sandbox") {
		t.Error("a path of a request is a label")
	}
}
