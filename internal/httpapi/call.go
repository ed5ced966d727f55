package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"weft/internal/plaid"
	"weft/internal/store"
)

// Call is one request, as far as the adapter knows it.
type Call struct {
	RequestID string
	Version   Version
	// ClientID and Secret are from the body, or else from the headers PLAID-CLIENT-ID and PLAID-SECRET.
	ClientID, Secret string
	// AccessToken is the token of the Item that the body of an endpoint names, or else the bearer token.
	AccessToken string

	// contentType is the body's, for those who read a form.
	contentType string
	// principal is who sends an upload.
	principal any
	// admit lets the call through when it is known whose it is; nil lets all through.
	admit func(ctx context.Context, tenant store.Tenant, itemID string) error

	// granted is what lets the call through in place of its credentials.
	granted *Grant

	// limits are the API's, by path, for calls that are made of others.
	limits func(path string) func(ctx context.Context, tenant store.Tenant, itemID string) error

	// file is the answer, where that is a file.
	file *File

	// NewUsers is the header Plaid-New-User-API-Enabled, which says which generation of users is meant; nil where it is absent.
	NewUsers *bool
	// Status is that of the answer to a success: 200, unless the endpoint sets another.
	Status int

	// Tenant and ItemID are set by whoever authorizes the call, for the log.
	Tenant store.Tenant
	ItemID string
}

type callKey struct{}

// CallOf is the call that a context belongs to.
func CallOf(ctx context.Context) *Call {
	if c, ok := ctx.Value(callKey{}).(*Call); ok {
		return c
	}
	return &Call{Version: Version20200914}
}

// readHeaders fills what the headers say.
func (c *Call) readHeaders(h http.Header, media string) error {
	var err error
	if c.Version, err = parseVersion(h.Get("Plaid-Version")); err != nil {
		c.Version = Version20200914
		return err
	}
	c.ClientID, c.Secret = h.Get("Plaid-Client-Id"), h.Get("Plaid-Secret")
	if value := h.Get("Plaid-New-User-Api-Enabled"); value != "" {
		enabled, err := strconv.ParseBool(value)
		if err != nil {
			return plaid.Errf("INVALID_HEADERS", "Plaid-New-User-API-Enabled must be true or false")
		}
		c.NewUsers = &enabled
	}
	if kind, token, ok := strings.Cut(h.Get("Authorization"), " "); ok && strings.EqualFold(kind, "bearer") {
		c.AccessToken = strings.TrimSpace(token)
	}
	if c.contentType = h.Get("Content-Type"); c.contentType != "" {
		got, _, _ := strings.Cut(c.contentType, ";")
		if !strings.EqualFold(strings.TrimSpace(got), media) {
			return plaid.Errf("INVALID_HEADERS", "Content-Type must be %s, not %q", media, c.contentType)
		}
	}
	return nil
}

// credentials checks that both parts of the client's credentials are there, where they are needed.
func (c *Call) credentials() error {
	if c.granted != nil {
		return nil
	}
	if c.ClientID == "" {
		return plaid.InvalidField("client_id", "must be a properly formatted, non-empty string")
	}
	if c.Secret == "" {
		return plaid.InvalidField("secret", "must be a properly formatted, non-empty string")
	}
	return nil
}
