package listening

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"weft/internal/outbound"
	"weft/internal/product/webhooks"
	"weft/internal/store"
	"weft/internal/webhook"
)

// wait is how long a source is asked to wait for a webhook: less than proxies on the way do.
const wait = 25 * time.Second

// source hands webhooks over.
type source interface {
	// listen returns the webhooks behind a cursor, and waits where there are none. Nil begins.
	listen(ctx context.Context, cursor *string) (webhooks.Hearing, error)
	// name says where it is.
	name() string
}

// final is an error that asking again does not mend.
type final struct{ error }

func (e final) Unwrap() error { return e.error }

// remote is a server, over HTTP.
type remote struct {
	url, clientID, secret string
	client                *outbound.Client
	// wrongKeys says what to check where the server does not admit the client.
	wrongKeys string
}

// anywhere is what an operator may name on the command line; the guard keeps what it never allows.
var anywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

func newRemote(u *url.URL, clientID, secret, wrongKeys string) *remote {
	return &remote{strings.TrimSuffix(u.String(), "/"), clientID, secret, outbound.New(outbound.Options{
		Allow: anywhere, AllowHTTP: u.Scheme == "http", Header: wait + 15*time.Second, Whole: wait + 20*time.Second,
	}), wrongKeys}
}

func (r *remote) name() string { return "the server at " + r.url }

const path = "/weft/webhooks/listen"

func (r *remote) listen(ctx context.Context, cursor *string) (h webhooks.Hearing, err error) {
	body, err := json.Marshal(map[string]any{"cursor": cursor, "wait": int(wait / time.Second)})
	if err != nil {
		return h, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+path, bytes.NewReader(body))
	if err != nil {
		return h, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Plaid-Client-Id", r.clientID)
	req.Header.Set("Plaid-Secret", r.secret)
	res, err := r.client.Do(req)
	if err != nil {
		return h, fmt.Errorf("%s cannot be reached: %s (is it running?)", r.name(), webhook.Reason(err))
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	if res.StatusCode != http.StatusOK {
		return h, r.refusal(res)
	}
	if err := json.NewDecoder(res.Body).Decode(&h); err != nil {
		return h, fmt.Errorf("the answer of %s cannot be read", r.name())
	}
	return h, nil
}

// refusal is an answer that is no success, as an error. Nothing but the code and the message of Weft's own errors is repeated.
func (r *remote) refusal(res *http.Response) error {
	var e struct {
		Code    string `json:"error_code"`
		Message string `json:"error_message"`
	}
	_ = json.NewDecoder(res.Body).Decode(&e) // what is no error of Weft's is told by its status
	switch {
	case e.Code == "INVALID_API_KEYS":
		return final{fmt.Errorf("%s does not admit client %s with this secret: check %s", r.name(), r.clientID, r.wrongKeys)}
	case e.Code == "NOT_FOUND" || res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusMethodNotAllowed:
		return final{fmt.Errorf("%s does not know %s: it is no Weft server, or an older one", r.name(), path)}
	case res.StatusCode >= 300 && res.StatusCode <= 399:
		return final{fmt.Errorf("%s answers with a redirect (%d): name the address that it leads to", r.name(), res.StatusCode)}
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || e.Code == "":
		return fmt.Errorf("%s answers %d", r.name(), res.StatusCode)
	}
	return final{fmt.Errorf("%s answers %d %s: %s", r.name(), res.StatusCode, e.Code, e.Message)}
}

// local is the database of a server, beside it.
type local struct {
	hooks  *webhook.Service
	tenant store.Tenant
}

func (l local) name() string { return "the server's database" }

func (l local) listen(ctx context.Context, cursor *string) (webhooks.Hearing, error) {
	after, err := webhooks.Position(cursor)
	if err != nil {
		return webhooks.Hearing{}, final{err}
	}
	h, err := l.hooks.Listen(ctx, l.tenant, after, wait)
	return webhooks.HearingOf(h, l.tenant), err
}

// isFinal reports whether asking again does not help.
func isFinal(err error) bool {
	var f final
	return errors.As(err, &f)
}
