package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connection"
	"weft/internal/connector/sandbox"
	"weft/internal/dialect/linkmoney/developer"
	"weft/internal/httpapi"
	"weft/internal/httpapi/openapi"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/ending"
	"weft/internal/item/processors"
	"weft/internal/job"
	"weft/internal/limit"
	"weft/internal/metrics"
	"weft/internal/outbound"
	"weft/internal/plaid"
	"weft/internal/product/imports"
	"weft/internal/product/transactions"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/tracing"
	"weft/internal/webhook"
)

// Config is everything that a server is made of.
type Config struct {
	Storage Storage
	// Listen is the address to serve on; port 0 takes a free one.
	Listen string
	// PublicURL is where clients reach the server, if not at the address it listens on.
	PublicURL string
	// Seed makes ids, tokens and simulated banks repeat themselves; empty for real randomness.
	Seed  string
	Clock clock.Clock
	Log   *slog.Logger
	// Preset are credentials of the first client that the operator chooses.
	Preset client.Preset
	// Outbound says what may be called besides the public internet.
	Outbound outbound.Options
	// CacheBytes bounds the memory of cached answers.
	CacheBytes uint64
	// WatchDir is a folder whose statement files become the first client's Items in production; empty for none. WatchEvery is
	// the time between two looks at it, 5 seconds if zero.
	WatchDir   string
	WatchEvery time.Duration
	// Retries is when webhooks are tried again; webhook.Steady if zero.
	Retries webhook.Retries
	// Paced: the history of transactions comes in two steps some seconds after an Item is made, as from banks.
	Paced bool
	// SyncMutationError has /transactions/sync tell that transactions have changed between two pages, as Plaid's does.
	SyncMutationError bool
	// SandboxLogin is how long a login at a simulated bank lasts, 0 for ever.
	SandboxLogin time.Duration
	// NoRateLimits: requests are not limited, for test runs. Limits are in place of limit.Table, where they are set.
	NoRateLimits bool
	Limits       []limit.Rule
	// HoldJobs: jobs run only when Jobs.RunDue is called, and banks are asked by themselves only by Connections.RefreshDue, one
	// after the other: for tests.
	HoldJobs bool
	// OperatorListen is the address at which metrics and profiles are served; empty for none. Whoever reaches it needs no secret.
	OperatorListen string
	// Collector is the URL of a collector of OpenTelemetry that is told how time is spent; empty for none.
	Collector string
	// DrainWait is how long a server that was told to stop goes on taking requests while it says that it is not ready.
	DrainWait time.Duration
	// Observe, if set, is told of every statement on the database.
	Observe func(query string, args []any)
}

// worldSeed seeds the simulated banks where no seed is given: they are the same for everyone.
const worldSeed = "weft"

// Timeouts of a connection's stages. Writing may take as long as an endpoint and the sending of its answer.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 120 * time.Second
	idleTimeout   = 120 * time.Second
	drainTimeout  = 30 * time.Second
	maxHeader     = 32 << 10
)

// watchEvery is the time between two looks at a watched folder.
const watchEvery = 5 * time.Second

// forgetEvery is how often it is forgotten what was changed long ago. A server that nobody has asked anything for so long reads anew.
const forgetEvery = 10 * time.Minute

// jobsAgain is how long after a failure jobs are begun again.
const jobsAgain = 5 * time.Second

// Server is a running server.
type Server struct {
	// Client is the first client; Made are the secrets that were made up for it now.
	Client client.Client
	Made   client.Secrets
	Items  *item.Service
	Parts
	// Handler serves all requests.
	Handler http.Handler

	log      *slog.Logger
	heart    *heart
	health   *health
	operator *operator
	tracer   *tracing.Tracer
	drain    time.Duration
	limits   *limit.Limiter
	holdJobs bool
	watch    func(context.Context)
	listener net.Listener
	http     *http.Server
	close    func() error
	url      string
}

