package outbound

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// nameServer is a name server in this process that answers each question with the next of its lists of addresses.
type nameServer struct {
	asked   atomic.Int64
	answers func(question int64, six bool) []netip.Addr
}

func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go s.serve(there)
		return here, nil
	}}
}

// serve answers questions as they come over TCP: each with its length before it.
func (s *nameServer) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil || len(query) < 12 {
			return
		}
		answer := s.answer(query)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func (s *nameServer) answer(query []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	question := query[12 : end+5]
	var records []byte
	count := uint16(0)
	if kind == 1 || kind == 28 {
		for _, a := range s.answers(s.asked.Add(1), kind == 28) {
			bytes := a.AsSlice()
			records = append(records, 0xc0, 12, byte(kind>>8), byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(bytes))) // TTL 0
			records = append(records, bytes...)
			count++
		}
	}
	out := append([]byte{}, query[:2]...)
	out = append(out, 0x81, 0x80, 0, 1)
	out = binary.BigEndian.AppendUint16(out, count)
	out = append(out, 0, 0, 0, 0)
	return append(append(out, question...), records...)
}

var errPermitted = errors.New("permitted")

// watched is a client that notes which addresses it would connect to, and connects to none.
func watched(o Options) (*Client, func() []string) {
	var mu sync.Mutex
	var seen []string
	c, transport := build(o, func(address string) error {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, address)
		return errPermitted
	})
	transport.DisableKeepAlives = true
	return c, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return seen
	}
}

func get(t testing.TB, c *Client, raw string) error {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// TestRebinding: a name server gives a public address to one question and a forbidden one to the next. However it does so,
// nothing forbidden is dialled.
func TestRebinding(t *testing.T) {
	public, public6 := netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("2606:4700:4700::1111")
	tries := 3000
	if testing.Short() {
		tries = 300
	}
	s := &nameServer{answers: func(question int64, six bool) []netip.Addr {
		bad := netip.MustParseAddr(forbiddenIPv4[int(question)%len(forbiddenIPv4)])
		bad6, err := netip.ParseAddr(strings.ReplaceAll(forbiddenIPv6[int(question)%len(forbiddenIPv6)], "%25", "%"))
		if err != nil {
			t.Error(err)
		}
		switch question % 4 {
		case 0: // alternates
			return map[bool][]netip.Addr{false: {bad}, true: {bad6.WithZone("")}}[six]
		case 1:
			return map[bool][]netip.Addr{false: {public}, true: {public6}}[six]
		default: // mixed
			return map[bool][]netip.Addr{false: {bad, public}, true: {public6, bad6.WithZone("")}}[six]
		}
	}}
	c, seen := watched(Options{Resolver: s.resolver()})
	forbidden := 0
	for range tries {
		err := get(t, c, "https://bank.example/")
		if err == nil {
			t.Fatal("a call without a connection succeeded")
		}
		if errors.Is(err, ErrForbidden) {
			forbidden++
		}
	}
	for _, address := range seen() {
		if a := netip.MustParseAddrPort(address).Addr(); a != public && a != public6 {
			t.Fatalf("%s was dialled", address)
		}
	}
	if s.asked.Load() < int64(tries) || forbidden == 0 || len(seen()) < tries/2 {
		t.Errorf("%d questions, %d refusals, %d dials: the test does not test", s.asked.Load(), forbidden, len(seen()))
	}
}

// TestNamesOfForbiddenAddresses: a name is judged by what it resolves to.
func TestNamesOfForbiddenAddresses(t *testing.T) {
	for _, text := range append([]string{}, forbiddenIPv4...) {
		a := netip.MustParseAddr(text)
		s := &nameServer{answers: func(_ int64, six bool) []netip.Addr {
			if six {
				return nil
			}
			return []netip.Addr{a}
		}}
		c, seen := watched(Options{Resolver: s.resolver()})
		err := get(t, c, "https://user:s3cret@bank.example/t0ken?q=s3cret")
		if !errors.Is(err, ErrForbidden) || len(seen()) > 0 || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, dialled %v", text, err, seen())
		}
	}
}

func TestUnknownName(t *testing.T) {
	s := &nameServer{answers: func(int64, bool) []netip.Addr { return nil }}
	c, _ := watched(Options{Resolver: s.resolver()})
	if err := get(t, c, "https://bank.example/"); !errors.Is(err, ErrName) {
		t.Error(err)
	}
}

// FuzzURL: whatever is called, no forbidden address is dialled, although every name resolves to one; and no error repeats
// what came after the host.
func FuzzURL(f *testing.F) {
	for _, raw := range strangeURLs {
		f.Add(raw)
	}
	for _, text := range forbiddenIPv4 {
		for _, host := range spellings(netip.MustParseAddr(text)) {
			f.Add("https://u:s3cret@" + host + "/?s3cret")
		}
	}
	f.Add("https://8.8.8.8/")
	s := &nameServer{answers: func(_ int64, six bool) []netip.Addr {
		return []netip.Addr{map[bool]netip.Addr{false: netip.MustParseAddr("127.0.0.1"), true: netip.MustParseAddr("::1")}[six]}
	}}
	resolver := s.resolver()
	f.Fuzz(func(t *testing.T, raw string) {
		c, seen := watched(Options{Resolver: resolver, AllowHTTP: true})
		u, err := c.ParseURL(raw)
		if err != nil {
			if !errors.Is(err, ErrForbidden) {
				t.Fatalf("%q: %v", raw, err)
			}
			if u == nil { // what Do says of a URL that Check refuses
				return
			}
		}
		_, called := c.Do((&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}).WithContext(t.Context()))
		if called == nil {
			t.Fatalf("%q: a call without a connection succeeded", raw)
		}
		if err != nil && len(seen()) > 0 {
			t.Fatalf("%q is refused, but called at %v", raw, seen())
		}
		for _, address := range seen() {
			a := netip.MustParseAddrPort(address).Addr()
			if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || !a.IsGlobalUnicast() || a.Is4In6() {
				t.Fatalf("%q leads to %s", raw, address)
			}
		}
		quiet(t, raw, u, called)
	})
}

// quiet fails where an error repeats a URL's name, password, path or query.
func quiet(t *testing.T, raw string, u *url.URL, err error) {
	t.Helper()
	password, _ := u.User.Password()
	for _, secret := range []string{u.User.Username(), password, u.Path, u.RawQuery, u.Fragment} {
		fixed := strings.ReplaceAll(err.Error(), safeHost(u), "")
		if len(secret) > 12 && strings.Contains(fixed, secret) && !strings.Contains("outbound: GET not allowed: the URL's host is a number in the place of a name", secret) {
			t.Fatalf("%q: the error repeats %q: %v", raw, secret, err)
		}
	}
}
