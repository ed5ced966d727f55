package web_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web"
	"weft/internal/product/link/web/panes/panestest"
)

var serve = flag.String("serve", "", "address at which TestGallery shows every pane to be looked at, until it is interrupted")

// gallery shows a single view at the hosted ids CASE.LANGUAGE.THEME. All else is the script's short way.
type gallery struct{ *script }

func (g gallery) Open(ctx context.Context, o web.Opening) (string, session.Answer, error) {
	parts := strings.Split(o.HostedID, ".")
	if len(parts) != 3 {
		return g.script.Open(ctx, o)
	}
	for _, c := range panestest.All() {
		if c.Name == parts[0] {
			c.View.Language, c.View.Theme = parts[1], parts[2]
			return still, session.Answer{View: c.View}, nil
		}
	}
	return "", session.Answer{}, plaid.Err("NOT_FOUND")
}

// still is the key of a session that is only looked at.
const still = "still"

// Act lets a view stand that is only looked at.
func (g gallery) Act(ctx context.Context, key string, act session.Action) (session.Answer, error) {
	if key == still {
		<-ctx.Done()
		return session.Answer{}, ctx.Err()
	}
	return g.script.Act(ctx, key, act)
}

// around is a client's page with a frame. It speaks to it as link-initialize.js does, and keeps what it is told in told.
const around = `<!doctype html><html lang="en"><title>Shop</title><body><h1>Shop</h1><button id="before">Before</button><p>%s</p><script>
const host = "http://%s", told = [], query = new URLSearchParams(location.search);
let frame, port;
const start = () => {
  frame = document.createElement("iframe");
  frame.title = "Link";
  Object.assign(frame.style, { position: "fixed", inset: "0", width: "100%%", height: "100%%", border: "0", colorScheme: "light" });
  frame.src = host + "/link/v2/frame";
  document.body.append(frame);
};
addEventListener("message", (e) => {
  if (e.origin !== host || e.source !== frame.contentWindow || e.data.weft !== "link") return;
  if (e.data.type === "hello") {
    const channel = new MessageChannel();
    const token = query.get("token") || "link-sandbox-1";
    frame.contentWindow.postMessage({ weft: "link", type: "open", nonce: "n0nce", config: { token, embedded: query.has("embedded") } }, host, [channel.port2]);
  }
  if (e.data.type === "ready" && e.data.nonce === "n0nce") {
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = (m) => { told.push(m.data); if (m.data.type === "load" && !query.has("hold")) port.postMessage({ type: "show" }); };
    frame.contentWindow.postMessage({ weft: "link", type: "connect", nonce: "n0nce" }, host, [channel.port2]);
  }
});
start();
</script>`

// TestGallery: go test -run Gallery ./internal/product/link/web -serve 127.0.0.1:8099
//
// / lists the names of the cases, each at /link/hosted/NAME.en.light and so on. /around is a client's page; under the name
// localhost it has another origin than its frame.
//
// Without an address it is only held to have all cases.
func TestGallery(t *testing.T) {
	address := cmp.Or(*serve, "127.0.0.1:0")
	mux := http.NewServeMux()
	flow := gallery{newScript()}
	flow.bank = "http://" + address + "/bank"
	for pattern, page := range web.New(flow, slog.New(slog.NewTextHandler(io.Discard, nil)), ident.System(), "http://"+address) {
		mux.Handle(pattern, page)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range panestest.All() {
			fmt.Fprintf(w, "%s\n", c.Name)
		}
	})
	mux.HandleFunc("GET /around", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, around, strings.Repeat("Some text of the shop. ", 200), address)
	})
	mux.HandleFunc("GET /bank", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><title>Bank</title><a id="allow" href="/link/v2/oauth/return?state=window&code=1">Allow</a>`)
	})
	if *serve == "" {
		list := httptest.NewRecorder()
		mux.ServeHTTP(list, httptest.NewRequest("GET", "/", nil))
		for _, c := range panestest.All() {
			page := httptest.NewRecorder()
			mux.ServeHTTP(page, httptest.NewRequest("GET", "/link/hosted/"+c.Name+".en.light", nil))
			if page.Code != http.StatusOK || !strings.Contains(list.Body.String(), c.Name+"\n") {
				t.Errorf("%s: %d", c.Name, page.Code)
			}
		}
		return
	}
	listener, err := net.Listen("tcp", *serve)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Handler: mux}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	t.Logf("http://%s/ lists the cases", listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		t.Fatal(err)
	}
}