// Parts are what a server and a command beside it are made of.
type Parts struct {
	// Connections are the logins at banks, and their Items.
	Connections *connection.Service
	// Metrics counts what all of them do.
	Metrics *metrics.Metrics
	// Webhooks tells clients what happens to Items, by Jobs.
	Webhooks *webhook.Service
	Jobs     *job.Queue
	Routes   []httpapi.Route
}

// New opens the store, brings it to the newest schema and listens. Close what it returns.
func New(ctx context.Context, cfg Config) (srv *Server, err error) {
	s := &Server{log: cfg.Log, holdJobs: cfg.HoldJobs, drain: cfg.DrainWait}
	// The address first: where it is taken, nothing has been written yet.
	if err := s.listen(ctx, cfg); err != nil {
		return nil, err
	}
	db, err := OpenDatabase(ctx, cfg.Storage, cfg.Clock)
	if err != nil {
		return nil, errors.Join(err, s.listener.Close())
	}
	s.close = db.Close
	db.Observe(cfg.Observe)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	keys, err := s.prepare(ctx, cfg.Storage, db)
	if err != nil {
		return nil, err
	}
	ids, jobIDs, err := begin(ctx, db, cfg.Seed)
	if err != nil {
		return nil, err
	}
	s.heart = &heart{db: db, file: cfg.Storage.SeenFile(), log: cfg.Log}
	epoch, err := s.heart.settle(ctx, ids.UUID)
	if err != nil {
		return nil, err
	}
	clients := &client.Service{DB: db, Keys: keys, IDs: ids}
	if s.Client, s.Made, err = clients.EnsureFirst(ctx, cfg.Preset); err != nil {
		return nil, err
	}
	warnOfDeadPresets(ctx, cfg, clients, s.Client.ClientID)
	cfg.PublicURL = s.url
	parts, pages := assemble(cfg, db, keys, ids, jobIDs, clients, s.onLoopback())
	s.Parts, s.Items = parts, parts.Connections.Items
	s.Items.Epoch = epoch
	maps.Copy(pages, httpapi.ErrorPages(cfg.Log))
	pages["GET /weft/openapi.json"] = openapi.Page(s.Routes, s.url)
	if s.limits, err = limiter(ctx, cfg, db); err != nil {
		return nil, err
	}
	s.health = &health{db: db, held: cfg.HoldJobs, end: make(chan error, 1)}
	maps.Copy(pages, s.health.pages())
	if err := s.watched(ctx, cfg, db); err != nil {
		return nil, err
	}
	api := &httpapi.API{Log: cfg.Log, Clock: cfg.Clock, IDs: ids, BaseURL: s.URL, Limit: s.limits.Of, Asked: db.Requests.Begun, Metrics: s.Metrics, Tracer: s.tracer}
	s.Handler = api.Handler(s.Routes, pages)
	s.SetHandler(s.Handler)
	s.http.RegisterOnShutdown(s.Webhooks.StopListening)
	s.watch = s.watcher(cfg)
	return s, nil
}

// watched has the operator see what the server does.
func (s *Server) watched(ctx context.Context, cfg Config, db *store.DB) (err error) {
	s.Metrics.Watch(sources(db, s.Parts, cfg.Log))
	if s.tracer, err = tracing.New(ctx, cfg.Collector); err != nil {
		return err
	}
	s.operator, err = newOperator(ctx, cfg, s.Metrics)
	return err
}

// limiter counts requests; nil where there are no limits. Two starts of a seeded server must not share a name.
func limiter(ctx context.Context, cfg Config, db *store.DB) (*limit.Limiter, error) {
	if cfg.NoRateLimits {
		return nil, nil
	}
	rules := cfg.Limits
	if rules == nil {
		rules = limit.Table
	}
	return limit.New(ctx, limit.Config{
		DB: db, Clock: cfg.Clock, Log: cfg.Log, Server: ident.System().UUID(), Sole: cfg.Storage.DatabaseURL == "", Rules: rules,
	})
}

