package server

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"weft/internal/store"
)

// readyFor bounds the questions of one look at whether the server is ready.
const readyFor = 5 * time.Second

// health is what those who watch the server ask: whether the process lives, and whether it is to be sent requests.
type health struct {
	db *store.DB
	// held: jobs are run by a test, and not by the server.
	held           bool
	jobs, draining atomic.Bool
	// end is told once why the server must end: a newer program has changed the database in a way that this one cannot go on with.
	end chan error
}

// outdated has the server end.
func (h *health) outdated(why error) {
	select {
	case h.end <- why:
	default: // it ends already
	}
}

// lookEvery is the time between two looks of the server's own, where nobody asks whether it is ready.
const lookEvery = 30 * time.Second

// watch looks from time to time whether the server can go on, until the context ends.
func (h *health) watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.unready(ctx)
		}
	}
}

// pages are /healthz, which answers as long as the process does, and /readyz, whose answer is 503 where the database does not
// answer or has a schema that this program cannot use, where jobs are not run, and while the server drains. They tell nothing but the
// reason, in a word or two: nobody has to say who they are.
func (h *health) pages() map[string]http.Handler {
	return map[string]http.Handler{
		"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, "ok") }),
		"GET /readyz": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if reason := h.unready(r.Context()); reason != "" {
				tell(w, http.StatusServiceUnavailable, reason)
				return
			}
			tell(w, http.StatusOK, "ok")
		}),
	}
}

func tell(w http.ResponseWriter, status int, what string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, what) // where that fails, whoever asked has gone
}

// unready is why the server is to be sent no requests, empty where it is ready.
func (h *health) unready(ctx context.Context) string {
	if h.draining.Load() {
		return "draining"
	}
	ctx, cancel := context.WithTimeout(ctx, readyFor)
	defer cancel()
	have, err := h.db.Schema(ctx)
	if err != nil {
		return "the database does not answer"
	}
	// A newer schema is that of a newer server beside this one: while servers are replaced one after the other, the old ones go on,
	// if they can.
	if _, err := have.Newer(); err != nil {
		h.outdated(err)
		return "the database asks for a newer program"
	}
	if newest, err := store.NewestVersion(); err != nil || have.Version < newest {
		return "the database has an older schema"
	}
	if !h.held && !h.jobs.Load() {
		return "jobs are not run"
	}
	return ""
}
