// Package tracing tells a collector of OpenTelemetry how a server spends its time: a span for each request, job, asking of a bank
// and delivery of a webhook. Without a collector it does nothing.
//
// Names and attributes of spans are the program's own words, as labels of metrics are. The collector is at an address that the
// operator gives, never one of a client's, which is why the guard of package outbound is not asked.
package tracing

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracer sends spans. A nil one sends none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// New sends spans to the collector at a URL, such as http://localhost:4318, by OTLP over HTTP. An empty URL is no tracer.
func New(ctx context.Context, collector string) (*Tracer, error) {
	if collector == "" {
		return nil, nil
	}
	u, err := url.Parse(collector)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("tracing: %q is not the URL of a collector", collector)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.JoinPath("v1", "traces").String()))
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	return with(sdk.WithBatcher(exporter)), nil
}

func with(o ...sdk.TracerProviderOption) *Tracer {
	named := resource.NewSchemaless(attribute.String("service.name", "weft"))
	p := sdk.NewTracerProvider(append(o, sdk.WithResource(named))...)
	return &Tracer{p, p.Tracer("weft")}
}

// Close sends what is left.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

type key struct{}

// In is a context in which Start begins spans of this tracer.
func (t *Tracer) In(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, key{}, t)
}

// Span is a piece of work. All methods work on a nil one.
type Span struct{ span trace.Span }

// Start begins a piece of work as part of the one that the context is of.
func Start(ctx context.Context, name string) (context.Context, *Span) {
	t, ok := ctx.Value(key{}).(*Tracer)
	if !ok {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, &Span{span}
}

// Serve begins the work on a request, as part of what its sender says that it is part of.
func Serve(ctx context.Context, route string, h http.Header) (context.Context, *Span) {
	t, ok := ctx.Value(key{}).(*Tracer)
	if !ok {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(h))
	ctx, span := t.tracer.Start(ctx, "POST "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("http.route", route)))
	return ctx, &Span{span}
}

// Ok is the outcome of work that has gone well.
const Ok = "ok"

// End ends the work with its outcome.
func (s *Span) End(outcome string) {
	if s == nil {
		return
	}
	s.span.SetAttributes(attribute.String("weft.outcome", outcome))
	if outcome != Ok && outcome != "later" { // a job that waits has not failed
		s.span.SetStatus(codes.Error, outcome)
	}
	s.span.End()
}