// watcher watches the folder, if there is one, until its context ends.
func (s *Server) watcher(cfg Config) func(context.Context) {
	if cfg.WatchDir == "" {
		return func(context.Context) {}
	}
	w := imports.Watcher{
		Items: s.Items, Tenant: store.Tenant{Client: s.Client.ClientID, Environment: plaid.Production}, Dir: cfg.WatchDir, Log: cfg.Log,
	}
	return func(ctx context.Context) { w.Run(ctx, cmp.Or(cfg.WatchEvery, watchEvery)) }
}

// SetHandler replaces what serves all requests. Call it before Serve.
func (s *Server) SetHandler(h http.Handler) { s.Handler, s.http.Handler = h, h }

// assemble puts Items, products and connectors together. Receivers of webhooks may be on this machine where onLoopback.
func assemble(cfg Config, db *store.DB, keys *seal.Keys, ids, jobIDs *ident.Source, clients *client.Service, onLoopback bool) (Parts, map[string]http.Handler) {
	counts := metrics.New()
	items := &item.Service{
		Life: item.Life{DB: db, Keys: keys, IDs: ids}, LeaseIDs: jobIDs, Clock: cfg.Clock, Clients: clients, Cache: cache.New(cfg.CacheBytes),
		Connectors: connectors(cmp.Or(cfg.Seed, worldSeed), cfg.SandboxLogin, cfg.Outbound, sandbox.Site{
			URL: cfg.PublicURL, Seals: bankSeals{keys}, Nonce: func() string { return ids.Hex(16) },
		}), Log: cfg.Log, Metrics: counts,
	}
	p := Parts{Metrics: counts, Connections: &connection.Service{Items: items, Log: cfg.Log, Serial: cfg.HoldJobs}}
	p.Jobs = job.New(job.Config{DB: db, Clock: cfg.Clock, IDs: jobIDs, Random: rand.Int64N, Log: cfg.Log, Sole: cfg.Storage.DatabaseURL == "", Metrics: counts})
	job.Register(p.Jobs, job.Spec{Name: "change-forgetting", Every: forgetEvery, Workers: 1}, func(ctx context.Context, _ job.Job[struct{}]) error {
		return db.ForgetChanges(ctx)
	})
	p.Webhooks = webhook.New(webhook.Config{
		DB: db, Keys: keys, Clock: cfg.Clock, IDs: jobIDs, Random: rand.Int64N, Log: cfg.Log, Queue: p.Jobs, Metrics: counts,
		Outbound: cfg.Outbound, Loopback: onLoopback, Retries: cfg.Retries,
	})
	items.Events = developer.Telling(processors.Telling(p.Webhooks.Notify), p.Webhooks.Post)
	items.Ends = ending.New(db, items.Events, p.Jobs)
	pages := map[string]http.Handler{}
	options := transactions.Options{MutationError: cfg.SyncMutationError}
	if items.Paced = cfg.Paced; cfg.Paced {
		options.History = p.Jobs
	}
	for _, product := range products(items, p.Connections, p.Webhooks, p.Jobs, options, cfg.PublicURL) {
		p.Routes = append(p.Routes, product.Routes...)
		maps.Copy(pages, product.Pages)
		if product.Apply != nil {
			items.Appliers = append(items.Appliers, product.Apply)
		}
	}
	return p, pages
}

