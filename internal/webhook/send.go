package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"weft/internal/outbound"
	"weft/internal/tracing"
	"weft/internal/webhook/signing"
)

// Header is the request header that has the signature. OtherHeader has it too: it is where receivers of Link Money look for it.
const (
	Header      = "Plaid-Verification"
	OtherHeader = "Webhook-Verification"
)

const userAgent = "Weft-Webhooks/1 (Plaid-compatible)"

// What is read of an answer: its beginning is kept, and a little more lets the connection be used again.
const (
	keptAnswer  = 512
	mostDrained = 16 << 10
)

// result is what became of one attempt.
type result struct {
	at       int64 // when, in milliseconds
	duration int64
	// status is the answer's, 0 where there was none.
	status int
	answer string
	// failure says why there was no answer, without anything of the request or the answer.
	failure string
}

func (r result) delivered() bool { return r.status >= 200 && r.status <= 299 }

// outcome is what a trace is told.
func (r result) outcome() string {
	if r.delivered() {
		return tracing.Ok
	}
	return "failed"
}

// reason is a failed attempt in words.
func (r result) reason() string {
	if r.failure != "" {
		return r.failure
	}
	return fmt.Sprintf("it answered %d", r.status)
}

// send makes one attempt. A redirect is an answer like any other that is no success.
func (s *Service) send(ctx context.Context, key *signing.Signer, target string, body []byte) (r result, err error) {
	start := s.clock.Now()
	r.at = start.UnixMilli()
	ctx, span := tracing.Start(ctx, "webhook")
	defer func() { span.End(r.outcome()) }()
	token, err := key.Sign(body, start)
	if err != nil {
		return r, err
	}
	u, err := url.Parse(target)
	if err != nil {
		r.failure = "the address cannot be read"
		return r, nil
	}
	r.status, r.answer, err = Post(ctx, s.clientFor(u), target, body, token)
	r.duration = s.clock.Now().Sub(start).Milliseconds()
	if errors.Is(err, context.Canceled) { // the server stops: that is no attempt
		return r, err
	}
	if err != nil {
		r.failure = Reason(err)
	}
	return r, nil
}

// Post calls a receiver with a webhook and its signature, and returns the answer's status and its beginning.
func Post(ctx context.Context, via *outbound.Client, target string, body []byte, signature string) (status int, answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set(Header, signature)
	req.Header.Set(OtherHeader, signature)
	res, err := via.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close() //nolint:errcheck // the status is the answer; there is nothing to save
	text, err := io.ReadAll(io.LimitReader(res.Body, keptAnswer))
	if err == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, mostDrained)) // where that fails the connection is not used again
	}
	return res.StatusCode, cleaned(text), nil
}

// Reason says why there was no answer, without anything of the request.
func Reason(err error) string {
	var e *outbound.Error
	if !errors.As(err, &e) {
		return "it could not be called"
	}
	if e.Detail != "" {
		return e.Kind.Error() + ": " + e.Detail
	}
	return e.Kind.Error()
}

// clientFor is the client for an address: the strict one, but for receivers on this machine, where they are allowed.
func (s *Service) clientFor(u *url.URL) *outbound.Client {
	host := strings.ToLower(u.Hostname())
	at, err := netip.ParseAddr(host)
	if s.local != nil && (host == "localhost" || (err == nil && at.IsLoopback())) {
		return s.local
	}
	return s.public
}

// cleaned is the beginning of an answer as text that can be stored and shown.
func cleaned(b []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(string(b), "?"))
}
