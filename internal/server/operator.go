package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"

	"weft/internal/metrics"
	"weft/internal/store"
)

// operator serves what is the operator's alone, at an address of its own: metrics and profiles. A nil one serves nothing.
type operator struct {
	listener net.Listener
	http     *http.Server
}

func newOperator(ctx context.Context, cfg Config, m *metrics.Metrics) (*operator, error) {
	if cfg.OperatorListen == "" {
		return nil, nil
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.OperatorListen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s for the operator: %w", cfg.OperatorListen, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)}
	return &operator{listener, server}, nil
}

// OperatorURL is where metrics and profiles are served, empty where they are not.
func (s *Server) OperatorURL() string {
	if s.operator == nil {
		return ""
	}
	return "http://" + s.operator.listener.Addr().String()
}

// serve serves until close.
func (o *operator) serve(log *slog.Logger) {
	if o == nil {
		return
	}
	if err := o.http.Serve(o.listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		log.Error("metrics and profiles are not served any more", "error", err)
	}
}

func (o *operator) close() error {
	if o == nil {
		return nil
	}
	err := errors.Join(o.listener.Close(), o.http.Close())
	if errors.Is(err, net.ErrClosed) { // one closes the other's
		err = nil
	}
	return err
}

// sources are the figures that are read when metrics are asked for.
func sources(db *store.DB, p Parts, log *slog.Logger) metrics.Sources {
	return metrics.Sources{
		Cache: func() (hits, misses int64, bytes uint64) {
			hits, misses = p.Connections.Items.Cache.Stats()
			return hits, misses, p.Connections.Items.Cache.Bytes()
		},
		Pools: func() (list []metrics.Pool) {
			for _, pool := range db.Pools() {
				list = append(list, metrics.Pool(pool))
			}
			return list
		},
		Jobs: func(ctx context.Context) (list []metrics.Jobs, err error) {
			figures, err := p.Jobs.Figures(ctx)
			for _, f := range figures {
				list = append(list, metrics.Jobs(f))
			}
			return list, err
		},
		Log: log,
	}
}
