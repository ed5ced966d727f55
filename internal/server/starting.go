package server

import (
	"context"
	"net"
	"net/http"
	"time"

	"weft/internal/seal"
	"weft/internal/store"
)

// prepare brings the database into use. While it is migrated, which may have to wait for others, the server says at its address that it
// lives and is not ready: whoever asks would otherwise wait for an answer, be it a proxy or who ends a process that does not answer.
func (s *Server) prepare(ctx context.Context, storage Storage, db *store.DB) (*seal.Keys, error) {
	have, err := db.Schema(ctx)
	if err != nil {
		return nil, err
	}
	newest, err := store.NewestVersion()
	if err != nil {
		return nil, err
	}
	if have.Version > 0 && have.Version < newest {
		defer starting(s.listener)()
	}
	return Prepare(ctx, storage, db)
}

// starting answers at an address until it is told that the server has started.
func starting(at net.Listener) (started func()) {
	l := lent{at.(*net.TCPListener)}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, "ok") })
	pages.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusServiceUnavailable, "starting") })
	srv := &http.Server{Handler: pages, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, MaxHeaderBytes: maxHeader}
	srv.SetKeepAlivesEnabled(false) // the next question is for the server that has started
	ended := make(chan struct{})
	go func() {
		_ = srv.Serve(l) // it ends when it is told to
		close(ended)
	}()
	return func() {
		_ = srv.Close() // of what is lent
		<-ended
		_ = l.SetDeadline(time.Time{}) // where that fails, so does what comes next
	}
}

// lent is a listener that is given back: closing it ends the waiting for connections, and no more.
type lent struct{ *net.TCPListener }

func (l lent) Close() error { return l.SetDeadline(time.Unix(1, 0)) }
