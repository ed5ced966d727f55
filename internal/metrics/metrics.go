// Package metrics counts what a server does, for Prometheus. Labels are the program's own words (routes, error codes, kinds of
// jobs): none is of a client, an Item, a person or a token, so there are as many series however many of those there are.
//
// All methods work on a nil *Metrics, which counts nothing.
package metrics

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Upper bounds of durations, in seconds: of answers from what is stored, and of what others are asked for.
var (
	quick = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30}
	slow  = []float64{0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600}
)

// Metrics are a server's.
type Metrics struct {
	registry *prometheus.Registry

	requests, errors, refused *prometheus.CounterVec
	requestSeconds            *prometheus.HistogramVec
	refreshes                 *prometheus.HistogramVec
	queued, attempts          *prometheus.CounterVec
	latency                   *prometheus.HistogramVec
	jobs                      *prometheus.HistogramVec
	sessions                  *prometheus.CounterVec
}

// New are metrics that begin at zero, with those of the Go runtime and of the process beside them.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, labels)
		m.registry.MustRegister(h)
		return h
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.requests = counter("weft_requests_total", "Requests of the API by route and status.", "route", "status")
	m.requestSeconds = histogram("weft_request_duration_seconds", "How long requests took, by route.", quick, "route")
	m.errors = counter("weft_errors_total", "Answers that were errors, by route and error_code.", "route", "error_code")
	m.refused = counter("weft_rate_limit_refusals_total", "Requests over a limit, by route.", "route")
	m.refreshes = histogram("weft_refresh_duration_seconds", "How long banks took to answer, by connector and outcome: ok, partial or an error_code.", slow, "connector", "outcome")
	m.queued = counter("weft_webhooks_queued_total", "Webhooks put into the outbox, by type and code.", "type", "code")
	m.attempts = counter("weft_webhook_attempts_total", "Attempts at webhooks, by type, code and outcome: delivered or failed.", "type", "code", "outcome")
	m.latency = histogram("weft_webhook_latency_seconds", "From the commit of what a webhook tells to its receipt, by type.", slow, "type")
	m.jobs = histogram("weft_job_duration_seconds", "How long attempts at jobs took, by kind and outcome: ok, later, failed, dead or lost.", slow, "kind", "outcome")
	m.sessions = counter("weft_link_sessions_total", "Sessions of Link that have ended, by outcome: success or exit.", "outcome")
	return m
}

// Handler answers with the metrics in Prometheus' text form.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Route counts the requests of one route.
type Route struct {
	metrics *Metrics
	path    string
	begin   sync.Once
	// ok and seconds are those of most answers, so that they need not be looked up.
	ok      prometheus.Counter
	seconds prometheus.Observer
}

// Route is what counts a route's requests. Its series begin with the first.
func (m *Metrics) Route(path string) *Route {
	if m == nil {
		return nil
	}
	return &Route{metrics: m, path: path}
}

// Answered counts a request. Code is the error_code of its answer, empty for none; limited says that it was over a limit.
func (r *Route) Answered(status int, code string, limited bool, took time.Duration) {
	if r == nil {
		return
	}
	r.begin.Do(func() {
		r.ok = r.metrics.requests.WithLabelValues(r.path, "200")
		r.seconds = r.metrics.requestSeconds.WithLabelValues(r.path)
	})
	r.seconds.Observe(took.Seconds())
	if status == http.StatusOK {
		r.ok.Inc()
	} else {
		r.metrics.requests.WithLabelValues(r.path, strconv.Itoa(status)).Inc()
	}
	if code != "" {
		r.metrics.errors.WithLabelValues(r.path, code).Inc()
	}
	if limited {
		r.metrics.refused.WithLabelValues(r.path).Inc()
	}
}

// Refreshed counts the asking of a bank.
func (m *Metrics) Refreshed(connector, outcome string, took time.Duration) {
	if m != nil {
		m.refreshes.WithLabelValues(connector, outcome).Observe(took.Seconds())
	}
}

// Queued counts a webhook that was put into the outbox.
func (m *Metrics) Queued(webhookType, code string) {
	if m != nil {
		m.queued.WithLabelValues(webhookType, code).Inc()
	}
}

// Attempted counts an attempt at a webhook, the end of which came so long after the commit of what it tells.
func (m *Metrics) Attempted(webhookType, code string, delivered bool, since time.Duration) {
	if m == nil {
		return
	}
	if !delivered {
		m.attempts.WithLabelValues(webhookType, code, "failed").Inc()
		return
	}
	m.attempts.WithLabelValues(webhookType, code, "delivered").Inc()
	m.latency.WithLabelValues(webhookType).Observe(since.Seconds())
}

// Job counts an attempt at a job.
func (m *Metrics) Job(kind, outcome string, took time.Duration) {
	if m != nil {
		m.jobs.WithLabelValues(kind, outcome).Observe(took.Seconds())
	}
}

// Session counts a session of Link that has ended.
func (m *Metrics) Session(outcome string) {
	if m != nil {
		m.sessions.WithLabelValues(outcome).Inc()
	}
}
