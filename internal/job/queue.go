package job

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/metrics"
	"weft/internal/store"
	"weft/internal/store/batch"
)

// Config is what a queue is made of. What is zero has a default, but for DB, Clock, IDs, Random and Log.
type Config struct {
	DB    *store.DB
	Clock clock.Clock
	// IDs mints keys of jobs. Jobs are enqueued from several goroutines in no fixed order, so a seeded source should be one
	// of the queue's own.
	IDs *ident.Source
	// Random is a number from 0 below n.
	Random func(n int64) int64
	Log    *slog.Logger
	// Sole says that no other server runs jobs of this database: what a killed one has left is taken up at once, rather than
	// when its lease ends.
	Sole bool
	// Lease is how long a job stays with a server that gives no sign of life; 30 seconds by default.
	Lease time.Duration
	// Poll is how often the queue looks for jobs that others have enqueued; 1 second by default.
	Poll time.Duration
	// Metrics counts attempts at jobs; nil counts nothing.
	Metrics *metrics.Metrics
	// Drain is how long jobs may go on when the queue stops; 20 seconds by default. Then their contexts end.
	Drain time.Duration
}

// Queue takes and runs jobs.
type Queue struct {
	db                 *store.DB
	clock              clock.Clock
	ids                *ident.Source
	random             func(n int64) int64
	log                *slog.Logger
	metrics            *metrics.Metrics
	sole               bool
	lease, poll, drain time.Duration
	woken              chan struct{}
	toWake             map[string]bool // kinds to look at, under mu
	outcomes           *batch.Batch[outcome]

	mu      sync.Mutex
	kinds   map[string]*kind
	running map[*taken]struct{}
	count   map[string]int           // of running, by kind
	unique  map[unique]*taken        // those of the running that have a key
	crowded map[string]chan struct{} // by kind; closed while a due job finds no free place
	// elsewhere are jobs that were asked for again while they run on other servers; tell has a signal where there are any.
	elsewhere map[unique]bool
	tell      chan struct{}
}

// unique is the kind and the key of a job.
type unique struct{ kind, key string }

// New is a queue without kinds: Register adds them.
func New(c Config) *Queue {
	q := &Queue{
		db: c.DB, clock: c.Clock, ids: c.IDs, random: c.Random, log: c.Log, metrics: c.Metrics, sole: c.Sole,
		lease: c.Lease, poll: c.Poll, drain: c.Drain, woken: make(chan struct{}, 1), tell: make(chan struct{}, 1), outcomes: batch.New(c.DB, writeTimeout, 0, writeOutcomes),
		kinds: map[string]*kind{}, running: map[*taken]struct{}{}, count: map[string]int{},
		toWake: map[string]bool{}, unique: map[unique]*taken{}, crowded: map[string]chan struct{}{}, elsewhere: map[unique]bool{},
	}
	if q.lease == 0 {
		q.lease = 30 * time.Second
	}
	if q.poll == 0 {
		q.poll = time.Second
	}
	if q.drain == 0 {
		q.drain = 20 * time.Second
	}
	return q
}

func (q *Queue) register(k *kind) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if k.Name == "" || q.kinds[k.Name] != nil {
		panic(fmt.Sprintf("job: the kind %q has no name or is registered already", k.Name))
	}
	q.kinds[k.Name] = k
}

// wake has the queue look for due jobs of a kind now.
func (q *Queue) wake(kind string) {
	q.mu.Lock()
	q.toWake[kind] = true
	q.mu.Unlock()
	signal(q.woken)
}

// signal leaves a signal where none is waiting yet.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// awake are the kinds that were woken since it was last asked.
func (q *Queue) awake() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	names := slices.Sorted(maps.Keys(q.toWake))
	clear(q.toWake)
	return names
}

// names are the registered kinds, in order.
func (q *Queue) names() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Sorted(maps.Keys(q.kinds))
}

// free is how many more jobs of a kind may run here.
func (q *Queue) free(k *kind) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return k.Workers - q.count[k.Name]
}

func (q *Queue) began(t *taken) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[t] = struct{}{}
	q.count[t.kind.Name]++
	if t.key != nil {
		q.unique[unique{t.kind.Name, *t.key}] = t
	}
}

func (q *Queue) ended(t *taken) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, t)
	q.count[t.kind.Name]--
	if u := (unique{t.kind.Name, text(t.key)}); q.unique[u] == t {
		delete(q.unique, u)
	}
}

// atWork are the jobs that run here.
func (q *Queue) atWork() []*taken {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Collect(maps.Keys(q.running))
}
