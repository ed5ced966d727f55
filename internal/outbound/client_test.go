package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// peer is a server of this process, and a client that may call it.
func peer(t *testing.T, handler http.HandlerFunc, change func(*Options)) (*Client, string) {
	t.Helper()
	srv := httptest.NewUnstartedServer(handler)
	srv.Config.ErrorLog = nil
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	o := Options{Allow: prefixes("127.0.0.0/8"), Ports: []uint16{portOf(t, srv)}, RootCAs: roots, Whole: 20 * time.Second}
	if change != nil {
		change(&o)
	}
	c := New(o)
	t.Cleanup(c.CloseIdleConnections)
	return c, srv.URL
}

func portOf(t *testing.T, srv *httptest.Server) uint16 {
	t.Helper()
	_, text, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(port)
}

func call(t *testing.T, c *Client, method, raw string, change func(*http.Request)) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	resp, err := c.Do(req)
	if err == nil {
		t.Cleanup(func() { resp.Body.Close() })
	}
	return resp, err
}

func TestCall(t *testing.T) {
	c, at := peer(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "%s %s %s", r.URL, user, password)
	}, nil)
	resp, err := call(t, c, http.MethodGet, strings.Replace(at, "https://", "https://jim:p%40ss@", 1)+"/a?b=c", nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "/a?b=c jim p@ss" {
		t.Errorf("%q, %v", text, err)
	}
	if resp.Request.URL.User != nil {
		t.Error("the answer carries the password")
	}
}

func TestLoopbackIsRefusedByDefault(t *testing.T) {
	var calls atomic.Int64
	c, at := peer(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) }, func(o *Options) { o.Allow = nil })
	if _, err := call(t, c, http.MethodGet, at, nil); !errors.Is(err, ErrForbidden) || calls.Load() != 0 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

// TestDefaults: no proxy of the environment, which would see what is called and be judged in its place; TLS as it should be;
// and a bound for each step.
func TestDefaults(t *testing.T) {
	_, transport := build(Options{}, nil)
	if transport.Proxy != nil {
		t.Error("a proxy is used")
	}
	if transport.TLSClientConfig.MinVersion != tls.VersionTLS12 || transport.TLSClientConfig.InsecureSkipVerify {
		t.Error("TLS is weak")
	}
	if transport.ResponseHeaderTimeout != 30*time.Second || transport.TLSHandshakeTimeout != 10*time.Second || transport.MaxResponseHeaderBytes == 0 {
		t.Error("a step has no bound")
	}
	if c := New(Options{}); c.whole != 60*time.Second || c.maxBody != 32<<20 || c.http.Jar != nil {
		t.Errorf("a call may take %s and %d bytes, or has cookies", c.whole, c.maxBody)
	}
}

func TestRedirects(t *testing.T) {
	var plain atomic.Int64
	insecure := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { plain.Add(1) }))
	t.Cleanup(insecure.Close)
	var at string
	c, at := peer(t, func(w http.ResponseWriter, r *http.Request) {
		if ref := r.Header.Get("Referer"); ref != "" {
			t.Errorf("Referer %q", ref)
		}
		to, _ := strings.CutPrefix(r.URL.RequestURI(), "/to/")
		switch {
		case strings.HasPrefix(r.URL.Path, "/hop/"):
			n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/hop/"))
			if n > 0 {
				http.Redirect(w, r, fmt.Sprintf("/hop/%d?s3cret", n-1), http.StatusFound)
			}
		case to == "plain":
			http.Redirect(w, r, insecure.URL, http.StatusFound)
		case strings.HasPrefix(to, "broken"):
			w.Header().Set("Location", "https://%zz/s3cret")
			w.WriteHeader(http.StatusFound)
		case to == "user":
			http.Redirect(w, r, strings.Replace("https://"+r.Host, "https://", "https://a:b@", 1)+"/hop/0", http.StatusFound)
		default:
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusMovedPermanently)
		}
	}, func(o *Options) {
		o.AllowHTTP = true
		o.Ports = append(o.Ports, portOf(t, insecure))
	})
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, c2 := range []struct {
		name, method, path string
		change             func(*http.Request)
		status             int // 0: an error of the kind
		kind               error
	}{
		{"three", "GET", "/hop/3?s3cret", nil, 200, nil},
		{"four", "GET", "/hop/4?s3cret", nil, 0, ErrRedirect},
		{"harmless header", "GET", "/hop/1", with("Accept", "text/html"), 200, nil},
		{"authorization", "GET", "/hop/1", with("Authorization", "Bearer s3cret"), 302, nil},
		{"cookie", "GET", "/hop/1", with("Cookie", "s3cret"), 302, nil},
		{"own header", "GET", "/hop/1", with("X-Api-Key", "s3cret"), 302, nil},
		{"POST", "POST", "/hop/1", nil, 302, nil},
		{"metadata", "GET", "/to/https://169.254.169.254/latest/meta-data?s3cret", nil, 0, ErrForbidden},
		{"mapped metadata", "GET", "/to/https://[::ffff:a9fe:a9fe]/", nil, 0, ErrForbidden},
		{"private", "GET", "/to/https://10.0.0.1/", nil, 0, ErrForbidden},
		{"number", "GET", "/to/https://2852039166/", nil, 0, ErrForbidden},
		{"file", "GET", "/to/file:///etc/passwd", nil, 0, ErrRedirect},
		{"port", "GET", "/to/https://8.8.8.8:22/", nil, 0, ErrForbidden},
		{"to http", "GET", "/to/plain", nil, 0, ErrRedirect},
		{"with a user", "GET", "/to/user", nil, 0, ErrRedirect},
		{"nonsense", "GET", "/to/broken?s3cret", nil, 0, ErrProtocol},
	} {
		resp, err := call(t, c, c2.method, at+c2.path, c2.change)
		switch {
		case c2.status == 0 && (!errors.Is(err, c2.kind) || strings.Contains(err.Error(), "s3cret")):
			t.Errorf("%s: %v, want %v", c2.name, err, c2.kind)
		case c2.status != 0 && (err != nil || resp.StatusCode != c2.status):
			t.Errorf("%s: %v, %v, want %d", c2.name, resp, err, c2.status)
		}
	}
	if plain.Load() > 0 {
		t.Error("https was left")
	}
}

