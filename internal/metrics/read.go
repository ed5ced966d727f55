package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readFor bounds the reading of figures when metrics are asked for.
const readFor = 5 * time.Second

// Sources are where figures come from that are not counted here but read when metrics are asked for.
type Sources struct {
	// Cache is how often the cache had what was asked for and how often not, since the start, and the bytes in it.
	Cache func() (hits, misses int64, bytes uint64)
	// Pools are the connections to the database.
	Pools func() []Pool
	// Jobs are the queue's figures.
	Jobs func(context.Context) ([]Jobs, error)
	Log  *slog.Logger
}

// Pool are the connections of a pool: open and in use now, the most that may be open, and how often and how long one was waited
// for since the start.
type Pool struct {
	Name              string
	Open, InUse, Most int64
	Waits             int64
	Waited            time.Duration
}

// Jobs are the jobs of a kind. Ready are due now, Waiting are due later or behind others of their lane, Dead were given up, in the
// whole database; Running are those at work on this server. Oldest is how long the longest due has been so.
type Jobs struct {
	Kind                          string
	Ready, Waiting, Running, Dead int64
	Oldest                        time.Duration
}

// Watch adds the figures of sources to the metrics.
func (m *Metrics) Watch(s Sources) { m.registry.MustRegister(&reader{s}) }

// reader reads figures for Prometheus.
type reader struct{ Sources }

var (
	cacheRequests = describe("weft_cache_requests_total", "Look-ups in the cache of answers, by result: hit or miss.", "result")
	cacheBytes    = describe("weft_cache_bytes", "Bytes in the cache of answers.")
	poolOpen      = describe("weft_database_connections", "Connections to the database, by pool and state: used, idle or most.", "pool", "state")
	poolWaits     = describe("weft_database_waits_total", "How often a connection to the database was waited for, by pool.", "pool")
	poolWaited    = describe("weft_database_wait_seconds_total", "How long connections to the database were waited for, by pool.", "pool")
	queueJobs     = describe("weft_jobs", "Jobs by kind and state: ready, waiting and dead in the whole database, running on this server.", "kind", "state")
	queueOldest   = describe("weft_jobs_oldest_ready_seconds", "How long the job that is due for longest has waited, by kind.", "kind")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

func (r *reader) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{cacheRequests, cacheBytes, poolOpen, poolWaits, poolWaited, queueJobs, queueOldest} {
		to <- d
	}
}

// Collect reads all figures. Where the queue's cannot be read, the others are told all the same: a database that does not answer is
// when they are looked at.
func (r *reader) Collect(to chan<- prometheus.Metric) {
	count := func(d *prometheus.Desc, n int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	hits, misses, bytes := r.Cache()
	count(cacheRequests, hits, "hit")
	count(cacheRequests, misses, "miss")
	gauge(cacheBytes, int64(bytes))
	for _, p := range r.Pools() {
		gauge(poolOpen, p.InUse, p.Name, "used")
		gauge(poolOpen, p.Open-p.InUse, p.Name, "idle")
		gauge(poolOpen, p.Most, p.Name, "most")
		count(poolWaits, p.Waits, p.Name)
		to <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, p.Waited.Seconds(), p.Name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), readFor)
	defer cancel()
	jobs, err := r.Jobs(ctx)
	if err != nil {
		r.Log.Warn("the queue's figures could not be read", "error", err)
		return
	}
	for _, j := range jobs {
		gauge(queueJobs, j.Ready, j.Kind, "ready")
		gauge(queueJobs, j.Waiting, j.Kind, "waiting")
		gauge(queueJobs, j.Running, j.Kind, "running")
		gauge(queueJobs, j.Dead, j.Kind, "dead")
		to <- prometheus.MustNewConstMetric(queueOldest, prometheus.GaugeValue, j.Oldest.Seconds(), j.Kind)
	}
}