// onLoopback reports whether the server is reached from this machine alone.
func (s *Server) onLoopback() bool {
	at, ok := s.listener.Addr().(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// Beside are the parts of a server on a database that a server may have open, for a command beside it. Close the database
// after use.
func Beside(ctx context.Context, cfg Config) (*Parts, error) {
	cfg.Clock = clock.System{}
	storage := cfg.Storage
	if _, err := os.Stat(storage.DatabaseFile()); storage.DatabaseURL == "" && errors.Is(err, os.ErrNotExist) { // opening would make it
		return nil, fmt.Errorf("there is no Weft database at %s yet: start the server once (weft serve), or check --data and --database", storage.DatabaseFile())
	} else if storage.DatabaseURL == "" && errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("no permission to open the Weft database at %s: run the command as the user that the server runs as, or check --data", storage.DatabaseFile())
	}
	db, err := OpenDatabase(ctx, storage, cfg.Clock)
	if err != nil {
		return nil, err
	}
	keys, err := Existing(ctx, storage, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return On(cfg, db, keys), nil
}

// On are the parts of a server on a database that is open already.
func On(cfg Config, db *store.DB, keys *seal.Keys) *Parts {
	ids := ident.System()
	parts, _ := assemble(cfg, db, keys, ids, ids, &client.Service{DB: db, Keys: keys, IDs: ids}, false)
	return &parts
}

// warnOfDeadPresets tells of preset secrets that open no call: they were revoked, or rotated out. That is no reason not to
// start, since other secrets may be in use.
func warnOfDeadPresets(ctx context.Context, cfg Config, clients *client.Service, clientID string) {
	for environment, secret := range cfg.Preset.Secrets {
		if _, err := clients.Authorize(ctx, clientID, secret, cfg.Clock.Now()); err != nil {
			cfg.Log.Warn("a preset secret opens no call: it was revoked or has expired", "environment", environment)
		}
	}
}

func (s *Server) listen(ctx context.Context, cfg Config) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	s.listener = listener
	s.url = cfg.PublicURL
	if s.url == "" {
		s.url = "http://" + listener.Addr().String()
	}
	s.http = &http.Server{
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	return nil
}

// URL is where clients reach the server.
func (s *Server) URL() string { return s.url }

// Serve serves until ctx ends, then lets the requests at work finish, for at most 30 seconds.
func (s *Server) Serve(ctx context.Context) error {
	working, stop := context.WithCancel(s.tracer.In(ctx))
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	if !s.holdJobs {
		work.Go(func() { s.Connections.Run(working) })
	}
	work.Go(func() { s.heart.run(working) })
	work.Go(func() { s.health.watch(working) })
	work.Go(func() { s.limits.Run(working) })
	work.Go(func() { s.watch(working) })
	work.Go(func() { s.runJobs(working) })
	failed := make(chan error, 1)
	go s.operator.serve(s.log)
	go func() { failed <- s.http.Serve(s.listener) }()
	select {
	case err := <-failed:
		return err
	case err := <-s.health.end: // nothing more is written: what is at work is broken off
		return errors.Join(err, s.http.Close())
	case <-ctx.Done():
	}
	s.health.draining.Store(true)
	if s.drain > 0 { // whoever sends requests here sees that it is not ready, and sends them elsewhere
		s.log.Info("not ready any more", "wait", s.drain.String())
		select {
		case err := <-failed:
			return err
		case <-time.After(s.drain):
		}
	}
	s.log.Info("stopping", "drain", drainTimeout.String())
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := s.http.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(fmt.Errorf("requests were still at work after %s", drainTimeout), s.http.Close())
	}
	return err
}

// runJobs runs jobs until the context ends. A database that fails at the start may be there again later.
func (s *Server) runJobs(ctx context.Context) {
	for !s.holdJobs && ctx.Err() == nil {
		s.health.jobs.Store(true)
		err := s.Jobs.Run(ctx)
		s.health.jobs.Store(false)
		if err == nil || ctx.Err() != nil {
			return
		}
		s.log.Error("jobs cannot be run; trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(jobsAgain):
		}
	}
}

// tracesTimeout bounds the sending of the last traces.
const tracesTimeout = 5 * time.Second

// Close closes the database. Serve must have returned, or not have been called.
func (s *Server) Close() error {
	err := s.listener.Close()
	if errors.Is(err, net.ErrClosed) { // Serve has closed it
		err = nil
	}
	sending, cancel := context.WithTimeout(context.Background(), tracesTimeout)
	defer cancel()
	return errors.Join(err, s.operator.close(), s.tracer.Close(sending), s.close())
}
