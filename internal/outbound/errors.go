package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
)

// Kinds of failure, for errors.Is. An [*Error] is of one of them, or of none where the peer's answer is no HTTP.
var (
	// ErrForbidden is a target that may not be called.
	ErrForbidden = errors.New("not allowed")
	// ErrTooLarge is an answer that is longer than it may be.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrRedirect is a redirect that may not be followed.
	ErrRedirect = errors.New("the redirect is not allowed")
	// ErrTimeout is a peer that took too long.
	ErrTimeout = errors.New("timed out")
	// ErrName is a host name that does not resolve.
	ErrName = errors.New("the name does not resolve")
	// ErrConnect is a peer that cannot be reached, or that broke the connection.
	ErrConnect = errors.New("the connection failed")
	// ErrTLS is a peer whose certificate or whose TLS is not acceptable.
	ErrTLS = errors.New("TLS failed")
	// ErrProtocol is an answer that is not HTTP.
	ErrProtocol = errors.New("the answer is not HTTP")
)

// Error is a failed call. It repeats nothing of the request but method and host, and nothing of what the peer said.
type Error struct {
	Method, Host string
	// Kind is one of the errors of this package, or context.Canceled.
	Kind error
	// Detail says more, in words of this package.
	Detail string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("outbound: ")
	if e.Method != "" {
		b.WriteString(e.Method + " ")
	}
	if e.Host != "" {
		b.WriteString(e.Host + ": ")
	}
	b.WriteString(e.Kind.Error())
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Kind }

// Timeout says, in the manner of package net, whether the peer took too long.
func (e *Error) Timeout() bool { return errors.Is(e.Kind, ErrTimeout) }

// Is makes a timeout recognisable as what callers look for: the end of a context's time.
func (e *Error) Is(target error) bool {
	return e.Timeout() && (target == context.DeadlineExceeded || target == os.ErrDeadlineExceeded)
}

func forbidden(method, host, detail string) *Error {
	return &Error{Method: method, Host: host, Kind: ErrForbidden, Detail: detail}
}

// failure turns an error of package net/http into one that may be logged. Nothing of its text is kept, unless the text is
// made of this package's words: what net/http says repeats URLs, redirects and first lines of answers.
func failure(method, host string, err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return &Error{Method: method, Host: host, Kind: own.Kind, Detail: own.Detail}
	}
	e := &Error{Method: method, Host: host, Kind: ErrProtocol}
	var timeout interface{ Timeout() bool }
	var name *net.DNSError
	var dial *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind = context.Canceled
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind = ErrTimeout
	case errors.As(err, &name):
		e.Kind = ErrName
	case tlsDetail(err) != "":
		e.Kind, e.Detail = ErrTLS, tlsDetail(err)
	case errors.As(err, &dial), isBroken(err):
		e.Kind = ErrConnect
	}
	return e
}

// tlsDetail says in fixed words why TLS failed; it is empty for other failures.
func tlsDetail(err error) string {
	var (
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
		authority x509.UnknownAuthorityError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired or is not valid yet"
	case errors.As(err, &host):
		return "the certificate is for another host"
	case errors.As(err, &authority):
		return "the certificate is of an unknown authority"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "the certificate is not valid"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "the peer does not speak TLS"
	case errors.As(err, &alert):
		return "the peer refused"
	case strings.Contains(err.Error(), "tls: "): // package crypto/tls has no types for the other refusals
		return "the peer's TLS is not acceptable"
	}
	return ""
}
