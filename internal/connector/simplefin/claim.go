package simplefin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"weft/internal/connector/simplefin/access"
	"weft/internal/plaid"
)

const (
	longestToken  = 4096
	longestAccess = 4096
)

// Claim turns a setup token into credentials. A token can be claimed once, so Claim asks the server once and never again, and
// the credentials must be kept before anything else is done.
func (c *Connector) Claim(ctx context.Context, setupToken string) (json.RawMessage, error) {
	at, err := c.claimURL(setupToken)
	if err != nil {
		return nil, badToken("%v: copy it anew from the SimpleFIN server", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), http.NoBody)
	if err != nil {
		return nil, badToken("it holds no URL that can be called: copy it anew from the SimpleFIN server")
	}
	claim := access.OfURL(at) // so that nothing repeats the URL: whoever has it before us can claim it
	resp, err := c.doer.Do(req)
	if err != nil {
		e := unreachable(ctx, claim, err)
		if pe, ok := errors.AsType[*plaid.Error](e); ok {
			pe.Message = "the SimpleFIN server did not answer; the setup token may have been used up by this attempt: if it is refused next time, make a new one"
		}
		return nil, e
	}
	body, err := readBody(resp, longestAccess)
	switch {
	case resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusUnauthorized:
		e := badToken("it was used already or was never valid. If you did not use it yourself, somebody else may have: " +
			"disable it at the SimpleFIN server, and make a new one")
		return nil, e
	case resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests:
		return nil, badToken("the server does not know it (HTTP %d): make a new one", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, statusError(claim, resp.StatusCode, nil)
	case err != nil:
		return nil, unreachable(ctx, claim, err)
	}
	creds, err := access.Parse(string(body), c.allowHTTP)
	if err != nil { // the token is used up, so that the reason is worth telling
		return nil, plaid.Errf("UNSUPPORTED_RESPONSE", "the access URL that the SimpleFIN server gave for the setup token cannot be used: %v", err)
	}
	return plaid.JSON(creds)
}

// badToken says what is wrong with a setup token, to the developer and to the user.
func badToken(format string, args ...any) *plaid.Error {
	e := plaid.Errf("INVALID_CREDENTIALS", "the setup token cannot be used: "+format, args...)
	e.Display = e.Message
	return e
}

// claimURL is the URL in a setup token: base64 of either alphabet, padded or not, in as many lines as it was copied in.
func (c *Connector) claimURL(token string) (*url.URL, error) {
	if len(token) > longestToken {
		return nil, errors.New("it is too long")
	}
	token = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '=':
			return -1
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		}
		return r
	}, token)
	text, err := base64.RawStdEncoding.DecodeString(token)
	if err != nil || len(text) == 0 {
		return nil, errors.New("it is not a setup token")
	}
	u, err := url.Parse(strings.TrimSpace(string(text)))
	if err != nil || u.Opaque != "" || u.Scheme == "" {
		return nil, errors.New("it holds no URL")
	}
	if err := access.CheckScheme(u, c.allowHTTP); err != nil {
		return nil, fmt.Errorf("its URL: %w", err)
	}
	if u.Host == "" || u.User != nil {
		return nil, errors.New("its URL is not one to claim at")
	}
	return u, nil
}
