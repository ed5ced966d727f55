package simplefin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"weft/internal/connector/simplefin/access"
	"weft/internal/connector/simplefin/span"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

const (
	longestAnswer = 32 << 20
	longestError  = 64 << 10
)

// query asks for a window's movements, pending ones included.
func query(w span.Span) url.Values {
	return url.Values{
		"version":    {"2"},
		"start-date": {strconv.FormatInt(w.From.Time().Unix(), 10)},
		"end-date":   {strconv.FormatInt(w.To.Time().Unix(), 10)}, // not included
		"pending":    {"1"},
	}
}

// ask makes one request and pays for it before: a request that fails is spent too.
func (r *run) ask(ctx context.Context, w span.Span) (wire.Answer, error) {
	if err := ctx.Err(); err != nil {
		return wire.Answer{}, r.outOfTime(ctx)
	}
	if err := r.connector.spent.Spend(r.credentials.Digest(), &r.memory.Spending, r.want.Now); err != nil {
		return wire.Answer{}, err
	}
	if r.keep != nil { // before the request is made, so that it is counted even if it is the last thing that we do
		if err := r.keep(ctx, r.memory.encode()); err != nil {
			return wire.Answer{}, err
		}
	}
	at := r.credentials.At("accounts")
	q := query(w)
	if r.want.Balances {
		q.Set("balances-only", "1")
	}
	at.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return wire.Answer{}, errors.New("simplefin: the access URL cannot be called")
	}
	req.SetBasicAuth(string(r.credentials.User), string(r.credentials.Password))
	req.Header.Set("Accept", "application/json")
	resp, err := r.connector.doer.Do(req)
	if err != nil {
		return wire.Answer{}, unreachable(ctx, r.credentials, err)
	}
	if resp.StatusCode != http.StatusOK {
		return wire.Answer{}, r.refused(resp)
	}
	body, err := readBody(resp, longestAnswer)
	if err == nil {
		err = ctx.Err() // a call that is given up can look as if the answer had ended
	}
	if err != nil {
		return wire.Answer{}, unreachable(ctx, r.credentials, err)
	}
	answer, err := wire.Decode(body)
	if err != nil {
		return wire.Answer{}, withCause("UNSUPPORTED_RESPONSE", err)
	}
	for i := range answer.Problems { // what a server says is shown
		answer.Problems[i].Message = r.credentials.Redact(answer.Problems[i].Message)
	}
	return answer, nil
}

// refused reads an answer that is not 200: what it says in JSON is told, HTML is not.
func (r *run) refused(resp *http.Response) error {
	header, status := resp.Header.Get("Retry-After"), resp.StatusCode
	if status == http.StatusTooManyRequests || (status == http.StatusServiceUnavailable && header != "") {
		r.connector.spent.Pause(r.credentials.Digest(), &r.memory.Spending, r.want.Now, retryAfter(header, r.want.Now))
	}
	var said []wire.Problem
	if body, err := readBody(resp, longestError); err == nil {
		if answer, err := wire.Decode(body); err == nil {
			said = answer.Problems
		}
	}
	return statusError(r.credentials, status, said)
}

const (
	usualPause   = time.Hour // a budget of 24 a day refills by one an hour
	longestPause = 24 * time.Hour
)

// retryAfter is how long a server wants to be left alone: seconds or a date.
func retryAfter(header string, now time.Time) time.Duration {
	pause := usualPause
	if n, err := strconv.ParseInt(header, 10, 32); err == nil && n >= 0 {
		pause = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		pause = max(0, at.Sub(now))
	}
	return min(pause, longestPause)
}

var errTooLong = errors.New("the answer is too long")

// readBody reads an answer's body to its end and closes it.
func readBody(resp *http.Response, most int64) ([]byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = errTooLong
	}
	return body, err
}

// unreachable is the error for a call without an answer. The cause's text is freed of secrets: whoever makes the calls may
// put the URL into it.
func unreachable(ctx context.Context, c access.Credentials, err error) error {
	if ctx.Err() != nil && !isDeadline(ctx) {
		return context.Cause(ctx)
	}
	if errors.Is(err, errTooLong) {
		return withCause("UNSUPPORTED_RESPONSE", err)
	}
	for {
		inner, ok := errors.AsType[*url.Error](err)
		if !ok || inner.Err == nil {
			break
		}
		err = inner.Err
	}
	if isDeadline(ctx) || errors.Is(err, context.DeadlineExceeded) {
		return withCause("INSTITUTION_NOT_RESPONDING", context.DeadlineExceeded)
	}
	return withCause("INSTITUTION_NOT_RESPONDING", errors.New(wire.Clean(c.Redact(err.Error()))))
}

// outOfTime is the error for a request that was not even made.
func (r *run) outOfTime(ctx context.Context) error {
	return unreachable(ctx, r.credentials, context.DeadlineExceeded)
}

func isDeadline(ctx context.Context) bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) }

func withCause(code plaid.Code, cause error) *plaid.Error {
	e := plaid.Err(code)
	e.Cause = cause
	return e
}
