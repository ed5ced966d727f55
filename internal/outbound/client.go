package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Options are what the operator may change. The zero value is the strict default.
type Options struct {
	// Allow are networks that may be called although they are not on the public internet: in-house receivers. They may be
	// called at any port. An address that wraps another (NAT64) needs both allowed.
	Allow []netip.Prefix
	// AllowHTTP allows plain http, and port 80.
	AllowHTTP bool
	// Ports are further ports beside 443, on the public internet.
	Ports []uint16
	// RootCAs are the authorities to trust; nil is the system's.
	RootCAs *x509.CertPool
	// MaxBody is how many bytes an answer may have, unpacked; 0 is 32 MiB.
	MaxBody int64
	// Connect, TLS, Header and Whole bound the steps of a call and the call with the reading of its answer; 0 is 10 s, 10 s,
	// 30 s and 60 s.
	Connect, TLS, Header, Whole time.Duration
	// Resolver resolves names; nil is the system's. Its answers are judged like any other's.
	Resolver *net.Resolver
}

const (
	maxBody      = 32 << 20
	maxHeader    = 256 << 10
	maxRedirects = 3
	idlePerHost  = 4
	idleTimeout  = 60 * time.Second
)

// Client makes guarded calls. It is safe for concurrent use.
type Client struct {
	policy    *policy
	allowHTTP bool
	maxBody   int64
	whole     time.Duration
	http      *http.Client
}

// New makes a client.
func New(o Options) *Client {
	c, _ := build(o, nil)
	return c
}

// build makes a client; a test sees by permitted what the dialer is about to connect to, after it was allowed.
func build(o Options, permitted func(address string) error) (*Client, *http.Transport) {
	ports := append([]uint16{443}, o.Ports...)
	if o.AllowHTTP {
		ports = append(ports, 80)
	}
	c := &Client{policy: newPolicy(o.Allow, ports), allowHTTP: o.AllowHTTP, maxBody: or(o.MaxBody, maxBody), whole: or(o.Whole, 60*time.Second)}
	dialer := &net.Dialer{
		Timeout:  or(o.Connect, 10*time.Second),
		Resolver: o.Resolver,
		// This is called for each address that the name resolved to, with the address itself: what it allows is what is dialled.
		ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
			if err := c.policy.dialled(network, address); err != nil {
				return forbidden("", "", err.Error())
			}
			if permitted != nil {
				return permitted(address)
			}
			return nil
		},
	}
	transport := &http.Transport{
		Proxy:                  nil, // not that of the environment: the guard would judge the proxy and not the target
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    or(o.TLS, 10*time.Second),
		ResponseHeaderTimeout:  or(o.Header, 30*time.Second),
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: c.redirect}
	return c, transport
}

// CloseIdleConnections gives connections back that no call uses.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// plainHeaders are the request headers that hold no credentials. A request with any other is taken to carry some.
var plainHeaders = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "If-Modified-Since", "If-None-Match", "User-Agent",
}

type followKey struct{}

// Do makes a call. A redirect is followed only for GET and HEAD without credentials, three times at most and never to plain
// http; otherwise the answer is the redirect itself. The answer's body ends in an error that is [ErrTooLarge] where it is
// longer than it may be. A name and password in the URL are sent as basic authentication. Errors are of type [*Error].
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if req == nil || req.URL == nil {
		return nil, forbidden("", "", "there is no URL")
	}
	method, host := req.Method, safeHost(req.URL)
	if err := c.check(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as http.Client does on every path; the request has failed anyway
		}
		return nil, forbidden(method, host, err.Error())
	}
	follow := (method == "" || method == http.MethodGet || method == http.MethodHead) && !credentialed(req)
	ctx, cancel := context.WithTimeout(context.WithValue(req.Context(), followKey{}, follow), c.whole)
	out := req.Clone(ctx)
	if user := req.URL.User; user != nil {
		// net/http would do the same, but then the URL, with the user's name, would be in its errors and in Referer headers.
		password, _ := user.Password()
		if out.Header.Get("Authorization") == "" {
			out.SetBasicAuth(user.Username(), password)
		}
		out.URL.User = nil
	}
	resp, err := c.http.Do(out)
	if err != nil {
		cancel()
		return nil, failure(method, host, err)
	}
	if resp.ContentLength > c.maxBody {
		_ = resp.Body.Close() // nothing of it was read; there is no better news than the size
		cancel()
		return nil, &Error{Method: method, Host: host, Kind: ErrTooLarge}
	}
	resp.Body = &body{from: resp.Body, ctx: ctx, cancel: cancel, left: c.maxBody, method: method, host: host}
	return resp, nil
}

// credentialed reports whether a request may carry a secret that another host must not see.
func credentialed(req *http.Request) bool {
	if req.URL.User != nil {
		return true
	}
	for name := range req.Header {
		if !slices.Contains(plainHeaders, http.CanonicalHeaderKey(name)) {
			return true
		}
	}
	return false
}

// redirect judges each hop.
func (c *Client) redirect(next *http.Request, via []*http.Request) error {
	if follow, _ := next.Context().Value(followKey{}).(bool); !follow {
		return http.ErrUseLastResponse
	}
	refused := func(why string) error { return &Error{Kind: ErrRedirect, Detail: why} }
	switch {
	case len(via) > maxRedirects:
		return refused("there are too many")
	case next.URL.User != nil:
		return refused("it brings credentials")
	case via[len(via)-1].URL.Scheme == "https" && next.URL.Scheme != "https":
		return refused("it leaves https")
	}
	if err := c.check(next.URL); err != nil {
		return forbidden("", "", "redirect: "+err.Error())
	}
	next.Header.Del("Referer") // it would tell the next host the query of the last one
	return nil
}

// body is an answer's body with a cap, whose errors may be logged.
type body struct {
	from         io.ReadCloser
	ctx          context.Context // the call's, which lasts until the body is closed
	cancel       context.CancelFunc
	left         int64
	method, host string
	err          error
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one byte more than is left tells an answer that just fits from one that does not
	}
	n, err := b.from.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		b.err = &Error{Method: b.method, Host: b.host, Kind: ErrTooLarge}
		return n, b.err
	}
	b.left -= int64(n)
	if err == io.EOF && b.ctx.Err() != nil { // a call that is given up can look as if the answer had ended
		err = b.ctx.Err()
	}
	if err != nil && err != io.EOF {
		err = failure(b.method, b.host, err)
	}
	b.err = err
	return n, err
}

func (b *body) Close() error {
	defer b.cancel()
	if err := b.from.Close(); err != nil {
		return failure(b.method, b.host, err)
	}
	return nil
}

// isBroken reports whether a connection ended early.
func isBroken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "server closed") || strings.Contains(err.Error(), "http2: ")
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
