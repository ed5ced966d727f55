package tracing

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestSpans(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	tracer := with(sdk.WithSyncer(spans))
	h := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	ctx, request := Serve(tracer.In(t.Context()), "/accounts/get", h)
	_, bank := Start(ctx, "bank sandbox")
	bank.End("ITEM_LOGIN_REQUIRED")
	request.End(Ok)
	got := spans.GetSpans()
	if len(got) != 2 || got[0].Name != "bank sandbox" || got[1].Name != "POST /accounts/get" {
		t.Fatalf("%+v", got)
	}
	if got[0].Parent.SpanID() != got[1].SpanContext.SpanID() || got[1].SpanContext.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" ||
		got[1].Parent.SpanID().String() != "b7ad6b7169203331" {
		t.Errorf("the spans do not hang together: %+v", got)
	}
	if got[0].Status.Code.String() != "Error" || got[1].Status.Code.String() != "Unset" {
		t.Errorf("the outcomes are wrong: %v %v", got[0].Status, got[1].Status)
	}
}

func TestWithoutATracer(t *testing.T) {
	var none *Tracer
	ctx := none.In(t.Context())
	if ctx != t.Context() {
		t.Error("another context")
	}
	_, span := Start(ctx, "x")
	span.End("failed")
	if n := testing.AllocsPerRun(10, func() {
		_, span := Serve(ctx, "/accounts/get", nil)
		span.End(Ok)
	}); n != 0 {
		t.Errorf("%v allocations without a collector", n)
	}
	if err := none.Close(ctx); err != nil {
		t.Error(err)
	}
}

// Spans come to the collector by the time that the tracer is closed.
func TestCollector(t *testing.T) {
	var came atomic.Int64
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/traces" && r.ContentLength > 0 {
			came.Add(1)
		}
	}))
	defer collector.Close()
	tracer, err := New(t.Context(), collector.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, span := Start(tracer.In(t.Context()), "job webhook")
	span.End(Ok)
	if err := tracer.Close(t.Context()); err != nil || came.Load() != 1 {
		t.Errorf("%d batches, %v", came.Load(), err)
	}
	if _, err := New(t.Context(), "localhost:4318"); err == nil {
		t.Error("what is no URL is taken for one")
	}
	if none, err := New(t.Context(), ""); none != nil || err != nil {
		t.Error(none, err)
	}
}