// TestBodyCap: an answer may be as long as the cap and no longer, packed or not, announced or not.
func TestBodyCap(t *testing.T) {
	const limit = 1 << 20
	c, at := peer(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		switch r.URL.Path {
		case "/announced":
			w.Header().Set("Content-Length", strconv.Itoa(n))
			_, _ = w.Write(make([]byte, n))
		case "/flowing":
			w.(http.Flusher).Flush()
			_, _ = w.Write(make([]byte, n))
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, n))
			_ = z.Close()
		}
	}, func(o *Options) { o.MaxBody = limit })
	for _, path := range []string{"/announced", "/flowing", "/packed"} {
		for _, n := range []int{0, 1, limit - 1, limit, limit + 1, 3 * limit} {
			read := 0
			resp, err := call(t, c, http.MethodGet, fmt.Sprintf("%s%s?n=%d", at, path, n), nil)
			if err == nil {
				var text []byte
				text, err = io.ReadAll(resp.Body)
				read = len(text)
				if _, again := resp.Body.Read(make([]byte, 1)); again == nil {
					t.Errorf("%s of %d: reads on after the end", path, n)
				}
			}
			if n <= limit && (err != nil || read != n) || n > limit && (!errors.Is(err, ErrTooLarge) || read > limit) {
				t.Errorf("%s of %d: %d bytes, %v", path, n, read, err)
			}
		}
	}
}

// TestGzipBomb: a gigabyte that is packed into a megabyte takes no more memory than the cap lets through.
func TestGzipBomb(t *testing.T) {
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 256 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	c, at := peer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}, func(o *Options) { o.MaxBody = 8 << 20 })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	resp, err := call(t, c, http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTooLarge) || n != 8<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d bytes of memory", grown)
	}
}

// TestSlowPeers: whatever a peer is slow at, the call ends.
func TestSlowPeers(t *testing.T) {
	const short = 150 * time.Millisecond
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = w.Write([]byte("x"))
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}
	for name, change := range map[string]func(*Options){
		"header": func(o *Options) { o.Header = short },
		"whole":  func(o *Options) { o.Whole = short },
	} {
		c, at := peer(t, handler, change)
		_, err := call(t, c, http.MethodGet, at+"/?s3cret", nil)
		slow(t, name, err)
	}
	c, at := peer(t, handler, func(o *Options) { o.Whole = short })
	resp, err := call(t, c, http.MethodGet, at+"/body?s3cret", nil)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
	}
	slow(t, "body", err)

	c, at = peer(t, handler, nil)
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	_, err = call(t, c, http.MethodGet, at+"/?s3cret", func(r *http.Request) { *r = *r.WithContext(ctx) })
	slow(t, "deadline", err)

	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err = call(t, c, http.MethodGet, at, func(r *http.Request) { *r = *r.WithContext(ctx) }); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
		t.Errorf("cancelled: %v", err)
	}
}

func slow(t *testing.T, name string, err error) {
	t.Helper()
	var timeout interface{ Timeout() bool }
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, os.ErrDeadlineExceeded) ||
		!errors.As(err, &timeout) || !timeout.Timeout() || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%s: %v", name, err)
	}
}

// TestSilentTLS: a peer that accepts the connection and says nothing.
func TestSilentTLS(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	port := netip.MustParseAddrPort(listener.Addr().String()).Port()
	c := New(Options{Allow: prefixes("127.0.0.1/32"), Ports: []uint16{port}, TLS: 100 * time.Millisecond})
	_, err = call(t, c, http.MethodGet, "https://"+listener.Addr().String(), nil)
	slow(t, "TLS", err)
}

func TestFailuresByKind(t *testing.T) {
	c, at := peer(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		switch r.URL.Path {
		case "/nonsense":
			_, _ = conn.Write([]byte("s3cret s3cret s3cret\r\n\r\n"))
		case "/short":
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"))
		case "/headers":
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("s3cret", 100_000) + "\r\n\r\n"))
		}
		_ = conn.Close()
	}, func(o *Options) {})
	// HTTP/2 cannot be hijacked.
	c.http.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	for path, want := range map[string]error{"/closed": ErrConnect, "/nonsense": ErrProtocol, "/short": ErrConnect, "/headers": ErrProtocol} {
		resp, err := call(t, c, http.MethodGet, at+path+"?s3cret", nil)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
		}
		if !errors.Is(err, want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if _, err := c.Do(nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("no request: %v", err)
	}
}

// TestClosedPort: nobody listens.
func TestClosedPort(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	c := New(Options{Allow: prefixes("127.0.0.1/32"), Ports: []uint16{netip.MustParseAddrPort(at).Port()}})
	if _, err := call(t, c, http.MethodGet, "https://"+at+"/s3cret", nil); !errors.Is(err, ErrConnect) || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}

// TestEndOfACallThatIsGivenUp: while a connection is torn down, the peer's last words can look like the end of the answer.
func TestEndOfACallThatIsGivenUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	b := &body{from: io.NopCloser(strings.NewReader("half an ans")), ctx: ctx, cancel: cancel, left: 100}
	if _, err := io.ReadAll(b); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
}
