package web_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"testing"

	"weft/internal/ident"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web"
	"weft/internal/product/link/web/panes/panestest"
)

var serve = flag.String("serve", "", "address at which TestGallery shows every pane to be looked at, until it is interrupted")

// gallery shows one view per hosted id: NAME, or NAME.LANGUAGE, with .light or .dark behind it.
type gallery struct{ web.Flow }

func (gallery) Open(_ context.Context, o web.Opening) (string, session.Answer, error) {
	for _, c := range panestest.All() {
		for _, language := range []string{"en", "es", "fr", "de"} {
			for _, theme := range []string{"light", "dark"} {
				if o.HostedID == c.Name+"."+language+"."+theme {
					c.View.Language, c.View.Theme = language, theme
					return "key", session.Answer{View: c.View}, nil
				}
			}
		}
	}
	return "", session.Answer{}, fmt.Errorf("no case %q", o.HostedID)
}

func (gallery) Act(context.Context, string, session.Action) (session.Answer, error) {
	return session.Answer{}, fmt.Errorf("the gallery only shows")
}

func (gallery) Return(context.Context, url.Values) (string, error) { return "", nil }

func (gallery) Logo(context.Context, string, string) ([]byte, bool) { return nil, false }

// TestGallery: go test -run Gallery ./internal/product/link/web -serve 127.0.0.1:8099
func TestGallery(t *testing.T) {
	if *serve == "" {
		t.Skip("shows the panes only with -serve")
	}
	mux := http.NewServeMux()
	for pattern, page := range web.New(gallery{}, slog.New(slog.NewTextHandler(io.Discard, nil)), ident.System(), "http://"+*serve) {
		mux.Handle(pattern, page)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range panestest.All() {
			fmt.Fprintf(w, "%s\n", c.Name)
		}
	})
	listener, err := net.Listen("tcp", *serve)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Handler: mux}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	t.Logf("http://%s/link/hosted/consent.en.light and so on; / lists the names", listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		t.Fatal(err)
	}
}
