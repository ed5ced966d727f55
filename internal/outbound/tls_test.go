package outbound

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// selfSigned is a certificate for 127.0.0.1 and bank.example that is valid in the given time.
func selfSigned(t *testing.T, from, to time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, DNSNames: []string{"bank.example"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestBadTLS: a peer whose certificate or protocol is not right is refused, and not asked in the clear.
func TestBadTLS(t *testing.T) {
	now := time.Now()
	good := selfSigned(t, now.Add(-time.Hour), now.Add(time.Hour))
	for name, c := range map[string]struct {
		config  *tls.Config
		trusted bool
		host    string
		says    string // empty: the call succeeds
	}{
		"good":              {&tls.Config{Certificates: []tls.Certificate{good}}, true, "bank.example", ""},
		"unknown authority": {&tls.Config{Certificates: []tls.Certificate{good}}, false, "bank.example", "unknown authority"},
		"another host":      {&tls.Config{Certificates: []tls.Certificate{good}}, true, "other.example", "another host"},
		"expired":           {&tls.Config{Certificates: []tls.Certificate{selfSigned(t, now.Add(-2*time.Hour), now.Add(-time.Hour))}}, true, "bank.example", "expired"},
		"not yet":           {&tls.Config{Certificates: []tls.Certificate{selfSigned(t, now.Add(time.Hour), now.Add(2*time.Hour))}}, true, "bank.example", "not valid yet"},
		"TLS 1.1":           {&tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, true, "bank.example", "TLS failed"},
		"no TLS":            {nil, true, "bank.example", "does not speak TLS"},
	} {
		calls := 0
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		roots := x509.NewCertPool()
		if c.config == nil {
			srv.Start()
		} else {
			srv.TLS = c.config
			srv.StartTLS()
			if c.trusted {
				leaf, err := x509.ParseCertificate(c.config.Certificates[0].Certificate[0])
				if err != nil {
					t.Fatal(err)
				}
				roots.AddCert(leaf)
			}
		}
		names := &nameServer{answers: func(_ int64, six bool) []netip.Addr {
			if six {
				return nil
			}
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		}}
		port := portOf(t, srv)
		client := New(Options{AllowHTTP: true, Allow: prefixes("127.0.0.1/32"), Ports: []uint16{port}, RootCAs: roots, Resolver: names.resolver()})
		_, at, _ := strings.Cut(srv.Listener.Addr().String(), ":")
		_, err := call(t, client, http.MethodGet, "https://"+c.host+":"+at+"/s3cret", nil)
		switch {
		case c.says == "" && (err != nil || calls != 1):
			t.Errorf("%s: %v, %d calls", name, err, calls)
		case c.says != "" && (!errors.Is(err, ErrTLS) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret") || calls > 0):
			t.Errorf("%s: %v, %d calls", name, err, calls)
		}
		client.CloseIdleConnections()
		srv.Close()
	}
}
