package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// How long a link token opens Link, for a new Item and in update mode, and how long after that it can still be read.
const (
	Life       = 4 * time.Hour
	UpdateLife = 30 * time.Minute
	Readable   = 6 * time.Hour
)

// tokenKind is the first word of a link token, and what keeps its hash apart from those of other tokens.
const tokenKind = "link"

// Token is a link token as it is stored, without the token itself.
type Token struct {
	Tenant store.Tenant
	Terms
	CreatedAt, ExpiresAt time.Time
	// Hash names the token's row. Text is the token itself, and Closed says that it was ended; both are known of a token that
	// was opened ([Open]).
	Hash, Text string
	Closed     bool
}

// Terms are what a link token was made for, as the store keeps it in JSON.
type Terms struct {
	// Request is the request that made the token: valid, with a phone number in canonical form and without its secrets.
	Request Request `json:"request"`
	// Withheld are the paths of the secrets that the request had.
	Withheld []string `json:"withheld,omitempty"`
	// UserID is the user that new Items will belong to, and that update.user is for; empty for none. The
	// token ends with them.
	UserID string `json:"user_id,omitempty"`
	// ItemIDs are the Items that update mode is for, which the tenant had when the token was made; they may be gone since.
	// With update.user and no Items named it is empty: all Items of the user are meant.
	ItemIDs []string `json:"item_ids,omitempty"`
	// IncomeItemIDs are the Items of income_verification.access_tokens.
	IncomeItemIDs []string `json:"income_item_ids,omitempty"`
}

// UpdateMode reports whether the token opens Link for Items that exist, not for a new one.
func (t Terms) UpdateMode() bool {
	return len(t.ItemIDs) > 0 || (t.Request.Update != nil && on(t.Request.Update.User))
}

// Expired reports whether the token opens Link no more.
func (t Token) Expired(now time.Time) bool { return !now.Before(t.ExpiresAt) }

// Find is a tenant's link token, also an expired one. Unknown tokens, malformed ones and those of another tenant or
// environment have one answer: INVALID_LINK_TOKEN.
func Find(ctx context.Context, q store.Querier, keys *seal.Keys, tenant store.Tenant, linkToken string) (Token, error) {
	t := Token{Tenant: tenant, Hash: keys.Hash(tokenKind, linkToken)}
	var terms string
	var created, expires int64
	err := q.QueryRow(ctx, findQuery, t.Hash, tenant.Client, tenant.Environment).Scan(&terms, &created, &expires)
	if errors.Is(err, store.ErrNotFound) {
		return Token{}, plaid.Err("INVALID_LINK_TOKEN")
	}
	if err != nil {
		return Token{}, err
	}
	if err := t.read(keys, terms); err != nil {
		return Token{}, err
	}
	t.CreatedAt, t.ExpiresAt = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
	return t, nil
}

// hostedKind keeps the hashes of hosted pages' ids apart.
const hostedKind = "hosted"

// Open is the token that a person brings to Link, whoever its client is.
func Open(ctx context.Context, q store.Querier, keys *seal.Keys, linkToken string) (Token, error) {
	return opened(ctx, q, keys, "token_hash = $1", keys.Hash(tokenKind, linkToken))
}

// OpenHosted is the token of a hosted page.
func OpenHosted(ctx context.Context, q store.Querier, keys *seal.Keys, id string) (Token, error) {
	return opened(ctx, q, keys, "hosted_hash = $1", keys.Hash(hostedKind, id))
}

// OpenHash is the token of a row.
func OpenHash(ctx context.Context, q store.Querier, keys *seal.Keys, hash string) (Token, error) {
	return opened(ctx, q, keys, "token_hash = $1", hash)
}

func opened(ctx context.Context, q store.Querier, keys *seal.Keys, where, hash string) (Token, error) {
	var t Token
	var terms, sealed string
	var created, expires int64
	var closed *int64
	err := q.QueryRow(ctx, openQuery+where, hash).Scan(&t.Hash, &t.Tenant.Client, &t.Tenant.Environment, &terms, &sealed, &created, &expires, &closed)
	if errors.Is(err, store.ErrNotFound) {
		return Token{}, plaid.Err("INVALID_LINK_TOKEN")
	}
	if err != nil {
		return Token{}, err
	}
	if err := t.read(keys, terms); err != nil {
		return Token{}, err
	}
	text, err := keys.Open(sealed, place(t.Tenant, "sealed", t.Hash))
	t.CreatedAt, t.ExpiresAt = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
	t.Text, t.Closed = string(text), closed != nil
	return t, err
}

// read opens the stored terms: they hold what the application has told of its user.
func (t *Token) read(keys *seal.Keys, sealed string) error {
	terms, err := keys.Open(sealed, place(t.Tenant, "request", t.Hash))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(terms, &t.Terms); err != nil {
		return fmt.Errorf("link: stored request: %w", err)
	}
	return nil
}

func place(tenant store.Tenant, column, hash string) seal.Place {
	return seal.Place{Tenant: tenant.Client + "/" + tenant.Environment, Table: "link_tokens", Column: column, Row: hash}
}

// Close ends a token: it opens nothing more.
func Close(ctx context.Context, tx *store.Tx, t Token) error {
	_, err := tx.Exec(ctx, closeQuery, tx.Now.UnixMilli(), t.Hash, t.Tenant.Client, t.Tenant.Environment)
	return err
}
